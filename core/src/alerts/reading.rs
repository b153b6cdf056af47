//! The content of a body, independent of its sender: plain texts of bounded length, and the fields
//! that rules match.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use super::lines::{
    DESCRIPTION_CHARS_MAX, DESCRIPTION_LINE_CHARS_MAX, TITLE_CHARS_MAX, lines, link, one_line,
};
use super::words::{Grade, State};
use crate::incident::severity::Severity;
use crate::text::clean_name;

/// The limit of fields per alert.
pub const FIELDS_MAX: usize = 64;
/// The longest value of a field, in characters. A longer one is dropped, because a part of it could
/// match where the whole does not.
pub const FIELD_CHARS_MAX: usize = 500;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Something is wrong.
    #[default]
    Fired,
    /// It no longer is.
    Resolved,
}

/// The purpose of a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlertKind {
    /// Something fires or resolves.
    #[default]
    Alert,
    /// News about a known problem whose text matters. Opens an incident if none is open.
    Update,
    /// An acknowledgement or a later report: never an incident of its own.
    Note,
    /// A test that somebody started in the monitor.
    Test,
    /// A sender asks for confirmation that it may post here. The link confirms it.
    Subscription,
    /// Nothing for people.
    Ignored,
}

impl AlertKind {
    #[must_use]
    pub fn of_state(state: Option<State>) -> Self {
        match state {
            Some(State::Acknowledged) => Self::Note,
            Some(State::Test) => Self::Test,
            Some(State::Firing | State::Resolved) | None => Self::Alert,
        }
    }
}

/// The content of a body before its sender is added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    pub kind: AlertKind,
    /// The parts by which the sender identifies the alert or group.
    pub key: Vec<String>,
    /// A group is fired while one of its members fires.
    pub condition: Condition,
    /// One line, never empty, up to [`TITLE_CHARS_MAX`] characters.
    pub title: String,
    /// Lines, up to [`DESCRIPTION_CHARS_MAX`] characters.
    pub description: String,
    /// The monitor's own severity; `None` if it is missing or unknown.
    pub grade: Option<Grade>,
    /// The affected component in the sender's words.
    pub component: Option<String>,
    /// Start by the monitor's clock.
    pub fired_at: Option<Timestamp>,
    /// Start of the newest member; differs from `fired_at` only in a group.
    pub newest_at: Option<Timestamp>,
    /// End by the monitor's clock, if resolved.
    pub resolved_at: Option<Timestamp>,
    /// Start and end of announced work.
    pub planned: Option<(Timestamp, Timestamp)>,
    /// The alert's page: an `https:` or `http:` address.
    pub link: Option<String>,
    /// Fields that rules match.
    pub fields: Fields,
    /// The things that fire or resolved, each identified by its fingerprint.
    pub members: Vec<Member>,
    /// Number of members that the sender left out of the body.
    pub left_out: u64,
    /// Parts of the body that were not understood, for the author of the sending program.
    pub not_understood: Vec<String>,
}

impl Reading {
    /// `None` if the monitor gives no severity.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        self.grade.and_then(Grade::severity)
    }

    /// An unknown state counts as fired, so that somebody notices it.
    #[must_use]
    pub fn condition_of(state: Option<State>) -> Condition {
        if state == Some(State::Resolved) { Condition::Resolved } else { Condition::Fired }
    }
}

/// One thing that an alert is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// The sender's identifier, the same for each firing.
    pub fingerprint: String,
    pub condition: Condition,
    /// Start by the monitor's clock.
    pub since: Option<Timestamp>,
    /// End by the monitor's clock, if resolved.
    pub ended: Option<Timestamp>,
    /// The monitor's severity.
    pub severity: Option<Severity>,
    /// Its name: one line.
    pub title: String,
    pub labels: Vec<(String, String)>,
}

/// Up to [`FIELDS_MAX`] names and values; names may repeat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Adds a field, unless its value is empty or too long, or the limit is reached.
    pub fn add(&mut self, name: &str, value: &str) {
        let (name, value) = (clean_name(name).to_lowercase(), one_line(value, usize::MAX));
        let fits = !name.is_empty() && !value.is_empty() && self.0.len() < FIELDS_MAX;
        let field = (name, value);
        if fits && field.1.chars().count() <= FIELD_CHARS_MAX && !self.0.contains(&field) {
            self.0.push(field);
        }
    }

    /// Adds a field in front of all others, even if that drops the last one.
    pub(super) fn add_first(&mut self, name: &str, value: &str) {
        self.0.truncate(FIELDS_MAX - 1);
        self.0.insert(0, (name.to_owned(), value.to_owned()));
    }

    /// Adds a label, dimension or custom property of the monitor.
    pub fn add_label(&mut self, name: &str, value: &str) {
        self.add(&format!("{LABEL}{name}"), value);
    }

    /// The values of a name. `name` is in lower case.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// All fields in the order of their addition.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Prefix of the names of labels.
pub const LABEL: &str = "label.";
