//! The story of an incident: the summary that is drafted from its facts, and the timeline.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::communications::Communications;
use super::sections::{Sections, is_of_a_section};
use super::source::{Source, local};
use crate::core::answer::entries::{Kind, TimelineEntry, tell};
use crate::core::config::Config;
use crate::core::log::record::{Event, Record};
use crate::core::response::events::ResponseEvent;
use crate::core::response::model::{Response, Topic};
use crate::core::response::overview::{bare, capitalised, overview};
use crate::core::text::markdown::escape_block;

/// A day of the timeline.
#[derive(Debug, Serialize)]
pub(super) struct Day {
    date: String,
    entries: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Entry {
    time: String,
    by: String,
    /// Empty of a note, which is a sentence of its own.
    what: String,
    text: String,
}

/// What happened, day by day: notes, milestones, and what was done and said. What has a place of
/// its own in the review is left out: roles, tasks, action items, and notes of other sections.
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
    let mut entries = Vec::new();
    for record in records {
        for event in record.events.iter().filter(|event| !is_bookkeeping(event)) {
            let alone = Record { events: vec![event.clone()], ..record.clone() };
            let mut told = tell(&alone, response, zone);
            if let Event::Response(ResponseEvent::Reached { milestone, at, via, .. }) = event {
                // What was corrected stands at its last time alone.
                let is_current = response.milestones.at(*milestone) == Some(*at);
                if !is_current || !reached.insert(*milestone) {
                    continue;
                }
                for entry in &mut told {
                    let via = via.as_ref().map_or_else(String::new, |via| format!(" by {via}"));
                    entry.what = format!("{}{via}", milestone.word());
                }
            }
            entries.extend(told);
        }
    }
    entries.retain(|entry| entry.kind != Kind::Note || !is_of_a_section(&entry.text));
    entries.sort_by_key(|entry| (entry.at, entry.revision));
    entries
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

/// Every entry of the timeline, in Markdown, with who recorded it and when, where that was later.
#[must_use]
pub fn whole_timeline(response: &Response, records: &[Record], config: &Config) -> String {
    let (number, zone) = (response.number, &config.time_zone);
    let mut entries: Vec<TimelineEntry> =
        records.iter().flat_map(|record| tell(record, response, zone)).collect();
    entries.sort_by_key(|entry| (entry.at, entry.revision));
    let mut markdown = format!("# Timeline of #{number}: {}\n", escape_block(&response.title));
    let mut last = String::new();
    for entry in entries {
        let date = local(entry.at, zone, "%A, %-d %B %Y (%Z)");
        if date != last {
            let _ = write!(markdown, "\n## {date}\n\n");
            last = date;
        }
        let by = entry.by.clone();
        let late = entry.recorded.duration_since(entry.at).as_mins() > 0;
        let late = late.then(|| format!(" (recorded {})", local(entry.recorded, zone, "%H:%M")));
        let text = if entry.text.is_empty() { String::new() } else { format!(": {}", entry.text) };
        let line = format!("{}{}{text}", entry.what, late.unwrap_or_default());
        let time = local(entry.at, zone, "%H:%M");
        let (by, line) = (escape_block(&by), escape_block(&line));
        let by = if by.is_empty() { by } else { format!(" {by}:") };
        let _ = writeln!(markdown, "- **{time}**{by} {line}");
    }
    markdown
}

/// The summary as the facts have it, until somebody writes a better one.
pub(super) fn draft(
    response: &Response,
    components: &[String],
    told: &Communications,
    sections: &Sections,
    zone: &TimeZone,
) -> String {
    let mut sentences = overview(response, components, zone);
    let cause = sections.causes.first().map(|cause| format!("Cause: {}.", bare(cause)));
    sentences.extend(cause.into_iter().chain(told.first_update(response)));
    sentences.join(" ")
}
