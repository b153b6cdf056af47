//! What follows from a command, given the state: a record, an answer or a refusal.

pub mod clock;
pub mod context;
mod incident;
mod maintenance;
pub mod refusal;
mod thread;
pub mod window;

use super::chat::command::{Command, Misread, StatusCommand};
use super::incident::events::StatusEvent;
use super::log::fold::FoldError;
use super::log::record::Record;
use context::{Context, Decision, Stop};
use refusal::Refusal;

/// Decides. The same arguments give the same decision.
#[must_use]
pub fn decide(context: Context<'_>, command: &Result<Command, Misread>) -> Decision {
    if let Some(revision) = context.state.revision_of(&context.cause.message) {
        return Decision::Duplicate(revision);
    }
    let event = match command {
        Ok(Command::Ask(question)) => return Decision::Answer(*question),
        Ok(Command::Status(command)) => context.event(command),
        Err(misread) => Err(Refusal::Misread(misread.clone()).into()),
    };
    match event.and_then(|event| Ok(context.record_of(event)?)) {
        Ok(record) => Decision::Record(record),
        Err(Stop::Refuse(refusal)) => Decision::Refuse(refusal),
        Err(Stop::Recall(number)) => Decision::Recall(number),
        Err(Stop::Impossible(error)) => Decision::Impossible(error),
    }
}

impl Context<'_> {
    /// The public event that a command calls for.
    fn event(&self, command: &StatusCommand) -> Result<StatusEvent, Stop> {
        match command {
            StatusCommand::Open { another, impact, components, next, text } => {
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

    /// The record of a public event.
    fn record_of(&self, event: StatusEvent) -> Result<Record, FoldError> {
        let number = event.number();
        let recalled = self
            .recalled
            .filter(|i| Some(i.number) == number && self.state.status.incident(i.number).is_none())
            .map(|incident| StatusEvent::Recalled { incident: Box::new(incident.clone()) });
        self.record(recalled.into_iter().chain([event]).collect())
    }
}
