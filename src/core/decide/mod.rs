//! What follows from a command, given the state: a record, an answer or a refusal.

pub mod alert;
mod cadence;
mod carry;
pub mod clock;
pub mod delivery;
mod hand_over;
pub mod launch_steps;

use super::commands::command::{Command, Question, StatusCommand};
use super::commands::context::{Asked, Context, Decision, Stop};
use super::commands::refusal::Refusal;
use super::commands::scribe_decision::portion_of;
use super::commands::words::Verb;
use super::incident::events::StatusEvent;
use super::incident::model::Number;
use super::log::record::{Event, Record};
use super::response::dossier::Dossier;
use super::response::events::ResponseEvent;
use super::response::model::Visibility;

/// Decides. The same arguments give the same decision.
#[must_use]
pub fn decide(context: Context<'_>, command: &Result<Command, Refusal>) -> Decision {
    if let Some(revision) = context.state.revision_of(&context.cause.message) {
        return Decision::Duplicate(revision);
    }
    let events = match command {
        Ok(Command::Ask(question)) => return ask(context, question.clone()),
        Ok(Command::Status(command)) => context.status_events(command),
        Ok(Command::Response(command)) => context.response_events(command),
        Ok(Command::OnCall(command)) => context.on_call_events(command),
        Err(refusal) => Err(refusal.clone().into()),
    };
    match events.and_then(|events| context.recorded(events)) {
        Ok(record) => Decision::Record(record),
        Err(Stop::Refuse(refusal)) => Decision::Refuse(refusal),
        Err(Stop::Recall(number)) => Decision::Recall(number),
        Err(Stop::Impossible(error)) => Decision::Impossible(error),
    }
}

/// What a question is about; which records nothing, whenever it came.
#[must_use]
pub fn ask(context: Context<'_>, question: Question) -> Decision {
    let at = context.time();
    if let Question::OnCall(name) = &question
        && let Err(refusal) = context.check_roster(name.as_deref())
    {
        return Decision::Refuse(refusal.into());
    }
    let Some((verb, number)) = question.about() else {
        return Decision::Answer(Asked::of(question, at));
    };
    match context.asked(question, verb, number) {
        Ok(asked) => Decision::Answer(asked),
        Err(Stop::Refuse(refusal)) => Decision::Refuse(refusal),
        Err(Stop::Recall(number)) => Decision::Recall(number),
        Err(Stop::Impossible(error)) => Decision::Impossible(error),
    }
}

impl Context<'_> {
    /// The record of a command: what was brought back for it, its events, and what is told with it.
    fn recorded(&self, events: Vec<Event>) -> Result<Record, Stop> {
        let mut events = self.with_recalled(events);
        events.extend(self.carried(&events)?.into_iter().map(Event::Delivery));
        Ok(self.record(events)?)
    }

    fn asked(&self, question: Question, verb: Verb, number: Option<Number>) -> Result<Asked, Stop> {
        let response = self.response_meant(number, verb, "")?;
        let number = response.number;
        let entries = match &question {
            Question::Timeline { portion, .. } => portion_of(response, *portion),
            _ => Ok(Vec::new()),
        };
        let entries = entries.map_err(|refusal| Stop::from(refusal).about(response))?;
        let kept = self.state.responses.get(&number).cloned().map(|response| Dossier {
            incident: self.state.status.shared(number).cloned(),
            response: Some(response),
        });
        let about = kept.or_else(|| self.recalled.cloned());
        Ok(Asked { about, entries, ..Asked::of(question, self.time()) })
    }

    /// What a command about the status calls for, in public where its incident is.
    fn status_events(&self, command: &StatusCommand) -> Result<Vec<Event>, Stop> {
        if let StatusCommand::Open { another, impact, components, next, opening, text } = command {
            let visibility = self.visibility(opening);
            let opened = if visibility == Visibility::Public {
                Event::Status(self.open(*another, *impact, components, *next, text)?)
            } else {
                self.declare(*another, visibility, components, text)?
            };
            let more = self.opening_events(self.state.next_number, opening)?;
            let begins = self.config.launch.on_open && self.can_launch();
            let launched = if begins { Self::launched(self.state.next_number) } else { Vec::new() };
            return Ok([opened].into_iter().chain(more).chain(launched).collect());
        }
        if let Some(response) = self.internal_meant(command)? {
            let event = Self::internal_event(response, command);
            return Ok(vec![event.map_err(|stop| stop.about(response))?]);
        }
        Ok(vec![Event::Status(self.event(command)?)])
    }

    /// The public event that a command about what is on the page calls for.
    fn event(&self, command: &StatusCommand) -> Result<StatusEvent, Stop> {
        match command {
            StatusCommand::Open { another, impact, components, next, text, .. } => {
                self.open(*another, *impact, components, *next, text)
            }
            StatusCommand::Update { number, stage, components, next, text } => {
                let number = self.meant(*number, command)?;
                self.update(number, *stage, components.as_ref(), *next, text, command)
            }
            StatusCommand::Impact { number, impact, next, text } => {
                let number = self.meant(*number, command)?;
                self.change_impact(number, *impact, *next, text, command)
            }
            StatusCommand::Reopen { number, next, text } => {
                self.reopen(self.meant(*number, command)?, *next, text, command)
            }
            StatusCommand::PostMortem { number, text } => {
                self.post_mortem(self.meant(*number, command)?, text, command)
            }
            StatusCommand::Schedule { plan, components, text } => {
                self.schedule(plan, components, text)
            }
            StatusCommand::Manage { number, change, text } => {
                self.manage(self.meant(*number, command)?, *change, text, command)
            }
            StatusCommand::Correct { number, text } => {
                self.correct(self.meant(*number, command)?, text, command)
            }
        }
    }

    /// What was brought back for a decision comes before what was decided.
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
        let incident =
            dossier.incident.as_deref().cloned().map(|incident| {
                Event::Status(StatusEvent::Recalled { incident: Box::new(incident) })
            });
        let response = dossier.response.as_deref().cloned().map(|response| {
            Event::Response(ResponseEvent::Recalled { response: Box::new(response) })
        });
        incident.into_iter().chain(response).chain(events).collect()
    }
}
