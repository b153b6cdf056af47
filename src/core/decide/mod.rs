//! What follows from a command, given the state: a record, an answer or a refusal.

pub mod clock;
mod incident;
mod maintenance;
pub mod refusal;
pub mod window;

use jiff::Timestamp;

use super::chat::command::{Command, Misread, Question, StatusCommand};
use super::config::Config;
use super::incident::events::StatusEvent;
use super::incident::model::{Incident, Number};
use super::log::evict::{self, Limits};
use super::log::fold::FoldError;
use super::log::record::{Cause, Event, RECORD_FORMAT, Record};
use super::log::state::State;
use refusal::Refusal;

/// What is to be done with a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Commit this record.
    Record(Record),
    /// The message was accepted before, as this revision: give that answer again.
    Duplicate(u64),
    /// Decide again with the document of this closed incident.
    Recall(Number),
    /// Answer with how things are.
    Answer(Question),
    /// Change nothing and say why.
    Refuse(Refusal),
    /// Change nothing: what was to be recorded does not follow from the state. A defect of this
    /// program, found before it could spoil the log.
    Impossible(FoldError),
}

impl Decision {
    /// Whether a decision may be acted on although the log may have grown since: a commit finds out
    /// by itself, and what was accepted stays accepted.
    #[must_use]
    pub fn holds_when_behind(&self) -> bool {
        matches!(self, Self::Record(_) | Self::Duplicate(_))
    }
}

/// What a decision is made on.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The state, as far as it is known.
    pub state: &'a State,
    /// The configuration.
    pub config: &'a Config,
    /// How much a state may keep.
    pub limits: &'a Limits,
    /// Whoever acts, and when.
    pub cause: &'a Cause,
    /// The document that [`Decision::Recall`] asked for.
    pub recalled: Option<&'a Incident>,
}

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
    match event.and_then(|event| Ok(context.record(event)?)) {
        Ok(record) => Decision::Record(record),
        Err(Stop::Refuse(refusal)) => Decision::Refuse(refusal),
        Err(Stop::Recall(number)) => Decision::Recall(number),
        Err(Stop::Impossible(error)) => Decision::Impossible(error),
    }
}

/// Why no record follows.
enum Stop {
    Refuse(Refusal),
    Recall(Number),
    Impossible(FoldError),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refuse(refusal)
    }
}

impl From<FoldError> for Stop {
    fn from(error: FoldError) -> Self {
        Self::Impossible(error)
    }
}

impl Context<'_> {
    /// Clocks of different machines differ: no record is older than the one before it.
    fn time(&self) -> Timestamp {
        self.cause.at.max(self.state.at)
    }

    /// The public event that a command calls for.
    fn event(&self, command: &StatusCommand) -> Result<StatusEvent, Stop> {
        match command {
            StatusCommand::Open { another, impact, components, next, text } => {
                self.open(*another, *impact, components, *next, text)
            }
            StatusCommand::Update { number, stage, components, next, text } => {
                let number = self.meant(*number, command)?;
                self.update(number, *stage, components.as_ref(), *next, text)
            }
            StatusCommand::Reopen { number, next, text } => {
                self.reopen(self.meant(*number, command)?, *next, text)
            }
            StatusCommand::PostMortem { number, text } => {
                self.post_mortem(self.meant(*number, command)?, text)
            }
            StatusCommand::Schedule { plan, components, text } => {
                self.schedule(plan, components, text)
            }
            StatusCommand::Manage { number, change, text } => {
                self.manage(self.meant(*number, command)?, *change, text)
            }
            StatusCommand::Correct { number, text } => {
                self.correct(self.meant(*number, command)?, text)
            }
        }
    }

    /// The record of a public event.
    fn record(&self, event: StatusEvent) -> Result<Record, FoldError> {
        let number = event.number();
        let recalled = self
            .recalled
            .filter(|i| Some(i.number) == number && self.state.status.incident(i.number).is_none())
            .map(|incident| StatusEvent::Recalled { incident: Box::new(incident.clone()) });
        record(self, recalled.into_iter().chain([event]).collect())
    }
}

/// A record of public events, with the days that began before it and what is to be evicted.
fn record(context: &Context<'_>, events: Vec<StatusEvent>) -> Result<Record, FoldError> {
    let Context { state, config, limits, cause, .. } = *context;
    let at = context.time();
    // The ledger begins with the first public record, not with the day that this falls on.
    let earliest = if state.status.revision == 0 { at } else { state.status.at };
    let days = state.status.ledger.new_days(earliest, at, &config.time_zone);
    let mut record = Record {
        format: RECORD_FORMAT,
        revision: state.revision + 1,
        at,
        cause: cause.clone(),
        previous: state.head.clone(),
        events: days.into_iter().chain(events).map(Event::Status).collect(),
    };
    evict::complete(state, &mut record, limits)?;
    Ok(record)
}
