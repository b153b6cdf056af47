//! Verifies a document before it enters the log again, because a derived document may be old or
//! edited. The log has a digest of its structure from its eviction; its texts have to be in the
//! records that its timeline names.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};

use super::record::{Event, Record};
use crate::alerts::course::Firing;
use crate::alerts::members::KnownMember;
use crate::digest::sha256_hex;
use crate::incident::events::StatusEvent;
use crate::incident::model::{Incident, Number, Update, title_of};
use crate::response::document::IncidentDocument;
use crate::response::events::ResponseEvent;
use crate::response::milestone::{Milestone, MilestoneReading};
use crate::response::model::{Reply, Response, Todo};
use crate::sealed::REMOVED;
use crate::text::Text;

/// A digest of a document without free texts and personal data. It reveals nothing, and erasing a
/// text does not change it.
#[must_use]
pub fn digest(dossier: &IncidentDocument) -> String {
    sha256_hex(structure(dossier).to_string().as_bytes())
}

/// Compares every text of a document with the records that the timeline of its response names. A
/// document without a response cannot be checked.
#[must_use]
pub fn has_only_recorded_texts(dossier: &IncidentDocument, records: &[Record]) -> bool {
    let mut known = BTreeSet::new();
    strings(&structure(dossier), &mut known);
    // The clock has no name.
    known.insert(String::new());
    for record in records {
        strings(&value(record), &mut known);
        known.extend(record.events.iter().filter_map(title));
    }
    let mut said = BTreeSet::new();
    strings(&value(dossier), &mut said);
    dossier.response.is_some() && said.is_subset(&known) && texts_are_in_place(dossier, records)
}

/// Each text has to be recorded for its own place. Otherwise two swapped texts would pass.
fn texts_are_in_place(dossier: &IncidentDocument, records: &[Record]) -> bool {
    let number = dossier.number();
    let of_incident = dossier.incident.iter().all(|incident| {
        let mut updates = incident.updates.iter();
        updates.all(|update| is_update_in_place(update, records))
            && (incident.withdrawal.is_some()
                || is_title_in_place(&incident.title, number, records))
            && incident.withdrawal.iter().all(|w| is_reason_in_place(&w.reason, number, records))
    });
    let of_response = dossier.response.iter().all(|response| {
        let events = || records.iter().flat_map(Record::response);
        let is_recorded = |holds: &dyn Fn(&ResponseEvent) -> bool,
                           was: &dyn Fn(&Response) -> bool| {
            events().any(|event| match event {
                ResponseEvent::Recalled { response } => response.number == number && was(response),
                event => event.number() == Some(number) && holds(event),
            })
        };
        let is_reply_in_place = |reply: &Reply| {
            is_recorded(
                &|event| {
                    matches!(event, ResponseEvent::Replied { topic, text, .. }
                    if *topic == reply.topic && *text == reply.text)
                },
                &|response| response.replies.contains(reply),
            )
        };
        let is_task_in_place = |todo: &Todo| {
            is_recorded(
                &|event| {
                    matches!(event, ResponseEvent::TaskAdded { task, text, .. }
                    if *task == todo.id && *text == todo.text)
                },
                &|response| has(&response.tasks, todo),
            )
        };
        let is_action_in_place = |todo: &Todo| {
            is_recorded(
                &|event| {
                    matches!(event, ResponseEvent::ActionAdded { action, text, .. }
                    if *action == todo.id && *text == todo.text)
                },
                &|response| has(&response.actions, todo),
            )
        };
        let is_via_in_place = |(of, reading): (Milestone, &MilestoneReading)| {
            reading.via.is_none()
                || is_recorded(
                    &|event| {
                        matches!(event, ResponseEvent::Reached { milestone, via, .. }
                        if *milestone == of && *via == reading.via)
                    },
                    &|response| response.milestones.readings(of).contains(reading),
                )
        };
        let is_call_in_place = || {
            response.call.is_none()
                || is_recorded(
                    &|event| {
                        matches!(event, ResponseEvent::CallLinked { call, .. }
                        if *call == response.call)
                    },
                    &|known| known.call == response.call,
                )
        };
        let of_milestone = |of| response.milestones.readings(of).iter().map(move |it| (of, it));
        is_title_in_place(&response.title, number, records)
            && response.replies.iter().all(is_reply_in_place)
            && response.tasks.iter().all(is_task_in_place)
            && response.actions.iter().all(is_action_in_place)
            && Milestone::ALL.into_iter().flat_map(of_milestone).all(is_via_in_place)
            && is_call_in_place()
    });
    of_incident && of_response
}

fn is_update_in_place(update: &Update, records: &[Record]) -> bool {
    let mut its = records.iter().filter(|record| update.records.contains(&record.revision));
    let mut said = BTreeSet::new();
    strings(&value(&update.text), &mut said);
    let holds = |record: &Record| {
        let mut known = BTreeSet::new();
        strings(&value(record), &mut known);
        said.is_subset(&known)
    };
    said.is_empty() || its.any(holds)
}

/// Accepts every title that the incident ever had, because `undo` restores an earlier one.
fn is_title_in_place(shown: &str, number: Number, records: &[Record]) -> bool {
    let events = records.iter().flat_map(|record| &record.events);
    let mut its = events.filter(|event| event.number() == Some(number));
    shown == REMOVED || its.any(|event| title(event).is_some_and(|title| title == shown))
}

fn is_reason_in_place(shown: &Text, number: Number, records: &[Record]) -> bool {
    let events = records.iter().flat_map(|record| &record.events);
    let mut its = events.filter(|event| event.number() == Some(number));
    *shown == Text::default()
        || its.any(|event| match event {
            Event::Status(StatusEvent::Withdrawn { reason, .. }) => reason == shown,
            Event::Status(StatusEvent::Recalled { incident, .. }) => {
                incident.withdrawal.as_ref().is_some_and(|withdrawal| withdrawal.reason == *shown)
            }
            _ => false,
        })
}

fn has(todos: &[Todo], todo: &Todo) -> bool {
    todos.iter().any(|known| known.id == todo.id && known.text == todo.text)
}

fn title(event: &Event) -> Option<String> {
    match event {
        Event::Status(
            StatusEvent::Opened { text, .. }
            | StatusEvent::Scheduled { text, .. }
            | StatusEvent::Backfilled { text, .. }
            | StatusEvent::Corrected { update: 1, text, .. },
        ) => Some(title_of(text)),
        Event::Status(StatusEvent::Retitled { title, .. }) => Some(title.clone()),
        Event::Status(StatusEvent::Recalled { incident, .. }) => Some(incident.title.clone()),
        Event::Response(ResponseEvent::Recalled { response }) => Some(response.title.clone()),
        Event::Response(
            ResponseEvent::Declared { text: title, .. }
            | ResponseEvent::Retitled { title, .. }
            | ResponseEvent::Alerted { title: Some(title), .. },
        ) => Some(title.title()),
        _ => None,
    }
}

/// A value that is not JSON cannot have been read from it.
fn value(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn strings(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(into.insert(text.clone())),
        Value::Array(values) => values.iter().for_each(|value| strings(value, into)),
        Value::Object(values) => values.values().for_each(|value| strings(value, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn structure(dossier: &IncidentDocument) -> Value {
    json!([dossier.incident.as_deref().map(public), dossier.response.as_deref().map(internal)])
}

fn public(incident: &Incident) -> Value {
    let Incident { number, impact, components, stage, month, window, opened, .. } = incident;
    let Incident { resolved, next_update_by, updates, revision, listed, .. } = incident;
    let Incident { edition, listed_edition, updates_recorded, .. } = incident;
    let Incident { impact_corrections, amended, backfilled, duplicate_of, .. } = incident;
    let withdrawn = incident.withdrawal.as_ref().map(|withdrawal| withdrawal.at);
    let update = |update: &Update| {
        let Update { number, at, stage, impact, components, corrected, records, .. } = update;
        json!([number, at, stage, impact, components, corrected, records, update.ended])
    };
    let updates: Vec<Value> = updates.iter().map(update).collect();
    json!([
        [number, impact, components, stage, month, window, opened],
        [resolved, next_update_by, updates, revision, listed, edition, listed_edition],
        [updates_recorded, impact_corrections, amended, backfilled, duplicate_of, withdrawn]
    ])
}

fn internal(response: &Response) -> Value {
    let Response { number, visibility, components, stage, severity, tested, .. } = response;
    let Response { notes, told_elsewhere, .. } = response;
    let Response { told, reviewed, entries, entered_later, closed, reminded, revision, .. } =
        response;
    let Response { tasks_ever, actions_ever, withdrawn, duplicate_of, .. } = response;
    let readings = Milestone::ALL.map(|milestone| {
        let readings = response.milestones.readings(milestone).iter();
        let given = readings.map(|reading| json!([reading.at, reading.source, reading.given]));
        given.collect::<Vec<Value>>()
    });
    let replies = response.replies.iter().map(|reply| json!([reply.topic, reply.at]));
    let replies: Vec<Value> = replies.collect();
    let roles: Vec<Value> = response.roles.iter().map(|h| json!([h.role, h.since])).collect();
    let todos = |todos: &[Todo]| -> Vec<Value> {
        todos.iter().map(|todo| json!([todo.id, todo.due, todo.added, todo.done])).collect()
    };
    let (tasks, actions) = (todos(&response.tasks), todos(&response.actions));
    let alert = response.alert.as_ref().map(|alert| {
        let Firing { source, condition, fired_at, noted, members, left_out, course, .. } = alert;
        let elsewhere = &alert.left_out_elsewhere;
        let unnamed = |member: &KnownMember| KnownMember { name: None, ..member.clone() };
        let members = members.iter().map(|(id, member)| (id.to_string(), json!(unnamed(member))));
        let members: serde_json::Map<String, Value> = members.collect();
        let mut structure = vec![
            json!(source),
            json!(condition),
            json!(fired_at),
            json!(noted),
            json!(members),
            json!(left_out),
            json!(course),
        ];
        // Incidents without it have the digest that they always had.
        if !elsewhere.is_empty() {
            let counts = elsewhere.iter().map(|(group, count)| json!([group.to_string(), count]));
            structure.push(counts.collect());
        }
        structure
    });
    json!([
        [number, visibility, components, stage, severity, tested, told, reviewed],
        [entries, entered_later, closed, reminded, revision],
        [readings, replies, roles, tasks, actions, alert, notes, told_elsewhere],
        [tasks_ever, actions_ever, withdrawn, duplicate_of, response.moved_in]
    ])
}
