//! Folds corrections of public history: wrong facts, withdrawn incidents, misplaced updates and
//! incidents added afterwards.

use std::sync::Arc;

use super::change::{Recorded, incident_mut, mark_incident};
use super::events::{Fact, StatusEvent};
use super::model::{Impact, Incident, Number, Stage, Update, Window, Withdrawal};
use super::status::{Change, Status};
use super::updates::New;
use crate::text::Text;

/// Folds one of these events; `None` if it does not fit.
pub(super) fn apply(
    status: &mut Status,
    recorded: Recorded<'_>,
    event: &StatusEvent,
    change: Change,
) -> Option<()> {
    match event {
        StatusEvent::Amended { number, fact } => {
            amend(incident_mut(status, *number)?, recorded, fact)?;
        }
        StatusEvent::Retitled { number, title } => {
            retitle(incident_mut(status, *number)?, recorded, title);
        }
        StatusEvent::Withdrawn { number, .. } | StatusEvent::Unpublished { number } => {
            let shown = Arc::clone(status.shared(*number)?);
            mark_incident(status, &shown, change);
            let reason = match event {
                StatusEvent::Withdrawn { reason, .. } => reason.clone(),
                _ => Text::default(),
            };
            withdraw(status, recorded, *number, &reason)?;
        }
        StatusEvent::Duplicated { number, of } => {
            let incident = incident_mut(status, *number)?;
            incident.duplicate_of = Some(*of);
            incident.revision = recorded.revision;
        }
        StatusEvent::Backfilled { number, month, window, impact, components, text } => {
            let (number, month) = (*number, *month);
            let new = New { number, update: 1, month, components, window: None, text };
            backfill(status, recorded, &new, *window, *impact)?;
        }
        StatusEvent::Rescheduled { number, update, window, text } => {
            reschedule(status, recorded, *number, (*update, *window, text))?;
        }
        StatusEvent::UpdateMoved { number, update, to, note, .. } => {
            let to = note.is_none().then_some(*to);
            move_update(status, recorded, (*number, *update), to, change)?;
        }
        // `Undone` needs earlier records, which the status does not have: `fold` handles it.
        _ => return None,
    }
    Some(())
}

/// Returns `None` if the incident cannot have that fact.
fn amend(incident: &mut Incident, recorded: Recorded<'_>, fact: &Fact) -> Option<()> {
    match fact {
        Fact::Started { at, .. } => {
            if incident.is_maintenance() {
                return None;
            }
            incident.opened = *at;
        }
        Fact::Closed { at, .. } => {
            incident.resolved = Some(incident.resolved.and(Some(*at))?);
            let mut ends = incident.updates.iter_mut().rev();
            ends.find(|update| update.stage.is_end())?.ended = Some(*at);
        }
        Fact::Impact(impact) => {
            incident.impact = *impact;
            incident.updates.iter_mut().for_each(|update| update.impact = *impact);
            incident.impact_corrections.clear();
        }
        Fact::ImpactFor(correction) => incident.impact_corrections.push(correction.clone()),
        Fact::Components(components) => {
            incident.components.clone_from(components);
            incident.updates.iter_mut().for_each(|update| update.components.clone_from(components));
        }
    }
    mark_amended(incident, recorded);
    Some(())
}

fn retitle(incident: &mut Incident, recorded: Recorded<'_>, title: &str) {
    title.clone_into(&mut incident.title);
    mark_amended(incident, recorded);
}

fn mark_amended(incident: &mut Incident, recorded: Recorded<'_>) {
    incident.amended = Some(recorded.at);
    incident.revision = recorded.revision;
    incident.listed = recorded.revision;
}

/// Takes an incident off the page. What remains shows that it existed, but nothing that it said.
fn withdraw(
    status: &mut Status,
    recorded: Recorded<'_>,
    number: Number,
    reason: &Text,
) -> Option<()> {
    let mut shared = status.take(number)?;
    let incident = Arc::make_mut(&mut shared);
    incident.withdrawal.is_none().then_some(())?;
    let components = incident.ever_affected();
    incident.components = components.into_iter().collect();
    incident.title.clear();
    incident.updates.clear();
    incident.impact_corrections.clear();
    incident.next_update_by = None;
    incident.resolved = incident.resolved.or(Some(recorded.at));
    incident.withdrawal = Some(Withdrawal { at: recorded.at, reason: reason.clone() });
    incident.revision = recorded.revision;
    incident.listed = recorded.revision;
    status.withdrawn.insert(number, shared);
    Some(())
}

/// Adds an incident or a maintenance that is already over.
fn backfill(
    status: &mut Status,
    recorded: Recorded<'_>,
    new: &New<'_>,
    window: Window,
    impact: Impact,
) -> Option<()> {
    let is_maintenance = impact == Impact::Maintenance;
    let (first, last) = if is_maintenance {
        (Stage::InProgress, Stage::Completed)
    } else {
        (Stage::Investigating, Stage::Resolved)
    };
    let new = New { window: is_maintenance.then_some(window), ..*new };
    let began = Recorded { at: window.from, ..recorded };
    let mut incident = new.begin(status, began, (impact, first))?;
    incident.push_update(Recorded { at: window.until, ..recorded }, 2, last, &Text::default())?;
    incident.end(Recorded { at: window.until, ..recorded }, None);
    incident.backfilled = Some(recorded.at);
    status.closed.push_back(Arc::new(incident));
    Some(())
}

fn reschedule(
    status: &mut Status,
    recorded: Recorded<'_>,
    number: Number,
    (update, window, text): (u32, Window, &Text),
) -> Option<()> {
    let incident = Arc::make_mut(status.maintenance.get_mut(&number)?);
    (incident.stage == Stage::Scheduled).then_some(())?;
    incident.window = Some(window);
    incident.push_update(recorded, update, window.stage(recorded.at), text)?;
    incident.listed = recorded.revision;
    Some(())
}

/// Moves an update to the incident that it belongs to. `to` is `None` if that one is not on the
/// page.
fn move_update(
    status: &mut Status,
    recorded: Recorded<'_>,
    (from, update): (Number, u32),
    to: Option<Number>,
    change: Change,
) -> Option<()> {
    let incident = incident_mut(status, from)?;
    let place = incident.updates.iter().position(|known| known.number == update)?;
    let (before, after) = (place.checked_sub(1)?, incident.updates.len() - 1);
    let moved = incident.updates.remove(place);
    (!moved.stage.is_end()).then_some(())?;
    incident.revision = recorded.revision;
    if place == after
        && incident.resolved.is_none()
        && let Some(before) = incident.updates.get(before).cloned()
    {
        incident.stage = before.stage;
        incident.impact = before.impact;
        incident.components = before.components;
        incident.listed = recorded.revision;
    }
    let Some(to) = to else { return Some(()) };
    let incident = incident_mut(status, to)?;
    let number = incident.next_update();
    let at = moved.at.max(incident.opened);
    let place =
        incident.updates.iter().rposition(|known| known.at <= at).map_or(1, |last| last + 1);
    let same = incident.updates.get(place.checked_sub(1)?)?;
    let (stage, impact, components) = (same.stage, same.impact, same.components.clone());
    incident.updates.insert(place, Update { number, at, stage, impact, components, ..moved });
    incident.updates_recorded = number;
    incident.revision = recorded.revision;
    incident.edition = change.edition;
    let shown = Arc::clone(status.shared(to)?);
    mark_incident(status, &shown, change);
    if status.open.contains_key(&to) {
        status.changes.unresolved = change;
    }
    Some(())
}

impl Status {
    /// Removes an incident from whichever collection holds it.
    pub(crate) fn take(&mut self, number: Number) -> Option<Arc<Incident>> {
        let maps = [&mut self.open, &mut self.maintenance, &mut self.unlisted, &mut self.withdrawn];
        if let Some(found) = maps.into_iter().find_map(|map| map.remove(&number)) {
            return Some(found);
        }
        let place = self.closed.iter().position(|incident| incident.number == number)?;
        self.closed.remove(place)
    }

    /// Files an incident in the collection for its state. Closed ones are ordered by their end.
    pub(crate) fn put(&mut self, incident: Arc<Incident>) {
        let number = incident.number;
        if incident.withdrawal.is_some() {
            self.withdrawn.insert(number, incident);
        } else if incident.resolved.is_some() {
            let later = |other: &Arc<Incident>| other.resolved > incident.resolved;
            let place = self.closed.iter().position(later).unwrap_or(self.closed.len());
            self.closed.insert(place, incident);
        } else if incident.is_maintenance() {
            self.maintenance.insert(number, incident);
        } else {
            self.open.insert(number, incident);
        }
    }
}
