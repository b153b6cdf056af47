//! Steps of a launch, and outcomes of an attempt.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::brief::{Channel, ExternalPerson, OnCall, WorkItem};
use crate::http::{Failure, Receiver};

/// A step of a launch, with its own state, result and attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Creates the work item.
    WorkItem,
    /// Creates the channel.
    Channel,
    /// Links the channel in the work item.
    LinkChannel,
    /// Looks up the people on call.
    OnCall,
    Assign,
    /// Posts the first message in the channel and mentions people.
    Message,
    /// Keeps the work item up to date: state, description and finally the comments.
    WorkItemSync,
}

impl Step {
    /// All steps, in the order in which they start.
    pub const ALL: [Self; 7] = [
        Self::WorkItem,
        Self::Channel,
        Self::LinkChannel,
        Self::OnCall,
        Self::Assign,
        Self::Message,
        Self::WorkItemSync,
    ];

    /// Steps that a launch does once. [`Step::WorkItemSync`] continues for as long as the incident does.
    pub const ONCE: [Self; 6] = [
        Self::WorkItem,
        Self::Channel,
        Self::LinkChannel,
        Self::OnCall,
        Self::Assign,
        Self::Message,
    ];

    /// Name in commands and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WorkItem => "work item",
            Self::Channel => "channel",
            Self::LinkChannel => "link",
            Self::OnCall => "on call",
            Self::Assign => "assignment",
            Self::Message => "message",
            Self::WorkItemSync => "story",
        }
    }

    /// External service that the step calls, whose permissions and rate limits apply.
    #[must_use]
    pub fn receiver(self) -> Receiver {
        match self {
            Self::WorkItem | Self::LinkChannel | Self::Assign | Self::WorkItemSync => {
                Receiver::Boards
            }
            Self::Channel | Self::OnCall => Receiver::Graph,
            Self::Message => Receiver::Workflows,
        }
    }

    /// Parses a name, ignoring case, spaces, hyphens and underscores.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let bare = |name: &str| name.replace([' ', '-', '_'], "").to_lowercase();
        Self::ALL.into_iter().find(|step| bare(step.name()) == bare(name))
    }

    /// Steps whose results this one uses. It is worth trying once each of them is done, skipped or
    /// failed; [`Step::Message`] waits for one attempt of each at most.
    #[must_use]
    pub fn uses(self) -> &'static [Self] {
        match self {
            Self::WorkItem | Self::Channel | Self::OnCall => &[],
            Self::LinkChannel => &[Self::WorkItem, Self::Channel],
            Self::Assign => &[Self::WorkItem, Self::OnCall],
            Self::Message => {
                &[Self::WorkItem, Self::Channel, Self::LinkChannel, Self::OnCall, Self::Assign]
            }
            Self::WorkItemSync => &[Self::WorkItem],
        }
    }
}

/// Context of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub now: Timestamp,
    /// Time since which the outcome of an earlier attempt is unknown, because its response was lost
    /// or the process was killed. `None` if the outcomes of all attempts are known.
    pub in_doubt_since: Option<Timestamp>,
    pub is_first: bool,
}

/// Outcome of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepOutcome {
    Done {
        result: StepResult,
        /// Deviations from the request, as sentences.
        remarks: Vec<String>,
    },
    /// A retry may succeed.
    Wait {
        why: String,
        /// Minimum delay before the retry, if the receiver asks for one.
        retry_after: Option<SignedDuration>,
        /// Passed to the next attempt as [`Attempt::in_doubt_since`].
        in_doubt_since: Option<Timestamp>,
    },
    /// Only a person can fix the cause. After that, a retry may succeed.
    Failed {
        /// Cause and remedy.
        why: String,
        /// Passed to the next attempt as [`Attempt::in_doubt_since`].
        in_doubt_since: Option<Timestamp>,
    },
    /// There is nothing to do.
    Skipped { why: String },
}

/// Result of a finished step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum StepResult {
    WorkItem(WorkItem),
    Channel(Channel),
    /// Result of [`Step::LinkChannel`].
    Linked,
    OnCall(Vec<OnCall>),
    /// Result of [`Step::Assign`]; `None` if the work item has no assignee.
    Assigned(Option<ExternalPerson>),
    /// Result of [`Step::Message`].
    Sent,
    /// Result of [`Step::WorkItemSync`].
    Told,
}

impl StepOutcome {
    /// Success without deviations.
    #[must_use]
    pub fn done(result: StepResult) -> Self {
        Self::Done { result, remarks: Vec::new() }
    }

    /// Converts a failure of a request that changes something. An unknown outcome is in doubt from
    /// now on. For a request that only reads, call [`Failure::of_reading`] first.
    #[must_use]
    pub fn of(failure: Failure, attempt: &Attempt) -> Self {
        let in_doubt_since = attempt.in_doubt_since;
        match failure {
            Failure::Unavailable { why, retry_after } => {
                Self::Wait { why, retry_after, in_doubt_since }
            }
            Failure::Refused(why) => Self::Failed { why, in_doubt_since },
            Failure::Unknown(why) => {
                Self::Wait { why, retry_after: None, in_doubt_since: Some(attempt.now) }
            }
            Failure::Delayed { why, retry_after } => Self::Wait {
                why,
                retry_after: Some(retry_after),
                in_doubt_since: Some(attempt.now),
            },
        }
    }
}
