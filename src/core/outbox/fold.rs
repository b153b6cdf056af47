//! Folding events into the deliveries. This is the only place that changes them. It knows no limits
//! and looks nothing up.

use std::sync::Arc;

use super::events::DeliveryEvent;
use super::model::{Claim, Deliveries, Delivery, DeliveryId, End, Ended, Failed, What};
use crate::core::digest::sha256_hex;
use crate::core::incident::change::Recorded;
use crate::core::incident::model::Number;
use crate::core::sealed::REMOVED;

/// How long a key is, in hexadecimal digits.
const KEY_CHARS: usize = 32;

/// Folds one event of a record, which continues the one with the hash `previous`; `None` where it
/// does not fit.
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
            // Nobody recorded what came of the one before.
            delivery.doubt |= delivery.claim.is_some();
            delivery.claim = Some(Claim { by: by.clone(), until: *until });
        }
        DeliveryEvent::Failed { id, why, again, holds, refused, doubt, .. } => {
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

impl Deliveries {
    /// Takes the words out of all that is about an incident: they may repeat what is erased.
    pub fn blank(&mut self, number: Number) {
        for delivery in self.waiting.values_mut().filter(|it| it.about == Some(number)) {
            if let What::Notice(notice) = &mut Arc::make_mut(delivery).what {
                notice.heading = format!("#{number}");
                REMOVED.clone_into(&mut notice.text);
                notice.facts.clear();
                notice.link = None;
            }
        }
        for ended in self.ended.iter_mut().filter(|it| it.about == Some(number)) {
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

/// The same wherever this log is read, and another one in every other log: also where one was
/// restored and goes on otherwise.
fn key(previous: &str, recorded: Recorded<'_>, id: DeliveryId) -> String {
    let mut key = sha256_hex(format!("{previous}\n{}\n{id}", recorded.at).as_bytes());
    key.truncate(KEY_CHARS);
    key
}
