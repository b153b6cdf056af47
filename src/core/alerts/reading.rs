//! What a body says, whichever monitor sent it: plain texts of bounded length, and what rules match
//! on.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use super::lines::{
    DESCRIPTION_CHARS_MAX, DESCRIPTION_LINE_CHARS_MAX, TITLE_CHARS_MAX, lines, link, one_line,
};
use super::words::{Grade, State};
use crate::core::incident::severity::Severity;
use crate::core::text::clean_name;

/// How many fields are kept of an alert.
pub const FIELDS_MAX: usize = 64;
/// The longest value of a field, in characters; a longer one is not kept, for a part of it would
/// match what the whole does not.
pub const FIELD_CHARS_MAX: usize = 500;

/// Whether something is wrong, or is no longer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It is.
    #[default]
    Fired,
    /// It was.
    Resolved,
}

/// What a body is there for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlertKind {
    /// Something fires or resolves.
    #[default]
    Alert,
    /// A further statement about a trouble that may be known, whose words matter; it opens an
    /// incident where none is open.
    Update,
    /// Something about an alert that neither fires nor resolves, such as its acknowledgement or a
    /// report afterwards: never an incident of its own.
    Note,
    /// A test that somebody started in the monitor.
    Test,
    /// A sender asks a person to confirm that it may post here; the link confirms it.
    Subscription,
    /// Nothing for people.
    Ignored,
}

impl AlertKind {
    /// The kind of a body with this state.
    #[must_use]
    pub fn of_state(state: Option<State>) -> Self {
        match state {
            Some(State::Acknowledged) => Self::Note,
            Some(State::Test) => Self::Test,
            Some(State::Firing | State::Resolved) | None => Self::Alert,
        }
    }
}

/// What a body says, before it is known as a sender's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// What the body is there for.
    pub kind: AlertKind,
    /// What the sender tells its alerts or groups apart by.
    pub key: Vec<String>,
    /// Fired or resolved; of a group: fired while one of its members fires.
    pub condition: Condition,
    /// What it is about: one line, never empty, [`TITLE_CHARS_MAX`] characters at most.
    pub title: String,
    /// More about it, in lines: [`DESCRIPTION_CHARS_MAX`] characters at most.
    pub description: String,
    /// The monitor's own grade; `None` where there is none, or in unknown words.
    pub grade: Option<Grade>,
    /// The component that it names, as it names it.
    pub component: Option<String>,
    /// When it began, by the monitor's clock.
    pub fired_at: Option<Timestamp>,
    /// When the newest part of it began; differs from the beginning only in a group.
    pub newest_at: Option<Timestamp>,
    /// When it ended, by the monitor's clock; only of a resolved one.
    pub resolved_at: Option<Timestamp>,
    /// When work that was announced begins and ends.
    pub planned: Option<(Timestamp, Timestamp)>,
    /// Where to look at it: an `https:` or `http:` address.
    pub link: Option<String>,
    /// What rules match on.
    pub fields: Fields,
    /// The things that fire or resolved, each known by its fingerprint.
    pub members: Vec<Member>,
    /// Members that the sender left out of the body.
    pub left_out: u64,
    /// Parts of the body that were not understood, for whoever writes such bodies.
    pub not_understood: Vec<String>,
}

impl Reading {
    /// The severity; `None` where the monitor gives none.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        self.grade.and_then(Grade::severity)
    }

    /// The condition of a body with this state. What is not understood fires, so that it is heard.
    #[must_use]
    pub fn condition_of(state: Option<State>) -> Condition {
        if state == Some(State::Resolved) { Condition::Resolved } else { Condition::Fired }
    }
}

/// One thing that an alert is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// What the sender knows it by, the same each time that it fires.
    pub fingerprint: String,
    /// Fired or resolved.
    pub condition: Condition,
    /// When it began to fire, by the monitor's clock.
    pub since: Option<Timestamp>,
    /// When it ended; only of a resolved one.
    pub ended: Option<Timestamp>,
    /// The monitor's severity for it.
    pub severity: Option<Severity>,
    /// What it is called: one line.
    pub title: String,
    /// Its own words, beyond those of all members: one line.
    pub description: String,
    /// Its labels.
    pub labels: Vec<(String, String)>,
}

/// Names and values; a name may be there more than once. At most [`FIELDS_MAX`] of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Adds a field, unless its value shows nothing, is too long, or there are too many.
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

    /// Adds what the monitor's users call things by: labels, dimensions, custom properties.
    pub fn add_label(&mut self, name: &str, value: &str) {
        self.add(&format!("{LABEL}{name}"), value);
    }

    /// The values of a name, which is in lower case.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// All of them, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// What the names of labels begin with.
pub const LABEL: &str = "label.";
