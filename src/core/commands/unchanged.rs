//! Why a command changes nothing, as data; `answer` has the sentences.

use super::window::Unplannable;
use super::words::Verb;
use crate::core::incident::model::{Impact, Number};

/// Why a command changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unchanged {
    /// An incident is open already, or several.
    AlreadyOpen {
        /// Number and title of each open incident.
        open: Vec<(Number, String)>,
        /// The impact that was typed for the new one.
        impact: Impact,
        /// The names of the components that were typed for it.
        components: Vec<String>,
        /// Its text, for the lines to copy.
        text: String,
    },
    /// No incident is open.
    NothingOpen {
        /// Which command it was.
        verb: Verb,
        /// The incident that was closed last.
        closed: Option<Number>,
    },
    /// The command names no incident, and several could be meant.
    WhichOne {
        /// Which command it was.
        verb: Verb,
        /// Number and title of each that could be meant; empty where none has ended yet.
        candidates: Vec<(Number, String)>,
        /// What stands behind the number in the line to copy: words that the command needs, such as
        /// a stage, if any, and the text.
        behind: (String, String),
    },
    /// The maintenance is over.
    Over(Number),
    /// There is no such incident.
    NoSuchIncident {
        /// The number that was typed.
        number: Number,
        /// Number and title of each open incident.
        open: Vec<(Number, String)>,
    },
    /// The incident is closed.
    Closed(Number),
    /// The incident has that impact already.
    SameImpact {
        /// The incident.
        number: Number,
        /// Its impact.
        impact: Impact,
        /// What was typed besides, for the line to copy.
        text: String,
    },
    /// The incident is open, and the command is for closed ones.
    StillOpen {
        /// The incident.
        number: Number,
        /// Which command it was.
        verb: Verb,
    },
    /// There are as many open incidents as there may be; this is one of them.
    TooManyOpen(Option<Number>),
    /// The number is that of a maintenance, and the command is for incidents.
    IsMaintenance {
        /// The maintenance.
        number: Number,
        /// Which command it was.
        verb: Verb,
    },
    /// The number is that of an incident, and not of a maintenance.
    NoMaintenance(Number),
    /// The maintenance has not begun: it can be cancelled, not completed.
    NotBegun(Number),
    /// There are as many maintenances ahead as there may be; this is one of them.
    TooManyMaintenances(Option<Number>),
    /// The time of a maintenance cannot be taken.
    Time(Unplannable),
    /// The incident has as many updates as it may have.
    TooManyUpdates {
        /// The incident.
        number: Number,
        /// Whether it is open, so that closing it is left.
        open: bool,
    },
}
