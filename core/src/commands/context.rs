//! The input of a decision, and its possible ends.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::refusal::Refusal;
use crate::config::{Component, Config};
use crate::incident::events::StatusEvent;
use crate::incident::fold::is_unseen;
use crate::incident::model::{MONTH_PART_MAX, MonthPart, Number};
use crate::log::draft::{Completed, Draft};
use crate::log::evict::{self, Limits};
use crate::log::fold::FoldError;
use crate::log::record::{Cause, ComponentsNamed, Event, RECORD_FORMAT, Record};
use crate::log::state::State;
use crate::response::document::IncidentDocument;
use crate::response::model::{Response, Visibility};
use crate::text::Text;
use crate::text::time::short_time;

/// The input of a decision.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The fold of the log as far as this process has read it.
    pub state: &'a State,
    /// Components, time zone and promises of the page.
    pub config: &'a Config,
    /// Limits of the state.
    pub limits: &'a Limits,
    /// Sender, thread and time.
    pub cause: &'a Cause,
    /// The document that `Decision::Recall` asked for.
    pub recalled: Option<&'a IncidentDocument>,
}

/// Replaces names of people, unless the configuration publishes them.
pub(crate) fn publishable(text: &Text, config: &Config) -> Text {
    if !text.has_names() {
        return text.clone();
    }
    let instead = (!config.publish_names).then(|| config.language.chat().colleague);
    text.with_names(instead.as_deref())
}

/// Reasons not to record anything.
pub enum Stop {
    Refuse(Refusal),
    Recall(Number),
    Impossible(FoldError),
}

impl Stop {
    /// Marks a refusal about a drill as such.
    pub(crate) fn about(self, response: &Response) -> Self {
        match self {
            Self::Refuse(refusal) if response.visibility == Visibility::Drill => {
                Self::Refuse(refusal.of_drill())
            }
            other => other,
        }
    }
}

impl<T: Into<Refusal>> From<T> for Stop {
    fn from(refusal: T) -> Self {
        Self::Refuse(refusal.into())
    }
}

impl From<FoldError> for Stop {
    fn from(error: FoldError) -> Self {
        Self::Impossible(error)
    }
}

impl Context<'_> {
    /// A time as an answer in the chat says it.
    pub(crate) fn clock(&self, at: Timestamp) -> String {
        short_time(at, self.time(), &self.config.time_zone)
    }

    /// Clocks of different machines differ: no record is older than the one before it.
    pub(crate) fn time(&self) -> Timestamp {
        self.cause.at.max(self.state.at)
    }

    /// Due time of the next update: the promised one, or the configured one.
    pub(crate) fn promise(&self, next: Option<SignedDuration>) -> Option<Timestamp> {
        let next = next.or(self.config.update_every)?;
        self.time().checked_add(next).ok()
    }

    /// The history part for an incident that begins now.
    pub(crate) fn month(&self) -> MonthPart {
        self.month_of(self.time())
    }

    /// The history part for an incident that began then: the last part of its month with room.
    pub(crate) fn month_of(&self, began: Timestamp) -> MonthPart {
        let day = began.to_zoned(self.config.time_zone.clone()).date();
        let first = MonthPart::first_of(day);
        let mut parts = self.state.status.months.range(first..=first.last());
        match parts.next_back() {
            Some((part, count)) if *count >= MONTH_PART_MAX => part.next(),
            Some((part, _)) => *part,
            None => first,
        }
    }

    /// Completes a record of these events, with evictions, preceded by new days if any event is
    /// public.
    pub(crate) fn record(&self, events: Vec<Event>) -> Result<Completed, FoldError> {
        self.completed(self.with_days(events))
    }

    /// Adds new days in front if any event is public.
    pub(crate) fn with_days(&self, events: Vec<Event>) -> Vec<Event> {
        let is_shown = |event: &Event| match event {
            Event::Status(StatusEvent::Recalled { unlisted, .. }) => !unlisted,
            event => matches!(event, Event::Status(_)),
        };
        // The clock has no events of its own when only a day began.
        let is_public = events.is_empty() || events.iter().any(is_shown);
        let days = if is_public { self.new_days() } else { Vec::new() };
        days.into_iter().chain(events).collect()
    }

    /// Completes a record of these events, with evictions.
    ///
    /// # Errors
    /// Returns the error of the fold if an event does not fit the state.
    pub fn completed(&self, events: Vec<Event>) -> Result<Completed, FoldError> {
        self.complete(self.begun(events)?)
    }

    /// Completes a drafted record.
    ///
    /// # Errors
    /// As in [`Context::completed`].
    pub(crate) fn complete(&self, mut draft: Draft<'_>) -> Result<Completed, FoldError> {
        let names = self.new_names(&draft);
        if !names.is_empty() {
            draft.extend(vec![Event::ComponentsNamed(ComponentsNamed { names })])?;
        }
        evict::complete(draft, self.limits)
    }

    /// Names of affected components that the log does not have yet. A public record names those of
    /// the page; any other one only those that the page does not know, because no public file may
    /// depend on it. At the limit of names, further components keep their ids alone.
    fn new_names(&self, draft: &Draft<'_>) -> BTreeMap<String, String> {
        let (status, responses) = (&draft.state().status, &draft.state().responses);
        let is_public =
            draft.record().status().any(|event| !is_unseen(&draft.base().status, event));
        let known = &status.component_names;
        let is_affected = |id: &String, name: Option<&str>| {
            if status.components.contains_key(id) {
                return is_public;
            }
            name.is_none() && responses.values().any(|response| response.components.contains(id))
        };
        let has_room = known.len() < self.limits.components;
        let new = self.config.components().filter(|Component { id, name, .. }| {
            let name_before = known.get(id);
            (name_before.is_some() || has_room)
                && name_before != Some(name)
                && is_affected(id, name_before)
        });
        new.map(|component| (component.id.clone(), component.name.clone())).collect()
    }

    /// A draft that begins with these events.
    pub(crate) fn begun(&self, events: Vec<Event>) -> Result<Draft<'_>, FoldError> {
        Draft::begin(self.state, self.bare_record(events))
    }

    /// The days that began since the last public record.
    pub(crate) fn new_days(&self) -> Vec<Event> {
        let Context { state, config, .. } = *self;
        let at = self.time();
        // The ledger begins with the time of the first public record, not at its midnight.
        let earliest = if state.status.revision == 0 { at } else { state.status.at };
        let days = state.status.ledger.new_days(earliest, at, &config.time_zone);
        days.into_iter().map(Event::Status).collect()
    }

    /// A record of these events and nothing else.
    fn bare_record(&self, events: Vec<Event>) -> Record {
        Record {
            format: RECORD_FORMAT,
            revision: self.state.revision + 1,
            at: self.time(),
            cause: self.cause.clone(),
            previous: self.state.head.clone(),
            events,
        }
    }
}
