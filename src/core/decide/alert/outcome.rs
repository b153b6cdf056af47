//! What can become of an alert.

use jiff::Timestamp;

use crate::core::alerts::alert::Alert;
use crate::core::incident::model::{Number, OPEN_INCIDENTS_MAX};
use crate::core::log::draft::Completed;
use crate::core::log::fold::FoldError;
use crate::core::log::record::{Cause, Event, MessageId, Source};
use crate::core::response::person::Person;

/// What a record of an alert gives as its conversation; no conversation in Teams is called so.
pub const ALERT: &str = "alert";

/// Incidents that may be open for alerts that fire. Beyond it a new alert joins the newest of them,
/// unless it is critical.
pub const ALERTED_MAX: usize = OPEN_INCIDENTS_MAX - 5;

/// Incidents that may be open for alerts, whatever their severity and state.
pub const ALERTED_CEILING: usize = 2 * OPEN_INCIDENTS_MAX;

/// What becomes of an alert; of one with members in several incidents, the first that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It opens an incident.
    Opened,
    /// It reopens the incident that a rule had closed a short while ago.
    Reopened,
    /// It is recorded in an incident that is about something else, because there is no room for
    /// another one.
    Crowded,
    /// It is recorded in the open incident that it belongs to.
    Joined,
    /// It is over, and so is its incident, which a rule closes.
    Closed,
    /// It is over, which is recorded in its incident.
    Resolved,
    /// It is recorded with the maintenance that its component is under.
    Noted,
    /// It is known.
    Repeated,
    /// Its incident was closed before; it fires since then, not again.
    Over,
    /// It is over, and no incident is open for it.
    NothingOpen,
    /// Somebody checks whether alerts arrive.
    Test,
    /// A rule says that nothing happens.
    Muted,
    /// Its monitor says that it needs nobody.
    Ignored,
}

impl Fate {
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

/// The decision about an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// What becomes of it.
    pub fate: Fate,
    /// The incident that it belongs to.
    pub number: Option<Number>,
    /// The record to commit, if any.
    pub record: Option<Box<Completed>>,
}

/// Why nothing can be done with an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoDecision {
    /// There is no room for another incident, and no incident that could take the alert.
    NoRoom,
    /// What was to be recorded does not follow from the state: a defect of this program.
    Impossible(FoldError),
}

/// The cause of a record about an alert that arrived at `at`; `arrival` tells it from every other.
#[must_use]
pub fn cause(alert: &Alert, arrival: &str, at: Timestamp) -> Cause {
    // The head of a record holds no key: it could not be erased there.
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

/// What follows for one incident, or for none.
pub(super) struct Outcome {
    pub(super) fate: Fate,
    pub(super) number: Option<Number>,
    pub(super) events: Vec<Event>,
}

impl Outcome {
    pub(super) fn nothing(fate: Fate, number: Option<Number>) -> Self {
        Self { fate, number, events: Vec::new() }
    }
}
