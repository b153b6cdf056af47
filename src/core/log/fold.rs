//! Folding records into the state, one after another. This is the only place that changes a state.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Deserialize;

use super::erasure::{self, Erasure};
use super::record::{Event, MessageEvent, PeopleEvent, RECORD_FORMAT, Record, Source};
use super::seal;
use super::state::State;
use super::undo;
use crate::core::incident::events::StatusEvent;
use crate::core::incident::fold::{Recorded, fold as fold_status};
use crate::core::incident::model::{Incident, Number};
use crate::core::launch::progress;
use crate::core::outbox::events::DeliveryEvent;
use crate::core::outbox::fold as delivery;
use crate::core::outbox::model::{Kind, Notice, What};
use crate::core::response::alerted::note_alert;
use crate::core::response::dossier::Dossier;
use crate::core::response::events::{RemovedText, ResponseEvent};
use crate::core::response::fold as response;

/// Why a record does not follow from the state before it. The log, the snapshot or this program's
/// version is wrong; going on would invent history.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// Not a record that this version reads.
    #[error("record {revision} cannot be read: {why}")]
    Unreadable {
        /// The revision that was asked for.
        revision: u64,
        /// What the reader said.
        why: String,
    },
    /// The record is of a format that this version does not know.
    #[error("record {revision} has format {found}, and this version reads format {RECORD_FORMAT}")]
    Format {
        /// Its place.
        revision: u64,
        /// What it says.
        found: u32,
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
    /// An event speaks of a delivery that is not waiting, or not in that condition.
    #[error("record {revision} changes a delivery, which the state does not have so")]
    Delivery {
        /// The record.
        revision: u64,
    },
    /// An event speaks of a cover, or of a level, that is not there.
    #[error("record {revision} changes rosters, and the state does not have them so")]
    Rosters {
        /// The record.
        revision: u64,
    },
    /// An event lets go of what the state does not have.
    #[error("record {revision} evicts what the state does not have")]
    Evicted {
        /// The record.
        revision: u64,
    },
}

impl FoldError {
    /// Whether the record itself cannot be read, so that no other state would take it either.
    #[must_use]
    pub fn is_of_the_record(&self) -> bool {
        matches!(self, Self::Unreadable { .. } | Self::Format { .. })
    }
}

/// Of a record, what says how the rest is to be read.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// Reads a record's bytes and checks that they are the one that follows `state`.
///
/// # Errors
/// Those [`FoldError`]s that need no look at the events.
pub fn read_record(state: &State, bytes: &[u8]) -> Result<Record, FoldError> {
    let expected = state.revision + 1;
    let unreadable = |why: String| FoldError::Unreadable { revision: expected, why };
    let Format { format: found } =
        serde_json::from_slice(seal::head(bytes)).map_err(|error| unreadable(error.to_string()))?;
    if found != RECORD_FORMAT {
        return Err(FoldError::Format { revision: expected, found });
    }
    let record = seal::read(bytes).map_err(unreadable)?;
    if record.revision != expected {
        return Err(FoldError::Revision { expected, found: record.revision });
    }
    if record.previous != state.head {
        return Err(FoldError::Chain { revision: expected });
    }
    Ok(record)
}

/// Folds a record in; `bytes` are its own, for the chain.
///
/// # Errors
/// [`FoldError`] where an event does not fit. The state is then half changed and of no use.
pub fn fold(state: &mut State, record: &Record, bytes: &[u8]) -> Result<(), FoldError> {
    state.head = seal::head_hash(bytes);
    fold_events(state, record)
}

/// The same without the chain, for a record that is still to be written.
pub(crate) fn fold_events(state: &mut State, record: &Record) -> Result<(), FoldError> {
    let revision = record.revision;
    state.revision = revision;
    state.at = record.at;
    let recorded = Recorded { revision, at: record.at, by: &record.cause.by.name };
    let restored = remember(state, record)?;
    let incidents = restored
        .iter()
        .filter_map(|(number, restored)| Some((*number, Arc::clone(restored.incident.as_ref()?))));
    fold_status(&mut state.status, record.status(), recorded, &incidents.collect())
        .map_err(|event| misfit(event, revision))?;
    for event in &record.events {
        match event {
            Event::Status(event) => {
                follow(state, record, event)?;
                let responses = &mut state.responses;
                response::follow(responses, recorded, event)
                    .ok_or_else(|| misfit(event, revision))?;
                retitle(state, event);
                touch(state, record, event.number());
                summarize(state, event.number());
            }
            Event::Response(event) if is_of_maintenance(state, event) => {
                fold_maintenance_alert(state, recorded, event);
            }
            Event::Response(event) => {
                follow_response(state, record, event)?;
                let number = event.number().unwrap_or_default();
                if let ResponseEvent::Undone { .. } = event {
                    restore(state, number, &restored)
                        .ok_or(FoldError::Incident { revision, number })?;
                }
                response::apply(&mut state.responses, recorded, event)
                    .ok_or(FoldError::Incident { revision, number })?;
                touch(state, record, event.number());
                summarize(state, event.number());
            }
            Event::Launch(event) => {
                let number = event.number().unwrap_or_default();
                progress::apply(&mut state.launches, record.at, &record.previous, event)
                    .ok_or(FoldError::Incident { revision, number })?;
            }
            Event::Delivery(event) => {
                fold_delivery(state, record, recorded, event)
                    .ok_or(FoldError::Delivery { revision })?;
            }
            Event::Roster(event) => {
                state.rosters.apply(event).ok_or(FoldError::Rosters { revision })?;
            }
            // It was seen to before anything else.
            Event::Message(MessageEvent::TakenBack { .. }) => {}
            Event::Message(MessageEvent::Evicted { through }) => {
                while state.messages.front().is_some_and(|(_, revision)| revision <= through) {
                    state.messages.pop_front();
                }
                state.ages.forget(*through);
            }
            Event::People(PeopleEvent::Evicted { through }) => state.people.forget(*through),
            Event::Redacted(redacted) => {
                erasure::declare(&mut state.erasures, redacted)
                    .ok_or(FoldError::Evicted { revision })?;
            }
            Event::Erased(erased) => {
                erasure::end(&mut state.erasures, erased).ok_or(FoldError::Evicted { revision })?;
            }
        }
    }
    if record.cause.source == Source::Message {
        state.people.learn(&record.cause.by, revision);
    }
    state.messages.push_back((record.cause.message.key(), revision));
    state.ages.note(record.at, revision);
    Ok(())
}

/// Remembers the record for as long as it can be taken back. Gives, of a record that takes another one
/// back, the incidents as they are without that.
fn remember(state: &mut State, record: &Record) -> Result<BTreeMap<Number, Dossier>, FoldError> {
    let mut recent = std::mem::take(&mut state.recent);
    recent.remember(record, |number| state.dossier(number));
    let undone = record.events.iter().find_map(|event| match event {
        Event::Status(StatusEvent::Undone { number, revision })
        | Event::Response(ResponseEvent::Undone { number, revision }) => Some((*number, *revision)),
        _ => None,
    });
    let restored = match undone {
        Some((number, undone)) => recent
            .take_back(undone)
            .ok_or(FoldError::Incident { revision: record.revision, number })?,
        None => BTreeMap::new(),
    };
    for event in &record.events {
        if let Event::Message(MessageEvent::TakenBack { revision, .. }) = event {
            recent.mark_undone(*revision);
        }
    }
    state.recent = recent;
    Ok(restored)
}

/// Puts a response back to how it was without a record.
fn restore(state: &mut State, number: Number, restored: &BTreeMap<Number, Dossier>) -> Option<()> {
    let without = restored.get(&number)?.response.as_ref()?;
    let response = state.responses.get_mut(&number)?;
    *response = Arc::new(undo::restored(without, response));
    Some(())
}

/// What a public event means outside of the status: numbers that are given, threads.
fn follow(state: &mut State, record: &Record, event: &StatusEvent) -> Result<(), FoldError> {
    match event {
        StatusEvent::Opened { number, .. } if was_published(state, record, *number) => {}
        StatusEvent::Opened { number, .. }
        | StatusEvent::Scheduled { number, .. }
        | StatusEvent::Backfilled { number, .. } => {
            take_number(state, record, *number)?;
        }
        StatusEvent::TextRemoved { number, update, .. } => {
            let updates = state.status.incident(*number).map(|incident| &incident.updates);
            let update = updates.into_iter().flatten().find(|it| it.number == *update);
            let from = update.and_then(|update| update.records.first()).copied().unwrap_or(1);
            if let Some(order) = Erasure::of_public(event, record, from) {
                erasure::begin(&mut state.erasures, &mut state.deliveries, order);
            }
        }
        StatusEvent::Evicted { incidents, digests, .. } => {
            let is_gone = |number: &Number| {
                incidents.contains(number)
                    && state.responses.get(number).is_none_or(|response| response.is_public())
            };
            state.threads.retain(|number, _| !is_gone(number));
            state.summaries.keep_digests(digests);
        }
        _ => {}
    }
    Ok(())
}

/// Whether an incident that was internal goes on the page with this record.
fn was_published(state: &State, record: &Record, number: Number) -> bool {
    let published = ResponseEvent::Published { number };
    number < state.next_number && record.response().any(|event| *event == published)
}

/// What an internal event means outside of the responses.
fn follow_response(
    state: &mut State,
    record: &Record,
    event: &ResponseEvent,
) -> Result<(), FoldError> {
    match event {
        ResponseEvent::Declared { number, .. } => take_number(state, record, *number)?,
        ResponseEvent::TextRemoved { number, removed, .. } => {
            let response = state.response(*number);
            let from = response.and_then(|response| match removed {
                RemovedText::Title => response.entries.first().map(|entry| entry.1),
                RemovedText::Note(note) => response.notes.record(*note),
                RemovedText::Told(told) => response.told_elsewhere.record(*told),
            });
            if let Some(order) = Erasure::of_internal(event, record, from.unwrap_or(1)) {
                erasure::begin(&mut state.erasures, &mut state.deliveries, order);
            }
        }
        ResponseEvent::Evicted { numbers, digests } => {
            state.threads.retain(|number, _| !numbers.contains(number));
            state.summaries.keep_digests(digests);
        }
        ResponseEvent::SummariesEvicted { through } => state.summaries.let_go(*through),
        ResponseEvent::OverdueNamed { week, .. } => state.overdue_named = Some(*week),
        ResponseEvent::AlertsResolved { members, forgotten } => {
            state.alerts.resolve(members, *forgotten);
        }
        ResponseEvent::MaintenanceAlertsMoved { maintenance, to } => {
            let alerts = state.alerts.take_maintenance(*maintenance);
            let response = to.and_then(|to| state.responses.get_mut(&to));
            if let (Some(alerts), Some(response)) = (alerts, response)
                && let Some(own) = &mut Arc::make_mut(response).alert
            {
                own.absorb(&alerts);
            }
        }
        _ => {}
    }
    Ok(())
}

/// A corrected opening gives the incident a different title.
fn retitle(state: &mut State, event: &StatusEvent) {
    if let StatusEvent::Corrected { number, .. } | StatusEvent::TextRemoved { number, .. } = event
        && let Some(incident) = state.status.incident(*number)
        && let Some(response) = state.responses.get_mut(number)
    {
        Arc::make_mut(response).title.clone_from(&incident.title);
    }
}

/// Whether an event is about an alert that was noted in a maintenance.
fn is_of_maintenance(state: &State, event: &ResponseEvent) -> bool {
    let ResponseEvent::Alerted { number, .. } = event else { return false };
    !state.responses.contains_key(number)
        && state.status.incident(*number).is_some_and(Incident::is_maintenance)
}

fn fold_maintenance_alert(state: &mut State, recorded: Recorded<'_>, event: &ResponseEvent) {
    let number = event.number().unwrap_or_default();
    let mut firing = state.alerts.take_maintenance(number);
    note_alert(&mut firing, recorded, event);
    if let Some(firing) = firing {
        state.alerts.keep_maintenance(number, firing);
    }
}

/// What a person does about an incident is remembered of its alert.
fn touch(state: &mut State, record: &Record, number: Option<Number>) {
    let is_person = matches!(record.cause.source, Source::Message | Source::Operator);
    if let Some(response) = number.and_then(|number| state.responses.get_mut(&number))
        && is_person
        && response.alert.is_some()
    {
        Arc::make_mut(response).touch();
    }
}

/// What is kept of a response beside it follows each of its changes.
fn summarize(state: &mut State, number: Option<Number>) {
    let response = number.and_then(|number| state.responses.get(&number));
    if let Some(response) = response {
        let incident = state.status.incident(response.number);
        state.summaries.follow(response, incident);
        state.actions.follow(response);
    }
}

/// What happens to deliveries; a reminder that is to be sent belongs to its incident.
fn fold_delivery(
    state: &mut State,
    record: &Record,
    recorded: Recorded<'_>,
    event: &DeliveryEvent,
) -> Option<()> {
    if let DeliveryEvent::Queued { about: Some(number), what, .. } = event
        && let What::Notice(Notice { kind: Kind::Reminder { reminder, since, also }, .. }) = what
    {
        for reminder in [(*reminder, *since)].iter().chain(also) {
            response::remind(&mut state.responses, recorded, *number, *reminder)?;
        }
    }
    delivery::apply(&mut state.deliveries, recorded, &record.previous, event)
}

/// Numbers are given one after the other; the incident's thread is remembered.
fn take_number(state: &mut State, record: &Record, number: Number) -> Result<(), FoldError> {
    let taken = FoldError::Incident { revision: record.revision, number };
    if number != state.next_number {
        return Err(taken);
    }
    state.next_number = number.checked_add(1).ok_or(taken)?;
    state.threads.extend(record.cause.thread_key().map(|key| (number, key)));
    Ok(())
}

fn misfit(event: &StatusEvent, revision: u64) -> FoldError {
    match (event, event.number()) {
        (StatusEvent::Day { date, .. }, _) => FoldError::Day { revision, date: *date },
        (_, Some(number)) => FoldError::Incident { revision, number },
        (_, None) => FoldError::Evicted { revision },
    }
}

/// Reads the next record and folds it in.
///
/// # Errors
/// Every [`FoldError`]. The state may then be half changed.
pub fn fold_bytes(state: &mut State, bytes: &[u8]) -> Result<Record, FoldError> {
    let record = read_record(state, bytes)?;
    fold(state, &record, bytes)?;
    Ok(record)
}
