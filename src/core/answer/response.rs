//! What is answered to the responders' commands, from the record that they made.

use super::leftovers::leftovers;
use super::{Mood, alerts, corrected};
use crate::core::commands::review::missing_facts;
use crate::core::commands::{guide, roles};
use crate::core::config::Config;
use crate::core::incident::events::StatusEvent;
use crate::core::incident::model::{Number, Stage};
use crate::core::log::record::{Event, Record};
use crate::core::log::state::State;
use crate::core::response::events::{RemovedText, ResponseEvent};
use crate::core::response::lifecycle::Question;
use crate::core::response::milestone::{Milestone, Source};
use crate::core::response::model::{Response, Topic, Visibility};
use crate::core::text::time::spoken;

/// What a card tells of a record among the responders.
pub(super) struct Told {
    pub(super) number: Number,
    /// What happened, as it stands behind the incident's number.
    pub(super) done: String,
    pub(super) mood: Mood,
    /// What was said.
    pub(super) text: String,
    /// Whether the incident's title was made of it.
    pub(super) is_title: bool,
    pub(super) facts: Vec<(&'static str, String)>,
}

/// The event that a command among the responders called for: the first that is not bookkeeping.
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
    /// From the record alone, so that it can be told again.
    pub(super) fn of(record: &Record, config: &Config) -> Option<Self> {
        let event = main_response(record)?;
        let (done, mood, mut text) = said(event);
        let noted = record.response().find_map(|event| match event {
            ResponseEvent::Noted { text, .. } => Some(text.to_plain()),
            _ => None,
        });
        if text.is_empty() {
            text = noted.unwrap_or_default();
        }
        let mut facts = Vec::new();
        for event in record.response() {
            facts.extend(whose(event));
            facts.extend(fact(event, config));
        }
        let is_title = matches!(event, ResponseEvent::Declared { .. });
        Some(Self { number: event.number()?, done, mood, text, is_title, facts })
    }
}

pub(super) fn said(event: &ResponseEvent) -> (String, Mood, String) {
    let plain = |done: &str, text: String| (done.to_owned(), Mood::Neutral, text);
    match event {
        ResponseEvent::Declared { visibility, text, .. } => {
            let kind = match visibility {
                Visibility::Drill => "opened (a drill, not on the page)",
                _ => "opened (internal, not on the page)",
            };
            (kind.to_owned(), Mood::Attention, text.to_plain())
        }
        ResponseEvent::Updated { note, stage: Stage::Resolved, text, .. } => {
            (format!("closed (note {note})"), Mood::Good, text.to_plain())
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
            ("tested, all is well".to_owned(), Mood::Good, text.to_plain())
        }
        ResponseEvent::Tested { text, .. } => {
            ("tested, it still fails".to_owned(), Mood::Attention, text.to_plain())
        }
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

/// Who is to do what was added.
fn whose(event: &ResponseEvent) -> Option<(&'static str, String)> {
    match event {
        ResponseEvent::ActionAdded { assignee: Some(person), .. } => {
            Some(("For", person.name.clone()))
        }
        _ => None,
    }
}

/// What an event adds to the card's table.
pub(super) fn fact(event: &ResponseEvent, config: &Config) -> Option<(&'static str, String)> {
    let zone = &config.time_zone;
    Some(match event {
        ResponseEvent::Reached { milestone, at, source, via, was, .. } => {
            let known = match source {
                Source::Recorded => String::new(),
                Source::Typed => " (typed)".to_owned(),
            };
            let via = via.as_ref().map_or(String::new(), |via| format!(" via {via}"));
            let was = was.map_or(String::new(), |was| format!(", was {}", spoken(was, zone)));
            (heading(*milestone), format!("{}{via}{known}{was}", spoken(*at, zone)))
        }
        ResponseEvent::Assigned { role, .. } => ("Role", roles::described(*role, config)),
        ResponseEvent::Graded { severity, .. } => ("Severity", severity.number().to_string()),
        ResponseEvent::Noted { at: Some(at), .. } => ("At", spoken(*at, zone)),
        ResponseEvent::TaskAdded { assignee: Some(person), .. } => ("For", person.name.clone()),
        ResponseEvent::Declared { components, .. } if !components.is_empty() => {
            let names = components.iter().map(|id| config.component_name(id));
            ("Affected", names.collect::<Vec<_>>().join(", "))
        }
        ResponseEvent::ActionAdded { due: Some(due), .. } => ("Due", due.to_string()),
        ResponseEvent::Updated { stage, .. } => ("State", stage.word().to_owned()),
        _ => return None,
    })
}

fn heading(milestone: Milestone) -> &'static str {
    match milestone {
        Milestone::Started => "Started",
        Milestone::Detected => "Detected",
        Milestone::Declared => "Declared",
        Milestone::Acknowledged => "Ack",
        Milestone::Mitigated => "Mitigated",
        Milestone::Resolved => "Resolved",
        Milestone::Closed => "Closed",
    }
}

/// What else a responder should know right after a record: from the state behind it. Lines, and
/// links.
pub(super) fn hints(
    record: &Record,
    state: &State,
    config: &Config,
) -> (Vec<String>, Vec<(String, String)>) {
    let (mut hints, mut links) = (Vec::new(), Vec::new());
    for event in &record.events {
        match event {
            Event::Status(StatusEvent::Opened { number, components, .. })
            | Event::Response(ResponseEvent::Declared { number, components, .. }) => {
                hints.extend(state.response(*number).and_then(unanswered));
                let (guides, guide_links) = guide::on_card(components, config);
                hints.extend(guides);
                links.extend(guide_links);
            }
            Event::Status(StatusEvent::Updated { number, stage: Stage::Resolved, .. })
            | Event::Response(ResponseEvent::Updated { number, stage: Stage::Resolved, .. }) => {
                let closed = state.response(*number).map(|closed| leftovers(closed, config));
                hints.extend(closed.into_iter().flatten());
            }
            Event::Response(ResponseEvent::Assigned { role, .. }) => {
                hints.extend(roles::duties(*role, config));
            }
            _ => {}
        }
    }
    let reviewed = record.response().find_map(|event| match event {
        ResponseEvent::Reviewed { number } => state.response(*number),
        _ => None,
    });
    if let Some(response) = reviewed {
        hints.extend(review_hints(response));
    }
    (hints, links)
}

/// What a review that was just written lacks, and where it is.
fn review_hints(response: &Response) -> Vec<String> {
    let number = response.number;
    let missing = missing_facts(response);
    let mut hints = Vec::new();
    if !missing.is_empty() {
        hints.push("It lacks what nobody has said. Say it, and write the review again:".to_owned());
        hints.extend(missing);
    }
    hints.push(format!("At a terminal, “status-update review {number}” prints it."));
    hints
}

/// Which of the questions nobody has answered.
fn unanswered(response: &Response) -> Option<String> {
    let unknown: Vec<&str> = response.unanswered().map(Question::unknown).collect();
    let number = response.number;
    (!unknown.is_empty()).then(|| {
        format!("Not known yet: {}. “questions #{number}” says what to type.", unknown.join(", "))
    })
}
