//! Folds events into the responses; nothing else changes them. Folding knows no limits and reads
//! nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::alerted::is_quiet;
use super::changes::{remove, reopen};
use super::events::ResponseEvent;
use super::milestone::{Milestone, MilestoneReading, Milestones};
use super::model::{Entry, MovedEntry, Reminder, Response, Test, Todo, Visibility};
use super::numbered::Numbered;
use super::promises::Promises;
use super::role::Holder;
use crate::incident::change::Recorded;
use crate::incident::events::{Fact, StatusEvent};
use crate::incident::model::{Impact, Incident, Number, Stage, title_of};

/// The responses in the state. They are shared, so that cloning the state does not copy their
/// texts.
pub type Responses = BTreeMap<Number, Arc<Response>>;

/// Folds one internal event; `None` if it does not fit.
#[must_use]
pub fn apply(
    responses: &mut Responses,
    recorded: Recorded<'_>,
    event: &ResponseEvent,
) -> Option<()> {
    match event {
        ResponseEvent::Declared { number, visibility, components, impact, text } => {
            let title = text.title();
            let mut new = Response::new(*number, *visibility, title, components, recorded);
            new.impact = *impact;
            return insert(responses, new);
        }
        ResponseEvent::Recalled { response } => {
            // Restoring the public incident may have added a response with the little that the page
            // knows.
            responses.insert(response.number, Arc::new(response.as_ref().clone()));
            return Some(());
        }
        ResponseEvent::Evicted { numbers, .. } => {
            return numbers.iter().try_for_each(|number| responses.remove(number).map(drop));
        }
        ResponseEvent::NoteMoved { number, note, revision, to, becomes } => {
            let from = Arc::make_mut(responses.get_mut(number)?);
            (from.notes.remove(*note)? == *revision).then_some(())?;
            let happened = from.time_of(*revision)?;
            from.enter(recorded.at, recorded);
            let to = Arc::make_mut(responses.get_mut(to)?);
            let (from, was_public, was) = (*number, false, *note);
            to.notes.add(*becomes, *revision)?;
            let note = Some(*becomes);
            to.take_in(
                happened,
                MovedEntry { revision: *revision, from, was_public, was, note },
                recorded,
            );
            return Some(());
        }
        ResponseEvent::AlertsMoved { number, to } => {
            let from = Arc::make_mut(responses.get_mut(number)?);
            let moved = from.alert.as_mut()?.give_away();
            from.revision = recorded.revision;
            Arc::make_mut(responses.get_mut(to)?).adopt(moved, recorded);
            return Some(());
        }
        // These change other parts of the state.
        ResponseEvent::SummariesEvicted { .. }
        | ResponseEvent::AlertsResolved { .. }
        | ResponseEvent::AlertsKeyed { .. }
        | ResponseEvent::MaintenanceAlertsMoved { .. }
        | ResponseEvent::OverdueNamed { .. } => return Some(()),
        _ => {}
    }
    let response = Arc::make_mut(responses.get_mut(&event.number()?)?);
    response.apply(recorded, event)?;
    // Neither changes the timeline: a review describes it, and quiet alerts stay out of it.
    if matches!(event, ResponseEvent::Reviewed { .. }) || is_quiet(event) {
        response.revision = recorded.revision;
    } else {
        response.enter(entry_time(event).unwrap_or(recorded.at), recorded);
    }
    Some(())
}

/// Folds the effect of a public event on the response to its incident.
#[must_use]
pub fn follow(
    responses: &mut Responses,
    recorded: Recorded<'_>,
    event: &StatusEvent,
) -> Option<()> {
    match event {
        StatusEvent::Opened { number, components, text, next_update_by, .. } => {
            let title = title_of(text);
            if let Some(published) = responses.get_mut(number) {
                let published = Arc::make_mut(published);
                published.title = title;
                published.components.clone_from(components);
                published.told.push(recorded.at);
                published.promises.follow(recorded.at, *next_update_by);
                published.enter(recorded.at, recorded);
                return Some(());
            }
            let mut new = Response::new(*number, Visibility::Public, title, components, recorded);
            new.told.push(recorded.at);
            new.promises.follow(recorded.at, *next_update_by);
            return insert(responses, new);
        }
        StatusEvent::Backfilled { number, window, impact, components, text, .. } => {
            if *impact == Impact::Maintenance {
                return Some(());
            }
            let at = |at| Recorded { at, ..recorded };
            let (title, public) = (title_of(text), Visibility::Public);
            let mut new = Response::new(*number, public, title, components, at(window.from));
            new.move_to(Stage::Resolved, at(window.until), None);
            new.entries.clear();
            new.enter(window.from, recorded);
            return insert(responses, new);
        }
        StatusEvent::UpdateMoved { number, update, revision, to, note } => {
            let from = Arc::make_mut(responses.get_mut(number)?);
            let happened = from.time_of(*revision)?;
            from.told.retain(|at| *at != happened);
            from.enter(recorded.at, recorded);
            let to = Arc::make_mut(responses.get_mut(to)?);
            match note {
                Some(note) => to.notes.add(*note, *revision)?,
                None => to.told.push(happened),
            }
            let (from, was_public, was, note) = (*number, true, *update, *note);
            to.take_in(
                happened,
                MovedEntry { revision: *revision, from, was_public, was, note },
                recorded,
            );
        }
        StatusEvent::Recalled { incident, .. } if !incident.is_maintenance() => {
            let response = Response::of(incident);
            responses.insert(incident.number, Arc::new(response));
        }
        StatusEvent::Evicted { incidents, .. } => {
            // An incident taken off the page is kept as an internal one.
            responses.retain(|number, known| !incidents.contains(number) || !known.is_public());
        }
        // `Overdue` is not something that responders did, and `Undone` has an internal event too.
        StatusEvent::Overdue { .. } | StatusEvent::Undone { .. } => {}
        _ => {
            if let Some(response) = event.number().and_then(|number| responses.get_mut(&number)) {
                let response = Arc::make_mut(response);
                response.follow(recorded, event);
                response.enter(recorded.at, recorded);
            }
        }
    }
    Some(())
}

/// Records that a reminder was sent, which does not appear in the timeline.
#[must_use]
pub fn remind(
    responses: &mut Responses,
    recorded: Recorded<'_>,
    number: Number,
    (reminder, since): (Reminder, Timestamp),
) -> Option<()> {
    let response = Arc::make_mut(responses.get_mut(&number)?);
    response.reminded.insert(reminder, since);
    response.revision = recorded.revision;
    Some(())
}

fn insert(responses: &mut Responses, new: Response) -> Option<()> {
    responses.insert(new.number, Arc::new(new)).is_none().then_some(())
}

/// Time of an event in the timeline, if different from the time of its record.
#[must_use]
pub fn entry_time(event: &ResponseEvent) -> Option<Timestamp> {
    match event {
        ResponseEvent::Noted { at, .. } | ResponseEvent::Told { at, .. } => *at,
        ResponseEvent::Reached { at, .. } => Some(*at),
        _ => None,
    }
}

impl Response {
    fn new(
        number: Number,
        visibility: Visibility,
        title: String,
        components: &[String],
        recorded: Recorded<'_>,
    ) -> Self {
        let mut new = Self {
            number,
            visibility,
            title,
            components: components.to_vec(),
            stage: Stage::Investigating,
            severity: None,
            impact: None,
            milestones: Milestones::default(),
            replies: Vec::new(),
            roles: Vec::new(),
            tasks: Vec::new(),
            actions: Vec::new(),
            tested: None,
            notes: Numbered::default(),
            told_elsewhere: Numbered::default(),
            told: Vec::new(),
            alert: None,
            call: None,
            reviewed: None,
            entries: Vec::new(),
            entered_later: None,
            promises: Promises::default(),
            closed: Vec::new(),
            moved_in: Vec::new(),
            tasks_ever: 0,
            actions_ever: 0,
            withdrawn: None,
            duplicate_of: None,
            reminded: BTreeMap::new(),
            revision: recorded.revision,
        };
        new.reach(Milestone::Declared, recorded);
        new.enter(recorded.at, recorded);
        new
    }

    /// A response built from the public incident alone, for incidents older than responses.
    fn of(incident: &Incident) -> Self {
        let by = incident.updates.first().map_or("", |update| update.by.as_str());
        let opened = Recorded { revision: incident.revision, at: incident.opened, by };
        let title = incident.title.clone();
        let Incident { number, components, .. } = incident;
        let mut response = Self::new(*number, Visibility::Public, title, components, opened);
        response.entries.clear();
        response.stage = incident.stage;
        let spoken = incident.updates.iter().filter(|update| !update.text.is_empty());
        response.told = spoken.map(|update| update.at).collect();
        if let Some(at) = incident.resolved {
            let ended = Recorded { at, ..opened };
            response.reach(Milestone::Resolved, ended);
            response.reach(Milestone::Closed, ended);
        }
        response
    }

    /// A maintenance in the form of a response: the updates on the page and the alerts `noted`
    /// under it, by time and revision.
    #[must_use]
    pub fn of_maintenance(maintenance: &Incident, noted: &[(Timestamp, u64)]) -> Self {
        let mut response = Self::of(maintenance);
        let updates = maintenance.updates.iter();
        let said = updates.filter_map(|update| Some(Entry(update.at, *update.records.first()?)));
        response.entries.extend(said);
        response.entries.extend(noted.iter().map(|(at, revision)| Entry(*at, *revision)));
        response
    }

    fn follow(&mut self, recorded: Recorded<'_>, event: &StatusEvent) {
        match event {
            StatusEvent::Updated { stage, components, ended, text, next_update_by, .. } => {
                if let Some(components) = components {
                    self.components.clone_from(components);
                }
                if !text.is_empty() {
                    self.told.push(recorded.at);
                }
                if stage.is_end() || !text.is_empty() {
                    self.promises.follow(recorded.at, *next_update_by);
                } else {
                    self.promises.replace(recorded.at, *next_update_by);
                }
                self.move_to(*stage, recorded, *ended);
            }
            StatusEvent::Reopened { next_update_by, .. } => {
                self.told.push(recorded.at);
                self.promises.follow(recorded.at, *next_update_by);
                self.reopen(recorded);
            }
            StatusEvent::PostMortem { .. } => {
                self.told.push(recorded.at);
                self.stage = Stage::PostMortem;
            }
            StatusEvent::Retitled { title, .. } => self.title.clone_from(title),
            StatusEvent::Amended { fact: Fact::Components(components), .. } => {
                self.components.clone_from(components);
            }
            StatusEvent::Amended { fact: Fact::Closed { at, .. }, .. } => {
                self.correct_end(*at, recorded);
            }
            StatusEvent::Withdrawn { .. } => {
                self.withdrawn = Some(recorded.at);
                self.visibility = Visibility::Internal;
            }
            StatusEvent::Unpublished { .. } => self.visibility = Visibility::Internal,
            StatusEvent::Duplicated { of, .. } => self.duplicate_of = Some(*of),
            _ => {}
        }
    }

    fn apply(&mut self, recorded: Recorded<'_>, event: &ResponseEvent) -> Option<()> {
        match event {
            ResponseEvent::Published { .. } => {
                (self.visibility == Visibility::Internal).then_some(())?;
                self.visibility = Visibility::Public;
            }
            ResponseEvent::Updated { note, stage, ended, .. } => {
                self.notes.add(*note, recorded.revision)?;
                self.move_to(*stage, recorded, *ended);
            }
            ResponseEvent::Reopened { note, .. } => {
                self.notes.add(*note, recorded.revision)?;
                self.reopen(recorded);
            }
            ResponseEvent::Reached { milestone, at, source, via, .. } => {
                let (at, source, by, via) = (*at, *source, recorded.by.to_owned(), via.clone());
                let reading = MilestoneReading { at, source, by, given: recorded.at, via };
                self.milestones.push(*milestone, reading);
            }
            ResponseEvent::Replied { topic, text, .. } => self.answer(*topic, recorded, text),
            ResponseEvent::Graded { severity, .. } => self.severity = Some(*severity),
            ResponseEvent::Assigned { role, topic, person, from, .. } => {
                if let Some(from) = from {
                    self.roles.retain(|held| held.role != *role || held.person.id != from.id);
                }
                let (topic, person) = (topic.clone(), person.clone());
                self.roles.push(Holder { role: *role, topic, person, since: recorded.at });
            }
            ResponseEvent::Released { role, person, .. } => {
                self.roles.retain(|held| held.role != *role || held.person.id != person.id);
            }
            ResponseEvent::Noted { note, .. } => self.notes.add(*note, recorded.revision)?,
            ResponseEvent::TaskAdded { task, text, assignee, .. } => {
                self.tasks_ever = self.tasks_ever.max(*task);
                self.tasks.push(Todo {
                    id: *task,
                    text: text.clone(),
                    assignee: assignee.clone(),
                    due: None,
                    added: recorded.at,
                    done: None,
                });
            }
            ResponseEvent::TaskDone { task, .. } => {
                let mut tasks = self.tasks.iter_mut();
                tasks.find(|todo| todo.id == *task)?.done = Some(recorded.at);
            }
            ResponseEvent::Tested { passed, .. } => {
                self.tested = Some(Test { passed: *passed, at: recorded.at });
            }
            ResponseEvent::Told { told, at, .. } => {
                self.told_elsewhere.add(*told, recorded.revision)?;
                self.told.push(at.unwrap_or(recorded.at));
            }
            ResponseEvent::ActionAdded { action, text, assignee, due, .. } => {
                self.actions_ever = self.actions_ever.max(*action);
                self.actions.push(Todo {
                    id: *action,
                    text: text.clone(),
                    assignee: assignee.clone(),
                    due: *due,
                    added: recorded.at,
                    done: None,
                });
            }
            ResponseEvent::ActionDone { action, .. } => {
                let mut actions = self.actions.iter_mut();
                actions.find(|todo| todo.id == *action)?.done = Some(recorded.at);
            }
            ResponseEvent::NoteRemoved { note, .. } => drop(self.notes.remove(*note)?),
            ResponseEvent::ToldRemoved { told, .. } => {
                let revision = self.told_elsewhere.remove(*told)?;
                let at = self.time_of(revision)?;
                let place = self.told.iter().position(|known| *known == at)?;
                self.told.remove(place);
            }
            ResponseEvent::TaskRemoved { task, .. } => remove(&mut self.tasks, *task)?,
            ResponseEvent::TaskReopened { task, .. } => reopen(&mut self.tasks, *task)?,
            ResponseEvent::ActionRemoved { action, .. } => remove(&mut self.actions, *action)?,
            ResponseEvent::ActionReopened { action, .. } => reopen(&mut self.actions, *action)?,
            ResponseEvent::Retitled { title, .. } => self.title = title.title(),
            ResponseEvent::Withdrawn { .. } => self.withdrawn = Some(recorded.at),
            ResponseEvent::Duplicated { of, .. } => self.duplicate_of = Some(*of),
            ResponseEvent::Undone { .. } => {}
            ResponseEvent::Alerted { .. } => self.alerted(recorded, event),
            ResponseEvent::FlappingEnded { .. } => self.alert.as_mut()?.settle(),
            ResponseEvent::CallLinked { call, .. } => self.call.clone_from(call),
            ResponseEvent::Reviewed { .. } => self.reviewed = Some(recorded.at),
            ResponseEvent::TextRemoved { removed, .. } => self.remove_text(*removed)?,
            ResponseEvent::NoteMoved { .. }
            | ResponseEvent::Declared { .. }
            | ResponseEvent::Recalled { .. }
            | ResponseEvent::Evicted { .. }
            | ResponseEvent::SummariesEvicted { .. }
            | ResponseEvent::AlertsResolved { .. }
            | ResponseEvent::AlertsKeyed { .. }
            | ResponseEvent::AlertsMoved { .. }
            | ResponseEvent::MaintenanceAlertsMoved { .. }
            | ResponseEvent::OverdueNamed { .. } => return None,
        }
        Some(())
    }
}
