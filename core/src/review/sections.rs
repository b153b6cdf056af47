//! Texts of an incident, by section of the review.

use serde::Serialize;

use crate::incident::events::StatusEvent;
use crate::incident::model::{Number, Stage};
use crate::log::record::{Event, Record};
use crate::response::events::ResponseEvent;
use crate::response::milestone::Milestone;

/// The texts of each section, in the order of their records.
#[derive(Debug, Default, Serialize)]
pub(super) struct Sections {
    pub triggers: Vec<String>,
    pub causes: Vec<String>,
    pub factors: Vec<String>,
    pub mitigation: Vec<String>,
    pub well: Vec<String>,
    pub badly: Vec<String>,
    pub lucky: Vec<String>,
    /// Public post-mortem texts.
    pub post_mortems: Vec<String>,
}

/// A section that a note chooses by its first word.
#[derive(Clone, Copy)]
enum Section {
    Triggers,
    Causes,
    Factors,
    Mitigation,
    Well,
    Badly,
    Lucky,
}

/// First words of notes, with their sections.
const PREFIXES: [(&str, Section); 9] = [
    ("trigger", Section::Triggers),
    ("cause", Section::Causes),
    ("root cause", Section::Causes),
    ("factor", Section::Factors),
    ("mitigation", Section::Mitigation),
    ("fix", Section::Mitigation),
    ("well", Section::Well),
    ("badly", Section::Badly),
    ("lucky", Section::Lucky),
];

/// The section that a note chooses, and the rest of its text.
fn named(text: &str) -> Option<(Section, &str)> {
    let (first, rest) = text.split_once(':')?;
    let first = first.trim();
    let (_, section) = PREFIXES.into_iter().find(|(word, _)| first.eq_ignore_ascii_case(word))?;
    Some((section, rest.trim()))
}

/// True if a note belongs to a section rather than to the timeline.
pub(super) fn is_of_a_section(text: &str) -> bool {
    named(text).is_some()
}

impl Sections {
    pub(super) fn of(records: &[Record], number: Number) -> Self {
        let mut sections = Self::default();
        for record in records {
            for event in &record.events {
                match event {
                    Event::Status(event) if event.number() == Some(number) => {
                        sections.public(event);
                    }
                    Event::Response(event) if event.number() == Some(number) => {
                        sections.internal(event, record);
                    }
                    _ => {}
                }
            }
        }
        sections
    }

    fn public(&mut self, event: &StatusEvent) {
        match event {
            StatusEvent::Updated { stage, text, .. } if ends(*stage) => {
                push(&mut self.mitigation, text.to_plain());
            }
            StatusEvent::PostMortem { text, .. } => push(&mut self.post_mortems, text.to_plain()),
            _ => {}
        }
    }

    fn internal(&mut self, event: &ResponseEvent, record: &Record) {
        match event {
            ResponseEvent::Updated { stage, text, .. } if ends(*stage) => {
                push(&mut self.mitigation, text.to_plain());
            }
            ResponseEvent::Noted { text, .. } => {
                let text = text.to_plain();
                match named(&text) {
                    Some((section, rest)) => push(self.of_section(section), rest.to_owned()),
                    // The text typed with `mitigated`.
                    None if reaches_mitigation(record) => push(&mut self.mitigation, text),
                    None => {}
                }
            }
            _ => {}
        }
    }

    fn of_section(&mut self, section: Section) -> &mut Vec<String> {
        match section {
            Section::Triggers => &mut self.triggers,
            Section::Causes => &mut self.causes,
            Section::Factors => &mut self.factors,
            Section::Mitigation => &mut self.mitigation,
            Section::Well => &mut self.well,
            Section::Badly => &mut self.badly,
            Section::Lucky => &mut self.lucky,
        }
    }
}

fn ends(stage: Stage) -> bool {
    matches!(stage, Stage::Monitoring | Stage::Resolved)
}

fn reaches_mitigation(record: &Record) -> bool {
    let ends = |milestone| matches!(milestone, Milestone::Mitigated | Milestone::Resolved);
    record
        .response()
        .any(|event| matches!(event, ResponseEvent::Reached { milestone, .. } if ends(*milestone)))
}

/// Adds a text unless it is there already.
fn push(section: &mut Vec<String>, text: String) {
    if !text.is_empty() && !section.contains(&text) {
        section.push(text);
    }
}
