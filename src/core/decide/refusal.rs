//! Why a command changes nothing, as data; `answer` has the sentences.

use super::window::Unplannable;
use crate::core::chat::command::Misread;
use crate::core::chat::words::Verb;
use crate::core::incident::model::{Impact, Number};

/// Why a command changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It was not understood.
    Misread(Misread),
    /// An incident is open already, or several.
    AlreadyOpen {
        /// Number and title of each.
        open: Vec<(Number, String)>,
        /// How bad the new one was to be.
        impact: Impact,
        /// The names of the components that it was to affect.
        components: Vec<String>,
        /// What was to be said.
        text: String,
    },
    /// No incident is open.
    NothingOpen {
        /// The verb.
        verb: Verb,
        /// The one closed last.
        closed: Option<Number>,
    },
    /// Several are open, or `reopen` did not say which one: these could be meant.
    WhichOne {
        /// The verb.
        verb: Verb,
        /// Number and title of each candidate.
        candidates: Vec<(Number, String)>,
        /// What was to be said.
        text: String,
    },
    /// The maintenance is over.
    Over(Number),
    /// There is no such incident.
    NoSuchIncident {
        /// The number that was typed.
        number: Number,
        /// Number and title of what is open.
        open: Vec<(Number, String)>,
    },
    /// The incident is closed.
    Closed {
        /// Its number.
        number: Number,
        /// The verb.
        verb: Verb,
    },
    /// The incident is open, and the verb is for closed ones.
    StillOpen {
        /// Its number.
        number: Number,
        /// The verb.
        verb: Verb,
    },
    /// There are as many open incidents as there may be; this is one of them.
    TooManyOpen(Option<Number>),
    /// The number is that of a maintenance, for which the verb does nothing.
    IsMaintenance {
        /// Its number.
        number: Number,
        /// The verb.
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
        /// Its number.
        number: Number,
        /// Whether it is open.
        open: bool,
    },
}
