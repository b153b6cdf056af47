//! Possible outcomes of an alert.

use jiff::Timestamp;

use crate::alerts::alert::Alert;
use crate::incident::model::{Number, OPEN_INCIDENTS_MAX};
use crate::log::draft::Completed;
use crate::log::fold::FoldError;
use crate::log::record::{Cause, Event, MessageId, Source};
use crate::response::person::Person;

/// The conversation in an alert's record. No conversation in Teams has this name.
pub const ALERT: &str = "alert";

/// The limit of open incidents whose alerts fire. Beyond it a new alert joins the newest of them,
/// unless it is critical.
pub const ALERTED_MAX: usize = OPEN_INCIDENTS_MAX - 5;

/// The limit of open incidents with alerts, whatever their severity and state.
pub const ALERTED_CEILING: usize = 2 * OPEN_INCIDENTS_MAX;

/// The outcome of an alert. If its members are in several incidents, the first that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlertOutcome {
    /// It opened an incident.
    Opened,
    /// It reopened the incident that a rule had closed a short while ago.
    Reopened,
    /// It was recorded in an unrelated incident, because the limit of open incidents was reached.
    Crowded,
    /// It was recorded in the open incident that it belongs to.
    Joined,
    /// It resolved, and a rule closed its incident.
    Closed,
    /// It resolved, which was recorded in its incident.
    Resolved,
    /// It was noted in the maintenance of its component.
    Noted,
    /// It has no news.
    Repeated,
    /// An old firing: it began before its incident was closed.
    Over,
    /// It resolved, and no incident is open for it.
    NothingOpen,
    /// A test of the delivery.
    Test,
    /// A rule mutes it.
    Muted,
    /// Its monitor says that nobody is needed.
    Ignored,
}

impl AlertOutcome {
    /// The word for it in answers and in the log.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Reopened => "reopened",
            Self::Crowded => "crowded",
            Self::Joined => "joined",
            Self::Closed => "closed",
            Self::Resolved => "resolved",
            Self::Noted => "noted",
            Self::Repeated => "repeated",
            Self::Over => "over",
            Self::NothingOpen => "nothing_open",
            Self::Test => "test",
            Self::Muted => "muted",
            Self::Ignored => "ignored",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    pub fate: AlertOutcome,
    /// Its incident.
    pub number: Option<Number>,
    /// The record to commit, if any.
    pub record: Option<Box<Completed>>,
}

/// Reasons why an alert cannot be decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoDecision {
    /// All limits are reached, and no incident has room for the alert.
    NoRoom,
    /// The decided record does not fit the state: a defect of this program.
    Impossible(FoldError),
}

/// The cause of a record about an alert that arrived at `at`. `arrival` is unique.
#[must_use]
pub fn cause(alert: &Alert, arrival: &str, at: Timestamp) -> Cause {
    // A record's head must not hold the key, because it could not be erased there.
    let id = format!("{arrival} {at}");
    Cause {
        source: Source::Alert,
        by: Person {
            id: ALERT.to_owned(),
            name: alert.source.title().to_owned(),
            ..Person::default()
        },
        message: MessageId { conversation: ALERT.to_owned(), id },
        thread: None,
        at,
    }
}

/// The outcome for one incident, or for none.
pub(super) struct AlertEffect {
    pub(super) fate: AlertOutcome,
    pub(super) number: Option<Number>,
    pub(super) events: Vec<Event>,
}

impl AlertEffect {
    pub(super) fn nothing(fate: AlertOutcome, number: Option<Number>) -> Self {
        Self { fate, number, events: Vec::new() }
    }
}
