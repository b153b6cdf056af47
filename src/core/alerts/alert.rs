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
    /// What fires and resolves by itself: [`MEMBERS_READ_MAX`] at most. A reader that knows of no
    /// members leaves it empty, and [`Alert::complete`] adds the alert itself.
    pub members: Vec<Member>,
    /// Members that the body counts without naming them, or that are beyond the limit.
    pub left_out: u32,
    /// What it is about.
    pub kind: AlertKind,
    /// Whether the monitor says that nobody is needed, such as a watchdog with the severity `none`.
    pub needs_nobody: bool,
}

/// The largest number of members that is read of an alert; more are counted.
pub const MEMBERS_READ_MAX: usize = 1_000;

/// Of an alert, one thing that fires and resolves by itself: an instance, a target, a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// What tells it from every other member of its source, at every firing the same: the
    /// fingerprint, or the rule with targets and dimensions. Never the time.
    pub key: Key,
    /// Fired or resolved.
    pub condition: Condition,
    /// What it is about, in one line of [`TITLE_CHARS_MAX`] characters at most; may be empty.
    pub title: String,
    /// More about it, in lines; may be empty.
    pub description: String,
    /// Its labels, those first in which it differs from the other members.
    pub labels: Vec<(String, String)>,
    /// How severe the monitor says it is.
    pub severity: Option<Severity>,
    /// When it began, by the monitor's clock.
    pub fired_at: Option<Timestamp>,
    /// When it ended, by the monitor's clock; only of a resolved one.
    pub resolved_at: Option<Timestamp>,
}

/// What an alert is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlertKind {
    /// Something is wrong, or is no longer.
    #[default]
    Trouble,
    /// A further statement about a trouble, such as an update of Azure Service Health: its text is
    /// kept although the trouble is known.
    Update,
    /// Something about a trouble that is over, such as its root cause: it opens nothing.
    Note,
    /// Work that somebody else has planned.
    Planned {
        /// When it begins.
        from: Option<Timestamp>,
        /// When it ends.
        until: Option<Timestamp>,
    },
}

impl Alert {
    /// The alert with one member at least, which is the alert itself where it has none.
    #[must_use]
    pub fn complete(mut self) -> Self {
        let over = self.members.len().saturating_sub(MEMBERS_READ_MAX);
        self.members.truncate(MEMBERS_READ_MAX);
        self.left_out = self.left_out.saturating_add(u32::try_from(over).unwrap_or(u32::MAX));
        if self.members.is_empty() {
            self.members.push(Member {
                key: self.key.clone(),
                condition: self.condition,
                title: self.title.clone(),
                description: self.description.clone(),
                labels: Vec::new(),
                severity: self.severity,
                fired_at: self.fired_at,
                resolved_at: self.resolved_at,
            });
        }
        self
    }
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
