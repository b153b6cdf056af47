//! Decides about an alert: an incident of its own, an entry in the one that knows its members, or
//! nothing.

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

use crate::alerts::alert::{Alert, AlertKind};
use crate::alerts::rule::{Handling, handling};
use crate::alerts::secret::AlertSecret;
use crate::commands::context::Context;
use crate::log::record::Event;
use crate::response::events::ResponseEvent;
use notified::{Notified, member_digest};
use outcome::AlertEffect;
pub use outcome::{ALERT, ALERTED_CEILING, ALERTED_MAX, AlertOutcome, Decided, NoDecision, cause};
pub use refused::{ANNOUNCED_EVERY, RefusedAlert, refused};

/// `deliveries` counts the known deliveries of the alert since its last record, including this one.
/// `random` becomes the secret behind the digests if the log has none.
///
/// # Errors
/// [`NoDecision`].
pub fn decide_alert(
    context: Context<'_>,
    alert: &Alert,
    deliveries: u32,
    random: &[u8; 32],
) -> Result<Decided, NoDecision> {
    let nothing = |fate| decided(&context, vec![AlertEffect::nothing(fate, None)]);
    match alert.kind {
        AlertKind::Test => {
            let events = notices::tested(&context, alert);
            return decided(
                &context,
                vec![AlertEffect { fate: AlertOutcome::Test, number: None, events }],
            );
        }
        AlertKind::Subscription => {
            let events = notices::subscription(&context, alert);
            return decided(
                &context,
                vec![AlertEffect { fate: AlertOutcome::Ignored, number: None, events }],
            );
        }
        AlertKind::Ignored => return nothing(AlertOutcome::Ignored),
        AlertKind::Alert | AlertKind::Update | AlertKind::Note => {}
    }
    let opening = match handling(&context.config.alerts, alert) {
        Handling::Open(opening) => opening,
        Handling::Mute => return nothing(AlertOutcome::Muted),
        Handling::Ignore => return nothing(AlertOutcome::Ignored),
    };
    let known = context.state.alerts.secret().cloned();
    let secret = known.unwrap_or_else(|| AlertSecret::new(random));
    let id = |member| member_digest(&secret, alert, member);
    let ids =
        alert.members.iter().map(|member| (member.fingerprint.as_str(), id(member))).collect();
    let (opening, secret, ids) = (&opening, &secret, &ids);
    let notified = Notified { context, alert, opening, deliveries, secret, ids };
    let outcomes = notified.outcomes()?;
    decided(&context, keyed(&context, secret.clone(), outcomes))
}

/// Adds the secret to the first record with digests.
fn keyed(
    context: &Context<'_>,
    secret: AlertSecret,
    mut outcomes: Vec<AlertEffect>,
) -> Vec<AlertEffect> {
    let first = outcomes.iter_mut().find(|outcome| !outcome.events.is_empty());
    if let Some(first) = first.filter(|_| context.state.alerts.secret().is_none()) {
        let keyed = ResponseEvent::AlertsKeyed { secret: Some(secret) };
        let is_alerted =
            |event: &Event| matches!(event, Event::Response(ResponseEvent::Alerted { .. }));
        let place = first.events.iter().position(is_alerted).unwrap_or_default();
        first.events.insert(place, Event::Response(keyed));
    }
    outcomes
}

/// The most important outcome, with the events of all.
fn decided(context: &Context<'_>, outcomes: Vec<AlertEffect>) -> Result<Decided, NoDecision> {
    let main = outcomes.iter().min_by_key(|outcome| outcome.fate);
    let (fate, number) =
        main.map_or((AlertOutcome::NothingOpen, None), |main| (main.fate, main.number));
    let events: Vec<Event> = outcomes.into_iter().flat_map(|outcome| outcome.events).collect();
    let record = (!events.is_empty()).then(|| context.record(events)).transpose();
    let record = record.map_err(NoDecision::Impossible)?.map(Box::new);
    Ok(Decided { fate, number, record })
}
