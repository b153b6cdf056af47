//! How often those outside are to hear something, as `status.toml` has it under `[cadence]`.

use jiff::SignedDuration;
use serde::Deserialize;

use super::problems::Problems;
use crate::core::response::cadence::Cadence;

/// No bound is longer than a day.
const MINUTES_MAX: i64 = 24 * 60;

/// The table as written: minutes, 0 for never.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileCadence {
    early: Option<i64>,
    nudge: Option<i64>,
    overdue: Option<i64>,
    silence: Option<i64>,
}

/// The bounds, with the defaults where nothing is written.
pub(super) fn cadence(file: &FileCadence, problems: &mut Problems) -> Cadence {
    let default = Cadence::default();
    let mut checked = |key, minutes, default| problems.or_default(bound(key, minutes, default));
    let cadence = Cadence {
        early: checked("early", file.early, default.early),
        nudge: checked("nudge", file.nudge, default.nudge),
        overdue: checked("overdue", file.overdue, default.overdue),
        silence: checked("silence", file.silence, default.silence),
    };
    problems.or_default(increasing(&cadence));
    cadence
}

/// Refuses bounds of which an earlier step comes after a later one.
fn increasing(cadence: &Cadence) -> Result<(), String> {
    let named = [("early", cadence.early), ("nudge", cadence.nudge), ("overdue", cadence.overdue)];
    let set: Vec<_> = named.into_iter().filter_map(|(key, bound)| Some((key, bound?))).collect();
    for pair in set.windows(2) {
        if let [(first, shorter), (second, longer)] = pair
            && shorter >= longer
        {
            return Err(format!(
                "cadence.{first} = {} is not less than cadence.{second} = {}: a word is early, then \
                 asked for, then overdue; 0 switches one off",
                shorter.as_mins(),
                longer.as_mins()
            ));
        }
    }
    Ok(())
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
