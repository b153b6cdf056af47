//! An alert: the content of a body, with its sender.

use std::ops::Deref;

pub use super::firing::{AlertSource, Condition, KEY_BYTES_MAX, Key};
pub use super::reading::{
    AlertKind, DESCRIPTION_CHARS_MAX, DESCRIPTION_LINE_CHARS_MAX, FIELD_CHARS_MAX, FIELDS_MAX,
    Fields, LABEL, Member, Reading, TITLE_CHARS_MAX, lines, link, one_line,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    pub source: AlertSource,
    /// Identifies the alert, or the group of alerts.
    pub key: Key,
    pub reading: Reading,
}

impl Alert {
    /// An alert without members becomes its own only member.
    #[must_use]
    pub fn of(source: AlertSource, mut reading: Reading) -> Self {
        let parts: Vec<&str> = reading.key.iter().map(String::as_str).collect();
        let key = Key::of(source, &parts);
        reading.fields.add_first("source", source.name());
        if reading.members.is_empty() {
            reading.members.push(Member {
                fingerprint: key.as_str().to_owned(),
                condition: reading.condition,
                since: reading.fired_at,
                ended: reading.resolved_at,
                severity: reading.severity(),
                title: reading.title.clone(),
                ..Member::default()
            });
        }
        Self { source, key, reading }
    }
}

impl Deref for Alert {
    type Target = Reading;

    fn deref(&self) -> &Reading {
        &self.reading
    }
}
