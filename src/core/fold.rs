//! Folding records into the state, one after another. This is the only place that changes a state.

use super::model::{
    CLOSED_KEPT_MAX, Event, Incident, MESSAGES_KEPT_MAX, MONTHS_KEPT_MAX, Number, Record, Stage,
    State, Update, sha256_hex, title_of,
};

/// Why a record does not follow from the state before it. The log, the snapshot or this program's
/// version is wrong; going on would invent history.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// Not a record that this version reads.
    #[error("record {revision} cannot be read (was it written by a newer version?): {why}")]
    Unreadable {
        /// The revision that was asked for.
        revision: u64,
        /// What the reader said.
        why: String,
    },
    /// The record carries another number than its place in the log.
    #[error("the record at revision {expected} says that it is revision {found}")]
    Revision {
        /// Its place.
        expected: u64,
        /// What it says.
        found: u64,
    },
    /// The record was not made on top of the one before it: one of the two was changed.
    #[error("record {revision} does not continue record {}: the hash chain is broken", revision - 1)]
    Chain {
        /// The later of the two.
        revision: u64,
    },
    /// An event speaks of an incident that is not there, or not in that condition.
    #[error("record {revision} changes incident #{number}, which the state does not have so")]
    Incident {
        /// The record.
        revision: u64,
        /// The incident.
        number: Number,
    },
}

/// Reads a record's bytes and checks that they are the one that follows `state`.
///
/// # Errors
/// Every [`FoldError`] but [`FoldError::Incident`].
pub fn read_record(state: &State, bytes: &[u8]) -> Result<Record, FoldError> {
    let expected = state.revision + 1;
    let record: Record = serde_json::from_slice(bytes)
        .map_err(|error| FoldError::Unreadable { revision: expected, why: error.to_string() })?;
    if record.revision != expected {
        return Err(FoldError::Revision { expected, found: record.revision });
    }
    if record.previous != state.head {
        return Err(FoldError::Chain { revision: expected });
    }
    Ok(record)
}

/// The state after a record: `bytes` are the record's own, for the chain.
///
/// # Errors
/// [`FoldError::Incident`] where an event does not fit the state.
pub fn fold(state: &State, record: &Record, bytes: &[u8]) -> Result<State, FoldError> {
    let mut next = state.clone();
    next.revision = record.revision;
    next.head = sha256_hex(bytes);
    next.at = record.at;
    for event in &record.events {
        apply(&mut next, record, event).ok_or_else(|| FoldError::Incident {
            revision: record.revision,
            number: event.number(),
        })?;
    }
    next.messages.push_back((record.message.key(), record.revision));
    while next.messages.len() > MESSAGES_KEPT_MAX {
        next.messages.pop_front();
    }
    while next.closed.len() > CLOSED_KEPT_MAX {
        next.closed.pop_front();
    }
    while next.months.len() > MONTHS_KEPT_MAX {
        next.months.pop_first();
    }
    Ok(next)
}

/// Reads the next record and folds it in.
///
/// # Errors
/// Every [`FoldError`].
pub fn fold_bytes(state: &State, bytes: &[u8]) -> Result<(State, Record), FoldError> {
    let record = read_record(state, bytes)?;
    Ok((fold(state, &record, bytes)?, record))
}

impl Event {
    /// The incident that the event is about.
    #[must_use]
    pub fn number(&self) -> Number {
        match self {
            Self::Opened { number, .. }
            | Self::Updated { number, .. }
            | Self::Reopened { number, .. }
            | Self::Corrected { number, .. } => *number,
            Self::Recalled { incident } => incident.number,
        }
    }
}

/// Applies one event; `None` where it does not fit.
fn apply(state: &mut State, record: &Record, event: &Event) -> Option<()> {
    let said = |stage, text: &super::text::Text| Update {
        at: record.at,
        by: record.by.name.clone(),
        stage,
        text: text.clone(),
        corrected: None,
    };
    match event {
        Event::Opened { number, month, impact, components, text } => {
            if *number != state.next_number {
                return None;
            }
            state.next_number = number.checked_add(1)?;
            *state.months.entry(*month).or_insert(0) += 1;
            state.open.insert(
                *number,
                Incident {
                    number: *number,
                    title: title_of(text),
                    impact: *impact,
                    components: components.clone(),
                    stage: Stage::Investigating,
                    month: *month,
                    opened: record.at,
                    resolved: None,
                    updates: vec![said(Stage::Investigating, text)],
                    revision: record.revision,
                    listed: record.revision,
                },
            );
        }
        Event::Updated { number, stage, components, text, .. } => {
            let incident = state.open.get_mut(number)?;
            incident.stage = *stage;
            if let Some(components) = components {
                incident.components.clone_from(components);
            }
            incident.updates.push(said(*stage, text));
            incident.revision = record.revision;
            if *stage == Stage::Resolved {
                incident.resolved = Some(record.at);
                incident.listed = record.revision;
                let incident = state.open.remove(number)?;
                state.closed.push_back(incident);
            }
        }
        Event::Reopened { number, text, .. } => {
            let place = state.closed.iter().position(|incident| incident.number == *number)?;
            let mut incident = state.closed.remove(place)?;
            incident.stage = Stage::Investigating;
            incident.resolved = None;
            incident.updates.push(said(Stage::Investigating, text));
            incident.revision = record.revision;
            incident.listed = record.revision;
            state.open.insert(*number, incident);
        }
        Event::Corrected { number, text, .. } => {
            let incident = match state.open.get_mut(number) {
                Some(incident) => incident,
                None => state.closed.iter_mut().find(|incident| incident.number == *number)?,
            };
            incident.correct(record, text)?;
        }
        Event::Recalled { incident } => {
            if state.incident(incident.number).is_some() {
                return None;
            }
            state.closed.push_back(incident.as_ref().clone());
        }
    }
    Some(())
}

impl Incident {
    fn correct(&mut self, record: &Record, text: &super::text::Text) -> Option<()> {
        let newest = self.updates.last_mut()?;
        newest.text = text.clone();
        newest.corrected = Some(record.at);
        if self.updates.len() == 1 {
            self.title = title_of(text);
            self.listed = record.revision;
        }
        self.revision = record.revision;
        Some(())
    }
}
