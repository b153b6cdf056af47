//! Folds public events into the status; nothing else changes it. Folding knows no limits and reads
//! nothing else, so an event always means the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use super::change::Recorded;
use super::change::{going_on, incident_mut, mark_incident, standing_mut};
use super::corrections;
use super::effect::Effect;
use super::events::StatusEvent;
use super::model::{Impact, Incident, Number, Stage};
use super::status::{Change, Changes, Status};
use super::updates::New;

/// Incidents as they are without the records that an `Undone` event takes back.
pub type Restored = BTreeMap<Number, Arc<Incident>>;

/// Folds the public events of one record.
///
/// # Errors
/// Returns the first event that does not fit. The status is half changed then and must be
/// discarded.
pub fn fold<'e>(
    status: &mut Status,
    events: impl Iterator<Item = &'e StatusEvent> + Clone,
    recorded: Recorded<'_>,
    restored: &Restored,
) -> Result<(), &'e StatusEvent> {
    if events.clone().all(|event| is_unseen(status, event)) {
        for event in events {
            apply(status, recorded, event).ok_or(event)?;
        }
        return Ok(());
    }
    let corrected = events.clone().filter(|event| event.changes_the_past());
    let corrected: BTreeSet<Number> = corrected.flat_map(StatusEvent::numbers).collect();
    let effects = |status: &Status| -> Vec<Effect> {
        corrected.iter().flat_map(|number| status.effects_of(*number)).collect()
    };
    let mut restated = effects(status);
    let before = (status.impact(), status.impacts());
    book_time(status, events.clone(), recorded)?;
    status.revision = recorded.revision;
    status.edition += 1;
    let change = change(status, recorded);
    status.at = recorded.at;
    if status.since.is_none() {
        status.since = Some(recorded.at);
        // This is the start of all that is on record, so every file changes.
        status.changes = Changes::all(change);
    }
    for event in events {
        match event {
            StatusEvent::Undone { number, .. } => restore(status, recorded, *number, restored),
            event => apply(status, recorded, event),
        }
        .ok_or(event)?;
    }
    if !corrected.is_empty() {
        restated.extend(effects(status));
        status.restate(&restated);
    }
    mark_impacts(status, before, change);
    Ok(())
}

/// Replaces an incident by its state without the record that was taken back.
fn restore(
    status: &mut Status,
    recorded: Recorded<'_>,
    number: Number,
    restored: &Restored,
) -> Option<()> {
    let change = change(status, recorded);
    let undone = status.take(number)?;
    mark_incident(status, &undone, change);
    let mut shared = Arc::clone(restored.get(&number)?);
    let incident = Arc::make_mut(&mut shared);
    incident.revision = recorded.revision;
    incident.listed = recorded.revision;
    incident.updates_recorded = incident.updates_recorded.max(undone.updates_recorded);
    number_edition(incident, change);
    status.put(Arc::clone(&shared));
    mark_incident(status, &shared, change);
    if undone.resolved.is_none() || shared.resolved.is_none() {
        status.changes.unresolved = change;
    }
    Some(())
}

/// Returns `true` if no public file shows the event: an incident was recalled for responders only,
/// or evicted after that.
pub(crate) fn is_unseen(status: &Status, event: &StatusEvent) -> bool {
    match event {
        StatusEvent::Recalled { unlisted, .. } => *unlisted,
        StatusEvent::Evicted { incidents, months_through, days_through, components, .. } => {
            incidents.iter().all(|number| status.unlisted.contains_key(number))
                && months_through.is_none()
                && days_through.is_none()
                && components.is_empty()
        }
        _ => false,
    }
}

/// The change that the current record makes; its edition has been counted already.
fn change(status: &Status, recorded: Recorded<'_>) -> Change {
    Change { revision: recorded.revision, edition: status.edition, at: recorded.at }
}

/// Starts the days that the record names, and books the time up to the record.
fn book_time<'e>(
    status: &mut Status,
    events: impl Iterator<Item = &'e StatusEvent>,
    recorded: Recorded<'_>,
) -> Result<(), &'e StatusEvent> {
    let Status { ledger, open, maintenance, .. } = status;
    let going_on = open.values().chain(maintenance.values()).map(AsRef::as_ref);
    let mut from = status.at;
    for event in events {
        if let StatusEvent::Day { date, began } = event {
            if *began < from || *began > recorded.at {
                return Err(event);
            }
            ledger.book(&going_on, from, *began);
            if !ledger.begin(*date, *began) {
                return Err(event);
            }
            from = *began;
        }
    }
    ledger.book(&going_on, from, recorded.at);
    Ok(())
}

/// Records changes of the overall impact and of each component's impact.
fn mark_impacts(
    status: &mut Status,
    before: (Option<Impact>, BTreeMap<String, Impact>),
    change: Change,
) {
    let (overall, components) = before;
    if status.impact() != overall {
        status.changes.overall = change;
    }
    let now = status.impacts();
    for id in components.keys().chain(now.keys()) {
        if components.get(id) != now.get(id) {
            standing_mut(status, id.clone()).status = change;
        }
    }
}

/// Applies one event; `None` if it does not fit.
pub(crate) fn apply(
    status: &mut Status,
    recorded: Recorded<'_>,
    event: &StatusEvent,
) -> Option<()> {
    let change = change(status, recorded);
    if let StatusEvent::Recalled { incident, unlisted } = event {
        return recall(status, incident, *unlisted, change);
    }
    if let Some(known) = event.number().and_then(|number| status.unlisted.remove(&number)) {
        // A public event about it makes the lists show it again.
        status.closed.push_back(known);
    }
    let was_open = event.number().is_some_and(|number| status.open.contains_key(&number));
    match event {
        StatusEvent::Day { .. } => {}
        StatusEvent::Opened {
            number,
            update,
            month,
            impact,
            components,
            next_update_by,
            began,
            text,
        } => {
            let (number, update, month) = (*number, *update, *month);
            let new = New { number, update, month, components, window: None, text };
            let incident = new.begin(status, recorded, (*impact, Stage::Investigating))?;
            let opened = began.unwrap_or(incident.opened);
            let incident = Incident { next_update_by: *next_update_by, opened, ..incident };
            status.open.insert(number, Arc::new(incident));
        }
        StatusEvent::Scheduled { number, update, month, window, components, text } => {
            let begin = (Impact::Maintenance, window.stage(recorded.at));
            let window = Some(*window);
            let (number, update, month) = (*number, *update, *month);
            let new = New { number, update, month, components, window, text };
            let incident = new.begin(status, recorded, begin)?;
            status.maintenance.insert(number, Arc::new(incident));
        }
        StatusEvent::Updated { .. } => update(status, recorded, event)?,
        StatusEvent::Overdue { number } => {
            going_on(status, *number)?;
            // Pages derive it from the promised time: no file shows more than before.
            return Some(());
        }
        StatusEvent::Extended { number, update, until, stage, text, .. } => {
            let incident = Arc::make_mut(status.maintenance.get_mut(number)?);
            incident.window.as_mut()?.until = *until;
            incident.push_update(recorded, *update, *stage, text)?;
            incident.listed = recorded.revision;
        }
        StatusEvent::Reopened { number, update, next_update_by, text, .. } => {
            let place = status.closed.iter().position(|incident| incident.number == *number)?;
            let mut shared = status.closed.remove(place).filter(|i| !i.is_maintenance())?;
            let incident = Arc::make_mut(&mut shared);
            incident.resolved = None;
            incident.next_update_by = *next_update_by;
            incident.push_update(recorded, *update, Stage::Investigating, text)?;
            incident.listed = recorded.revision;
            status.open.insert(*number, shared);
        }
        StatusEvent::PostMortem { number, update, text, .. } => {
            let mut closed = status.closed.iter_mut();
            let incident = closed.find(|incident| incident.number == *number)?;
            let incident = Arc::make_mut(incident);
            incident.push_update(recorded, *update, Stage::PostMortem, text)?;
        }
        StatusEvent::Corrected { number, update, text, .. } => {
            incident_mut(status, *number)?.correct(recorded, *update, text)?;
        }
        StatusEvent::TextRemoved { number, update, .. } => {
            incident_mut(status, *number)?.remove_text(recorded, *update)?;
        }
        StatusEvent::Evicted { incidents, months_through, days_through, components, .. } => {
            evict_incidents(status, incidents, change)?;
            if let Some(last) = months_through {
                status.months.retain(|month, _| month > last);
            }
            if let Some(last) = days_through {
                status.ledger.evict_through(*last);
                status.prune_effects();
            }
            if !components.is_empty() {
                status.components.retain(|id, _| !components.contains(id));
                status.changes.unmentioned = change;
            }
        }
        _ => corrections::apply(status, recorded, event, change)?,
    }
    let Some(number) = event.number() else {
        return Some(());
    };
    number_edition(incident_mut(status, number)?, change);
    let incident = Arc::clone(status.shared(number)?);
    mark_incident(status, &incident, change);
    if was_open || status.open.contains_key(&number) {
        status.changes.unresolved = change;
    }
    Some(())
}

/// Updates or ends an incident or a maintenance that is not over.
fn update(status: &mut Status, recorded: Recorded<'_>, event: &StatusEvent) -> Option<()> {
    let StatusEvent::Updated {
        number,
        update,
        impact,
        stage,
        components,
        next_update_by,
        ended,
        text,
        ..
    } = event
    else {
        return None;
    };
    let going_on = going_on(status, *number)?;
    let mut shared = going_on.remove(number)?;
    let incident = Arc::make_mut(&mut shared);
    if let Some(components) = components {
        incident.components.clone_from(components);
    }
    if incident.impact != *impact {
        incident.impact = *impact;
        incident.listed = recorded.revision;
    }
    incident.next_update_by = *next_update_by;
    incident.push_update(recorded, *update, *stage, text)?;
    if stage.is_end() {
        incident.end(recorded, *ended);
        status.closed.push_back(shared);
    } else {
        going_on.insert(*number, shared);
    }
    Some(())
}

/// Restores an evicted incident.
fn recall(status: &mut Status, incident: &Incident, unlisted: bool, change: Change) -> Option<()> {
    if status.incident(incident.number).is_some() {
        return None;
    }
    let mut incident = incident.clone();
    for edition in [&mut incident.edition, &mut incident.listed_edition] {
        // Written before there were editions: it is no newer than anything that is shown now.
        *edition = if *edition == 0 { status.edition } else { (*edition).min(status.edition) };
    }
    let incident = Arc::new(incident);
    if incident.withdrawal.is_some() {
        status.withdrawn.insert(incident.number, incident);
        return Some(());
    }
    if unlisted {
        status.unlisted.insert(incident.number, incident);
        return Some(());
    }
    status.closed.push_back(Arc::clone(&incident));
    mark_incident(status, &incident, change);
    Some(())
}

/// Copies the record's edition to an incident that the record changed.
fn number_edition(incident: &mut Incident, change: Change) {
    if incident.revision == change.revision {
        incident.edition = change.edition;
    }
    if incident.listed == change.revision {
        incident.listed_edition = change.edition;
    }
}

fn evict_incidents(status: &mut Status, numbers: &[Number], change: Change) -> Option<()> {
    for number in numbers {
        if status.unlisted.remove(number).is_some() {
            continue;
        }
        if let Some(incident) = status.withdrawn.remove(number) {
            mark_incident(status, &incident, change);
            continue;
        }
        let place = status.closed.iter().position(|incident| incident.number == *number)?;
        let incident = status.closed.remove(place)?;
        if !incident.is_maintenance() {
            status.evicted_until = status.evicted_until.max(incident.resolved);
        }
        status.keep_effects(&incident);
        mark_incident(status, &incident, change);
    }
    Some(())
}
