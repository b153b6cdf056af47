//! A team's rules about alerts. The first rule that matches counts.

use jiff::SignedDuration;

use super::alert::{Alert, Fields};
use super::words::Grade;
use crate::incident::severity::Severity;

/// Severity of an incident if neither the alert nor a rule gives one.
pub const SEVERITY: Severity = Severity::Medium;

/// A text to compare without regard to case. An asterisk at its beginning or end matches anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    open_start: bool,
    open_end: bool,
}

impl Pattern {
    /// `None` if the pattern is empty or has an asterisk in the middle.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (open_start, rest) = text.strip_prefix('*').map_or((false, text), |rest| (true, rest));
        let (open_end, rest) = rest.strip_suffix('*').map_or((false, rest), |rest| (true, rest));
        let is_pattern = !text.is_empty() && !rest.contains('*');
        is_pattern.then(|| Self { text: rest.to_lowercase(), open_start, open_end })
    }

    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        match (self.open_start, self.open_end) {
            (false, false) => text == self.text,
            (true, false) => text.ends_with(&self.text),
            (false, true) => text.starts_with(&self.text),
            (true, true) => text.contains(&self.text),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Field names in lower case with their patterns. All have to match.
    pub matchers: Vec<(String, Pattern)>,
    pub handling: Handling,
}

impl Rule {
    #[must_use]
    pub fn matches(&self, fields: &Fields) -> bool {
        self.matchers
            .iter()
            .all(|(name, pattern)| fields.values(name).any(|value| pattern.matches(value)))
    }
}

/// The action for an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handling {
    /// A rule ignores the alert: it is answered, but not recorded.
    Mute,
    /// The same, without a rule.
    Ignore,
    /// Opens an incident, or joins the open one with the same key.
    Open(Opening),
}

/// Options for the incident of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The id of the affected component.
    pub component: Option<String>,
    /// Overrides the severity of the alert.
    pub severity: Option<Severity>,
    /// The roster to ask. Only the log knows whether it exists.
    pub roster: Option<String>,
    /// Opens the incident on the page instead of internally.
    pub publish: bool,
    /// Closes the incident when the alert resolves.
    pub close_on_resolve: bool,
    /// Time after closing during which the alert reopens the incident instead of opening a new one.
    pub reopen_within: SignedDuration,
    /// Opens the incident even during an announced maintenance of its component.
    pub during_maintenance: bool,
}

/// Default of [`Opening::reopen_within`] for incidents that a rule closed.
pub const REOPEN_WITHIN: SignedDuration = SignedDuration::from_mins(15);

impl Default for Opening {
    fn default() -> Self {
        Self {
            component: None,
            severity: None,
            roster: None,
            publish: false,
            close_on_resolve: false,
            reopen_within: REOPEN_WITHIN,
            during_maintenance: false,
        }
    }
}

impl Opening {
    /// The severity of the incident: the rule's, the alert's own, or [`SEVERITY`].
    #[must_use]
    pub fn severity(&self, alert: &Alert) -> Severity {
        self.severity.or(alert.severity()).unwrap_or(SEVERITY)
    }
}

/// Applies the first matching rule. Without one, opens an internal incident, or ignores the alert
/// if the monitor itself says that nobody is needed.
#[must_use]
pub fn handling(rules: &[Rule], alert: &Alert) -> Handling {
    match rules.iter().find(|rule| rule.matches(&alert.fields)) {
        Some(rule) => rule.handling.clone(),
        None if alert.grade == Some(Grade::None) => Handling::Ignore,
        None => Handling::Open(Opening::default()),
    }
}
