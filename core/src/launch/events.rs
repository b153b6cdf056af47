//! Launch events, as the log records them.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use super::step::{Step, StepResult};
use crate::incident::model::Number;
use crate::sealed::{self, REMOVED, Sealed};

/// An event of a launch. Unknown kinds and fields are rejected, as in public events. The attempts
/// of a step are recorded as events of its delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum LaunchEvent {
    /// The launch was started.
    Started { number: Number },
    /// A finished step is to be done again.
    Retried { number: Number, step: Step },
    /// The outcome of an attempt is unknown, or is known again.
    #[serde(rename = "outcome_unknown")]
    Doubted {
        number: Number,
        step: Step,
        /// `None` once the outcome is known again.
        since: Option<Timestamp>,
    },
    Done {
        number: Number,
        step: Step,
        result: StepResult,
        /// Deviations from the request, as sentences.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[serde(serialize_with = "sealed::serialize", deserialize_with = "read_remarks")]
        remarks: Vec<String>,
        /// For [`Step::WorkItemSync`], a digest of the content written to the work item.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[serde(with = "sealed")]
        told: Option<String>,
    },
    /// A step is not done, because there is nothing to do or a person asked to skip it.
    Skipped {
        number: Number,
        step: Step,
        #[serde(with = "sealed")]
        #[serde(rename = "reason")]
        why: String,
        /// `true` if a person asked to skip the step.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        asked: bool,
    },
    /// A step failed, and only a person can fix the cause.
    Failed {
        number: Number,
        step: Step,
        /// Cause and remedy.
        #[serde(with = "sealed")]
        #[serde(rename = "reason")]
        why: String,
    },
    /// Launches were removed from the state.
    Evicted { numbers: Vec<Number> },
}

/// Erased remarks still count: their presence decides when the work item is tried again.
fn read_remarks<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    Ok(match Sealed::deserialize(from)? {
        Sealed::Sealed(remarks) => remarks,
        Sealed::Erased(()) => vec![REMOVED.to_owned()],
    })
}

impl LaunchEvent {
    /// Incident of the event; `None` for [`Self::Evicted`].
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
