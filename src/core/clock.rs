//! What follows from the passing of time alone: a day begins, a maintenance begins or ends, a promise
//! is broken. The timer records it, so that the pages stay a function of the log.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::config::Config;
use super::ledger::DAYS_KEPT_MAX;
use super::model::{Event, MessageId, Person, Record, Stage};
use super::state::State;
use super::text::Text;
use super::upkeep::said;

/// What a record of the clock gives as its conversation; no conversation in Teams is called so.
pub const CLOCK: &str = "clock";

/// The record that `now` calls for; `None` where the pages say what is true already. A page on
/// which nothing was ever recorded stays as it is.
#[must_use]
pub fn due(state: &State, config: &Config, now: Timestamp) -> Option<Record> {
    if state.revision == 0 {
        return None;
    }
    let at = now.max(state.at);
    let mut events = new_days(state, at, &config.time_zone);
    for maintenance in state.maintenance.values() {
        let Some(window) = maintenance.window else {
            continue;
        };
        if window.until <= at {
            events.push(said(maintenance, Stage::Completed, &Text::default()));
        } else if window.stage(at) != maintenance.stage && maintenance.stage == Stage::Scheduled {
            events.push(said(maintenance, Stage::InProgress, &Text::default()));
        }
    }
    // A broken promise is no event: that its time has come is all there is to record.
    let breaks = |promised: Timestamp| state.at < promised && promised <= at;
    let mut going_on = state.open.values().chain(state.maintenance.values());
    let broken = going_on.any(|incident| incident.next_update_by.is_some_and(breaks));
    let revision = state.revision + 1;
    (broken || !events.is_empty()).then(|| Record {
        revision,
        at,
        by: Person { id: CLOCK.to_owned(), name: String::new() },
        message: MessageId { conversation: CLOCK.to_owned(), id: revision.to_string() },
        previous: state.head.clone(),
        events,
    })
}

/// The days that began in the page's zone after the newest one of the state, up to `at`; no more
/// than the ledger keeps.
pub(super) fn new_days(state: &State, at: Timestamp, zone: &TimeZone) -> Vec<Event> {
    let today = at.to_zoned(zone.clone()).date();
    let kept = i64::try_from(DAYS_KEPT_MAX).unwrap_or(i64::MAX);
    let oldest = today.saturating_sub((kept - 1).days());
    let first = match state.days.back() {
        None => Some(today),
        Some(newest) => newest.date.tomorrow().ok().map(|date| date.max(oldest)),
    };
    // The ledger begins with the first record, not with the day that this falls on.
    let earliest = if state.revision == 0 { at } else { state.at };
    let days = first.into_iter().flat_map(|first| first.series(1.day()));
    days.take_while(|date| *date <= today)
        .filter_map(|date| {
            let began = date.to_zoned(zone.clone()).ok()?.timestamp().clamp(earliest, at);
            Some(Event::Day { date, began })
        })
        .collect()
}
