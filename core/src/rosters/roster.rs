//! Rosters: levels, their layers, and overrides.

use crate::sealed::{Erasable, REMOVED};
use jiff::Timestamp;
use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// Maximum length of a turn, in days.
pub const TURN_DAYS_MAX: u32 = 366;

/// All rosters and the people in them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rosters {
    /// Names are unique.
    pub contacts: Vec<Contact>,
    /// Names and topics are unique.
    pub rosters: Vec<Roster>,
    /// Phone numbers stay out of answers and messages about an opening.
    pub hides_phones: bool,
}

impl Rosters {
    /// Finds a person by name, ignoring case.
    #[must_use]
    pub fn contact(&self, name: &str) -> Option<&Contact> {
        self.contacts.iter().find(|contact| is_same(&contact.name, name))
    }

    /// Finds a roster by its name or one of its topics, ignoring case.
    #[must_use]
    pub fn roster(&self, name: &str) -> Option<&Roster> {
        self.rosters.iter().find(|roster| roster.names().any(|own| is_same(own, name)))
    }
}

/// Returns `true` if the names are equal, ignoring case.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Returns `true` if `first` is the first name in `name`; a directory may write `Lovelace, Ada`.
#[must_use]
pub fn is_first_name(name: &str, first: &str) -> bool {
    let given = name.split_once(',').map_or(name, |(_, given)| given);
    given.split_whitespace().next().is_some_and(|word| is_same(word, first))
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub name: String,
    /// Object id in the directory, by which Teams knows the person.
    pub id: Option<String>,
    pub email: Option<String>,
    /// Phone number as typed in the file.
    pub phone: Option<String>,
}

impl Contact {
    /// A person of whom only the name is known.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), id: None, email: None, phone: None }
    }
}

/// The people responsible for something.
#[derive(Clone, Debug, PartialEq)]
pub struct Roster {
    pub name: String,
    /// Further names to ask for it by, such as the areas that its people are experts in.
    pub topics: Vec<String>,
    /// In the order in which people are called.
    pub levels: Vec<Level>,
}

impl Roster {
    /// Its name and topics.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        [&self.name].into_iter().chain(&self.topics).map(String::as_str)
    }
}

/// A level of a roster, such as the first or second person to call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Level {
    /// For example `primary` or `secondary`.
    pub name: String,
    /// At least one. Of the layers with someone on call at a moment, those of the highest order
    /// win; layers of the same order are on call together.
    pub layers: Vec<Layer>,
    /// Each is applied on top of the previous ones.
    pub overrides: Vec<Override>,
    /// Planned gaps, each as a layer of one turn whose person is meaningless.
    pub unstaffed: Vec<Layer>,
}

/// A rotation in the local time of a zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// The highest order wins.
    pub order: i32,
    /// Zone of all its times.
    pub zone: TimeZone,
    /// Start of turn 0. The rotation extends before it as well as after it.
    pub anchor: DateTime,
    pub turn: TurnLength,
    /// The people of each turn, in rotation: at least one turn, with at least one name each.
    pub turns: Vec<Vec<String>>,
    /// Part of the week in which it is active; `None` for always.
    pub window: Option<Window>,
    /// Start of its validity.
    pub from: Option<DateTime>,
    /// End of its validity, exclusive.
    pub until: Option<DateTime>,
}

/// At least one unit, at most [`TURN_DAYS_MAX`] days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnLength {
    /// Elapsed hours, whatever clock changes there are.
    Hours(u32),
    /// Calendar days: each turn starts at the same local time.
    Days(u32),
    /// Calendar weeks, like days.
    Weeks(u32),
}

/// A recurring part of a week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Days on which it starts.
    pub days: Vec<Weekday>,
    /// Start and end, never equal; an end earlier than the start is on the next day. `None` for
    /// whole days, from midnight to midnight.
    pub hours: Option<(Time, Time)>,
}

/// A one-off change that overrides all layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    pub start: Timestamp,
    /// Later than `start`.
    pub end: Timestamp,
    pub change: OverrideChange,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum OverrideChange {
    /// On call in addition to the others.
    Add(String),
    /// Not on call.
    Remove(String),
    /// On call alone.
    Only(String),
    /// One person takes the other's place whenever that one would be on call.
    Replace { removed: String, added: String },
}

impl Erasable for OverrideChange {
    fn erased() -> Self {
        Self::Remove(REMOVED.to_owned())
    }
}

impl OverrideChange {
    /// Everyone whom it names.
    pub fn people(&self) -> impl Iterator<Item = &str> {
        let (first, second) = match self {
            Self::Add(name) | Self::Remove(name) | Self::Only(name) => (name, None),
            Self::Replace { removed, added } => (removed, Some(added)),
        };
        [first].into_iter().chain(second).map(String::as_str)
    }
}
