//! The steps of a launch, and what becomes of a try.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::brief::{Channel, OnCall, Person, WorkItem};
use crate::core::http::{Failure, Receiver};

/// A step. Each has a state, a result and tries of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Makes the work item.
    WorkItem,
    /// Makes the channel.
    Channel,
    /// Links the channel in the work item.
    LinkChannel,
    /// Finds out who is on call.
    OnCall,
    /// Assigns the work item.
    Assign,
    /// Says in the channel what there is, and calls people.
    Message,
    /// Keeps the work item up to date: state, description, and at the end the comments.
    #[serde(rename = "work_item_sync")]
    Story,
}

impl Step {
    /// All of them, in the order in which they are begun.
    pub const ALL: [Self; 7] = [
        Self::WorkItem,
        Self::Channel,
        Self::LinkChannel,
        Self::OnCall,
        Self::Assign,
        Self::Message,
        Self::Story,
    ];

    /// Those that a launch does once; the story goes on as long as the incident does.
    pub const ONCE: [Self; 6] = [
        Self::WorkItem,
        Self::Channel,
        Self::LinkChannel,
        Self::OnCall,
        Self::Assign,
        Self::Message,
    ];

    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WorkItem => "work item",
            Self::Channel => "channel",
            Self::LinkChannel => "link",
            Self::OnCall => "on call",
            Self::Assign => "assignment",
            Self::Message => "message",
            Self::Story => "story",
        }
    }

    /// Whose rights and limits it needs.
    #[must_use]
    pub fn receiver(self) -> Receiver {
        match self {
            Self::WorkItem | Self::LinkChannel | Self::Assign | Self::Story => Receiver::Boards,
            Self::Channel | Self::OnCall => Receiver::Graph,
            Self::Message => Receiver::Workflows,
        }
    }

    /// The step that somebody means, in any case and with or without its spaces.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let bare = |name: &str| name.replace([' ', '-', '_'], "").to_lowercase();
        Self::ALL.into_iter().find(|step| bare(step.name()) == bare(name))
    }

    /// The steps whose results it uses. It is worth trying once each of them is done, was skipped
    /// or has failed; [`Step::Message`] need not wait any longer than for one try of each.
    #[must_use]
    pub fn uses(self) -> &'static [Self] {
        match self {
            Self::WorkItem | Self::Channel | Self::OnCall => &[],
            Self::LinkChannel => &[Self::WorkItem, Self::Channel],
            Self::Assign => &[Self::WorkItem, Self::OnCall],
            Self::Message => {
                &[Self::WorkItem, Self::Channel, Self::LinkChannel, Self::OnCall, Self::Assign]
            }
            Self::Story => &[Self::WorkItem],
        }
    }
}

/// What is known before a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The time.
    pub now: Timestamp,
    /// Since when it is not known whether an earlier try was carried out, be it that its answer
    /// was lost or that the process was killed; `None` where all of them certainly ended.
    pub in_doubt_since: Option<Timestamp>,
    /// Whether it is the first one.
    pub is_first: bool,
}

/// What became of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The step is done.
    Done {
        /// What came of it.
        result: Done,
        /// What is not as it was asked for, in sentences.
        remarks: Vec<String>,
    },
    /// It is worth trying again.
    Wait {
        /// Why it is not done.
        why: String,
        /// How long to wait at least, where somebody asks for it.
        retry_after: Option<SignedDuration>,
        /// What to give the next try as [`Attempt::in_doubt_since`].
        in_doubt_since: Option<Timestamp>,
    },
    /// Only a person can help; then it is worth trying again.
    Failed {
        /// What was wrong, and what to do.
        why: String,
        /// What to give the next try as [`Attempt::in_doubt_since`].
        in_doubt_since: Option<Timestamp>,
    },
    /// There is nothing to do.
    Skipped {
        /// Why.
        why: String,
    },
}

/// What came of a step that is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Done {
    /// Of [`Step::WorkItem`].
    WorkItem(WorkItem),
    /// Of [`Step::Channel`].
    Channel(Channel),
    /// Of [`Step::LinkChannel`].
    Linked,
    /// Of [`Step::OnCall`].
    OnCall(Vec<OnCall>),
    /// Of [`Step::Assign`]: to whom, or to nobody.
    Assigned(Option<Person>),
    /// Of [`Step::Message`].
    Sent,
    /// Of [`Step::Story`].
    Told,
}

impl Outcome {
    /// Done, with nothing to remark.
    #[must_use]
    pub fn done(result: Done) -> Self {
        Self::Done { result, remarks: Vec::new() }
    }

    /// What a failure means for a try. What is unknown is in doubt from now on: a failure of what
    /// changes nothing is [`Failure::of_reading`].
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
