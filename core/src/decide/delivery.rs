//! Sending messages: claims, and the events after each try.

use super::cadence::promise;
use jiff::{SignedDuration, Timestamp};

use super::clock::cause;
use crate::commands::context::Context;
use crate::config::Config;
use crate::http::{Failure, Receiver};
use crate::launch::step::Step;
use crate::log::draft::Completed;
use crate::log::evict::Limits;
use crate::log::fold::FoldError;
use crate::log::record::Event;
use crate::log::state::State;
use crate::outbox::events::DeliveryEvent;
use crate::outbox::model::{Delivery, DeliveryId, Notice, NoticeKind, Payload, pause};
use crate::text::markdown::excerpt;

/// The limit of parallel tries per receiver and process.
pub const SIDE_BY_SIDE: usize = 4;

/// The longest wait of the first message for the steps whose results it uses: two more tries of
/// them.
const MESSAGE_AFTER: SignedDuration = SignedDuration::from_mins(4);

/// Claims due messages for this process. Skips those that are obsolete or were tried for too long.
#[must_use]
pub fn claims(
    state: &State,
    (receiver, is_reached): (Receiver, bool),
    by: &str,
    now: Timestamp,
) -> Vec<DeliveryEvent> {
    let mut events = Vec::new();
    let mut left = SIDE_BY_SIDE;
    for delivery in state.deliveries.due(receiver, now) {
        let id = delivery.id;
        // A step reports a missing setup itself. A notice waits for the next answer.
        let is_step = matches!(delivery.what, Payload::Step { .. });
        if !is_ready(state, delivery, now) || !(is_reached || is_step) {
            continue;
        }
        if let Some(why) = obsolete(state, delivery) {
            events.push(DeliveryEvent::Skipped { id, why: why.to_owned() });
        } else if state.deliveries.is_past(delivery, now) {
            let last = delivery.failure.as_ref().map(|failure| failure.why.clone());
            let why = last.unwrap_or_else(|| "no try came to an end".to_owned());
            // The launch reports a failed step, the next answer a failed notice.
            events.push(match delivery.what {
                Payload::Step { .. } => DeliveryEvent::Skipped { id, why },
                Payload::Notice(_) => DeliveryEvent::GaveUp { id, why },
            });
        } else if left > 0 {
            left -= 1;
            let attempt = delivery.tries + 1;
            let until = now.saturating_add(delivery.lease(attempt)).unwrap_or(now);
            events.push(DeliveryEvent::Claimed { id, attempt, by: by.to_owned(), until });
        }
    }
    events
}

/// The events after a try; `None` if it no longer changes anything.
#[must_use]
pub fn outcome(
    state: &State,
    (id, attempt): (DeliveryId, u32),
    result: &Result<(), Failure>,
    now: Timestamp,
) -> Option<DeliveryEvent> {
    let delivery = state.deliveries.get(id)?;
    let failure = match result {
        Ok(()) => return Some(DeliveryEvent::Delivered { id, attempt }),
        Err(failure) => failure,
    };
    // A different process has tried again, so its outcome counts.
    if delivery.tries != attempt || delivery.claim.is_none() {
        return None;
    }
    let why = excerpt(&failure.to_string());
    if state.deliveries.is_past(delivery, now) {
        return Some(DeliveryEvent::GaveUp { id, why });
    }
    let asked = match failure {
        Failure::Unavailable { retry_after, .. } => *retry_after,
        Failure::Delayed { retry_after, .. } => Some(*retry_after),
        Failure::Refused(_) | Failure::Unknown(_) => None,
    };
    let wait = pause(attempt).max(asked.unwrap_or(SignedDuration::ZERO));
    let again = now.saturating_add(wait).unwrap_or(now);
    let doubt = matches!(failure, Failure::Unknown(_) | Failure::Delayed { .. });
    let (holds, refused) = (asked.is_some(), matches!(failure, Failure::Refused(_)));
    Some(DeliveryEvent::Failed { id, attempt, why, again, holds, refused, doubt })
}

/// The record of these events, on the state that they were decided on.
///
/// # Errors
/// [`FoldError`] if the record does not fit the state: a defect of this program.
pub fn record(
    state: &State,
    config: &Config,
    limits: &Limits,
    events: Vec<Event>,
    now: Timestamp,
) -> Result<Completed, FoldError> {
    let cause = cause(state, now);
    let context = Context { state, config, limits, cause: &cause, recalled: None };
    context.completed(events)
}

/// A step waits for the steps whose results it uses, the first message for [`MESSAGE_AFTER`] at
/// most.
fn is_ready(state: &State, delivery: &Delivery, now: Timestamp) -> bool {
    match &delivery.what {
        Payload::Notice(_) => true,
        Payload::Step { number, step } => {
            let has_waited = now.duration_since(delivery.queued) >= MESSAGE_AFTER;
            *step == Step::Message && has_waited
                || state.launches.get(number).is_none_or(|progress| progress.is_ready(*step))
        }
    }
}

/// The reason why a message is no longer needed, if so.
pub(super) fn obsolete(state: &State, delivery: &Delivery) -> Option<&'static str> {
    if let Payload::Step { number, .. } = &delivery.what {
        let is_kept = state.launches.contains_key(number) && state.response(*number).is_some();
        return (!is_kept).then_some("the incident is over, and long ago");
    }
    let Payload::Notice(Notice { kind: NoticeKind::Reminder { reminder, since, .. }, .. }) =
        &delivery.what
    else {
        return None;
    };
    let response = delivery.about.and_then(|number| state.response(number));
    let is_so = response.is_some_and(|response| {
        response.still_calls_for(*reminder, *since, promise(state, response))
    });
    (!is_so).then_some("it was done, or the incident is over")
}
