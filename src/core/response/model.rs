//! A response: what the responders know and do about one incident.

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
use crate::core::alerts::course::Firing;
use crate::core::incident::model::{Number, Stage};
use crate::core::incident::severity::Severity;
use crate::core::sealed;

/// How many entries a timeline may have before only the public page's own commands are left.
pub const TIMELINE_MAX: usize = 2_000;
/// The longest note, in characters.
pub const NOTE_CHARS_MAX: usize = 4_000;
/// The longest short text, such as a task's or an answer's, in characters.
pub const SHORT_CHARS_MAX: usize = 500;
/// How many tasks, and how many action items, an incident may have.
pub const TASKS_MAX: usize = 100;
/// How many people may have roles at once.
pub const HOLDERS_MAX: usize = 40;

/// Who sees an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// It is on the page.
    Public,
    /// It is on no page, unless it is published.
    Internal,
    /// It is an exercise: never on the page, never counted.
    Drill,
}

impl Visibility {
    /// The word that is typed and shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
            Self::Drill => "drill",
        }
    }
}

/// What is asked about every incident besides when and how it was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Who is aware of it.
    Aware,
    /// What is being done.
    #[serde(rename = "working")]
    Doing,
    /// For whom it is bad.
    Affected,
    /// The review's summary.
    Summary,
}

/// What was last answered to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// The question.
    pub topic: Topic,
    /// The answer.
    pub text: InternalText,
    /// The name of who gave it.
    #[serde(with = "sealed")]
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Something to be done: a task while the incident goes on, or an action item for after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Todo {
    /// Its number within the incident, from 1.
    pub id: u32,
    /// What is to be done.
    pub text: InternalText,
    /// Who is to do it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Person>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Date>,
    /// When it was added.
    pub added: Timestamp,
    /// When it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Timestamp>,
}

/// What the last test found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// Whether all is well.
    pub passed: bool,
    /// When it was told.
    pub at: Timestamp,
}

/// A place in the timeline: the record has the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry(
    /// When it happened.
    pub Timestamp,
    /// The revision of the record that tells it.
    pub u64,
);

/// A reminder to the people of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reminder {
    /// The next customer update is due.
    #[serde(rename = "update_due")]
    Nudge,
    /// It is overdue.
    #[serde(rename = "update_overdue")]
    Overdue,
    /// Nothing was entered in the timeline for long.
    Silence,
    /// A promised customer update is due in a few minutes.
    PromiseDue,
    /// A promised customer update did not come.
    PromiseBroken,
    /// Nobody leads, or the severity is missing.
    LeadOrSeverity,
}

/// What a reminder is about: one message tells each subject once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReminderSubject {
    CustomerUpdate,
    LeadOrSeverity,
    Timeline,
}

impl Reminder {
    /// The order of reminders in one message, the most urgent first.
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

    /// What it is about.
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

/// A time in which an incident was closed before it was opened again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed(
    /// When it was closed.
    pub Timestamp,
    /// When it was opened again.
    pub Timestamp,
);

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A note that came from another incident: the record that holds its text is about that one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    /// The record.
    pub revision: u64,
    /// The incident that had it.
    pub from: Number,
    /// Whether it was an update on the page there.
    pub was_public: bool,
    /// Its number there.
    pub was: u32,
    /// Its number as a note here; `None` where it is on the page here, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<u32>,
}

/// What the responders know and do about one incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The incident.
    pub number: Number,
    /// Who sees it.
    pub visibility: Visibility,
    /// Its title; of a public one, the page's.
    #[serde(with = "sealed")]
    pub title: String,
    /// Ids of the components that it is about, as of the opening or the last public word.
    pub components: Vec<String>,
    /// How far the work is.
    pub stage: Stage,
    /// How bad it is for the team; `None` until somebody says so.
    pub severity: Option<Severity>,
    /// When was what.
    pub milestones: Milestones,
    /// What was answered to the questions, one reply each.
    pub replies: Vec<Reply>,
    /// Who has which role.
    pub roles: Vec<Holder>,
    /// What is to be done now.
    pub tasks: Vec<Todo>,
    /// What is to be done afterwards.
    pub actions: Vec<Todo>,
    /// What the last test found.
    pub tested: Option<Test>,
    /// The notes, internal updates included, by number.
    #[serde(default, skip_serializing_if = "Numbered::is_unused")]
    pub notes: Numbered,
    /// What was told elsewhere, by number.
    #[serde(default, skip_serializing_if = "Numbered::is_unused")]
    pub told_elsewhere: Numbered,
    /// When somebody outside was told something, on the page or elsewhere.
    pub told: Vec<Timestamp>,
    /// The alert that it was opened for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<Firing>,
    /// The link to its call, or to another channel than the launch's.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "sealed")]
    pub call: Option<String>,
    /// When the review was written last.
    pub reviewed: Option<Timestamp>,
    /// The timeline, in the order in which it was recorded.
    pub entries: Vec<Entry>,
    /// When something was last entered that had happened before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered_later: Option<Timestamp>,
    /// The promised customer updates.
    #[serde(default, skip_serializing_if = "Promises::is_empty")]
    pub promises: Promises,
    /// When it was closed, and opened again after that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<Closed>,
    /// Notes and updates that came from other incidents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved_in: Vec<Moved>,
    /// The highest number that a task ever had.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tasks_ever: u32,
    /// The highest number that an action item ever had.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub actions_ever: u32,
    /// When it was withdrawn: it was no incident, and counts for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Timestamp>,
    /// The incident that this one is a duplicate of, which counts in its stead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<Number>,
    /// Of each reminder, the beginning of the window that the last one was for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reminded: BTreeMap<Reminder, Timestamp>,
    /// The revision that changed it last.
    pub revision: u64,
}

impl Response {
    /// Whether the incident is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.ended().is_none()
    }

    /// When it was closed or withdrawn.
    #[must_use]
    pub fn ended(&self) -> Option<Timestamp> {
        self.withdrawn.or(self.milestones.at(Milestone::Closed))
    }

    /// Whether statistics count it: a drill, a duplicate and what was withdrawn do not.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.visibility != Visibility::Drill
            && self.withdrawn.is_none()
            && self.duplicate_of.is_none()
    }

    /// Gives no number again that was given in another state of it.
    pub(crate) fn keep_numbers_of(&mut self, other: &Self) {
        self.notes.keep_numbers_of(&other.notes);
        self.told_elsewhere.keep_numbers_of(&other.told_elsewhere);
        self.tasks_ever = self.tasks_ever.max(other.tasks_ever);
        self.actions_ever = self.actions_ever.max(other.actions_ever);
    }

    /// Whether it is on the page.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.visibility == Visibility::Public
    }

    /// Who has a role, the one who took it first at the front.
    pub fn holders(&self, role: Role) -> impl Iterator<Item = &Holder> {
        self.roles.iter().filter(move |holder| holder.role == role)
    }

    /// What was answered to a question.
    #[must_use]
    pub fn reply(&self, topic: Topic) -> Option<&Reply> {
        self.replies.iter().find(|reply| reply.topic == topic)
    }

    /// The tasks that are still to be done.
    pub fn open_tasks(&self) -> impl Iterator<Item = &Todo> {
        self.tasks.iter().filter(|task| task.done.is_none())
    }

    /// The action items that are still to be done.
    pub fn open_actions(&self) -> impl Iterator<Item = &Todo> {
        self.actions.iter().filter(|action| action.done.is_none())
    }

    /// The timeline in the order in which things happened.
    #[must_use]
    pub fn timeline(&self) -> Vec<Entry> {
        let mut entries = self.entries.clone();
        entries.sort();
        entries
    }
}
