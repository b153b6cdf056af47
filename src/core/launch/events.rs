//! What happens to launches, as records keep it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::step::{Done, Step};
use crate::core::incident::model::Number;
use crate::core::sealed;

/// Something that happened to a launch. Kinds and fields are closed, as those of public events are.
/// That a step is sent, and how often, is told by the events of its delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum LaunchEvent {
    /// Its steps are to be done.
    Started {
        /// Of which incident.
        number: Number,
    },
    /// A step that was over is to be done once more.
    Retried {
        /// Of which incident.
        number: Number,
        /// Which one.
        step: Step,
    },
    /// A try of a step may have been carried out, or not; `None` where that is known again.
    #[serde(rename = "outcome_unknown")]
    Doubted {
        /// Of which incident.
        number: Number,
        /// Which one.
        step: Step,
        /// Since when.
        since: Option<Timestamp>,
    },
    /// A step is done.
    Done {
        /// Of which incident.
        number: Number,
        /// Which one.
        step: Step,
        /// What came of it.
        result: Done,
        /// What is not as it was asked for, in sentences.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[serde(with = "sealed")]
        remarks: Vec<String>,
        /// Of a story, a digest of what was told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[serde(with = "sealed")]
        told: Option<String>,
    },
    /// A step is not done, because there is nothing to do or somebody said so.
    Skipped {
        /// Of which incident.
        number: Number,
        /// Which one.
        step: Step,
        /// Why.
        #[serde(with = "sealed")]
        #[serde(rename = "reason")]
        why: String,
        /// Whether somebody said so.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        asked: bool,
    },
    /// A step is not done, and only a person can help.
    Failed {
        /// Of which incident.
        number: Number,
        /// Which one.
        step: Step,
        /// What was wrong, and what to do.
        #[serde(with = "sealed")]
        #[serde(rename = "reason")]
        why: String,
    },
    /// The state no longer keeps these.
    Evicted {
        /// The incidents.
        numbers: Vec<Number>,
    },
}

impl LaunchEvent {
    /// The incident that the event is about, if it is about one.
    #[must_use]
    pub fn number(&self) -> Option<Number> {
        match self {
            Self::Started { number }
            | Self::Retried { number, .. }
            | Self::Doubted { number, .. }
            | Self::Done { number, .. }
            | Self::Skipped { number, .. }
            | Self::Failed { number, .. } => Some(*number),
            Self::Evicted { .. } => None,
        }
    }
}
