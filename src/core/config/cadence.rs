//! How often those outside are to hear something, as `status.toml` has it under `[cadence]`.

use jiff::SignedDuration;
use serde::Deserialize;

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
///
/// # Errors
/// A sentence with the key, its value and what it may be.
pub(super) fn cadence(file: &FileCadence) -> Result<Cadence, String> {
    let default = Cadence::default();
    let cadence = Cadence {
        early: bound("early", file.early, default.early)?,
        nudge: bound("nudge", file.nudge, default.nudge)?,
        overdue: bound("overdue", file.overdue, default.overdue)?,
        silence: bound("silence", file.silence, default.silence)?,
    };
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
    Ok(cadence)
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
