//! Folds events into the deliveries. Nothing else changes them. The fold enforces no limits and
//! looks nothing up.

use std::sync::Arc;

use super::events::DeliveryEvent;
use super::model::{Claim, Deliveries, Delivery, DeliveryId, End, Ended, Failed, Payload};
use crate::digest::sha256_hex;
use crate::incident::change::Recorded;
use crate::incident::model::Number;
use crate::sealed::REMOVED;

/// Length of a key, in hexadecimal digits.
const KEY_CHARS: usize = 32;

/// Folds one event of a record. `previous` is the hash of the preceding record. Returns `None` if
/// the event does not fit the current deliveries.
#[must_use]
pub fn apply(
    deliveries: &mut Deliveries,
    recorded: Recorded<'_>,
    previous: &str,
    event: &DeliveryEvent,
) -> Option<()> {
    match event {
        DeliveryEvent::Queued { about, due, what } => {
            deliveries.count += 1;
            let id = deliveries.count;
            let delivery = Delivery {
                id,
                key: key(previous, recorded, id),
                about: *about,
                what: what.clone(),
                queued: recorded.at,
                from: due.unwrap_or(recorded.at),
                due: due.unwrap_or(recorded.at),
                tries: 0,
                claim: None,
                failure: None,
                gave_up: None,
                doubt: false,
            };
            deliveries.waiting.insert(id, Arc::new(delivery));
        }
        DeliveryEvent::Claimed { id, attempt, by, until } => {
            let delivery = deliveries.open(*id)?;
            if *attempt != delivery.tries + 1 {
                return None;
            }
            delivery.tries = *attempt;
            // The outcome of the previous attempt was never recorded.
            delivery.doubt |= delivery.claim.is_some();
            delivery.claim = Some(Claim { by: by.clone(), until: *until });
        }
        DeliveryEvent::Failed { id, why, again, holds, refused, doubt, .. } => {
            let receiver = deliveries.get(*id)?.what.receiver();
            if *holds {
                deliveries.paused_until.insert(receiver, *again);
            }
            let delivery = deliveries.open(*id)?;
            delivery.claim = None;
            delivery.due = *again;
            delivery.doubt |= *doubt;
            let (why, at, holds, refused) = (why.clone(), recorded.at, *holds, *refused);
            delivery.failure = Some(Failed { why, at, holds, refused });
        }
        DeliveryEvent::GaveUp { id, why } => {
            let delivery = deliveries.open(*id)?;
            delivery.claim = None;
            delivery.gave_up = Some(why.clone());
        }
        DeliveryEvent::Delivered { id, .. } => deliveries.end(*id, recorded, End::Delivered)?,
        DeliveryEvent::Carried { id, .. } => deliveries.end(*id, recorded, End::Carried)?,
        DeliveryEvent::Skipped { id, why } => {
            deliveries.end(*id, recorded, End::Skipped(why.clone()))?;
        }
        DeliveryEvent::Evicted { ids } => {
            let kept = deliveries.ended.len().checked_sub(ids.len())?;
            deliveries.ended.retain(|ended| !ids.contains(&ended.id));
            return (deliveries.ended.len() == kept).then_some(());
        }
    }
    Some(())
}

/// True if a heading names the incident.
fn names(heading: &str, number: Number) -> bool {
    let name = format!("#{number}");
    let mut after = heading.match_indices(&name).map(|(at, name)| &heading[at + name.len()..]);
    after.any(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

impl Deliveries {
    /// Removes the texts of an incident's deliveries, because they may repeat erased text.
    pub fn blank(&mut self, number: Number) {
        // An announcement has no incident, because every answer may carry it. Its heading names the
        // announced one.
        let is_its = |about: Option<Number>, heading: &str| {
            about.map_or_else(|| names(heading, number), |about| about == number)
        };
        let waiting = self.waiting.values_mut();
        for delivery in waiting.filter(|it| is_its(it.about, &it.what.heading())) {
            if let Payload::Notice(notice) = &mut Arc::make_mut(delivery).what {
                notice.heading = format!("#{number}");
                REMOVED.clone_into(&mut notice.text);
                notice.facts.clear();
                notice.link = None;
            }
        }
        for ended in self.ended.iter_mut().filter(|it| is_its(it.about, &it.heading)) {
            ended.heading = format!("#{number}");
        }
    }

    fn open(&mut self, id: DeliveryId) -> Option<&mut Delivery> {
        self.waiting.get_mut(&id).map(Arc::make_mut)
    }

    fn end(&mut self, id: DeliveryId, recorded: Recorded<'_>, end: End) -> Option<()> {
        let delivery = self.waiting.remove(&id)?;
        self.ended.push_back(Ended {
            id,
            about: delivery.about,
            heading: delivery.what.heading(),
            queued: delivery.queued,
            at: recorded.at,
            tries: delivery.tries,
            end,
        });
        Some(())
    }
}

/// Idempotency key of a delivery. It is the same wherever this log is read and differs in every
/// other log, including one that was restored from a backup and continued differently.
fn key(previous: &str, recorded: Recorded<'_>, id: DeliveryId) -> String {
    let mut key = sha256_hex(format!("{previous}\n{}\n{id}", recorded.at).as_bytes());
    key.truncate(KEY_CHARS);
    key
}
