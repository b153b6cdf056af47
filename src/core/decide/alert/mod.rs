//! What follows from an alert: an incident of its own, an entry in the one that knows its members,
//! or nothing.

mod course;
mod home;
mod maintenance;
mod news;
mod notices;
mod notified;
mod open;
mod opening;
mod outcome;
mod refused;
mod room;

use crate::core::alerts::alert::{Alert, AlertKind};
use crate::core::alerts::rule::{Handling, handling};
use crate::core::commands::context::Context;
use crate::core::log::record::Event;
use notified::Notified;
use outcome::Outcome;
pub use outcome::{ALERT, ALERTED_CEILING, ALERTED_MAX, Decided, Fate, NoDecision, cause};
pub use refused::{ANNOUNCED_EVERY, RefusedAlert, refused};

/// Decides. `deliveries` counts the deliveries of the alert since its last record, this one
/// included, as far as is known.
///
/// # Errors
/// [`NoDecision`].
pub fn decide_alert(
    context: Context<'_>,
    alert: &Alert,
    deliveries: u32,
) -> Result<Decided, NoDecision> {
    let nothing = |fate| decided(&context, vec![Outcome::nothing(fate, None)]);
    match alert.kind {
        AlertKind::Test => {
            let events = notices::tested(&context, alert);
            return decided(&context, vec![Outcome { fate: Fate::Test, number: None, events }]);
        }
        AlertKind::Subscription => {
            let events = notices::subscription(&context, alert);
            return decided(&context, vec![Outcome { fate: Fate::Ignored, number: None, events }]);
        }
        AlertKind::Ignored => return nothing(Fate::Ignored),
        AlertKind::Alert | AlertKind::Update | AlertKind::Note => {}
    }
    let opening = match handling(&context.config.alerts, alert) {
        Handling::Open(opening) => opening,
        Handling::Mute => return nothing(Fate::Muted),
        Handling::Ignore => return nothing(Fate::Ignored),
    };
    let notified = Notified { context, alert, opening: &opening, deliveries };
    decided(&context, notified.outcomes()?)
}

/// The most important outcome, with what all of them record.
fn decided(context: &Context<'_>, outcomes: Vec<Outcome>) -> Result<Decided, NoDecision> {
    let main = outcomes.iter().min_by_key(|outcome| outcome.fate);
    let (fate, number) = main.map_or((Fate::NothingOpen, None), |main| (main.fate, main.number));
    let events: Vec<Event> = outcomes.into_iter().flat_map(|outcome| outcome.events).collect();
    let record = (!events.is_empty()).then(|| context.record(events)).transpose();
    let record = record.map_err(NoDecision::Impossible)?.map(Box::new);
    Ok(Decided { fate, number, record })
}
