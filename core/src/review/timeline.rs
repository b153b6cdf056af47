//! The timeline of a review: the whole timeline in the words of a document.

use std::collections::BTreeSet;

use serde::Serialize;

use super::sections::is_of_a_section;
use super::source::{ReviewSource, local};
use crate::text::capitalised;
use crate::timeline::{EntryKind, TimelineEntry};

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
pub(super) fn timeline(source: ReviewSource<'_>, entries: &[TimelineEntry]) -> Vec<Day> {
    let zone = &source.config.time_zone;
    let mut days: Vec<Day> = Vec::new();
    for entry in selected(source, entries) {
        let date = local(entry.at, zone, "%A, %-d %B %Y");
        let said = entry.said;
        let what = match said.kind {
            EntryKind::Note => String::new(),
            _ => capitalised(said.review.as_ref().unwrap_or(&said.what)),
        };
        let time = local(entry.at, zone, "%H:%M");
        let shown = Entry { time, by: entry.by, what, text: said.text };
        match days.last_mut().filter(|day| day.date == date) {
            Some(day) => day.entries.push(shown),
            None => days.push(Day { date, entries: vec![shown] }),
        }
    }
    days
}

fn selected(source: ReviewSource<'_>, entries: &[TimelineEntry]) -> Vec<TimelineEntry> {
    let mut reached = BTreeSet::new();
    let mut selected: Vec<TimelineEntry> = Vec::new();
    let mut entries: Vec<&TimelineEntry> = entries.iter().collect();
    entries.sort_by_key(|entry| entry.revision);
    for entry in entries {
        if let EntryKind::Milestone(milestone) = entry.said.kind {
            // A corrected milestone appears only at its last time.
            let is_current = source.response.milestones.at(milestone) == Some(entry.at);
            if !is_current || !reached.insert(milestone) {
                continue;
            }
        }
        let mut entry = entry.clone();
        if entry.said.omits_text {
            entry.said.text.clear();
        }
        if entry.said.kind != EntryKind::Listed {
            merge(&mut selected, entry);
        }
    }
    selected
        .retain(|entry| entry.said.kind != EntryKind::Note || !is_of_a_section(&entry.said.text));
    selected.sort_by_key(|entry| (entry.at, entry.revision));
    selected
}

/// Adds an entry. A note typed with a milestone is merged into it.
fn merge(entries: &mut Vec<TimelineEntry>, entry: TimelineEntry) {
    let milestone = entries.last_mut().filter(|last| {
        let is_same = last.revision == entry.revision && last.at == entry.at;
        is_same && matches!(last.said.kind, EntryKind::Milestone(_)) && last.said.text.is_empty()
    });
    match milestone {
        Some(last) if entry.said.kind == EntryKind::Note && !is_of_a_section(&entry.said.text) => {
            last.said.text = entry.said.text;
        }
        _ => entries.push(entry),
    }
}
