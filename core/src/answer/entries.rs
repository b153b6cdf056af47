//! The timeline in words, entry by entry, from its records.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::alerts;
use super::response::said;
use crate::incident::events::{Fact, StatusEvent};
use crate::incident::model::{ImpactCorrection, Number, Stage};
use crate::log::record::{Event, Record};
use crate::response::alerted::is_quiet;
use crate::response::events::ResponseEvent;
use crate::response::fold::entry_time;
use crate::response::milestone::Source;
use crate::response::model::Response;
use crate::text::time::spoken;

/// An event for the timeline. All texts are plain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineEntry {
    /// The time of the event.
    pub at: Timestamp,
    /// The time of the record; later than `at` for events recorded afterwards.
    pub recorded: Timestamp,
    pub revision: u64,
    /// The sender's name; empty for the clock.
    pub by: String,
    pub kind: Kind,
    /// The event, such as `task 3 added`.
    pub what: String,
    /// The text with it; may be empty.
    pub text: String,
    /// Its number within the incident.
    pub number: Option<Numbered>,
}

/// A number within an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbered {
    Update(u32),
    Note(u32),
    /// A customer update outside of this program.
    Told(u32),
}

fn numbered(event: &Event) -> Option<Numbered> {
    match event {
        Event::Status(event) => event.update().map(Numbered::Update),
        Event::Response(
            ResponseEvent::Noted { note, .. }
            | ResponseEvent::Updated { note, .. }
            | ResponseEvent::Reopened { note, .. },
        ) => Some(Numbered::Note(*note)),
        Event::Response(ResponseEvent::Told { told, .. }) => Some(Numbered::Told(*told)),
        _ => None,
    }
}

/// The kind of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Published on the page.
    Page,
    /// Reported elsewhere.
    Told {
        audience: String,
        via: String,
    },
    /// A milestone of the response.
    Milestone,
    Note,
    /// Anything else in the response.
    Other,
}

/// The entries of a record about an incident, in their order, without side effects such as new days
/// and evictions. An entry of [`Response::entries`] stands for those with its time.
///
/// [`Response::entries`]: crate::response::model::Response::entries
#[must_use]
pub fn tell(record: &Record, response: &Response, zone: &TimeZone) -> Vec<TimelineEntry> {
    let number = response.number;
    let mut told: Vec<TimelineEntry> = tell_of(record, number, zone);
    for moved in response.moved_in.iter().filter(|moved| moved.revision == record.revision) {
        let of = if moved.was_public { Numbered::Update } else { Numbered::Note };
        let is_it = |entry: &TimelineEntry| entry.number == Some(of(moved.was));
        let found = tell_of(record, moved.from, zone).into_iter().find(is_it);
        told.extend(found.map(|entry| TimelineEntry {
            what: match moved.note {
                Some(note) => format!("note {note}, moved from #{}", moved.from),
                None => format!("update moved from #{}", moved.from),
            },
            number: moved.note.map(Numbered::Note),
            ..entry
        }));
    }
    for entry in &mut told {
        let removed = match entry.number {
            Some(Numbered::Note(note)) if response.notes.record(note).is_none() => {
                Some(format!("note {note}, removed or moved"))
            }
            Some(Numbered::Told(told)) if response.told_elsewhere.record(told).is_none() => {
                Some(format!("told {told}, removed"))
            }
            _ => None,
        };
        if let Some(what) = removed {
            entry.what = what;
            entry.text.clear();
        }
    }
    told
}

fn tell_of(record: &Record, number: Number, zone: &TimeZone) -> Vec<TimelineEntry> {
    let told = record.events.iter().filter_map(|event| {
        let (at, kind, what, text) = match event {
            Event::Status(event) if event.numbers().any(|about| about == number) => {
                let (what, text) = on_the_page(event, zone)?;
                (record.at, Kind::Page, what, text)
            }
            Event::Response(event) if event.numbers().any(|about| about == number) => {
                let (what, text) = among_responders(event, zone)?;
                (entry_time(event).unwrap_or(record.at), kind(event), what, text)
            }
            _ => return None,
        };
        let (recorded, revision, by) = (record.at, record.revision, record.cause.by.name.clone());
        let number = numbered(event);
        Some(TimelineEntry { at, recorded, revision, by, kind, what, text, number })
    });
    told.collect()
}

fn corrected_on_the_page(event: &StatusEvent, zone: &TimeZone) -> Option<(String, String)> {
    let time = |at: &Timestamp| spoken(*at, zone);
    let none = String::new;
    Some(match event {
        StatusEvent::Amended { fact, .. } => {
            let what = match fact {
                Fact::Started { at, was } => format!("start is {}, was {}", time(at), time(was)),
                Fact::Closed { at, was } => format!("end is {}, was {}", time(at), time(was)),
                Fact::Impact(impact) => format!("impact was {}", impact.word()),
                Fact::ImpactFor(ImpactCorrection { impact, from, until }) => {
                    format!("impact was {} from {} to {}", impact.word(), time(from), time(until))
                }
                Fact::Components(ids) => format!("affected were {}", ids.join(", ")),
            };
            (format!("corrected on the page: {what}"), none())
        }
        StatusEvent::Scheduled { text, .. } => {
            ("maintenance announced on the page".to_owned(), text.to_plain())
        }
        StatusEvent::Extended { until, text, .. } => {
            (format!("maintenance extended until {}", time(until)), text.to_plain())
        }
        StatusEvent::Rescheduled { .. } => ("maintenance moved".to_owned(), none()),
        StatusEvent::Retitled { title, .. } => ("title changed".to_owned(), title.clone()),
        StatusEvent::Withdrawn { reason, .. } => {
            ("withdrawn from the page".to_owned(), reason.to_plain())
        }
        StatusEvent::Unpublished { .. } => ("taken off the page".to_owned(), none()),
        StatusEvent::Duplicated { of, .. } => (format!("is a duplicate of #{of}"), none()),
        StatusEvent::Backfilled { text, .. } => {
            ("added to the history later".to_owned(), text.to_plain())
        }
        StatusEvent::UpdateMoved { number, update, to, .. } => {
            (format!("update {update} of #{number} moved to #{to}"), none())
        }
        _ => return None,
    })
}

fn on_the_page(event: &StatusEvent, zone: &TimeZone) -> Option<(String, String)> {
    let (what, text) = match event {
        StatusEvent::Opened { update, impact, text, .. } => {
            (format!("opened on the page (update {update}), {} impact", impact.word()), text)
        }
        StatusEvent::Updated { update, stage: Stage::Resolved, text, .. } => {
            (format!("closed on the page (update {update})"), text)
        }
        StatusEvent::Updated { update, stage, impact, text, .. } => {
            let (stage, impact) = (stage.word(), impact.word());
            (format!("update {update} on the page, {stage}, {impact} impact"), text)
        }
        StatusEvent::Reopened { update, text, .. } => {
            (format!("reopened on the page (update {update})"), text)
        }
        StatusEvent::PostMortem { update, text, .. } => {
            (format!("post-mortem on the page (update {update})"), text)
        }
        StatusEvent::Corrected { update, text, .. } => {
            (format!("update {update} corrected on the page"), text)
        }
        StatusEvent::TextRemoved { update, .. } => {
            return Some((format!("the text of update {update} was erased"), String::new()));
        }
        _ => return corrected_on_the_page(event, zone),
    };
    Some((what, text.to_plain()))
}

fn kind(event: &ResponseEvent) -> Kind {
    match event {
        ResponseEvent::Told { audience, via, .. } => {
            Kind::Told { audience: audience.clone(), via: via.clone() }
        }
        ResponseEvent::Reached { .. } => Kind::Milestone,
        ResponseEvent::Noted { .. } => Kind::Note,
        _ => Kind::Other,
    }
}

fn among_responders(event: &ResponseEvent, zone: &TimeZone) -> Option<(String, String)> {
    let (done, text) = match event {
        ResponseEvent::Alerted { .. }
        | ResponseEvent::FlappingEnded { .. }
        | ResponseEvent::AlertsMoved { .. } => alerts::said(event, Some(zone)),
        _ => said(event),
    };
    let what = match event {
        // The public event after it says so.
        ResponseEvent::Published { .. }
        | ResponseEvent::Recalled { .. }
        | ResponseEvent::Evicted { .. } => return None,
        _ if is_quiet(event) => return None,
        ResponseEvent::Updated { stage, .. } if *stage != Stage::Resolved => {
            format!("{done}, {}", stage.word())
        }
        ResponseEvent::Reached { source, via, was, .. } => {
            let via = via.as_ref().map_or(String::new(), |via| format!(" via {via}"));
            let known = if *source == Source::Typed { " (typed)" } else { "" };
            let was = was.map_or(String::new(), |was| format!(", was {}", spoken(was, zone)));
            format!("{done}{via}{known}{was}")
        }
        ResponseEvent::TaskAdded { assignee: Some(person), .. } => {
            format!("{done} for {}", person.name)
        }
        ResponseEvent::ActionAdded { assignee, due, .. } => {
            let whose = assignee.as_ref().map_or(String::new(), |p| format!(" for {}", p.name));
            let due = due.map_or(String::new(), |due| format!(" by {due}"));
            format!("{done}{whose}{due}")
        }
        ResponseEvent::Graded { severity, .. } => format!("severity {}", severity.number()),
        _ => done,
    };
    Some((what, text))
}
