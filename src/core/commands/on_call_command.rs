//! Commands about who is on call, as they were understood.

use std::sync::Arc;

use super::person::TypedPerson;
use super::schedule::{Day, Moment, Plan};
use super::words::Verb;

/// A change of who is on call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnCallCommand {
    /// A file takes the place of the one before. It is not typed: it comes from a terminal.
    Set {
        /// The file.
        text: Arc<str>,
    },
    /// Somebody stands in.
    Cover {
        /// Who, and where.
        who: Named,
        /// When.
        plan: Plan,
        /// The same as it was typed, for the lines to copy.
        when: String,
        /// Why; may be empty.
        why: String,
    },
    /// The sender and somebody else take each other's turn.
    Swap {
        /// The other one, and where.
        who: Named,
        /// Which turn of the sender's.
        given: Turn,
        /// Which turn of the other one's; `None` is the next behind the sender's.
        taken: Option<Turn>,
        /// Both as they were typed, for the lines to copy.
        when: String,
    },
    /// A cover is taken back.
    Uncover {
        /// Its number.
        number: u32,
    },
}

impl OnCallCommand {
    /// The verb that it is typed with.
    #[must_use]
    pub fn verb(&self) -> Verb {
        match self {
            Self::Set { .. } => Verb::OnCall,
            Self::Cover { .. } => Verb::Cover,
            Self::Swap { .. } => Verb::Swap,
            Self::Uncover { .. } => Verb::Uncover,
        }
    }
}

/// A person and a place of the rosters, as they were typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// Roster and level, either or none, and then the person: only the rosters tell where the names
    /// begin.
    Together(String),
    /// Where the person's name begins is known.
    Apart {
        /// Roster and level, either or none.
        place: String,
        /// The person.
        person: TypedPerson,
    },
}

/// Somebody's turn, by a time in it, as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The one that goes on at a moment.
    At(Moment),
    /// The one that begins on a day, or goes on when it begins.
    On(Day),
}
