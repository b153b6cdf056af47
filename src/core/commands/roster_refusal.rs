//! Why a command about who is on call changes nothing, or a question about it has no answer.

use super::window::Unplannable;
use super::words::Verb;
use crate::core::response::roster_file::FileError;

/// Why nothing is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RosterRefusal {
    /// No rosters were ever set.
    NotSet,
    /// The file is wrong; where `set` it is the one that was set, and an older version took it.
    Wrong {
        /// What is wrong with it.
        error: FileError,
        /// Whether it was set before.
        set: bool,
    },
    /// The file is the one that is set.
    SetAlready,
    /// No roster or topic is called so.
    UnknownRoster {
        /// What was typed.
        name: String,
        /// The one that this resembles.
        nearest: Option<String>,
        /// All of them.
        known: Vec<String>,
    },
    /// No roster or level is called so.
    UnknownPlace {
        /// What was typed.
        name: String,
        /// The one that this resembles.
        nearest: Option<String>,
        /// Each level with its roster in front.
        known: Vec<String>,
    },
    /// Who is on call was asked for, and not in which of these rosters.
    WhichRoster(Vec<String>),
    /// Nobody is on call there.
    NobodyOnCall(String),
    /// Several people are on call there together.
    SeveralOnCall {
        /// Where.
        place: String,
        /// Who.
        people: Vec<String>,
    },
    /// Several levels could be meant.
    WhichPlace {
        /// Which command it was.
        verb: Verb,
        /// Each level with its roster in front.
        candidates: Vec<String>,
        /// What stands behind that in the line to copy.
        rest: String,
    },
    /// Nobody in the rosters is called so.
    UnknownPerson {
        /// What was typed.
        name: String,
        /// The one that this resembles.
        nearest: Option<String>,
        /// Everybody.
        known: Vec<String>,
    },
    /// The sender is not in the rosters.
    NotInRosters(String),
    /// The time cannot be taken.
    Time(Unplannable),
    /// The person is on call then anyway, and nobody else.
    OnCallAnyway {
        /// Who.
        name: String,
        /// Where.
        place: String,
    },
    /// So many turns lie within the time.
    TooManyTurns(usize),
    /// There are as many covers ahead as there may be.
    TooManyCovers,
    /// Another change names the same person at that time.
    Overlaps {
        /// Whom.
        name: String,
        /// From when to when, for people.
        time: String,
        /// Its number, if it was made in the channel.
        number: Option<u32>,
    },
    /// Somebody has no turn then.
    NoTurn {
        /// Who.
        name: String,
        /// Whether that is the sender.
        is_sender: bool,
        /// At or on when, for people; `None` where the next one at all was looked for.
        at: Option<String>,
        /// The next turn, for people.
        next: Option<String>,
    },
    /// Somebody wants to swap with themselves.
    SwapWithSelf,
    /// Both are on call together.
    Together(String),
    /// There is no such cover.
    NoSuchCover {
        /// The number that was typed.
        number: u32,
        /// The covers that are not over, for people.
        known: Vec<String>,
    },
    /// The cover is over.
    CoverOver(u32),
}
