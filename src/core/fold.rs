//! Folding records into the state, one after another. This is the only place that changes a state.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::ledger::{self, DAYS_KEPT_MAX, Day};
use super::model::{
    Event, Impact, Incident, Month, Number, Record, Stage, Update, Window, sha256_hex, title_of,
};
use super::state::{
    CLOSED_BYTES_MAX, CLOSED_KEPT_MAX, COMPONENTS_KEPT_MAX, MESSAGES_KEPT_MAX, MONTHS_KEPT_MAX,
    Standing, State,
};
use super::text::Text;

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
    /// A day that does not follow the one before, or began at another time than this record's.
    #[error("record {revision} begins the day {date}, which does not follow the days before it")]
    Day {
        /// The record.
        revision: u64,
        /// The day.
        date: Date,
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
/// Every [`FoldError`] but [`FoldError::Incident`] and [`FoldError::Day`].
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
/// [`FoldError::Incident`] and [`FoldError::Day`] where an event does not fit the state.
pub fn fold(state: &State, record: &Record, bytes: &[u8]) -> Result<State, FoldError> {
    let mut next = state.clone();
    next.revision = record.revision;
    next.head = sha256_hex(bytes);
    next.at = record.at;
    next.since = state.since.or(Some(record.at));
    book_time(&mut next, state.at, record)?;
    for event in &record.events {
        if let Some(number) = event.number() {
            apply(&mut next, record, event)
                .ok_or(FoldError::Incident { revision: record.revision, number })?;
        }
    }
    next.messages.push_back((record.message.key(), record.revision));
    let_go(&mut next, record);
    Ok(next)
}

/// Begins the days that the record says have begun, and books the time up to it.
fn book_time(state: &mut State, from: Timestamp, record: &Record) -> Result<(), FoldError> {
    let mut from = from;
    for event in &record.events {
        if let Event::Day { date, began } = event {
            let follows = state.days.back().is_none_or(|newest| newest.date < *date);
            if !follows || *began < from || *began > record.at {
                return Err(FoldError::Day { revision: record.revision, date: *date });
            }
            ledger::book(state, from, *began);
            from = *began;
            state.days.push_back(Day { date: *date, began: from, affected: BTreeMap::new() });
        }
    }
    ledger::book(state, from, record.at);
    Ok(())
}

/// Keeps the state within its limits. What the record itself changed stays until the next one:
/// publishing takes it from the state.
fn let_go(state: &mut State, record: &Record) {
    let changed: Vec<Number> = record.events.iter().filter_map(Event::number).collect();
    let may_go = |incident: &Incident| !changed.contains(&incident.number);
    for kind in [false, true] {
        let of_kind = |incident: &&Incident| incident.is_maintenance() == kind;
        while state.closed.iter().filter(of_kind).count() > CLOSED_KEPT_MAX {
            let oldest = state.closed.iter().position(|i| of_kind(&i) && may_go(i));
            let Some(oldest) = oldest else { break };
            let_go_of(state, oldest);
        }
    }
    let bytes = |state: &State| state.closed.iter().map(Incident::bytes).sum::<usize>();
    while state.closed.len() > 1 && bytes(state) > CLOSED_BYTES_MAX {
        let Some(oldest) = state.closed.iter().position(may_go) else { break };
        let_go_of(state, oldest);
    }
    while state.messages.len() > MESSAGES_KEPT_MAX {
        state.messages.pop_front();
    }
    while state.months.len() > MONTHS_KEPT_MAX {
        state.months.pop_first();
    }
    while state.days.len() > DAYS_KEPT_MAX {
        state.days.pop_front();
    }
    while state.components.len() > COMPONENTS_KEPT_MAX {
        let oldest = state.components.iter().min_by_key(|(_, standing)| standing.revision);
        let Some(oldest) = oldest.map(|(id, _)| id.clone()) else {
            return;
        };
        state.components.remove(&oldest);
    }
}

fn let_go_of(state: &mut State, place: usize) {
    if let Some(incident) = state.closed.remove(place) {
        // What is shown of a component lists it no longer.
        touch(state, incident.ever_affected());
    }
}

/// Of a component is also shown what affected it once.
fn touch(state: &mut State, components: BTreeSet<String>) {
    let standing = Standing { revision: state.revision, at: state.at };
    state.components.extend(components.into_iter().map(|component| (component, standing)));
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
    /// The incident or maintenance that the event is about.
    #[must_use]
    pub fn number(&self) -> Option<Number> {
        match self {
            Self::Opened { number, .. }
            | Self::Updated { number, .. }
            | Self::Reopened { number, .. }
            | Self::Reviewed { number, .. }
            | Self::Scheduled { number, .. }
            | Self::Extended { number, .. }
            | Self::Corrected { number, .. } => Some(*number),
            Self::Recalled { incident } => Some(incident.number),
            Self::Day { .. } => None,
        }
    }
}

/// Applies one event; `None` where it does not fit.
fn apply(state: &mut State, record: &Record, event: &Event) -> Option<()> {
    match event {
        Event::Opened { number, month, impact, components, next_update_by, text } => {
            let new = New { number: *number, month: *month, components, text, window: None };
            let incident = new.begin(state, record, (*impact, Stage::Investigating))?;
            let incident = Incident { next_update_by: *next_update_by, ..incident };
            state.open.insert(*number, incident);
        }
        Event::Scheduled { number, month, window, components, text } => {
            let begin = (Impact::Maintenance, window.stage(record.at));
            let window = Some(*window);
            let new = New { number: *number, month: *month, components, text, window };
            let incident = new.begin(state, record, begin)?;
            state.maintenance.insert(*number, incident);
        }
        Event::Updated { number, stage, components, next_update_by, text, .. } => {
            let going_on = going_on(state, *number)?;
            let mut incident = going_on.remove(number)?;
            if let Some(components) = components {
                incident.components.clone_from(components);
            }
            incident.next_update_by = *next_update_by;
            incident.say(record, *stage, text);
            if stage.is_end() {
                incident.end(record);
                state.closed.push_back(incident);
            } else {
                going_on.insert(*number, incident);
            }
        }
        Event::Extended { number, until, stage, text, .. } => {
            let incident = state.maintenance.get_mut(number)?;
            incident.window.as_mut()?.until = *until;
            incident.say(record, *stage, text);
            incident.listed = record.revision;
        }
        Event::Reopened { number, next_update_by, text, .. } => {
            let place = state.closed.iter().position(|incident| incident.number == *number)?;
            let mut incident = state.closed.remove(place).filter(|i| !i.is_maintenance())?;
            incident.resolved = None;
            incident.next_update_by = *next_update_by;
            incident.say(record, Stage::Investigating, text);
            incident.listed = record.revision;
            state.open.insert(*number, incident);
        }
        Event::Reviewed { number, text, .. } => {
            let incident = state.closed.iter_mut().find(|incident| incident.number == *number)?;
            incident.say(record, Stage::Postmortem, text);
        }
        Event::Corrected { number, text, .. } => {
            state.incident_mut(*number)?.correct(record, text)?;
        }
        Event::Recalled { incident } => {
            if state.incident(incident.number).is_some() {
                return None;
            }
            state.closed.push_back(incident.as_ref().clone());
        }
        Event::Day { .. } => {}
    }
    let components = state.incident(event.number()?)?.ever_affected();
    touch(state, components);
    Some(())
}

/// The map that an open incident, or a planned or running maintenance, is in.
fn going_on(state: &mut State, number: Number) -> Option<&mut BTreeMap<Number, Incident>> {
    [&mut state.open, &mut state.maintenance].into_iter().find(|map| map.contains_key(&number))
}

/// What an incident and a maintenance begin with alike.
struct New<'a> {
    number: Number,
    month: Month,
    components: &'a [String],
    window: Option<Window>,
    text: &'a Text,
}

impl New<'_> {
    fn begin(
        self,
        state: &mut State,
        record: &Record,
        (impact, first): (Impact, Stage),
    ) -> Option<Incident> {
        let Self { number, month, components, window, text } = self;
        if number != state.next_number {
            return None;
        }
        state.next_number = number.checked_add(1)?;
        *state.months.entry(month).or_insert(0) += 1;
        let mut incident = Incident {
            number,
            title: title_of(text),
            impact,
            components: components.to_vec(),
            stage: first,
            month,
            window,
            opened: record.at,
            resolved: None,
            next_update_by: None,
            updates: Vec::new(),
            revision: record.revision,
            listed: record.revision,
        };
        incident.say(record, first, text);
        Some(incident)
    }
}

impl Incident {
    fn say(&mut self, record: &Record, stage: Stage, text: &Text) {
        self.stage = stage;
        self.revision = record.revision;
        self.updates.push(Update {
            at: record.at,
            by: record.by.name.clone(),
            stage,
            components: self.components.clone(),
            text: text.clone(),
            corrected: None,
        });
    }

    /// A maintenance is over at the time that was planned, at the latest.
    fn end(&mut self, record: &Record) {
        let until = self.window.map_or(Timestamp::MAX, |window| window.until);
        self.resolved = Some(record.at.min(until));
        self.next_update_by = None;
        self.listed = record.revision;
    }

    fn correct(&mut self, record: &Record, text: &Text) -> Option<()> {
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
