//! An alert, whichever monitor sent it: plain texts of bounded length, and what rules match on.

use jiff::Timestamp;

pub use super::firing::{AlertSource, Condition, KEY_BYTES_MAX, Key};
use crate::core::incident::severity::Severity;
use crate::core::text::{Text, clean_name, is_safe_link};

/// The longest title, in characters.
pub const TITLE_CHARS_MAX: usize = 200;
/// The longest description, in characters.
pub const DESCRIPTION_CHARS_MAX: usize = 4_000;
/// How many fields are kept of an alert.
pub const FIELDS_MAX: usize = 64;
/// The longest value of a field, in characters; a longer one is not kept, for a part of it would
/// match what the whole does not.
pub const FIELD_CHARS_MAX: usize = 500;

/// An alert as it was delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// What sent it.
    pub source: AlertSource,
    /// Which alert it is.
    pub key: Key,
    /// Fired or resolved.
    pub condition: Condition,
    /// Whether it is a test that somebody started by hand, in Azure's portal or in Grafana: there
    /// is nothing to it.
    pub is_test: bool,
    /// What it is about: one line, never empty, [`TITLE_CHARS_MAX`] characters at most.
    pub title: String,
    /// More about it, in lines: [`DESCRIPTION_CHARS_MAX`] characters at most.
    pub description: String,
    /// How bad the monitor says it is; `None` where it does not say, or in words that are unknown.
    pub severity: Option<Severity>,
    /// The component that it names, as it names it.
    pub component: Option<String>,
    /// When it began, by the monitor's clock.
    pub fired_at: Option<Timestamp>,
    /// When the newest part of it began: another time than that it began only of a group.
    pub newest_at: Option<Timestamp>,
    /// When it ended, by the monitor's clock; only of a resolved one.
    pub resolved_at: Option<Timestamp>,
    /// Where to look at it: an `https:` or `http:` address.
    pub link: Option<String>,
    /// What rules match on.
    pub fields: Fields,
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

/// The severity of a word that monitors commonly use; `None` of any other.
#[must_use]
pub fn severity_of(word: &str) -> Option<Severity> {
    match word.trim().to_ascii_lowercase().as_str() {
        "critical" | "fatal" | "emergency" | "disaster" => Some(Severity::Critical),
        "high" | "error" | "major" => Some(Severity::High),
        "medium" | "moderate" | "warning" | "warn" | "minor" => Some(Severity::Medium),
        "low" | "info" | "information" | "informational" | "notice" => Some(Severity::Low),
        _ => None,
    }
}

/// A text as one clean line of so many characters at most.
#[must_use]
pub fn one_line(text: &str, chars_max: usize) -> String {
    let plain = Text::plain(text).to_plain();
    let words: Vec<&str> = plain.split_whitespace().collect();
    cut(words.join(" "), chars_max)
}

/// Parts as clean lines, one below the other, without those that say nothing or say it again.
#[must_use]
pub fn lines<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut kept: Vec<String> = Vec::new();
    for part in parts {
        let part = Text::plain(part).to_plain();
        if !part.is_empty() && !kept.contains(&part) {
            kept.push(part);
        }
    }
    cut(kept.join("\n"), DESCRIPTION_CHARS_MAX)
}

fn cut(text: String, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text;
    }
    text.chars().take(chars_max.saturating_sub(1)).chain(['…']).collect()
}

/// A web address that may be followed, or nothing.
#[must_use]
pub fn link(address: &str) -> Option<String> {
    let is_web = |scheme: &str| {
        address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    let is_web = is_web("https://") || is_web("http://");
    (is_web && is_safe_link(address)).then(|| address.to_owned())
}

/// A time with its offset, as all monitors write it. What none of them has seen is not a time:
/// Go's year 1 means that there is none.
#[must_use]
pub fn time(text: &str) -> Option<Timestamp> {
    text.trim().parse().ok().filter(|at: &Timestamp| *at > Timestamp::UNIX_EPOCH)
}
