//! Decides a command on a state: a record, an answer or a refusal.

pub mod alert;
mod cadence;
pub mod carry;
pub mod clock;
pub mod delivery;
mod hand_over;
pub mod launch_steps;
pub mod overdue_actions;
pub mod work_item;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::commands::context::{Context, Stop};
use super::commands::on_call;
use super::commands::refusal::Refusal;
use super::commands::target::Target;
use super::commands::{Command, Question, Subject, events};
use super::incident::events::StatusEvent;
use super::incident::model::{Incident, Number};
use super::log::draft::Completed;
use super::log::evict::Limits;
use super::log::fold::FoldError;
use super::log::record::{Event, Record, Source};
use super::response::document::IncidentDocument;
use super::response::events::ResponseEvent;
use super::response::model::{Entry, Response};
use super::sealed::Erasable;
use super::text::Text;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Commit this record. It comes with the state after it.
    Record(Box<Completed>),
    /// The message was accepted earlier as this revision: repeat that answer.
    Duplicate(u64),
    /// Change nothing: too many recent messages to remember one more.
    Busy,
    /// Decide again with the document of this closed incident.
    Recall(Number),
    /// Answer a question.
    Answer(Asked),
    /// Change nothing, for this reason.
    Refuse(Refusal),
    /// Change nothing: the decided record does not fit the state. A defect of this program, found
    /// before it could damage the log.
    Impossible(FoldError),
}

/// A question with the data for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub question: Question,
    pub at: Timestamp,
    /// Its incident, if it has one.
    pub about: Option<IncidentDocument>,
    /// The requested timeline entries with their numbers.
    pub entries: Vec<(usize, Entry)>,
    /// The records behind those entries, filled in by the service.
    pub records: Vec<Record>,
}

impl Asked {
    /// A question about no incident.
    #[must_use]
    pub fn of(question: Question, at: Timestamp) -> Self {
        Self { question, at, about: None, entries: Vec::new(), records: Vec::new() }
    }

    /// The response to its incident.
    #[must_use]
    pub fn response(&self) -> Option<&Response> {
        self.about.as_ref()?.response.as_deref()
    }

    /// The revisions of the records that the answer needs.
    #[must_use]
    pub fn revisions(&self) -> BTreeSet<u64> {
        self.entries.iter().map(|(_, Entry(_, revision))| *revision).collect()
    }
}

impl Decision {
    /// True if the decision is safe even when the log may have grown: a commit would notice.
    #[must_use]
    pub fn holds_when_behind(&self) -> bool {
        matches!(self, Self::Record(_))
    }
}

/// Pure: the same arguments give the same decision.
#[must_use]
pub fn decide(context: Context<'_>, command: &Result<Command, Refusal>) -> Decision {
    if let Some(revision) = context.state.revision_of(&context.cause.message) {
        return Decision::Duplicate(revision);
    }
    if context.is_crowded() {
        return Decision::Busy;
    }
    let events = match command {
        Ok(Command::Ask(question)) => return ask(context, question.clone()),
        Ok(Command::Change(change)) => events(&context, change),
        Err(refusal) => Err(refusal.clone().into()),
    };
    match events.and_then(|events| context.recorded(events)) {
        Ok(completed) => Decision::Record(Box::new(completed)),
        Err(Stop::Refuse(refusal)) => Decision::Refuse(context.presented(refusal)),
        Err(Stop::Recall(number)) => Decision::Recall(number),
        Err(Stop::Impossible(error)) => Decision::Impossible(error),
    }
}

/// Collects the data for a question. Records nothing.
#[must_use]
pub fn ask(context: Context<'_>, mut question: Question) -> Decision {
    let at = context.time();
    if let Subject::OnCall(asked) = &question.subject {
        match on_call::question::settled(&context, asked) {
            Ok(asked) => question.subject = Subject::OnCall(asked),
            Err(refusal) => return Decision::Refuse(context.presented(refusal)),
        }
    }
    let Some(target) = question.about.clone() else {
        return Decision::Answer(Asked::of(question, at));
    };
    match context.asked(question, &target) {
        Ok(asked) => Decision::Answer(asked),
        Err(Stop::Refuse(refusal)) => Decision::Refuse(context.presented(refusal)),
        Err(Stop::Recall(number)) => Decision::Recall(number),
        Err(Stop::Impossible(error)) => Decision::Impossible(error),
    }
}

impl Context<'_> {
    /// True if one more message would evict one whose copy could still be accepted. A log whose
    /// time is ahead of now proves nothing about ages.
    fn is_crowded(&self) -> bool {
        let Limits { messages, remembered, .. } = *self.limits;
        let age = self.state.at.duration_since(self.cause.at);
        self.cause.source == Source::Message
            && age <= remembered
            && self.state.messages_younger_than(remembered, self.time()) >= messages
    }

    /// The record of a command: recalled incidents, its events, and carried notices.
    fn recorded(&self, events: Vec<Event>) -> Result<Completed, Stop> {
        let mut draft = self.begun(self.with_days(self.with_recalled(events)))?;
        let carried = self.carried(&draft);
        draft.extend(carried.into_iter().map(Event::Delivery).collect())?;
        Ok(self.complete(draft)?)
    }

    fn asked(&self, question: Question, target: &Target) -> Result<Asked, Stop> {
        if let Some(about) = self.maintenance_asked(&question, target) {
            let entries = match (&question.subject, about.response.as_deref()) {
                (Subject::Timeline(portion), Some(response)) => portion.entries(response)?,
                _ => Vec::new(),
            };
            let asked = Asked::of(question, self.time());
            return Ok(Asked { about: Some(about), entries, ..asked });
        }
        let response = self.asked_about(target)?;
        let number = response.number;
        let entries = match &question.subject {
            Subject::Timeline(portion) => portion.entries(response),
            _ => Ok(Vec::new()),
        };
        let entries = entries.map_err(|refusal| Stop::from(refusal).about(response))?;
        let kept = self.state.responses.get(&number).cloned().map(|response| IncidentDocument {
            incident: self.state.status.shared(number).cloned(),
            response: Some(response),
        });
        let about = kept.or_else(|| self.recalled.cloned());
        Ok(Asked { about, entries, ..Asked::of(question, self.time()) })
    }

    /// The maintenance of a `status` or `timeline` question. It has no response: its timeline is
    /// the updates on the page and the noted alerts.
    fn maintenance_asked(&self, question: &Question, target: &Target) -> Option<IncidentDocument> {
        let is_answered = matches!(question.subject, Subject::Status | Subject::Timeline(_));
        let number = target.number.filter(|_| is_answered)?;
        let maintenance = self.state.status.shared(number)?;
        let is_known = maintenance.is_maintenance() && maintenance.withdrawal.is_none();
        let noted = self.state.alerts.noted_in(number);
        let response = is_known.then(|| Response::of_maintenance(maintenance, noted))?;
        let (incident, response) = (Arc::clone(maintenance), Arc::new(response));
        Some(IncidentDocument { incident: Some(incident), response: Some(response) })
    }

    /// Recalled incidents come before the decided events.
    fn with_recalled(&self, events: Vec<Event>) -> Vec<Event> {
        let Some(dossier) = self.recalled else {
            return events;
        };
        let number = dossier.number();
        let is_meant = events.iter().any(|event| event.number() == Some(number));
        let is_kept = self.state.status.incident(number).is_some()
            || self.state.responses.contains_key(&number);
        if !is_meant || is_kept {
            return events;
        }
        let is_public = |event: &Event| matches!(event, Event::Status(_));
        let unlisted = !events.iter().any(|e| is_public(e) && e.number() == Some(number));
        let incident = dossier.incident.as_deref().cloned().map(|mut incident| {
            without_removed(&mut incident, &events);
            Event::Status(StatusEvent::Recalled { incident: Box::new(incident), unlisted })
        });
        let response = dossier.response.as_deref().cloned().map(|response| {
            Event::Response(ResponseEvent::Recalled { response: Box::new(response) })
        });
        incident.into_iter().chain(response).chain(events).collect()
    }
}

/// Removes texts that the same record erases, so that it does not copy them.
fn without_removed(incident: &mut Incident, events: &[Event]) {
    for event in events {
        if let Event::Status(StatusEvent::TextRemoved { update, .. }) = event
            && let Some(removed) = incident.updates.iter_mut().find(|it| it.number == *update)
        {
            removed.text = Text::erased();
        }
    }
}
