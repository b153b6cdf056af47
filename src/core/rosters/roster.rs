//! Rosters: who takes turns, in which layers, and what was changed for once.

use crate::core::sealed::{Erasable, REMOVED};
use jiff::Timestamp;
use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// The longest turn, in days.
pub const TURN_DAYS_MAX: u32 = 366;

/// Everybody who is on call at times, and the rosters that they are in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rosters {
    /// The people, each with a name of their own.
    pub contacts: Vec<Contact>,
    /// The rosters, each with a name and topics of its own.
    pub rosters: Vec<Roster>,
}

impl Rosters {
    /// Somebody by their name, in capitals or not.
    #[must_use]
    pub fn contact(&self, name: &str) -> Option<&Contact> {
        self.contacts.iter().find(|contact| is_same(&contact.name, name))
    }

    /// A roster by its name or one of its topics, in capitals or not.
    #[must_use]
    pub fn roster(&self, name: &str) -> Option<&Roster> {
        self.rosters.iter().find(|roster| roster.names().any(|own| is_same(own, name)))
    }
}

/// Whether two names mean the same: capitals make no difference.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Whether a name begins with that first name; a directory may write `Lovelace, Ada`.
#[must_use]
pub fn is_first_name(name: &str, first: &str) -> bool {
    let given = name.split_once(',').map_or(name, |(_, given)| given);
    given.split_whitespace().next().is_some_and(|word| is_same(word, first))
}

/// Somebody who is on call at times, and how to reach them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// What people call them.
    pub name: String,
    /// Their object id in the directory, by which Teams knows them.
    pub id: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their phone number as people write it.
    pub phone: Option<String>,
}

impl Contact {
    /// Somebody of whom only the name is known.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), id: None, email: None, phone: None }
    }
}

/// Those who answer for something.
#[derive(Clone, Debug, PartialEq)]
pub struct Roster {
    /// What people call it.
    pub name: String,
    /// What else it is asked for by: what its people are experts in.
    pub topics: Vec<String>,
    /// Its levels, in the order in which people are called.
    pub levels: Vec<Level>,
}

impl Roster {
    /// All names that it goes by.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        [&self.name].into_iter().chain(&self.topics).map(String::as_str)
    }
}

/// Who is called first, or next, of a roster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Level {
    /// Such as `primary` or `secondary`.
    pub name: String,
    /// At least one. Of those that have somebody at a moment, the highest order wins; those of the
    /// same order are on call together.
    pub layers: Vec<Layer>,
    /// What was changed for once, each on top of those before it.
    pub overrides: Vec<Override>,
    /// When nobody is meant to be on call: each of one turn without a meaning.
    pub unstaffed: Vec<Layer>,
}

/// People who take turns by the clocks of a time zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// The higher wins.
    pub order: i32,
    /// The zone that all its times are in.
    pub zone: TimeZone,
    /// When the first of its turns begins. Turns go on before it as they do after it.
    pub anchor: DateTime,
    /// How long a turn is.
    pub turn: TurnLength,
    /// Who takes the turns, one after the other: at least one turn, with at least one name each.
    pub turns: Vec<Vec<String>>,
    /// When of a week it has somebody on call; always without it.
    pub window: Option<Window>,
    /// From when on it counts.
    pub from: Option<DateTime>,
    /// From when on it counts no longer.
    pub until: Option<DateTime>,
}

/// How long a turn is: at least one of its unit, at most [`TURN_DAYS_MAX`] days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnLength {
    /// Hours that pass, whatever the clocks show.
    Hours(u32),
    /// Days, from a time of day to the same on another.
    Days(u32),
    /// Weeks, in the same way.
    Weeks(u32),
}

/// A part of a week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The days on which it begins.
    pub days: Vec<Weekday>,
    /// When it begins and ends, never the same: where the end is the earlier one, it is that of
    /// the next day. Without it, from midnight to midnight.
    pub hours: Option<(Time, Time)>,
}

/// A change for once, which beats all layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// From when on.
    pub start: Timestamp,
    /// Until when: after `start`.
    pub end: Timestamp,
    /// What it changes.
    pub change: Change,
}

/// What an override changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// Somebody is on call as well.
    Add(String),
    /// Somebody is not on call.
    Remove(String),
    /// Somebody is on call, and nobody else.
    Only(String),
    /// Whenever the one would be on call, the other is instead.
    Replace {
        /// Who is not.
        removed: String,
        /// Who is.
        added: String,
    },
}

impl Erasable for Change {
    fn erased() -> Self {
        Self::Remove(REMOVED.to_owned())
    }
}

impl Change {
    /// Those whom it names.
    pub fn people(&self) -> impl Iterator<Item = &str> {
        let (first, second) = match self {
            Self::Add(name) | Self::Remove(name) | Self::Only(name) => (name, None),
            Self::Replace { removed, added } => (removed, Some(added)),
        };
        [first].into_iter().chain(second).map(String::as_str)
    }
}
