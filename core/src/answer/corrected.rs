//! Answers to corrections: the new state, the messages that cannot be recalled, and the way back.

use super::Answer;
use crate::commands::lines::{copyable, drill, window_words};
use crate::config::Config;
use crate::incident::events::{Fact, StatusEvent};
use crate::incident::model::{ImpactCorrection, Number};
use crate::log::record::{Event, MessageEvent, Record};
use crate::log::state::State;
use crate::response::events::ResponseEvent;
use crate::response::model::Visibility;
use crate::rosters::events::RosterEvent;
use crate::text::markdown::escape;
use crate::text::time::spoken;

/// Effects of a correction on the page, and its limits.
const FOLLOWS: &str =
    "Uptime, history, feeds and figures follow. What readers already have can't be recalled.";

/// `None` if the record corrects nothing.
pub(super) fn corrected(record: &Record, state: &State, config: &Config) -> Option<Answer> {
    let undone = record.events.iter().find_map(|event| match event {
        Event::Message(MessageEvent::TakenBack { what, .. }) => Some(what.as_str()),
        _ => None,
    });
    let number = record.events.iter().find_map(Event::number);
    let lines = if let Some(what) = undone {
        taken_back(record, number, what)
    } else {
        let said = record.events.iter().filter_map(|event| match event {
            Event::Status(event) => public(event, config),
            Event::Response(event) => internal(event).map(|said| vec![said]),
            _ => None,
        });
        let mut lines = said.last()?;
        lines.push(format!("Wrong? {}", copyable("undo")));
        lines
    };
    let response = number.and_then(|number| state.response(number));
    let is_drill = response.is_some_and(|known| known.visibility == Visibility::Drill);
    let text = lines.join("\n\n");
    Some(Answer::Sentence(if is_drill { drill(&text) } else { text }))
}

fn taken_back(record: &Record, number: Option<Number>, what: &str) -> Vec<String> {
    let of = number.map_or(String::new(), |number| format!(" of #{number}"));
    let mut lines = vec![format!("**Undone:** `{what}`{of}.")];
    let has = |is: fn(&Event) -> bool| record.events.iter().any(is);
    if has(|event| matches!(event, Event::Status(_))) {
        let is_gone = ["update ", "postmortem", "open", "backfill", "maintenance", "publish"]
            .iter()
            .any(|gone| what.starts_with(gone));
        let shown = if is_gone {
            "It is off the page, feeds and JSON."
        } else {
            "Page, feeds and JSON are as before."
        };
        lines.push(format!("{shown} What readers already have can't be recalled."));
    } else if has(|event| matches!(event, Event::Roster(RosterEvent::Uncovered { .. }))) {
        lines.push("The rota counts again. A message already sent stays.".to_owned());
    } else {
        lines.push(
            "The timeline keeps that it was recorded. Messages already sent stay.".to_owned(),
        );
    }
    lines.push(format!("One step further back: {}", copyable("undo")));
    lines
}

fn public(event: &StatusEvent, config: &Config) -> Option<Vec<String>> {
    let zone = &config.time_zone;
    let first = match event {
        StatusEvent::Amended { number, fact } => match fact {
            Fact::Started { at, was } => {
                format!("**#{number}** began {} (was {}).", spoken(*at, zone), spoken(*was, zone))
            }
            Fact::Closed { at, was } => format!(
                "**#{number}** was over {} (was {}).",
                spoken(*at, zone),
                spoken(*was, zone)
            ),
            Fact::Impact(impact) => {
                format!("**#{number}** had {} impact all the time.", impact.word())
            }
            Fact::ImpactFor(ImpactCorrection { impact, from, until }) => format!(
                "**#{number}** had {} impact from {} to {}.",
                impact.word(),
                spoken(*from, zone),
                spoken(*until, zone)
            ),
            Fact::Components(ids) => {
                let names = ids.iter().map(|id| escape(config.component_name(id)));
                format!("**#{number}** affected {}.", names.collect::<Vec<_>>().join(", "))
            }
        },
        StatusEvent::Retitled { number, title } => {
            return Some(vec![
                format!("**#{number}** is called {} now.", escape(title)),
                "Page and feeds follow. What readers already have can't be recalled.".to_owned(),
            ]);
        }
        StatusEvent::Withdrawn { number, .. } => format!(
            "**#{number}** is withdrawn: off the page and out of uptime. Its address says so."
        ),
        StatusEvent::Unpublished { number } => {
            format!("**#{number}** is off the page and internal again. Its address says so.")
        }
        StatusEvent::Duplicated { number, of } => {
            format!("**#{number}** is closed as a duplicate of #{of} and no longer counted.")
        }
        StatusEvent::UpdateMoved { number, update, to, note, .. } => match note {
            Some(note) => {
                format!("Update {update} of **#{number}** is note {note} of **#{to}** now.")
            }
            None => format!("Update {update} of **#{number}** is on **#{to}** now."),
        },
        StatusEvent::Backfilled { number, window, .. } => format!(
            "**#{number}** added to the history: {}. It is marked as added later.",
            window_words(*window, config)
        ),
        StatusEvent::Rescheduled { number, window, .. } => {
            return Some(vec![
                format!("Maintenance **#{number}** is {} now.", window_words(*window, config)),
                "Page, feeds and calendar follow.".to_owned(),
            ]);
        }
        _ => return None,
    };
    Some(vec![first, FOLLOWS.to_owned()])
}

fn internal(event: &ResponseEvent) -> Option<String> {
    Some(match event {
        ResponseEvent::NoteRemoved { number, note } => format!(
            "Note {note} of **#{number}** is removed from the timeline. Erase a secret with `redact`."
        ),
        ResponseEvent::ToldRemoved { number, told } => {
            format!("Told {told} of **#{number}** is removed. It no longer counts as an update.")
        }
        ResponseEvent::NoteMoved { number, note, to, becomes, .. } => {
            format!("Note {note} of **#{number}** is note {becomes} of **#{to}** now.")
        }
        ResponseEvent::TaskRemoved { number, task } => {
            format!("Task {task} of **#{number}** is removed. Its number stays unused.")
        }
        ResponseEvent::TaskReopened { number, task } => {
            format!("Task {task} of **#{number}** is open again.")
        }
        ResponseEvent::ActionRemoved { number, action } => {
            format!("Action item {action} of **#{number}** is removed. Its number stays unused.")
        }
        ResponseEvent::ActionReopened { number, action } => {
            format!("Action item {action} of **#{number}** is open again.")
        }
        ResponseEvent::Retitled { number, title } => {
            format!("**#{number}** is called {} now.", escape(&title.title()))
        }
        ResponseEvent::Withdrawn { number, .. } => {
            format!("**#{number}** is withdrawn: it counts for nothing.")
        }
        ResponseEvent::Duplicated { number, of } => {
            format!("**#{number}** is closed as a duplicate of #{of} and no longer counted.")
        }
        _ => return None,
    })
}

/// The wording of a correction in the response, and its text; empty for other events.
pub(super) fn words(event: &ResponseEvent) -> (String, String) {
    let alone = |done: String| (done, String::new());
    match event {
        ResponseEvent::NoteRemoved { note, .. } => alone(format!("note {note} removed")),
        ResponseEvent::ToldRemoved { told, .. } => alone(format!("told {told} removed")),
        ResponseEvent::NoteMoved { number, note, to, .. } => {
            alone(format!("note {note} of #{number} moved to #{to}"))
        }
        ResponseEvent::TaskRemoved { task, .. } => alone(format!("task {task} removed")),
        ResponseEvent::TaskReopened { task, .. } => alone(format!("task {task} open again")),
        ResponseEvent::ActionRemoved { action, .. } => alone(format!("action {action} removed")),
        ResponseEvent::ActionReopened { action, .. } => {
            alone(format!("action {action} open again"))
        }
        ResponseEvent::Retitled { title, .. } => ("title changed".to_owned(), title.to_plain()),
        ResponseEvent::Withdrawn { reason, .. } => ("withdrawn".to_owned(), reason.to_plain()),
        ResponseEvent::Duplicated { of, .. } => alone(format!("is a duplicate of #{of}")),
        ResponseEvent::Undone { .. } => alone("undone".to_owned()),
        _ => alone(String::new()),
    }
}
