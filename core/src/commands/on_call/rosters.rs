//! Finds names in the rosters, and the people on call.

use jiff::Timestamp;

use crate::commands::context::Context;
use crate::commands::lines::names_of;
use crate::commands::refusal::Refusal;
use crate::commands::words::nearest;
use crate::response::person::Person;
use crate::response::role::Role;
use crate::rosters::effective::{Unusable, effective};
use crate::rosters::file::FileError;
use crate::rosters::roster::{Contact, Level, Roster, Rosters, is_first_name, is_same};
use crate::text::markdown::{escape, excerpt};

impl Context<'_> {
    /// The rosters with the covers that fit them.
    ///
    /// # Errors
    /// No rosters are set, or this version cannot read them.
    pub(crate) fn rosters(&self) -> Result<Rosters, Refusal> {
        match effective(&self.state.rosters) {
            Ok(effective) => Ok(effective.rosters),
            Err(Unusable::NotSet) => Err(Refusal::new(
                "No rosters are set, so nobody is known to be on call. An operator sets them at a \
                 terminal: `status-update roster set FILE`",
            )),
            Err(Unusable::Wrong(error)) => Err(unusable("The rosters that are set", &error)),
        }
    }
}

/// Refuses a roster file with an error.
pub(super) fn unusable(file: &str, error: &FileError) -> Refusal {
    let error = escape(&error.to_string());
    Refusal::new(format!("{file} cannot be used, so nothing was done. Line {error}"))
}

pub(super) fn roster_named<'a>(rosters: &'a Rosters, name: &str) -> Result<&'a Roster, Refusal> {
    rosters.roster(name).ok_or_else(|| {
        let names = || rosters.rosters.iter().flat_map(Roster::names);
        let nearest = nearest(name, names()).map(|nearest| format!("oncall {nearest}"));
        let known: Vec<String> = names().map(str::to_owned).collect();
        let refusal = unknown("No roster or topic", name, nearest.is_some(), &known);
        nearest.into_iter().fold(refusal, Refusal::line)
    })
}

/// Refuses a name, with all known ones if there is no suggestion.
fn unknown(what: &str, name: &str, has_suggestion: bool, known: &[String]) -> Refusal {
    let what = format!("{what} is called “{}”, so nothing was done.", escape(&excerpt(name)));
    if has_suggestion {
        return Refusal::new(format!("{what} Did you mean"));
    }
    Refusal::new(format!("{what} Known: {}", names_of(known)))
}

/// Refuses a name that is only a part of a command, so that no line can be suggested.
pub(super) fn unknown_name(
    what: &str,
    name: &str,
    nearest: Option<&str>,
    known: &[String],
) -> Refusal {
    let refusal = unknown(what, name, nearest.is_some(), known);
    let quoted = nearest.map(|nearest| format!("“{}”", escape(nearest)));
    quoted.into_iter().fold(refusal, Refusal::sentence)
}

/// By id, otherwise by name.
pub(super) fn contact_of<'a>(rosters: &'a Rosters, person: &Person) -> Option<&'a Contact> {
    let has_id = |contact: &&Contact| {
        contact.id.as_ref().is_some_and(|id| id.eq_ignore_ascii_case(&person.id))
    };
    rosters.contacts.iter().find(has_id).or_else(|| rosters.contact(&person.name))
}

/// The contact with that name or e-mail address, or the only one with that first name.
pub(super) fn contact_named<'a>(rosters: &'a Rosters, name: &str) -> Option<&'a Contact> {
    let has_email = |contact: &&Contact| contact.email.as_ref().is_some_and(|e| is_same(e, name));
    let contacts = || rosters.contacts.iter();
    let mut first = contacts().filter(|contact| is_first_name(&contact.name, name));
    let only = first.next().filter(|_| first.next().is_none());
    rosters.contact(name).or_else(|| contacts().find(has_email)).or(only)
}

/// Refuses a person's name. Suggests a similar name, or the only one that contains this.
pub(super) fn unknown_person(rosters: &Rosters, name: &str) -> Refusal {
    let names = || rosters.contacts.iter().map(|contact| contact.name.as_str());
    let has_part = |known: &&str| known.split_whitespace().any(|part| is_same(part, name));
    let mut with_part = names().filter(has_part);
    let only = with_part.next().filter(|_| with_part.next().is_none());
    let first: Vec<String> =
        names().filter(|known| is_first_name(known, name)).map(str::to_owned).collect();
    if first.len() > 1 {
        return Refusal::new(format!(
            "{} people in the rosters are called “{}”, so nothing was done. Write the whole \
             name: {}",
            first.len(),
            escape(&excerpt(name)),
            names_of(&first)
        ));
    }
    let known: Vec<String> = names().map(str::to_owned).collect();
    unknown_name("Nobody in the rosters", name, nearest(name, names()).or(only), &known)
}

/// The person on call in the named roster, or in the only one; at the level named after the role,
/// or else at the first.
pub(crate) fn on_call_contact<'a>(
    rosters: &'a Rosters,
    roster: Option<&str>,
    role: Option<Role>,
    at: Timestamp,
) -> Result<&'a Contact, Refusal> {
    let roster = match (roster, &rosters.rosters[..]) {
        (Some(name), _) => roster_named(rosters, name)?,
        (None, [only]) => only,
        (None, several) => return Err(which_roster(several)),
    };
    let is_of_role = |level: &&Level| role.is_some_and(|role| is_same(&level.name, role.word()));
    let level = roster.levels.iter().find(is_of_role).or(roster.levels.first());
    let people = level.map(|level| level.on_call(at).people).unwrap_or_default();
    let place = || escape(&format!("{} {}", roster.name, level.map_or("", |level| &level.name)));
    match people[..] {
        [only] => rosters.contact(only).ok_or_else(|| unknown_person(rosters, only)),
        [] => Err(Refusal::new(format!(
            "Nobody is on call at {} now, so nothing was done. Who is next:",
            place()
        ))
        .line("oncall")),
        ref several => {
            let several: Vec<String> = several.iter().map(|name| (*name).to_owned()).collect();
            Err(Refusal::new(format!(
                "Several people are on call at {} together, so nothing was done. Name one: {}",
                place(),
                names_of(&several)
            )))
        }
    }
}

fn which_roster(rosters: &[Roster]) -> Refusal {
    let names: Vec<String> = rosters.iter().map(|roster| roster.name.clone()).collect();
    Refusal::new(format!(
        "There are several rosters. Nothing was done. Name one after `oncall`: {}",
        names_of(&names)
    ))
}
