//! Delivery events, as the log records them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::model::{DeliveryId, Notice, Payload};
use crate::incident::model::Number;
use crate::sealed;

/// An event of a delivery. Unknown kinds and fields are rejected, as in public events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum DeliveryEvent {
    /// A message or launch step was queued. The event has no id: the fold assigns one, so that
    /// independent parts of the program can each queue a delivery in the same record.
    Queued {
        /// Incident it concerns, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<Number>,
        /// Earliest send time; `None` sends at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
        what: Payload,
    },
    /// An attempt begins. Only the process that recorded this event may send the delivery.
    Claimed {
        id: DeliveryId,
        /// Counted from 1.
        attempt: u32,
        /// Id of the process that sends it.
        #[serde(rename = "process")]
        by: String,
        /// End of the lease. From then on the outcome counts as unknown.
        until: Timestamp,
    },
    /// The receiver accepted it.
    #[serde(rename = "sent")]
    Delivered { id: DeliveryId, attempt: u32 },
    /// An attempt failed. The next one is due at `again`.
    Failed {
        id: DeliveryId,
        attempt: u32,
        #[serde(with = "sealed")]
        #[serde(rename = "reason")]
        why: String,
        #[serde(rename = "retry_at")]
        again: Timestamp,
        /// `true` if the receiver asked for this delay. Nothing else is sent to it before then.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[serde(rename = "pauses_receiver")]
        holds: bool,
        /// `true` if only a person can fix the cause. The next chat answer then reports it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        refused: bool,
        /// `true` if the message may have been sent anyway. The next attempt then says that it is a
        /// repeat.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[serde(rename = "outcome_unknown")]
        doubt: bool,
    },
    /// No further attempts are made. The next chat answer says so.
    GaveUp {
        id: DeliveryId,
        #[serde(with = "sealed")]
        #[serde(rename = "reason")]
        why: String,
    },
    /// The chat answer to this record contains the notice, so it is not sent any more.
    #[serde(rename = "shown_in_answer")]
    Carried {
        id: DeliveryId,
        #[serde(with = "sealed")]
        #[serde(rename = "text")]
        said: String,
        /// Text and address of the message's link.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[serde(with = "sealed")]
        link: Option<(String, String)>,
    },
    /// It is no longer needed, or cannot be sent.
    Skipped {
        id: DeliveryId,
        #[serde(with = "sealed")]
        #[serde(rename = "reason")]
        why: String,
    },
    /// Finished deliveries were removed from the state.
    Evicted { ids: Vec<DeliveryId> },
}

impl DeliveryEvent {
    /// Queues a notice to be sent at once.
    #[must_use]
    pub fn notice(about: Option<Number>, notice: Notice) -> Self {
        Self::Queued { about, due: None, what: Payload::Notice(notice) }
    }
}
