//! The timeline of a review.

use std::collections::BTreeSet;

use serde::Serialize;

use super::sections::is_of_a_section;
use super::source::{Source, impact_word, local};
use crate::alerts::alert::Condition;
use crate::answer::entries::{Kind, TimelineEntry, tell};
use crate::incident::events::StatusEvent;
use crate::incident::model::Stage;
use crate::log::record::{Event, Record};
use crate::response::events::ResponseEvent;
use crate::response::model::{Topic, Visibility};
use crate::response::overview::capitalised;

#[derive(Debug, Serialize)]
pub(super) struct Day {
    date: String,
    entries: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Entry {
    time: String,
    by: String,
    /// Empty for a note, which is a sentence of its own.
    what: String,
    text: String,
}

/// Events by day: notes, milestones, actions and texts. Facts with a section of their own are left
/// out: roles, tasks, action items, and notes of other sections.
pub(super) fn timeline(source: Source<'_>) -> Vec<Day> {
    let zone = &source.config.time_zone;
    let mut days: Vec<Day> = Vec::new();
    for entry in entries(source) {
        let date = local(entry.at, zone, "%A, %-d %B %Y");
        let is_note = entry.kind == Kind::Note;
        let shown = Entry {
            time: local(entry.at, zone, "%H:%M"),
            by: entry.by,
            what: if is_note { String::new() } else { capitalised(&entry.what) },
            text: entry.text,
        };
        match days.last_mut().filter(|day| day.date == date) {
            Some(day) => day.entries.push(shown),
            None => days.push(Day { date, entries: vec![shown] }),
        }
    }
    days
}

fn entries(source: Source<'_>) -> Vec<TimelineEntry> {
    let Source { response, records, config, .. } = source;
    let zone = &config.time_zone;
    let mut reached = BTreeSet::new();
    let mut entries: Vec<TimelineEntry> = Vec::new();
    for record in records {
        for event in record.events.iter().filter(|event| !is_bookkeeping(event)) {
            let alone = Record { events: vec![event.clone()], ..record.clone() };
            let mut told = tell(&alone, response, zone);
            if let Event::Response(ResponseEvent::Reached { milestone, at, via, .. }) = event {
                // A corrected milestone appears only at its last time.
                let is_current = response.milestones.at(*milestone) == Some(*at);
                if !is_current || !reached.insert(*milestone) {
                    continue;
                }
                for entry in &mut told {
                    let via = via.as_ref().map_or_else(String::new, |via| format!(" by {via}"));
                    entry.what = format!("{}{via}", milestone.word());
                }
            }
            if let Some((what, is_text)) = words(event, record) {
                for entry in &mut told {
                    entry.what.clone_from(&what);
                    entry.text = if is_text { entry.text.clone() } else { String::new() };
                }
            }
            for entry in told {
                merge(&mut entries, entry);
            }
        }
    }
    entries.retain(|entry| entry.kind != Kind::Note || !is_of_a_section(&entry.text));
    entries.sort_by_key(|entry| (entry.at, entry.revision));
    entries
}

/// Adds an entry. A note typed with a milestone is merged into it.
fn merge(entries: &mut Vec<TimelineEntry>, entry: TimelineEntry) {
    let milestone = entries.last_mut().filter(|last| {
        let is_same = last.revision == entry.revision && last.at == entry.at;
        is_same && last.kind == Kind::Milestone && last.text.is_empty()
    });
    match milestone {
        Some(last) if entry.kind == Kind::Note && !is_of_a_section(&entry.text) => {
            last.text = entry.text;
        }
        _ => entries.push(entry),
    }
}

/// The wording of an event for a document, with `true` if its text follows; `None` if the wording
/// of `timeline` fits.
fn words(event: &Event, record: &Record) -> Option<(String, bool)> {
    let impact_word = |impact| impact_word(impact).to_lowercase();
    Some(match event {
        Event::Status(StatusEvent::Opened { impact, .. }) => {
            (format!("Published on the status page ({})", impact_word(*impact)), true)
        }
        Event::Status(StatusEvent::Updated { stage: Stage::Resolved, .. }) => {
            ("Resolved on the status page".to_owned(), true)
        }
        Event::Status(StatusEvent::Updated { stage, impact, .. }) => {
            let what = format!("{}, {}", stage.word(), impact_word(*impact));
            (format!("Status page update ({what})"), true)
        }
        Event::Status(StatusEvent::Reopened { .. }) => {
            ("Reopened on the status page".to_owned(), true)
        }
        Event::Response(ResponseEvent::Declared { visibility, .. }) => {
            let is_alert = record.response().any(|e| matches!(e, ResponseEvent::Alerted { .. }));
            match (visibility, is_alert) {
                (Visibility::Drill, _) => ("Drill declared".to_owned(), true),
                // The monitor's facts are shown elsewhere.
                (_, true) => ("Incident declared by an alert".to_owned(), false),
                (_, false) => ("Incident declared internally".to_owned(), true),
            }
        }
        Event::Response(ResponseEvent::Alerted { condition, .. }) => {
            let is_firing = *condition == Condition::Fired;
            (format!("Alert {}", if is_firing { "fired" } else { "resolved" }), is_firing)
        }
        Event::Response(ResponseEvent::Updated { stage: Stage::Resolved, .. }) => {
            ("Closed".to_owned(), true)
        }
        Event::Response(ResponseEvent::Updated { stage, .. }) => {
            (format!("Internal update, {}", stage.word()), true)
        }
        Event::Response(ResponseEvent::Replied { topic: Topic::Doing, .. }) => {
            ("Current action".to_owned(), true)
        }
        Event::Response(ResponseEvent::Tested { passed, .. }) => {
            (format!("Test {}", if *passed { "passed" } else { "failed" }), true)
        }
        Event::Response(ResponseEvent::Told { audience, via, .. }) => {
            (format!("Told {audience} via {via}"), true)
        }
        _ => return None,
    })
}

fn is_bookkeeping(event: &Event) -> bool {
    let Event::Response(event) = event else {
        return !matches!(event, Event::Status(_));
    };
    match event {
        ResponseEvent::Assigned { .. }
        | ResponseEvent::Released { .. }
        | ResponseEvent::TaskAdded { .. }
        | ResponseEvent::TaskDone { .. }
        | ResponseEvent::ActionAdded { .. }
        | ResponseEvent::ActionDone { .. }
        | ResponseEvent::Reviewed { .. } => true,
        ResponseEvent::Replied { topic, .. } => *topic != Topic::Doing,
        _ => false,
    }
}
