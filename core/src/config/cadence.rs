//! Reminder times: `[cadence]` in `status.toml`.

use jiff::SignedDuration;
use serde::Deserialize;

use super::problems::Problems;
use crate::response::cadence::Cadence;

/// Maximum of each value: a day.
const MINUTES_MAX: i64 = 24 * 60;

/// Table as written in the file: minutes, with 0 for never.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileCadence {
    nudge: Option<i64>,
    overdue: Option<i64>,
    silence: Option<i64>,
    promise: Option<i64>,
    lead: Option<i64>,
}

/// Checks the times. Missing ones have their defaults.
pub(super) fn cadence(file: &FileCadence, problems: &mut Problems) -> Cadence {
    let default = Cadence::default();
    let mut checked = |key, minutes, default| problems.or_default(bound(key, minutes, default));
    let cadence = Cadence {
        nudge: checked("nudge", file.nudge, default.nudge),
        overdue: checked("overdue", file.overdue, default.overdue),
        silence: checked("silence", file.silence, default.silence),
        promise: checked("promise", file.promise, default.promise),
        lead: checked("lead", file.lead, default.lead),
    };
    problems.or_default(increasing(&cadence));
    cadence
}

/// Rejects times at which an update would be overdue before it is asked for.
fn increasing(cadence: &Cadence) -> Result<(), String> {
    let (Some(nudge), Some(overdue)) = (cadence.nudge, cadence.overdue) else {
        return Ok(());
    };
    if nudge < overdue {
        return Ok(());
    }
    Err(format!(
        "cadence.nudge = {} is not less than cadence.overdue = {}: a reminder comes before the \
         update is overdue; 0 switches one off",
        nudge.as_mins(),
        overdue.as_mins()
    ))
}

fn bound(
    key: &str,
    minutes: Option<i64>,
    default: Option<SignedDuration>,
) -> Result<Option<SignedDuration>, String> {
    match minutes {
        None => Ok(default),
        Some(0) => Ok(None),
        Some(minutes @ 1..=MINUTES_MAX) => Ok(Some(SignedDuration::from_mins(minutes))),
        Some(other) => Err(format!(
            "cadence.{key} = {other} is not a number of minutes up to {MINUTES_MAX}, or 0 for never"
        )),
    }
}
