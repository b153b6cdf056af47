//! Folds records into the state, one after another. Nothing else changes a state.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::alerts::{self, erase_alert, fold_maintenance_alert, is_of_maintenance, touch};
use super::counted;
use super::erasure::{self, Erasure};
pub use super::fold_error::FoldError;
use super::record::{Event, MessageEvent, PeopleEvent, RECORD_FORMAT, Record, Source};
use super::seal;
use super::state::State;
use super::undo;
use crate::incident::events::StatusEvent;
use crate::incident::fold::{Recorded, apply as fold_event, fold as fold_status};
use crate::incident::model::Number;
use crate::launch::progress;
use crate::outbox::events::DeliveryEvent;
use crate::outbox::fold as delivery;
use crate::outbox::model::{Notice, NoticeKind, Payload};
use crate::response::document::IncidentDocument;
use crate::response::events::{RemovedText, ResponseEvent};
use crate::response::fold as response;

/// The part of a record that says how to read the rest.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// Reads a record and checks that it follows `state`.
///
/// # Errors
/// Those [`FoldError`]s that can be found without folding the events.
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
/// [`FoldError`] if an event does not fit. The state is then half changed and useless.
pub fn fold(state: &mut State, record: &Record, bytes: &[u8]) -> Result<(), FoldError> {
    counted::count();
    state.head = seal::head_hash(bytes);
    fold_events(state, record)
}

/// The same without the chain, for a record that is not written yet.
pub(super) fn fold_events(state: &mut State, record: &Record) -> Result<(), FoldError> {
    let revision = record.revision;
    state.revision = revision;
    state.at = record.at;
    let recorded = recorded(record);
    let restored = remember(state, record)?;
    let incidents = restored
        .iter()
        .filter_map(|(number, restored)| Some((*number, Arc::clone(restored.incident.as_ref()?))));
    fold_status(&mut state.status, record.status(), recorded, &incidents.collect())
        .map_err(|event| misfit(event, revision))?;
    for event in &record.events {
        apply(state, record, event, &restored)?;
    }
    note_message(state, record);
    Ok(())
}

/// Folds the events of a record after the first `begun` ones, which are folded already. `base` is
/// the state before the record. The result equals folding the whole record, provided that
/// [`Draft`](super::draft::Draft) found that the added events do not change the meaning of the
/// others.
pub(super) fn extend(
    state: &mut State,
    base: &State,
    record: &Record,
    begun: usize,
) -> Result<(), FoldError> {
    let recorded = recorded(record);
    let added = record.events.get(begun..).unwrap_or_default();
    state.recent.extend(record, added, |number| base.dossier(number));
    for event in added {
        if let Event::Status(event) = event {
            fold_event(&mut state.status, recorded, event)
                .ok_or_else(|| misfit(event, record.revision))?;
        }
    }
    let forgets = added.iter().any(|event| matches!(event, Event::Message(_) | Event::People(_)));
    if forgets {
        state.people.clone_from(&base.people);
        state.messages.clone_from(&base.messages);
        state.ages.clone_from(&base.ages);
    }
    for event in added {
        apply(state, record, event, &BTreeMap::new())?;
    }
    if forgets {
        note_message(state, record);
    }
    Ok(())
}

fn recorded(record: &Record) -> Recorded<'_> {
    Recorded { revision: record.revision, at: record.at, by: &record.cause.by.name }
}

/// Remembers the message and its sender. Has to follow the record's events. Records of alerts, the
/// clock and operators have a new id each time, so there are no copies of them.
fn note_message(state: &mut State, record: &Record) {
    if record.cause.source != Source::Message {
        return;
    }
    state.people.learn(&record.cause.by, record.revision);
    state.messages.push_back((record.cause.message.key(), record.revision));
    state.ages.note(record.at, record.revision);
}

/// Applies one event to everything but the status.
fn apply(
    state: &mut State,
    record: &Record,
    event: &Event,
    restored: &BTreeMap<Number, IncidentDocument>,
) -> Result<(), FoldError> {
    let (revision, recorded) = (record.revision, recorded(record));
    match event {
        Event::Status(event) => {
            follow(state, record, event)?;
            let responses = &mut state.responses;
            response::follow(responses, recorded, event).ok_or_else(|| misfit(event, revision))?;
            retitle(state, event);
            touch(state, record, event.number());
            summarize(state, event.number());
        }
        Event::Response(event) if is_of_maintenance(state, event) => {
            fold_maintenance_alert(state, recorded, event);
        }
        Event::Response(event) => {
            follow_response(state, recorded, record, event)?;
            let number = event.number().unwrap_or_default();
            if let ResponseEvent::Undone { .. } = event {
                restore(state, number, restored).ok_or(FoldError::Incident { revision, number })?;
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
        // Handled before all other events.
        Event::Message(MessageEvent::TakenBack { .. }) => {}
        Event::Message(MessageEvent::Evicted { through }) => {
            while state.messages.front().is_some_and(|(_, revision)| revision <= through) {
                state.messages.pop_front();
            }
            state.ages.forget(*through);
        }
        Event::People(PeopleEvent::Evicted { through }) => state.people.forget(*through),
        Event::ComponentsNamed(named) => state.status.component_names.learn(&named.names),
        Event::RemovalOrdered(_) => state.erasures.push(Erasure::of_lines(record)),
        Event::Redacted(redacted) => {
            erasure::declare(&mut state.erasures, redacted)
                .ok_or(FoldError::Evicted { revision })?;
        }
        Event::ErasureHindered(hindered) => {
            erasure::hinder(&mut state.erasures, hindered, record.at)
                .ok_or(FoldError::Evicted { revision })?;
        }
        Event::Erased(erased) => {
            erasure::end(&mut state.erasures, erased).ok_or(FoldError::Evicted { revision })?;
        }
    }
    Ok(())
}

/// Remembers the record while `undo` is possible. If the record is an `undo`, returns the incidents
/// without the record that it undoes.
fn remember(
    state: &mut State,
    record: &Record,
) -> Result<BTreeMap<Number, IncidentDocument>, FoldError> {
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

/// Replaces a response by the one without a record.
fn restore(
    state: &mut State,
    number: Number,
    restored: &BTreeMap<Number, IncidentDocument>,
) -> Option<()> {
    let without = restored.get(&number)?.response.as_ref()?;
    let response = state.responses.get_mut(&number)?;
    *response = Arc::new(undo::restored(without, response));
    Some(())
}

/// The effects of a public event outside of the status: numbers and threads.
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
            let number = *number;
            let is_first = matches!(event, StatusEvent::TextRemoved { update: 1, .. });
            let secret = erase_alert(state, number, is_first);
            if let Some(order) = Erasure::of_public(event, record, from) {
                let order = order.with_secret(secret);
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

/// True if the record publishes an incident that was internal.
fn was_published(state: &State, record: &Record, number: Number) -> bool {
    let published = ResponseEvent::Published { number };
    number < state.next_number && record.response().any(|event| *event == published)
}

/// The effects of an internal event outside of the responses.
fn follow_response(
    state: &mut State,
    recorded: Recorded<'_>,
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
            let secret = erase_alert(state, *number, *removed == RemovedText::Title);
            if let Some(order) = Erasure::of_internal(event, record, from.unwrap_or(1)) {
                let order = order.with_secret(secret);
                erasure::begin(&mut state.erasures, &mut state.deliveries, order);
            }
        }
        ResponseEvent::Evicted { numbers, digests } => {
            state.threads.retain(|number, _| !numbers.contains(number));
            state.summaries.keep_digests(digests);
        }
        ResponseEvent::SummariesEvicted { through } => state.summaries.let_go(*through),
        ResponseEvent::OverdueNamed { week, .. } => state.overdue_named = Some(*week),
        event => alerts::follow(state, recorded, event),
    }
    Ok(())
}

/// Renames the incident when its opening is corrected.
fn retitle(state: &mut State, event: &StatusEvent) {
    if let StatusEvent::Corrected { number, .. } | StatusEvent::TextRemoved { number, .. } = event
        && let Some(incident) = state.status.incident(*number)
        && let Some(response) = state.responses.get_mut(number)
    {
        Arc::make_mut(response).title.clone_from(&incident.title);
    }
}

/// Updates the summary and action items after each change of a response.
fn summarize(state: &mut State, number: Option<Number>) {
    let response = number.and_then(|number| state.responses.get(&number));
    if let Some(response) = response {
        let incident = state.status.incident(response.number);
        state.summaries.follow(response, incident);
        state.actions.follow(response);
    }
}

/// Folds an event of the outbox, and notes a reminder on its incident.
fn fold_delivery(
    state: &mut State,
    record: &Record,
    recorded: Recorded<'_>,
    event: &DeliveryEvent,
) -> Option<()> {
    if let DeliveryEvent::Queued { about: Some(number), what, .. } = event
        && let Payload::Notice(Notice {
            kind: NoticeKind::Reminder { reminder, since, also }, ..
        }) = what
    {
        for reminder in [(*reminder, *since)].iter().chain(also) {
            response::remind(&mut state.responses, recorded, *number, *reminder)?;
        }
    }
    delivery::apply(&mut state.deliveries, recorded, &record.previous, event)
}

/// Checks that numbers are consecutive, and remembers the incident's thread.
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
