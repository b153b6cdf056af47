//! What happens to deliveries, as records keep it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::model::{DeliveryId, Notice, What};
use crate::core::incident::model::Number;
use crate::core::sealed;

/// Something that happened to a delivery. Kinds and fields are closed, as those of public events
/// are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum DeliveryEvent {
    /// Something is to be sent. The fold numbers them, so that one record can have several, each
    /// added by a part that knows nothing of the others.
    Queued {
        /// The incident that it is about, if it is about one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<Number>,
        /// From when it may be sent; `None` is at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
        /// What is sent.
        what: What,
    },
    /// A try begins: whoever wrote this sends it, and nobody else.
    Claimed {
        /// Which delivery.
        id: DeliveryId,
        /// Which try it is, counted from 1.
        attempt: u32,
        /// Which process sends it.
        #[serde(rename = "process")]
        by: String,
        /// When its outcome counts as unknown.
        until: Timestamp,
    },
    /// The receiver took it.
    #[serde(rename = "sent")]
    Delivered {
        /// Which delivery.
        id: DeliveryId,
        /// With which try.
        attempt: u32,
    },
    /// A try failed.
    Failed {
        /// Which delivery.
        id: DeliveryId,
        /// Which try it was.
        attempt: u32,
        /// Why.
        #[serde(with = "sealed")]
        #[serde(rename = "reason")]
        why: String,
        /// When the next one is due.
        #[serde(rename = "retry_at")]
        again: Timestamp,
        /// Whether the receiver asked for that time, so that nothing else is sent to it before.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[serde(rename = "pauses_receiver")]
        holds: bool,
        /// Whether it stays so until a person repairs something: then the next answer tells it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        refused: bool,
        /// Whether it may have been sent all the same: then the next try says that it is a repeat.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[serde(rename = "outcome_unknown")]
        doubt: bool,
    },
    /// It is tried no more. The next answer says so.
    GaveUp {
        /// Which delivery.
        id: DeliveryId,
        /// Why.
        #[serde(with = "sealed")]
        #[serde(rename = "reason")]
        why: String,
    },
    /// The answer to this record tells it.
    #[serde(rename = "shown_in_answer")]
    Carried {
        /// Which delivery.
        id: DeliveryId,
        /// What the answer tells.
        #[serde(with = "sealed")]
        #[serde(rename = "text")]
        said: String,
    },
    /// It is not sent after all.
    Skipped {
        /// Which delivery.
        id: DeliveryId,
        /// Why.
        #[serde(with = "sealed")]
        #[serde(rename = "reason")]
        why: String,
    },
    /// The state no longer keeps these, which are over.
    Evicted {
        /// Which deliveries.
        ids: Vec<DeliveryId>,
    },
}

impl DeliveryEvent {
    /// A word to people that is to be sent at once.
    #[must_use]
    pub fn notice(about: Option<Number>, notice: Notice) -> Self {
        Self::Queued { about, due: None, what: What::Notice(notice) }
    }
}
