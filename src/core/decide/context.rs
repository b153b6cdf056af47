//! What a decision is made on, and what it can be.

use jiff::Timestamp;

use super::refusal::Refusal;
use crate::core::chat::command::Question;
use crate::core::config::Config;
use crate::core::incident::events::StatusEvent;
use crate::core::incident::model::{Incident, Number};
use crate::core::log::evict::{self, Limits};
use crate::core::log::fold::FoldError;
use crate::core::log::record::{Cause, Event, RECORD_FORMAT, Record};
use crate::core::log::state::State;

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
    /// Change nothing, for this reason.
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
    /// The fold of the log as far as this process has read it.
    pub state: &'a State,
    /// Components, time zone and promises of the page.
    pub config: &'a Config,
    /// How much a state may keep.
    pub limits: &'a Limits,
    /// Who acts, in which thread, and when.
    pub cause: &'a Cause,
    /// The document that [`Decision::Recall`] asked for.
    pub recalled: Option<&'a Incident>,
}

/// Why no record follows.
pub(super) enum Stop {
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
    pub(super) fn time(&self) -> Timestamp {
        self.cause.at.max(self.state.at)
    }

    /// A record of public events, with the days that began before it and what is to be evicted.
    pub(super) fn record(&self, events: Vec<StatusEvent>) -> Result<Record, FoldError> {
        let Context { state, config, limits, cause, .. } = *self;
        let at = self.time();
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
}
