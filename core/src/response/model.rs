//! A response: everything that responders know and do about one incident.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::internal_text::InternalText;
use super::milestone::{Milestone, Milestones};
use super::numbered::Numbered;
use super::person::Person;
use super::promises::Promises;
use super::role::{Holder, Role};
use crate::alerts::course::Firing;
use crate::incident::model::{Impact, Number, Stage};
use crate::incident::severity::Severity;
use crate::sealed;

/// Maximum number of entries in a timeline. Beyond it, only the commands of the public page work.
pub const TIMELINE_MAX: usize = 2_000;
/// Maximum length of a note, in characters.
pub const NOTE_CHARS_MAX: usize = 4_000;
/// Maximum length of a short text, such as a task or an answer, in characters.
pub const SHORT_CHARS_MAX: usize = 500;
/// Maximum number of tasks, and of action items, of an incident.
pub const TASKS_MAX: usize = 100;
/// Maximum number of role assignments at once.
pub const HOLDERS_MAX: usize = 40;

/// Audience of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    Public,
    /// Not on the page unless it is published.
    Internal,
    /// An exercise: never on the page, never counted.
    Drill,
}

impl Visibility {
    /// Word that is typed and shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
            Self::Drill => "drill",
        }
    }
}

/// Topic of an answer, except for the time and source of detection, which are milestones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// People who are aware of it.
    Aware,
    /// Current action.
    #[serde(rename = "working")]
    Doing,
    /// Affected customers.
    Affected,
    /// Summary in the review.
    Summary,
}

/// Latest answer to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    pub topic: Topic,
    pub text: InternalText,
    /// Name of the person who answered.
    #[serde(with = "sealed")]
    pub by: String,
    pub at: Timestamp,
}

/// A task during the incident, or an action item for after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Todo {
    /// Number within the incident, from 1.
    pub id: u32,
    pub text: InternalText,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Person>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Date>,
    pub added: Timestamp,
    /// `None` while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    pub passed: bool,
    pub at: Timestamp,
}

/// An entry of the timeline; its text is in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry(
    /// Time of what happened.
    pub Timestamp,
    /// Revision of the record.
    pub u64,
);

/// A reminder to the responders of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reminder {
    /// The next customer update should be written.
    #[serde(rename = "update_due")]
    Nudge,
    /// The next customer update is overdue.
    #[serde(rename = "update_overdue")]
    Overdue,
    /// The timeline has had no entry for long.
    Silence,
    /// A promised customer update is due in a few minutes.
    PromiseDue,
    /// A promised customer update did not come.
    PromiseBroken,
    /// The incident commander or the severity is missing.
    LeadOrSeverity,
}

/// Subject of a reminder: one message mentions each subject once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReminderSubject {
    CustomerUpdate,
    LeadOrSeverity,
    Timeline,
}

impl Reminder {
    /// Rank within one message; 0 is the most urgent.
    #[must_use]
    pub fn urgency(self) -> u8 {
        match self {
            Self::PromiseBroken => 0,
            Self::Overdue => 1,
            Self::PromiseDue => 2,
            Self::Nudge => 3,
            Self::LeadOrSeverity => 4,
            Self::Silence => 5,
        }
    }

    #[must_use]
    pub fn subject(self) -> ReminderSubject {
        match self {
            Self::PromiseBroken | Self::Overdue | Self::PromiseDue | Self::Nudge => {
                ReminderSubject::CustomerUpdate
            }
            Self::LeadOrSeverity => ReminderSubject::LeadOrSeverity,
            Self::Silence => ReminderSubject::Timeline,
        }
    }
}

/// A period in which an incident was closed before it was reopened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedPeriod(
    /// Closing.
    pub Timestamp,
    /// Reopening.
    pub Timestamp,
);

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// An entry moved here from a different incident, on whose timeline the record with its text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MovedEntry {
    /// Revision of the record.
    pub revision: u64,
    /// The incident that had it.
    pub from: Number,
    /// It was an update on the page there.
    pub was_public: bool,
    /// Number of the update or note there.
    pub was: u32,
    /// Number of the note here; `None` if it became an update on the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<u32>,
}

/// Everything that responders know and do about one incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    pub number: Number,
    pub visibility: Visibility,
    /// For a public incident, the title on the page.
    #[serde(with = "sealed")]
    pub title: String,
    /// Ids of the affected components, as of the opening or the last public update.
    pub components: Vec<String>,
    pub stage: Stage,
    /// `None` until someone sets it.
    pub severity: Option<Severity>,
    /// The impact that was typed at an opening off the page, for its publication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Impact>,
    pub milestones: Milestones,
    /// At most one reply per topic.
    pub replies: Vec<Reply>,
    pub roles: Vec<Holder>,
    /// Tasks during the incident.
    pub tasks: Vec<Todo>,
    /// Action items for after the incident.
    pub actions: Vec<Todo>,
    /// Last test; `None` after a reopening.
    pub tested: Option<Test>,
    /// Notes and internal updates by number.
    #[serde(default, skip_serializing_if = "Numbered::is_unused")]
    pub notes: Numbered,
    /// Customer updates made elsewhere, by number.
    #[serde(default, skip_serializing_if = "Numbered::is_unused")]
    pub told_elsewhere: Numbered,
    /// Times of all customer updates, on the page or elsewhere.
    pub told: Vec<Timestamp>,
    /// The alert that opened the incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<Firing>,
    /// Address of its call, or of a channel other than the launch's.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "sealed")]
    pub call: Option<String>,
    /// Time at which the review was last written; `None` after a reopening.
    pub reviewed: Option<Timestamp>,
    /// The timeline in the order of recording; see [`Response::timeline`].
    pub entries: Vec<Entry>,
    /// Time of recording of the last entry that was dated back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered_later: Option<Timestamp>,
    /// Promised customer updates.
    #[serde(default, skip_serializing_if = "Promises::is_empty")]
    pub promises: Promises,
    /// Periods in which it was closed before a reopening.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<ClosedPeriod>,
    /// Notes and updates moved here from other incidents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved_in: Vec<MovedEntry>,
    /// Highest number that a task ever had.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tasks_ever: u32,
    /// Highest number that an action item ever had.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub actions_ever: u32,
    /// Time of the withdrawal, after which the incident is no longer counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Timestamp>,
    /// The incident that counts instead of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<Number>,
    /// For each reminder, the start of the window for which it was last sent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reminded: BTreeMap<Reminder, Timestamp>,
    /// Revision of the last change.
    pub revision: u64,
}

impl Response {
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.ended().is_none()
    }

    /// Time of closing or withdrawal.
    #[must_use]
    pub fn ended(&self) -> Option<Timestamp> {
        self.withdrawn.or(self.milestones.at(Milestone::Closed))
    }

    /// Returns `true` if statistics count it: not a drill, not a duplicate and not withdrawn.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.visibility != Visibility::Drill
            && self.withdrawn.is_none()
            && self.duplicate_of.is_none()
    }

    /// Reserves the numbers used in a different version of this response, so that they are not
    /// reused.
    pub(crate) fn keep_numbers_of(&mut self, other: &Self) {
        self.notes.keep_numbers_of(&other.notes);
        self.told_elsewhere.keep_numbers_of(&other.told_elsewhere);
        self.tasks_ever = self.tasks_ever.max(other.tasks_ever);
        self.actions_ever = self.actions_ever.max(other.actions_ever);
    }

    #[must_use]
    pub fn is_public(&self) -> bool {
        self.visibility == Visibility::Public
    }

    /// Holders of a role, the one who took it first in front.
    pub fn holders(&self, role: Role) -> impl Iterator<Item = &Holder> {
        self.roles.iter().filter(move |holder| holder.role == role)
    }

    #[must_use]
    pub fn reply(&self, topic: Topic) -> Option<&Reply> {
        self.replies.iter().find(|reply| reply.topic == topic)
    }

    pub fn open_tasks(&self) -> impl Iterator<Item = &Todo> {
        self.tasks.iter().filter(|task| task.done.is_none())
    }

    pub fn open_actions(&self) -> impl Iterator<Item = &Todo> {
        self.actions.iter().filter(|action| action.done.is_none())
    }

    /// The timeline in chronological order.
    #[must_use]
    pub fn timeline(&self) -> Vec<Entry> {
        let mut entries = self.entries.clone();
        entries.sort();
        entries
    }
}
