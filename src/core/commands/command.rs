//! What a line means: a question, or a change with the incident that it is about.

use std::sync::Arc;

use super::actions::ActionChange;
use super::backfill::Backfill;
use super::correction::Correction;
use super::help::HelpTopic;
use super::launch::LaunchChange;
use super::maintenance::{Announcement, MaintenanceChange};
use super::notes::Note;
use super::on_call::cover::CoverChange;
use super::on_call::swap::Swap;
use super::opening::Opening;
use super::publish::Publishing;
use super::redact::Redaction;
use super::removal::Removal;
use super::roles::RoleChange;
use super::statistics::Choice;
use super::target::Target;
use super::tasks::TaskChange;
use super::timeline::Portion;
use super::tracking::Tracking;
use super::undo::Undo;
use super::update::StatusChange;
use super::usage::Usage;
use super::withdraw::Retraction;

/// A line as it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A question: it changes nothing.
    Ask(Question),
    /// Something that is recorded.
    Change(Change),
}

/// What is recorded: a variant for each feature, with the incident that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `open`.
    Open(Opening),
    /// `update`, `impact`, `close`, `reopen`, `correct`, `postmortem`.
    Status(Target, StatusChange),
    /// `correct` with a fact, `title`.
    Correct(Target, Correction),
    /// `withdraw`, `unpublish`, `duplicate`.
    Retract(Target, Retraction),
    /// `backfill`.
    Backfill(Backfill),
    /// `task remove`, `task reopen` and the like.
    Remove(Target, Removal),
    /// `undo`.
    Undo(Undo),
    /// `publish`.
    Publish(Target, Publishing),
    /// `maintenance` with its time.
    Announce(Announcement),
    /// `maintenance` with `cancel`, `extend` or `complete`.
    Maintenance(Target, MaintenanceChange),
    /// A roster file. No verb: it comes from a terminal.
    Rosters(Arc<str>),
    /// `cover`.
    Cover(CoverChange),
    /// `swap`.
    Swap(Swap),
    /// `uncover`, with the cover's number.
    Uncover(u32),
    /// `note`, `tested`, `told`.
    Note(Target, Note),
    /// `task`, `task done`.
    Task(Target, TaskChange),
    /// `role`, `release`.
    Role(Target, RoleChange),
    /// `when`, `ack`, `mitigated`, `sev`, `know`, `doing`, `affects`.
    Track(Target, Tracking),
    /// `launch`, `launch retry`, `launch skip`.
    Launch(Target, LaunchChange),
    /// `action`, `action done`.
    Action(Target, ActionChange),
    /// `review`.
    Review(Target),
    /// `redact`.
    Redact(Target, Redaction),
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The specification of its verb.
    pub usage: &'static Usage,
    /// The incident that it is about, if it is about one.
    pub about: Option<Target>,
    /// Its subject.
    pub subject: Subject,
}

/// What is asked: a variant for each question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Status,
    Launch,
    Questions,
    Actions,
    Statistics(Choice),
    StatisticsOf,
    /// Who is on call, at the roster or topic of that name if one is given.
    OnCall(Option<String>),
    Alerts,
    Deliveries,
    Redactions,
    Tasks,
    Timeline(Portion),
    /// The guide of the component at that place among all, or every guide.
    Guide(Option<usize>),
    Roles,
    List,
    Help(HelpTopic),
}

impl Question {
    /// A question that is about no incident.
    #[must_use]
    pub fn new(usage: &'static Usage, subject: Subject) -> Self {
        Self { usage, about: None, subject }
    }
}
