//! A parsed line: a question, or a change with its incident, and the events of a change. Each
//! feature decides for its own changes.

use std::sync::Arc;

use super::actions::ActionChange;
use super::backfill::Backfill;
use super::channel::{self, Call};
use super::context::{Context, Stop, publishable};
use super::correction::Correction;
use super::help::HelpTopic;
use super::launch::LaunchChange;
use super::maintenance::{Announcement, MaintenanceChange};
use super::meant::{afterwards, on_status, on_timeline};
use super::notes::Note;
use super::on_call;
use super::on_call::cover::CoverChange;
use super::on_call::question::OnCallQuestion;
use super::on_call::swap::Swap;
use super::opening::Opening;
use super::publish::Publishing;
use super::redact::Redaction;
use super::removal::Removal;
use super::review;
use super::roles::RoleChange;
use super::statistics::Choice;
use super::target::{Meant, Target};
use super::tasks::TaskChange;
use super::timeline::Portion;
use super::tracking::Tracking;
use super::undo::Undo;
use super::update::StatusChange;
use super::usage::Usage;
use super::withdraw::Retraction;
use crate::log::record::Event;
use crate::text::Text;

/// A parsed line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Changes nothing.
    Ask(Question),
    Change(Change),
}

/// A change to record: a variant for each feature, with its incident.
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
    /// `when`, `ack`, `mitigated`, `sev`, `aware`, `working`, `affected`.
    Track(Target, Tracking),
    /// `channel` with a link.
    Channel(Target, Call),
    /// `launch`, `launch retry`, `launch skip`.
    Launch(Target, LaunchChange),
    /// `action`, `action done`.
    Action(Target, ActionChange),
    /// `review`.
    Review(Target),
    /// `redact`.
    Redact(Target, Redaction),
}

impl Change {
    /// The typed text for the page, or the first text of an incident; `None` if the command takes no
    /// such text.
    pub(crate) fn public_text(&self) -> Option<&Text> {
        match self {
            Self::Open(opening) => Some(&opening.text),
            Self::Status(_, change) => Some(change.text()),
            Self::Correct(_, Correction::Title(text) | Correction::Update(_, text))
            | Self::Retract(_, Retraction::Withdraw(text)) => Some(text),
            Self::Backfill(backfill) => Some(&backfill.text),
            Self::Publish(_, publishing) => Some(&publishing.text),
            Self::Announce(announcement) => Some(&announcement.text),
            Self::Maintenance(_, change) => Some(&change.text),
            _ => None,
        }
    }

    /// True if the line has a text for the team.
    pub(crate) fn has_private_text(&self) -> bool {
        match self {
            Self::Note(_, Note::Tested { text, .. })
            | Self::Track(_, Tracking::Reached { text, .. }) => !text.is_empty(),
            Self::Note(..)
            | Self::Task(_, TaskChange::Add { .. })
            | Self::Action(_, ActionChange::Add { .. })
            | Self::Track(_, Tracking::Reply(..)) => true,
            _ => false,
        }
    }
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The specification of its verb.
    pub usage: &'static Usage,
    /// Its incident, if it has one.
    pub about: Option<Target>,
    pub subject: Subject,
}

/// The subject of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Status,
    /// Also shows revisions, sources and answers.
    StatusVerbose,
    Launch,
    Channel,
    Questions,
    Actions,
    Statistics(Choice),
    StatisticsOf,
    OnCall(OnCallQuestion),
    Alerts,
    Deliveries,
    Redactions,
    Tasks,
    Timeline(Portion),
    /// One component's guide, by its place in the configuration, or all guides.
    Guide(Option<usize>),
    Roles,
    List,
    Help(HelpTopic),
}

impl Question {
    /// A question about no incident.
    #[must_use]
    pub fn new(usage: &'static Usage, subject: Subject) -> Self {
        Self { usage, about: None, subject }
    }
}

/// Replaces names of people in texts for the page.
pub(crate) fn events(context: &Context, change: &Change) -> Result<Vec<Event>, Stop> {
    let mut events = typed_events(context, change)?;
    for event in &mut events {
        if let Event::Status(event) = event
            && let Some(text) = event.text_mut()
        {
            *text = publishable(text, context.config);
        }
    }
    Ok(events)
}

fn typed_events(context: &Context, change: &Change) -> Result<Vec<Event>, Stop> {
    match change {
        Change::Open(opening) => Ok(opening.decide(context)?),
        Change::Status(target, change) => {
            on_status(context, target, |meant| change.decide(context, meant))
        }
        Change::Correct(target, correction) => {
            let meant = context.meant(target)?;
            correction.decide(context, meant).map_err(|stop| meant.stop(stop))
        }
        Change::Retract(target, retraction) => {
            let meant = context.meant(target)?;
            retraction.decide(context, meant).map_err(|stop| meant.stop(stop))
        }
        Change::Backfill(backfill) => Ok(vec![Event::Status(backfill.decide(context)?)]),
        Change::Remove(target, removal) => {
            afterwards(context, target, |response| Ok(removal.decide(context, response)?))
        }
        Change::Undo(undo) => undo.decide(context),
        Change::Publish(target, publishing) => {
            on_timeline(context, target, |response| Ok(publishing.decide(context, response)?))
        }
        Change::Announce(announcement) => Ok(vec![Event::Status(announcement.decide(context)?)]),
        Change::Maintenance(target, change) => on_status(context, target, |meant| match meant {
            Meant::Public(incident, _) => {
                Ok(vec![Event::Status(change.decide(context, incident)?)])
            }
            // The verb accepts maintenance only.
            Meant::Internal(_) => Ok(Vec::new()),
        }),
        Change::Rosters(text) => Ok(on_call::set::decide(context, text)?),
        Change::Cover(change) => Ok(change.decide(context)?),
        Change::Swap(swap) => Ok(swap.decide(context)?),
        Change::Uncover(number) => Ok(on_call::cover::take_back(context, *number)?),
        Change::Note(target, note) => {
            on_timeline(context, target, |response| Ok(note.decide(context, response)?))
        }
        Change::Task(target, change) => {
            on_timeline(context, target, |response| Ok(change.decide(context, response)?))
        }
        Change::Role(target, change) => {
            on_timeline(context, target, |response| Ok(change.decide(context, response)?))
        }
        Change::Track(target, change) => {
            on_timeline(context, target, |response| Ok(change.decide(context, response)?))
        }
        Change::Channel(target, call) => {
            on_timeline(context, target, |response| Ok(channel::decide(call, response)?))
        }
        Change::Launch(target, change) => {
            on_timeline(context, target, |response| Ok(change.decide(context, response)?))
        }
        Change::Action(target, change) => {
            afterwards(context, target, |response| Ok(change.decide(context, response)?))
        }
        Change::Redact(target, redaction) => {
            on_status(context, target, |meant| redaction.decide(context, meant))
        }
        Change::Review(target) => {
            afterwards(context, target, |response| Ok(review::decide(response)?))
        }
    }
}
