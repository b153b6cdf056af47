//! Answers to responders' commands, from their records.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{alerts, corrected};
use crate::commands::next_step;
use crate::commands::review::missing_facts;
use crate::commands::roles;
use crate::commands::standing::capitalised;
use crate::config::Config;
use crate::incident::model::{Number, Stage};
use crate::log::record::Record;
use crate::log::state::State;
use crate::response::events::{RemovedText, ResponseEvent};
use crate::response::model::{Topic, Visibility};
use crate::text::card::Line;
use crate::text::time::spoken_time;

/// The wording of a record in the response.
pub(super) struct Told {
    pub(super) number: Number,
    /// The event in words.
    pub(super) what: String,
    /// The text with it.
    pub(super) text: String,
    /// The text became the incident's title.
    pub(super) is_title: bool,
    /// The next command, if it is not the usual one.
    pub(super) next: Option<String>,
}

/// The event that a responder's command asked for: the first that is not bookkeeping.
#[must_use]
pub fn main_response(record: &Record) -> Option<&ResponseEvent> {
    record.response().find(|event| {
        !matches!(
            event,
            ResponseEvent::Recalled { .. }
                | ResponseEvent::Evicted { .. }
                | ResponseEvent::SummariesEvicted { .. }
                | ResponseEvent::AlertsResolved { .. }
                | ResponseEvent::MaintenanceAlertsMoved { .. }
                | ResponseEvent::AlertsMoved { .. }
                | ResponseEvent::AlertsKeyed { .. }
        )
    })
}

impl Told {
    /// From the record alone, so that the answer can be repeated.
    pub(super) fn of(record: &Record, config: &Config) -> Option<Self> {
        let event = main_response(record)?;
        let zone = &config.time_zone;
        let (first, mut text) = happened(event, record.at, zone);
        let noted = record.response().find_map(|event| match event {
            ResponseEvent::Noted { text, .. } => Some(text.to_plain()),
            _ => None,
        });
        if text.is_empty() {
            text = noted.unwrap_or_default();
        }
        let is_title = matches!(event, ResponseEvent::Declared { .. });
        let what = if is_title { details(record, zone) } else { capitalised(&first) };
        let next = next_step::after(event);
        Some(Self { number: event.number()?, what, text, is_title, next })
    }
}

/// The times that were given with an opening.
pub(super) fn details(record: &Record, zone: &TimeZone) -> String {
    let reached = record.response().filter(|it| matches!(it, ResponseEvent::Reached { .. }));
    let parts: Vec<String> = reached.map(|event| happened(event, record.at, zone).0).collect();
    capitalised(&parts.join(" · "))
}

/// The event with times for a phone, and its text.
fn happened(event: &ResponseEvent, now: Timestamp, zone: &TimeZone) -> (String, String) {
    let (done, text) = said(event);
    let time = |at: Timestamp| spoken_time(at, now, zone);
    let what = match event {
        ResponseEvent::Reached { at, via, was, .. } => {
            let via = via.as_ref().map_or(String::new(), |via| format!(" via {via}"));
            let was = was.map_or(String::new(), |was| format!(" (was {})", time(was)));
            format!("{done} {}{via}{was}", time(*at))
        }
        ResponseEvent::Noted { at: Some(at), .. } => format!("{done} for {}", time(*at)),
        ResponseEvent::Graded { severity, .. } => format!("severity set to {}", severity.number()),
        ResponseEvent::TaskAdded { assignee: Some(person), .. } => {
            format!("{done} for {}", person.name)
        }
        ResponseEvent::ActionAdded { assignee, due, .. } => {
            let whose = assignee.as_ref().map_or(String::new(), |p| format!(" for {}", p.name));
            let due = due.map_or(String::new(), |due| format!(" by {due}"));
            format!("{done}{whose}{due}")
        }
        _ => done,
    };
    (what, text)
}

/// The event and its text.
pub(super) fn said(event: &ResponseEvent) -> (String, String) {
    let plain = |done: &str, text: String| (done.to_owned(), text);
    match event {
        ResponseEvent::Declared { visibility, text, .. } => {
            let kind = match visibility {
                Visibility::Drill => "opened (a drill, not on the page)",
                _ => "opened (internal, not on the page)",
            };
            plain(kind, text.to_plain())
        }
        ResponseEvent::Updated { note, stage: Stage::Resolved, text, .. } => {
            plain(&format!("closed (note {note})"), text.to_plain())
        }
        ResponseEvent::Updated { note, text, .. } => {
            plain(&format!("updated internally (note {note})"), text.to_plain())
        }
        ResponseEvent::Reopened { note, text, .. } => {
            plain(&format!("reopened internally (note {note})"), text.to_plain())
        }
        ResponseEvent::Reached { milestone, .. } => plain(milestone.word(), String::new()),
        ResponseEvent::Replied { topic, text, .. } => {
            let what = match topic {
                Topic::Aware => "who knows",
                Topic::Doing => "what is being done",
                Topic::Affected => "whom it affects",
                Topic::Summary => "summary of the review",
            };
            plain(what, text.to_plain())
        }
        ResponseEvent::Graded { severity, .. } => {
            plain(&format!("is severity {}", severity.number()), String::new())
        }
        ResponseEvent::Published { .. } => plain("published", String::new()),
        ResponseEvent::Assigned { role, topic, person, from, .. } => {
            let done = if from.is_some() { "handed over" } else { "assigned" };
            let who = roles::holder(person, topic.as_ref(), from.as_ref());
            plain(&format!("{} {done}", role.word()), who)
        }
        ResponseEvent::Released { role, person, .. } => {
            plain(&format!("{} released", role.word()), person.name.clone())
        }
        ResponseEvent::Noted { note, text, .. } => {
            plain(&format!("note {note} added"), text.to_plain())
        }
        ResponseEvent::TaskAdded { task, text, .. } => {
            plain(&format!("task {task} added"), text.to_plain())
        }
        ResponseEvent::TaskDone { task, text, .. } => {
            plain(&format!("task {task} done"), text.to_plain())
        }
        ResponseEvent::Tested { passed: true, text, .. } => {
            plain("tested, all is well", text.to_plain())
        }
        ResponseEvent::Tested { text, .. } => plain("tested, it still fails", text.to_plain()),
        ResponseEvent::Told { told, audience, via, text, .. } => {
            plain(&format!("told {audience} via {via} (told {told})"), text.to_plain())
        }
        ResponseEvent::ActionAdded { action, text, .. } => {
            plain(&format!("action {action} added"), text.to_plain())
        }
        ResponseEvent::ActionDone { action, text, .. } => {
            plain(&format!("action {action} done"), text.to_plain())
        }
        ResponseEvent::Alerted { .. }
        | ResponseEvent::FlappingEnded { .. }
        | ResponseEvent::AlertsMoved { .. } => alerts::said(event, None),
        ResponseEvent::TextRemoved { removed, .. } => {
            let what = match removed {
                RemovedText::Title => "the title".to_owned(),
                RemovedText::Note(note) => format!("the text of note {note}"),
                RemovedText::Told(told) => format!("the text of told {told}"),
            };
            plain(&format!("{what} was erased"), String::new())
        }
        ResponseEvent::CallLinked { call: Some(address), .. } => {
            plain("call linked", address.clone())
        }
        ResponseEvent::CallLinked { .. } => plain("call removed", String::new()),
        ResponseEvent::Reviewed { .. } => plain("review written", String::new()),
        ResponseEvent::OverdueNamed { .. } => plain("overdue action items named", String::new()),
        other => {
            let (done, text) = corrected::words(other);
            plain(&done, text)
        }
    }
}

/// The purpose and duties of a role, for the new holder.
pub(super) fn duties(record: &Record, config: &Config) -> Vec<Line> {
    let roles = record.response().filter_map(|event| match event {
        ResponseEvent::Assigned { role, .. } => Some(*role),
        _ => None,
    });
    let lines = roles.flat_map(|role| {
        let purpose = capitalised(&roles::described(role, config));
        [purpose].into_iter().chain(roles::duties(role, config))
    });
    lines.map(|line| Line::with_commands(&line)).collect()
}

/// The missing facts of a new review, and its link.
pub(super) fn review_details(record: &Record, state: &State) -> Vec<Line> {
    let reviewed = record.response().find_map(|event| match event {
        ResponseEvent::Reviewed { number } => state.response(*number),
        _ => None,
    });
    let Some(response) = reviewed else { return Vec::new() };
    let mut lines: Vec<Line> = Vec::new();
    let missing = missing_facts(response);
    if !missing.is_empty() {
        lines.push(Line::with_commands("Missing facts. Add them, then run `review` again:"));
    }
    lines.extend(missing.iter().map(|fact| fact_line(fact)));
    let print = format!("status-update review {}", response.number);
    lines.push(Line::words("At a terminal: ").command(print));
    lines
}

/// A missing fact, with its command after the colon.
fn fact_line(fact: &str) -> Line {
    match fact.split_once(": ") {
        Some((what, command)) => Line::words(format!("{what}: ")).command(command),
        None => Line::words(fact),
    }
}
