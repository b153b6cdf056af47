//! Which roster, level and person is meant by what was typed.

use jiff::Timestamp;

use super::context::{Context, Stop};
use super::on_call_command::Named;
use super::person::TypedPerson;
use super::roster_refusal::RosterRefusal;
use super::words::{Verb, nearest};
use crate::core::response::cover::LevelName;
use crate::core::response::person::Person;
use crate::core::response::role::Role;
use crate::core::response::roster::{Contact, Level, Roster, Rosters, is_same};

/// A level of a roster.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) roster: &'a Roster,
    pub(crate) level: &'a Level,
}

impl Place<'_> {
    pub(crate) fn name(&self) -> LevelName {
        LevelName { roster: self.roster.name.clone(), level: self.level.name.clone() }
    }

    /// As it is typed.
    pub(crate) fn words(&self) -> String {
        format!("{} {}", self.roster.name, self.level.name)
    }

    /// Whether it goes by that name: its roster's or one of its topics, its own, or both.
    fn is_called(&self, words: &str) -> bool {
        let level = &self.level.name;
        is_same(level, words)
            || self
                .roster
                .names()
                .any(|name| is_same(name, words) || is_same(&format!("{name} {level}"), words))
    }
}

pub(crate) fn places(rosters: &Rosters) -> impl Iterator<Item = Place<'_>> {
    let levels = |roster| move |level| Place { roster, level };
    rosters.rosters.iter().flat_map(move |roster| roster.levels.iter().map(levels(roster)))
}

/// The levels that go by a name; all of them where there is none.
pub(crate) fn places_named<'a>(
    rosters: &'a Rosters,
    words: &str,
) -> Result<Vec<Place<'a>>, RosterRefusal> {
    let meant = |place: &Place| words.is_empty() || place.is_called(words);
    let found: Vec<Place> = places(rosters).filter(meant).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let known: Vec<String> = places(rosters).map(|place| place.words()).collect();
    let levels = places(rosters).map(|place| place.level.name.as_str());
    let names = rosters.rosters.iter().flat_map(Roster::names);
    let nearest = nearest(words, known.iter().map(String::as_str).chain(names).chain(levels));
    let (name, nearest) = (words.to_owned(), nearest.map(str::to_owned));
    Err(RosterRefusal::UnknownPlace { name, nearest, known })
}

/// The only one.
pub(crate) fn only<'a>(
    places: &[Place<'a>],
    verb: Verb,
    rest: impl FnOnce() -> String,
) -> Result<Place<'a>, RosterRefusal> {
    match places {
        [only] => Ok(*only),
        several => {
            let candidates = several.iter().map(Place::words).collect();
            Err(RosterRefusal::WhichPlace { verb, candidates, rest: rest() })
        }
    }
}

/// The roster of a name or topic.
pub(crate) fn roster_named<'a>(
    rosters: &'a Rosters,
    name: &str,
) -> Result<&'a Roster, RosterRefusal> {
    rosters.roster(name).ok_or_else(|| {
        let names = || rosters.rosters.iter().flat_map(Roster::names);
        let nearest = nearest(name, names()).map(str::to_owned);
        let known = names().map(str::to_owned).collect();
        RosterRefusal::UnknownRoster { name: name.to_owned(), nearest, known }
    })
}

/// Somebody in the rosters, by their id or else by their name.
pub(crate) fn contact_of<'a>(rosters: &'a Rosters, person: &Person) -> Option<&'a Contact> {
    let has_id = |contact: &&Contact| {
        contact.id.as_ref().is_some_and(|id| id.eq_ignore_ascii_case(&person.id))
    };
    rosters.contacts.iter().find(has_id).or_else(|| rosters.contact(&person.name))
}

fn contact_named<'a>(rosters: &'a Rosters, name: &str) -> Option<&'a Contact> {
    let has_email = |contact: &&Contact| contact.email.as_ref().is_some_and(|e| is_same(e, name));
    rosters.contact(name).or_else(|| rosters.contacts.iter().find(has_email))
}

/// With the name that it resembles, or has a part of that nobody else has.
fn unknown_person(rosters: &Rosters, name: &str) -> RosterRefusal {
    let names = || rosters.contacts.iter().map(|contact| contact.name.as_str());
    let has_part = |known: &&str| known.split_whitespace().any(|part| is_same(part, name));
    let mut with_part = names().filter(has_part);
    let only = with_part.next().filter(|_| with_part.next().is_none());
    let nearest = nearest(name, names()).or(only).map(str::to_owned);
    let known = names().map(str::to_owned).collect();
    RosterRefusal::UnknownPerson { name: name.to_owned(), nearest, known }
}

/// Who is on call at a moment: in the roster of that name, or in the only one; at the level that is
/// called as the role, or else at the first.
pub(crate) fn on_call_contact<'a>(
    rosters: &'a Rosters,
    roster: Option<&str>,
    role: Option<Role>,
    at: Timestamp,
) -> Result<&'a Contact, RosterRefusal> {
    let roster = match (roster, &rosters.rosters[..]) {
        (Some(name), _) => roster_named(rosters, name)?,
        (None, [only]) => only,
        (None, several) => {
            let known = several.iter().map(|roster| roster.name.clone()).collect();
            return Err(RosterRefusal::WhichRoster(known));
        }
    };
    let is_of_role = |level: &&Level| role.is_some_and(|role| is_same(&level.name, role.word()));
    let level = roster.levels.iter().find(is_of_role).or(roster.levels.first());
    let people = level.map(|level| level.on_call(at).people).unwrap_or_default();
    let place = || {
        let level = level.map_or("", |level| &level.name);
        format!("{} {level}", roster.name)
    };
    match people[..] {
        [only] => rosters.contact(only).ok_or_else(|| unknown_person(rosters, only)),
        [] => Err(RosterRefusal::NobodyOnCall(place())),
        ref several => Err(RosterRefusal::SeveralOnCall {
            place: place(),
            people: several.iter().map(|name| (*name).to_owned()).collect(),
        }),
    }
}

impl Context<'_> {
    /// The sender, in the rosters.
    pub(crate) fn sender_contact<'a>(
        &self,
        rosters: &'a Rosters,
    ) -> Result<&'a Contact, RosterRefusal> {
        let by = &self.cause.by;
        contact_of(rosters, by).ok_or_else(|| RosterRefusal::NotInRosters(by.name.clone()))
    }

    /// Somebody, in the rosters.
    fn contact<'a>(&self, rosters: &'a Rosters, typed: &TypedPerson) -> Result<&'a Contact, Stop> {
        match typed {
            TypedPerson::Me => Ok(self.sender_contact(rosters)?),
            TypedPerson::Named(name) => {
                let known = contact_named(rosters, name);
                Ok(known.ok_or_else(|| unknown_person(rosters, name))?)
            }
            TypedPerson::Mentioned { .. } | TypedPerson::OnCall(_) => {
                let person = self.find_person(typed, None)?;
                let known = contact_of(rosters, &person);
                Ok(known.ok_or_else(|| unknown_person(rosters, &person.name))?)
            }
        }
    }

    /// Where and who. Names that were typed in a row are told apart by those that there are.
    pub(crate) fn place_and_person<'a>(
        &self,
        rosters: &'a Rosters,
        named: &Named,
    ) -> Result<(Vec<Place<'a>>, &'a Contact), Stop> {
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
        // The longest name of somebody says where the place ends.
        let is_known = |name: &str| is_me(name) || contact_named(rosters, name).is_some();
        let known = splits().find(|(_, person)| is_known(person));
        let is_place = |(place, _): &(String, String)| places_named(rosters, place).is_ok();
        let (place, person) = known.or_else(|| splits().rev().find(is_place)).unwrap_or_default();
        let places = places_named(rosters, &place)?;
        let typed = if is_me(&person) { TypedPerson::Me } else { TypedPerson::Named(person) };
        Ok((places, self.contact(rosters, &typed)?))
    }
}
