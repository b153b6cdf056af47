//! Changes that follow from time alone: a day begins, a maintenance begins or ends, a promise is
//! broken. The timer records them, so that the pages stay a function of the log.

use jiff::Timestamp;

use crate::commands::context::Context;
use crate::commands::maintenance::maintenance_update;
use crate::config::Config;
use crate::incident::events::StatusEvent;
use crate::incident::model::Stage;
use crate::log::draft::Completed;
use crate::log::evict::Limits;
use crate::log::fold::FoldError;
use crate::log::record::{Cause, Event, MessageId, Source};
use crate::log::state::State;
use crate::response::person::Person;
use crate::text::Text;

/// The conversation in a record of the clock. No conversation in Teams has this name.
pub const CLOCK: &str = "clock";

/// The record that is due at `now`; `None` if the pages are right and the channel knows who is on
/// call. A page on which nothing was ever recorded stays as it is.
///
/// # Errors
/// [`FoldError`] if the record does not fit the state: a defect of this program.
pub fn due(
    state: &State,
    config: &Config,
    limits: &Limits,
    now: Timestamp,
) -> Result<Option<Completed>, FoldError> {
    let cause = cause(state, now);
    let context = Context { state, config, limits, cause: &cause, recalled: None };
    let reminders: Vec<Event> = context.reminders().into_iter().map(Event::Delivery).collect();
    let mut events = if state.status.revision == 0 { Vec::new() } else { context.public() };
    events.extend(reminders.into_iter().chain(context.hand_overs()));
    events.extend(context.overdue_actions());
    events.extend(context.alerts_due());
    events.extend(context.work_item_syncs());
    if events.is_empty() {
        return Ok(None);
    }
    context.completed(events).map(Some)
}

/// A record of steps that the program takes automatically.
///
/// # Errors
/// [`FoldError`] if the record does not fit the state.
pub fn step(
    (state, config, limits): (&State, &Config, &Limits),
    now: Timestamp,
    events: Vec<Event>,
) -> Result<Option<Completed>, FoldError> {
    let cause = cause(state, now);
    Context { state, config, limits, cause: &cause, recalled: None }.completed(events).map(Some)
}

/// The cause of a record that nobody requested.
pub(super) fn cause(state: &State, now: Timestamp) -> Cause {
    Cause {
        source: Source::Clock,
        by: Person { id: CLOCK.to_owned(), ..Person::default() },
        message: MessageId { conversation: CLOCK.to_owned(), id: (state.revision + 1).to_string() },
        thread: None,
        at: now,
    }
}

impl Context<'_> {
    /// Due changes of the public pages.
    fn public(&self) -> Vec<Event> {
        let status = &self.state.status;
        let at = self.time();
        let mut events = Vec::new();
        for maintenance in status.maintenance.values() {
            let Some(window) = maintenance.window else {
                continue;
            };
            if window.until <= at {
                let text = Text::default();
                events.push(maintenance_update(maintenance, Stage::Completed, &text));
            } else if window.stage(at) != maintenance.stage && maintenance.stage == Stage::Scheduled
            {
                let text = Text::default();
                events.push(maintenance_update(maintenance, Stage::InProgress, &text));
            }
        }
        let ended = |number| {
            events.iter().any(|event: &StatusEvent| {
                matches!(event, StatusEvent::Updated { number: of, stage, .. }
                if *of == number && stage.is_end())
            })
        };
        let breaks = |promised: Timestamp| status.at < promised && promised <= at;
        let broken = status.going_on().filter(|incident| {
            incident.next_update_by.is_some_and(breaks) && !ended(incident.number)
        });
        let overdue: Vec<StatusEvent> =
            broken.map(|incident| StatusEvent::Overdue { number: incident.number }).collect();
        events.splice(0..0, overdue);
        self.new_days().into_iter().chain(events.into_iter().map(Event::Status)).collect()
    }
}
