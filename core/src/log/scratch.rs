//! A copy of a few incidents, to fold the records of the last minutes again without one of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::record::Event;
use crate::alerts::members::AlertDigest;
use crate::incident::events::StatusEvent;
use crate::incident::fold::{self as public, Recorded};
use crate::incident::model::{Incident, Number};
use crate::incident::status::Status;
use crate::response::document::IncidentDocument;
use crate::response::events::ResponseEvent;
use crate::response::fold::{self as internal, Responses};

pub(super) struct Scratch {
    status: Status,
    responses: Responses,
}

impl Scratch {
    pub(super) fn of(
        before: &BTreeMap<Number, IncidentDocument>,
        numbers: &BTreeSet<Number>,
    ) -> Self {
        let mut scratch = Self { status: Status::default(), responses: Responses::new() };
        for dossier in numbers.iter().filter_map(|number| before.get(number)) {
            if let Some(incident) = &dossier.incident {
                scratch.status.put(Arc::clone(incident));
            }
            if let Some(response) = &dossier.response {
                scratch.responses.insert(response.number, Arc::clone(response));
            }
        }
        scratch
    }

    pub(super) fn apply(&mut self, recorded: Recorded<'_>, event: &Event) -> Option<()> {
        self.reserve_below(event);
        match event {
            // An undone record is already missing here, and later ones are folded as they mean now.
            Event::Status(StatusEvent::Undone { .. })
            | Event::Response(ResponseEvent::Undone { .. }) => Some(()),
            // Not evicted here, so there is nothing to recall.
            event if is_recall(event) && self.knows(event) => Some(()),
            // Undoing a publication has a second event for the response.
            Event::Status(StatusEvent::Unpublished { number })
                if self.incident(*number).is_none() =>
            {
                Some(())
            }
            Event::Status(event) => {
                self.status.revision = recorded.revision;
                self.status.at = recorded.at;
                public::apply(&mut self.status, recorded, event)?;
                internal::follow(&mut self.responses, recorded, event)?;
                if let StatusEvent::Corrected { number, .. } = event
                    && let Some(title) = self.incident(*number).map(|known| known.title.clone())
                    && let Some(response) = self.responses.get_mut(number)
                {
                    Arc::make_mut(response).title = title;
                }
                Some(())
            }
            Event::Response(event) => internal::apply(&mut self.responses, recorded, event),
            _ => Some(()),
        }
    }

    /// Numbers of undone entries stay used.
    fn reserve_below(&mut self, event: &Event) {
        let (number, note, told) = match event {
            Event::Status(event) => {
                let incident = event.number().filter(|_| event.adds_update());
                let shared = incident.and_then(|number| self.status.take(number));
                if let (Some(mut shared), Some(update)) = (shared, event.update()) {
                    let used = &mut Arc::make_mut(&mut shared).updates_recorded;
                    *used = (*used).max(update.saturating_sub(1));
                    self.status.put(shared);
                }
                match event {
                    StatusEvent::UpdateMoved { to, note, .. } => (*to, *note, None),
                    _ => return,
                }
            }
            Event::Response(
                ResponseEvent::Noted { number, note, .. }
                | ResponseEvent::Updated { number, note, .. }
                | ResponseEvent::Reopened { number, note, .. },
            ) => (*number, Some(*note), None),
            Event::Response(ResponseEvent::NoteMoved { to, becomes, .. }) => {
                (*to, Some(*becomes), None)
            }
            Event::Response(ResponseEvent::Told { number, told, .. }) => {
                (*number, None, Some(*told))
            }
            _ => return,
        };
        if let Some(response) = self.responses.get_mut(&number) {
            let response = Arc::make_mut(response);
            response.notes.reserve_below(note.unwrap_or_default());
            response.told_elsewhere.reserve_below(told.unwrap_or_default());
        }
    }

    /// The event with the same meaning here: a field that repeated the value in `told` repeats the
    /// value here. `None` if the event depends on something that does not exist here.
    pub(super) fn rebase(&self, event: &Event, told: &Self) -> Option<Event> {
        let mut event = event.clone();
        match &mut event {
            Event::Status(StatusEvent::Updated {
                number, impact, stage, next_update_by, ..
            }) => {
                let (was, is) = (told.incident(*number)?, self.incident(*number)?);
                repeat(impact, was.impact, is.impact);
                repeat(stage, was.stage, is.stage);
                repeat(next_update_by, was.next_update_by, is.next_update_by);
            }
            Event::Response(ResponseEvent::Updated { number, stage, .. }) => {
                let (was, is) = (told.responses.get(number)?, self.responses.get(number)?);
                repeat(stage, was.stage, is.stage);
            }
            // An end that counted in the original is unknown in the duplicate.
            Event::Response(ResponseEvent::Alerted { number, change: Some(change), .. }) => {
                let knows = |scratch: &Self, id: &AlertDigest| {
                    let response = scratch.responses.get(number);
                    let alert = response.and_then(|response| response.alert.as_ref());
                    alert.is_some_and(|alert| alert.members.contains_key(id))
                };
                let fired = change.fired.iter().map(|(id, _)| id);
                let resolved = change.resolved.iter().map(|(id, _)| id);
                let mut changed = fired.chain(resolved).chain(&change.silenced);
                (!changed.any(|id| knows(told, id) && !knows(self, id))).then_some(())?;
            }
            Event::Response(
                ResponseEvent::Assigned { number, role, from: Some(person), .. }
                | ResponseEvent::Released { number, role, person },
            ) => {
                let mut holders = self.responses.get(number)?.holders(*role);
                holders.find(|held| held.person.id == person.id)?;
            }
            _ => {}
        }
        Some(event)
    }

    fn knows(&self, event: &Event) -> bool {
        event.number().is_some_and(|number| match event {
            Event::Status(_) => self.incident(number).is_some(),
            _ => self.responses.contains_key(&number),
        })
    }

    /// Numbers are never reused.
    pub(super) fn keep_numbers_of(&mut self, told: &Self) {
        let numbers: Vec<Number> = self.responses.keys().copied().collect();
        for number in numbers {
            if let (Some(was), Some(is)) =
                (told.responses.get(&number), self.responses.get_mut(&number))
            {
                Arc::make_mut(is).keep_numbers_of(was);
            }
        }
        for incident in told.status.kept() {
            if let Some(mut shared) = self.status.take(incident.number) {
                Arc::make_mut(&mut shared).updates_recorded = incident.updates_recorded;
                self.status.put(shared);
            }
        }
    }

    fn incident(&self, number: Number) -> Option<&Incident> {
        self.status.incident(number)
    }

    pub(super) fn dossier(&self, number: Number) -> IncidentDocument {
        let incident = self.status.shared(number).cloned();
        IncidentDocument { incident, response: self.responses.get(&number).cloned() }
    }
}

fn repeat<T: PartialEq + Copy>(said: &mut T, was: T, is: T) {
    if *said == was {
        *said = is;
    }
}

pub(super) fn is_recall(event: &Event) -> bool {
    matches!(
        event,
        Event::Status(StatusEvent::Recalled { .. })
            | Event::Response(ResponseEvent::Recalled { .. })
    )
}
