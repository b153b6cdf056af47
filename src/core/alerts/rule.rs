//! What a team wants done about its alerts: rules, the first that matches counts.

use jiff::SignedDuration;

use super::alert::{Alert, Fields};
use super::words::Grade;
use crate::core::incident::severity::Severity;

/// The severity of an incident whose alert says none, and of which no rule does.
pub const SEVERITY: Severity = Severity::Medium;

/// A text to compare with, without regard to case. An asterisk at its beginning or its end stands
/// for anything, or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    open_start: bool,
    open_end: bool,
}

impl Pattern {
    /// Reads a pattern; `None` of an empty one, and of one with an asterisk within.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (open_start, rest) = text.strip_prefix('*').map_or((false, text), |rest| (true, rest));
        let (open_end, rest) = rest.strip_suffix('*').map_or((false, rest), |rest| (true, rest));
        let is_pattern = !text.is_empty() && !rest.contains('*');
        is_pattern.then(|| Self { text: rest.to_lowercase(), open_start, open_end })
    }

    /// Whether a text is as the pattern says.
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

/// A rule: what it is for, and what is done then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Fields by their names in lower case, with what one of their values has to be. All have to
    /// match.
    pub matchers: Vec<(String, Pattern)>,
    /// What is done.
    pub handling: Handling,
}

impl Rule {
    /// Whether the rule is for an alert with these fields.
    #[must_use]
    pub fn matches(&self, fields: &Fields) -> bool {
        self.matchers
            .iter()
            .all(|(name, pattern)| fields.values(name).any(|value| pattern.matches(value)))
    }
}

/// What is done about an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handling {
    /// Nothing: it is answered, and recorded nowhere.
    Mute,
    /// The same, without a rule.
    Ignore,
    /// An incident is opened, or the open one with its key is joined.
    Open(Opening),
}

/// How an alert's incident is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The id of the component that it is about.
    pub component: Option<String>,
    /// How bad it is, whatever the alert says.
    pub severity: Option<Severity>,
    /// The roster whose people are asked. Whether there is one of that name only the log knows.
    pub roster: Option<String>,
    /// Whether it is on the page at once, rather than internal.
    pub publish: bool,
    /// Whether it closes when the alert resolves.
    pub close_on_resolve: bool,
    /// For how long after it closed so the alert reopens it instead of opening another one.
    pub reopen_within: SignedDuration,
    /// Whether it is opened even while its component is under announced maintenance.
    pub during_maintenance: bool,
}

/// For how long an alert reopens what a rule closed, unless the rule says otherwise.
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

/// What is done about an alert: what the first rule says that matches; else an internal incident,
/// or nothing where the monitor itself says that nobody is needed.
#[must_use]
pub fn handling(rules: &[Rule], alert: &Alert) -> Handling {
    match rules.iter().find(|rule| rule.matches(&alert.fields)) {
        Some(rule) => rule.handling.clone(),
        None if alert.grade == Some(Grade::None) => Handling::Ignore,
        None => Handling::Open(Opening::default()),
    }
}
