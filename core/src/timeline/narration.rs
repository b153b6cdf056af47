//! The words for an event. Answers, timelines, reviews, work items and log lines choose among them,
//! so each kind of event is worded in one place.

use jiff::Timestamp;

use crate::config::Config;
use crate::incident::status::{ComponentNames, NO_NAMES};
use crate::launch::events::LaunchEvent;
use crate::log::record::{Event, Record};
use crate::response::events::ResponseEvent;
use crate::response::milestone::Milestone;
use crate::rosters::events::RosterEvent;
use crate::text::time::{short_time, spoken};

/// An event in words, all of them plain text but for `answer`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narration {
    /// The command that asks for it, such as `note 5`; `None` if nobody can type it.
    pub command: Option<String>,
    /// For a log line: `opened`. Empty if log lines name only the family of such events.
    pub done: &'static str,
    /// In a timeline: `task 3 added`. Empty if timelines do not show it.
    pub what: String,
    /// On a card, if different from `what`.
    pub card: Option<String>,
    /// In a document, if different from `what`.
    pub review: Option<String>,
    /// The text stands elsewhere in a document.
    pub omits_text: bool,
    /// The answer to a correction: the new fact and its consequences. Markdown; empty for other
    /// events.
    pub answer: String,
    /// The text that was sent; may be empty.
    pub text: String,
    pub kind: EntryKind,
}

/// The part of an incident's timeline that an event belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum EntryKind {
    /// Public.
    Page,
    /// A customer update made elsewhere.
    Told {
        audience: String,
        via: String,
    },
    Milestone(Milestone),
    Note,
    /// Internal, and a review has it in a section of its own.
    Listed,
    #[default]
    Internal,
}

impl Narration {
    pub(super) fn new(command: impl Into<String>, what: impl Into<String>) -> Self {
        Self { command: Some(command.into()), ..Self::unasked(what) }
    }

    /// Of an event that no command names.
    pub(super) fn unasked(what: impl Into<String>) -> Self {
        Self { what: what.into(), ..Self::default() }
    }

    pub(super) fn on_card(self, card: impl Into<String>) -> Self {
        Self { card: Some(card.into()), ..self }
    }

    pub(super) fn in_review(self, review: impl Into<String>) -> Self {
        Self { review: Some(review.into()), ..self }
    }

    pub(super) fn answered(self, answer: impl Into<String>) -> Self {
        Self { answer: answer.into(), ..self }
    }

    pub(super) fn saying(self, text: String) -> Self {
        Self { text, ..self }
    }

    pub(super) fn of_kind(self, kind: EntryKind) -> Self {
        Self { kind, ..self }
    }

    /// The words for a card.
    #[must_use]
    pub fn on_a_card(&self) -> &str {
        self.card.as_deref().unwrap_or(&self.what)
    }
}

/// Puts the events of a record into words.
#[derive(Clone, Copy)]
pub struct Narrator<'a> {
    /// Time of the record.
    pub at: Timestamp,
    /// An alert is part of the record.
    pub has_alert: bool,
    pub config: &'a Config,
    /// Names of components that are no longer configured.
    pub names: &'a ComponentNames,
}

impl<'a> Narrator<'a> {
    #[must_use]
    pub fn of(record: &Record, config: &'a Config) -> Self {
        let has_alert = record.response().any(|it| matches!(it, ResponseEvent::Alerted { .. }));
        Self { at: record.at, has_alert, config, names: &NO_NAMES }
    }

    /// Date and time with the zone.
    pub(super) fn full(&self, at: Timestamp) -> String {
        spoken(at, &self.config.time_zone)
    }

    /// Time for a phone.
    pub(super) fn short(&self, at: Timestamp) -> String {
        short_time(at, self.at, &self.config.time_zone)
    }

    /// The words for an event; `None` for bookkeeping.
    #[must_use]
    pub fn narrate(&self, event: &Event) -> Option<Narration> {
        match event {
            Event::Status(event) => self.public(event),
            Event::Response(event) => self.internal(event),
            Event::Launch(event) => launch(event),
            Event::Roster(RosterEvent::Covered { cover }) => {
                Some(Narration::new(format!("cover {}", cover.number), ""))
            }
            Event::Roster(RosterEvent::Uncovered { cover, .. }) => {
                Some(Narration::new(format!("uncover {}", cover.number), ""))
            }
            Event::Roster(RosterEvent::Set { .. }) => Some(Narration::new("roster", "")),
            Event::Roster(RosterEvent::HandedOver { .. } | RosterEvent::Evicted { .. })
            | Event::Delivery(_)
            | Event::Message(_)
            | Event::People(_)
            | Event::RemovalOrdered(_)
            | Event::Redacted(_)
            | Event::ComponentsNamed(_)
            | Event::ErasureHindered(_)
            | Event::Erased(_) => None,
        }
    }
}

fn launch(event: &LaunchEvent) -> Option<Narration> {
    let done = match event {
        LaunchEvent::Started { .. } => "launch started".to_owned(),
        LaunchEvent::Retried { step, .. } => format!("launch: {} is tried again", step.name()),
        LaunchEvent::Skipped { step, .. } => format!("launch: {} is skipped", step.name()),
        LaunchEvent::Done { step, .. } => format!("launch: {} is done", step.name()),
        LaunchEvent::Failed { step, .. } | LaunchEvent::Doubted { step, .. } => {
            format!("launch: {} is not done", step.name())
        }
        LaunchEvent::Evicted { .. } => return None,
    };
    Some(Narration::new("launch", done))
}
