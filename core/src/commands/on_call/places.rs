//! Finds the level and the person of a change.

use super::rosters::{contact_named, contact_of, unknown_name, unknown_person};
use crate::commands::context::Context;
use crate::commands::people::{TypedPerson, whole_person};
use crate::commands::refusal::Refusal;
use crate::commands::usage::Usage;
use crate::commands::words::nearest;
use crate::rosters::cover::LevelName;
use crate::rosters::roster::{Contact, Level, Roster, Rosters, is_same};
use crate::teams::said::Said;
use crate::text::clean_name;
use crate::text::markdown::{escape, excerpt};

/// The limit of levels in a refusal, each as a line.
const SUGGESTED_MAX: usize = 6;

/// A person and a level, as they were typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// Roster and level, if any, and then the person. Only the rosters tell where the person's name
    /// begins.
    Together(String),
    /// The beginning of the person's name is known.
    Apart { place: String, person: TypedPerson },
}

/// Reads roster, level and person from a part of the text; `None` if it is empty.
pub(super) fn named(said: &Said, start: usize, end: usize) -> Option<Named> {
    let plain = said.text.to_plain();
    let part = plain.get(start..end)?;
    let mention = said.mentions.iter().find(|m| m.place.start >= start && m.place.end <= end);
    let begins_word = |at: &usize| {
        part.get(..*at).is_some_and(|s| s.is_empty() || s.ends_with(char::is_whitespace))
    };
    let typed = || part.match_indices('@').map(|(at, _)| at).find(begins_word).map(|at| start + at);
    if let Some(at) = mention.map(|mention| mention.place.start).or_else(typed) {
        let place = clean_name(plain.get(start..at)?);
        return Some(Named::Apart { place, person: whole_person(said, at, end)? });
    }
    let together = clean_name(part);
    (!together.is_empty()).then_some(Named::Together(together))
}

#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) roster: &'a Roster,
    pub(super) level: &'a Level,
}

impl Place<'_> {
    pub(super) fn name(&self) -> LevelName {
        LevelName { roster: self.roster.name.clone(), level: self.level.name.clone() }
    }

    /// The names of roster and level, as they are typed.
    pub(super) fn words(&self) -> String {
        format!("{} {}", self.roster.name, self.level.name)
    }

    /// True if the words are its roster's name or one of its topics, its own name, or both.
    fn is_called(&self, words: &str) -> bool {
        let level = &self.level.name;
        is_same(level, words)
            || self
                .roster
                .names()
                .any(|name| is_same(name, words) || is_same(&format!("{name} {level}"), words))
    }
}

pub(super) fn places(rosters: &Rosters) -> impl Iterator<Item = Place<'_>> {
    let levels = |roster| move |level| Place { roster, level };
    rosters.rosters.iter().flat_map(move |roster| roster.levels.iter().map(levels(roster)))
}

/// The levels with that name; all of them without a name.
fn places_named<'a>(rosters: &'a Rosters, words: &str) -> Result<Vec<Place<'a>>, Refusal> {
    let is_meant = |place: &Place| words.is_empty() || place.is_called(words);
    let found: Vec<Place> = places(rosters).filter(is_meant).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let known: Vec<String> = places(rosters).map(|place| place.words()).collect();
    let levels = places(rosters).map(|place| place.level.name.as_str());
    let names = rosters.rosters.iter().flat_map(Roster::names);
    let nearest = nearest(words, known.iter().map(String::as_str).chain(names).chain(levels));
    Err(unknown_name("No roster or level", words, nearest, &known))
}

/// The only level. `rest` is the end of the lines to copy.
pub(super) fn only<'a>(
    places: &[Place<'a>],
    usage: &Usage,
    rest: &str,
) -> Result<Place<'a>, Refusal> {
    if let [only] = places {
        return Ok(*only);
    }
    let line = |place: &Place| {
        let line = excerpt(&format!("{} {} {rest}", usage.name(), place.words()));
        line.trim_end().to_owned()
    };
    let refusal = Refusal::new("That could be more than one level. Nothing was done. Type one of:");
    Err(refusal.lines(places.iter().take(SUGGESTED_MAX).map(line)))
}

impl Context<'_> {
    pub(super) fn sender_contact<'a>(&self, rosters: &'a Rosters) -> Result<&'a Contact, Refusal> {
        let by = &self.cause.by;
        contact_of(rosters, by).ok_or_else(|| {
            Refusal::new(format!(
                "You ({}) are not in the rosters, so nothing was done. Ask the file's owner to \
                 add you under `[[people]]`, with your directory id.",
                escape(&by.name)
            ))
        })
    }

    fn contact<'a>(
        &self,
        rosters: &'a Rosters,
        typed: &TypedPerson,
    ) -> Result<&'a Contact, Refusal> {
        match typed {
            TypedPerson::Me => self.sender_contact(rosters),
            TypedPerson::Named(name) => {
                contact_named(rosters, name).ok_or_else(|| unknown_person(rosters, name))
            }
            TypedPerson::Mentioned { .. } | TypedPerson::OnCall(_) => {
                let person = self.find_person(typed, None)?;
                let known = contact_of(rosters, &person);
                known.ok_or_else(|| unknown_person(rosters, &person.name))
            }
        }
    }

    /// Finds level and person. If they were typed in a row, the longest known name at the end is
    /// the person's.
    pub(super) fn place_and_person<'a>(
        &self,
        rosters: &'a Rosters,
        named: &Named,
    ) -> Result<(Vec<Place<'a>>, &'a Contact), Refusal> {
        let together = match named {
            Named::Apart { place, person } => {
                let places = places_named(rosters, place)?;
                return Ok((places, self.contact(rosters, person)?));
            }
            Named::Together(words) => words,
        };
        let words: Vec<&str> = together.split_whitespace().collect();
        let splits = || (0..words.len()).map(|at| words.split_at(at));
        let splits = || splits().map(|(place, person)| (place.join(" "), person.join(" ")));
        let is_me = |name: &str| name.eq_ignore_ascii_case("me");
        let is_known = |name: &str| is_me(name) || contact_named(rosters, name).is_some();
        let known = splits().find(|(_, person)| is_known(person));
        let is_place = |(place, _): &(String, String)| places_named(rosters, place).is_ok();
        let (place, person) = known.or_else(|| splits().rev().find(is_place)).unwrap_or_default();
        let places = places_named(rosters, &place)?;
        let typed = if is_me(&person) { TypedPerson::Me } else { TypedPerson::Named(person) };
        Ok((places, self.contact(rosters, &typed)?))
    }
}
