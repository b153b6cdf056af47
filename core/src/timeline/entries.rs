//! The timeline of an incident, entry by entry, from its records.

use jiff::Timestamp;

use super::narration::{EntryKind, Narration, Narrator};
use crate::config::Config;
use crate::incident::model::Number;
use crate::incident::status::ComponentNames;
use crate::log::record::{Event, Record};
use crate::response::events::ResponseEvent;
use crate::response::fold::entry_time;
use crate::response::model::Response;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineEntry {
    /// When it happened.
    pub at: Timestamp,
    /// When it was recorded: later than `at` if it was entered afterwards.
    pub recorded: Timestamp,
    /// The revision of its record.
    pub revision: u64,
    /// The name of the sender; empty for the clock.
    pub by: String,
    pub number: Option<EntryNumber>,
    pub said: Narration,
}

/// The number of an entry within its incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryNumber {
    Update(u32),
    Note(u32),
    Told(u32),
}

fn numbered(event: &Event) -> Option<EntryNumber> {
    match event {
        Event::Status(event) => event.update().map(EntryNumber::Update),
        Event::Response(
            ResponseEvent::Noted { note, .. }
            | ResponseEvent::Updated { note, .. }
            | ResponseEvent::Reopened { note, .. },
        ) => Some(EntryNumber::Note(*note)),
        Event::Response(ResponseEvent::Told { told, .. }) => Some(EntryNumber::Told(*told)),
        _ => None,
    }
}

/// The whole timeline of an incident, in the order in which things happened. `records` are those
/// of its timeline.
#[must_use]
pub fn entries(
    records: &[Record],
    response: &Response,
    config: &Config,
    names: &ComponentNames,
) -> Vec<TimelineEntry> {
    let entries = records.iter().flat_map(|record| entries_of(record, response, config, names));
    let mut entries: Vec<TimelineEntry> = entries.collect();
    entries.sort_by_key(|entry| (entry.at, entry.revision));
    entries
}

/// The entries of one record in the timeline of an incident, in the order of its events, without
/// its bookkeeping. An entry of [`Response::entries`] is those of them that happened at its time.
///
/// [`Response::entries`]: crate::response::model::Response::entries
#[must_use]
pub fn entries_of(
    record: &Record,
    response: &Response,
    config: &Config,
    names: &ComponentNames,
) -> Vec<TimelineEntry> {
    let narrator = Narrator { names, ..Narrator::of(record, config) };
    let mut entries = entries_about(record, response.number, narrator);
    for moved in response.moved_in.iter().filter(|moved| moved.revision == record.revision) {
        let of = if moved.was_public { EntryNumber::Update } else { EntryNumber::Note };
        let is_it = |entry: &TimelineEntry| entry.number == Some(of(moved.was));
        let Some(mut entry) = entries_about(record, moved.from, narrator).into_iter().find(is_it)
        else {
            continue;
        };
        entry.said.what = match moved.note {
            Some(note) => format!("note {note}, moved from #{}", moved.from),
            None => format!("update moved from #{}", moved.from),
        };
        entry.number = moved.note.map(EntryNumber::Note);
        entries.push(entry);
    }
    for entry in &mut entries {
        let removed = match entry.number {
            Some(EntryNumber::Note(note)) if response.notes.record(note).is_none() => {
                format!("note {note}, removed or moved")
            }
            Some(EntryNumber::Told(told)) if response.told_elsewhere.record(told).is_none() => {
                format!("told {told}, removed")
            }
            _ => continue,
        };
        entry.said.what = removed;
        entry.said.text.clear();
        // A review has nothing to say of it.
        entry.said.kind = EntryKind::Listed;
    }
    entries
}

fn entries_about(record: &Record, about: Number, narrator: Narrator<'_>) -> Vec<TimelineEntry> {
    let entry = |event: &Event| {
        let happened = match event {
            Event::Status(event) => event.numbers().any(|it| it == about).then_some(None)?,
            Event::Response(event) => {
                event.numbers().any(|it| it == about).then(|| entry_time(event))?
            }
            _ => return None,
        };
        let said = narrator.narrate(event).filter(|said| !said.what.is_empty())?;
        Some(TimelineEntry {
            at: happened.unwrap_or(record.at),
            recorded: record.at,
            revision: record.revision,
            by: record.cause.by.name.clone(),
            number: numbered(event),
            said,
        })
    };
    record.events.iter().filter_map(entry).collect()
}
