//! Why a planned time cannot be taken, in words.

use super::window::{AHEAD_HOURS_MAX, LENGTH_HOURS_MAX, Unplannable};
use crate::core::text::markdown::escape;

/// The sentence of a maintenance.
pub(crate) fn unplannable(why: &Unplannable) -> String {
    match why {
        Unplannable::Past(from) => format!(
            "{from} is over already: write a later time, with its day if it is not today, or `now`."
        ),
        Unplannable::EndsBefore { from, until } => {
            format!("The end, {until}, is not after the beginning, {from}.")
        }
        Unplannable::EndPast(until) => {
            format!("The end, {until}, is over already; `complete` ends a maintenance now.")
        }
        Unplannable::TooLong => {
            format!("A maintenance may be {} days long at most.", LENGTH_HOURS_MAX / 24)
        }
        Unplannable::TooShort => "A maintenance takes a minute at least.".to_owned(),
        Unplannable::TooFar => {
            format!("A maintenance may be {} days ahead at most.", AHEAD_HOURS_MAX / 24)
        }
        Unplannable::Skipped { time, zone } => {
            format!("The clocks in {} skip {time} on that day.", escape(zone))
        }
        Unplannable::Twice { time, first, second } => {
            format!("The clocks show {time} twice on that day: write `{first}` or `{second}`.")
        }
    }
}
