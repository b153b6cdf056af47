//! Parses and validates roster files (TOML).

mod layer;
mod refused;
mod tables;

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;

use super::roster::{Contact, Level, Override, OverrideChange, Roster, Rosters, is_same};
use crate::text::clean_name;
use crate::text::time::first_shown;
use refused::{Refused, at_most, person_named, refused};
use tables::{File, FileOverride, FilePerson, FileRoster};

/// Maximum size of a file, in bytes: the state keeps the whole file.
pub const BYTES_MAX: usize = 128 * 1024;
const PEOPLE_MAX: usize = 500;
const ROSTERS_MAX: usize = 100;
/// Per roster.
const TOPICS_MAX: usize = 50;
/// Per level.
const LAYERS_MAX: usize = 20;
/// Per file, because walking through the turns of each layer takes time.
const LAYERS_OF_ALL_MAX: usize = 200;
const OVERRIDES_MAX: usize = 500;
/// Maximum length of an override, in hours.
const OVERRIDE_HOURS_MAX: i64 = 366 * 24;
/// Maximum length of a reason, e-mail address, directory id or phone number, in characters.
const CHARS_MAX: usize = 200;

const PHONE_EXAMPLE: &str = "a number such as +49 30 1234567 or +1 212 555 0142 ext. 12";

/// Reason why a file is rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}: {reason}")]
pub struct FileError {
    /// From 1.
    pub line: usize,
    /// One line: the problem, and valid values.
    pub reason: String,
}

/// Parses a roster file.
///
/// # Errors
/// Returns the first problem with its line.
pub fn parse(text: &str) -> Result<Rosters, FileError> {
    let error = |Refused { at, reason }| FileError { line: line(text, at.start), reason };
    if text.len() > BYTES_MAX {
        let reason = format!("the file has {} bytes: {BYTES_MAX} at most", text.len());
        return Err(error(Refused { at: 0..0, reason }));
    }
    let file: File = toml::from_str(text).map_err(|error| {
        let at = error.span().unwrap_or_default();
        FileError { line: line(text, at.start), reason: error.message().replace('\n', " ") }
    })?;
    let checked = rosters(file).map_err(error)?;
    if checked.rosters.is_empty() {
        return Err(error(refused(&(0..0), "there is no roster: begin one with [[rosters]]")));
    }
    Ok(checked)
}

fn line(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// A cleaned name that is not empty.
fn name(given: &Spanned<String>, what: &str) -> Result<String, Refused> {
    let name = clean_name(given.get_ref());
    if name.is_empty() {
        let reason = format!("{what} = \"{}\" is empty: give it a name", given.get_ref());
        return Err(refused(&given.span(), reason));
    }
    Ok(name)
}

/// Names already taken, by their lower-case form.
#[derive(Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn take(&mut self, name: &str, what: &str, at: &Range<usize>) -> Result<(), Refused> {
        match self.0.insert(name.to_lowercase(), name.to_owned()) {
            Some(other) => {
                let reason = format!("{what} \"{name}\" exists already, as \"{other}\"");
                Err(refused(at, reason + ": give each its own"))
            }
            None => Ok(()),
        }
    }
}

fn rosters(file: File) -> Result<Rosters, Refused> {
    at_most(&file.people, PEOPLE_MAX, "people")?;
    at_most(&file.rosters, ROSTERS_MAX, "rosters")?;
    at_most(&file.overrides, OVERRIDES_MAX, "overrides")?;
    let (mut names, mut ids) = (Names::default(), Names::default());
    let mut contacts = Vec::new();
    for person in &file.people {
        contacts.push(contact(person.get_ref(), &mut names, &mut ids)?);
    }
    let hides_phones = file.show_phone == Some(false);
    let mut checked = Rosters { contacts, rosters: Vec::new(), hides_phones };
    let mut names = Names::default();
    let mut layers = 0;
    for given in file.rosters {
        let at = given.span();
        layers += given.get_ref().layers.len();
        if layers > LAYERS_OF_ALL_MAX {
            let reason = format!("more than {LAYERS_OF_ALL_MAX} layers in the whole file");
            return Err(refused(&at, reason));
        }
        let roster = roster(given, &mut names, &checked)?;
        checked.rosters.push(roster);
    }
    for given in file.overrides {
        let given = given.into_inner();
        let over = one_override(&given, &checked)?;
        level_of(&given.roster, &given.level, &mut checked)?.overrides.push(over);
    }
    Ok(checked)
}

fn contact(given: &FilePerson, names: &mut Names, ids: &mut Names) -> Result<Contact, Refused> {
    let shown = name(&given.name, "name")?;
    names.take(&shown, "the person", &given.name.span())?;
    let is_id = |id: &str| !id.contains(char::is_whitespace);
    let id = checked(given.id.as_ref(), "id", "a directory object id", is_id)?;
    if let (Some(id), Some(given)) = (&id, &given.id) {
        ids.take(id, "the id", &given.span())?;
    }
    let is_email = |text: &str| {
        let parts = text.split_once('@');
        parts.is_some_and(|(who, place)| !who.is_empty() && !place.is_empty())
            && text.matches('@').count() == 1
            && !text.contains(char::is_whitespace)
    };
    let email =
        checked(given.email.as_ref(), "email", "an address such as ada@example.com", is_email)?;
    let phone = checked(given.phone.as_ref(), "phone", PHONE_EXAMPLE, is_phone)?;
    Ok(Contact { name: shown, id, email, phone })
}

/// Accepts `+49 30 1234567`, with or without an extension: `ext. 12`, `x12`, `#12`, `;ext=12`,
/// `,,12`.
fn is_phone(text: &str) -> bool {
    const MARKS: [&str; 8] = ["extension", "ext.", "ext", ";ext=", "x", "#", ",,", ","];
    let lower = text.to_lowercase();
    let is_digits = |part: &str| {
        let part = part.trim_start_matches([' ', ':', '.']);
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let number = MARKS.iter().find_map(|mark| {
        let (number, extension) = lower.split_once(mark)?;
        is_digits(extension).then(|| number.trim_end_matches([' ', ';', ',']).to_owned())
    });
    let number = number.unwrap_or(lower);
    // Word processors insert non-breaking hyphens, dashes and spaces.
    number
        .chars()
        .all(|c| c.is_ascii_digit() || " +-/().\u{a0}\u{2010}\u{2011}\u{2013}".contains(c))
        && number.bytes().filter(u8::is_ascii_digit).count() >= 3
}

/// A trimmed optional text that has to pass a check.
fn checked(
    given: Option<&Spanned<String>>,
    key: &str,
    what: &str,
    is_right: impl Fn(&str) -> bool,
) -> Result<Option<String>, Refused> {
    let Some(given) = given else {
        return Ok(None);
    };
    let text = given.get_ref().trim();
    let is_clean = !text.is_empty() && clean_name(text) == text && text.len() <= CHARS_MAX;
    if is_clean && is_right(text) {
        return Ok(Some(text.to_owned()));
    }
    Err(refused(&given.span(), format!("{key} = \"{}\" is not {what}", given.get_ref())))
}

fn roster(
    given: Spanned<FileRoster>,
    names: &mut Names,
    people: &Rosters,
) -> Result<Roster, Refused> {
    let at = given.span();
    let given = given.into_inner();
    let shown = name(&given.name, "name")?;
    names.take(&shown, "the roster or topic", &given.name.span())?;
    at_most(&given.topics, TOPICS_MAX, "topics")?;
    let mut roster = Roster { name: shown, topics: Vec::new(), levels: Vec::new() };
    for topic in &given.topics {
        let shown = name(topic, "topic")?;
        names.take(&shown, "the roster or topic", &topic.span())?;
        roster.topics.push(shown);
    }
    if given.layers.is_empty() {
        let reason = format!("the roster \"{}\" has no layer: add [[rosters.layers]]", roster.name);
        return Err(refused(&at, reason));
    }
    for given in given.layers {
        let level = name(&given.get_ref().level, "level")?;
        let span = given.get_ref().level.span();
        let layer = layer::layer(given, people)?;
        match roster.levels.iter_mut().find(|known| is_same(&known.name, &level)) {
            Some(known) if known.layers.len() == LAYERS_MAX => {
                let reason = format!("more than {LAYERS_MAX} layers of the level \"{level}\"");
                return Err(refused(&span, reason));
            }
            Some(known) => known.layers.push(layer),
            None => {
                let layers = vec![layer];
                let (overrides, unstaffed) = (Vec::new(), Vec::new());
                roster.levels.push(Level { name: level, layers, overrides, unstaffed });
            }
        }
    }
    at_most(&given.gaps, LAYERS_MAX, "gaps of a roster")?;
    for given in given.gaps {
        let level = &given.get_ref().level;
        let (known, gone) = level_in(&mut roster, level);
        known.ok_or(gone)?.unstaffed.push(layer::gap(given)?);
    }
    Ok(roster)
}

/// The person's name, spelled as under `[[people]]`.
fn person(given: &Spanned<String>, people: &Rosters) -> Result<String, Refused> {
    person_named(given.get_ref(), &given.span(), people)
}

fn one_override(given: &FileOverride, people: &Rosters) -> Result<Override, Refused> {
    let zone = layer::zone(&given.zone)?;
    let moment = |key, given| layer::civil(key, given).map(|time| first_shown(time, &zone));
    let (start, end) = (moment("start", &given.start)?, moment("end", &given.end)?);
    if end <= start {
        let reason = format!("end = {} is not after start = {}", given.end, given.start);
        return Err(refused(&given.end.span(), reason));
    }
    if end.duration_since(start).as_hours() > OVERRIDE_HOURS_MAX {
        let reason = format!("it ends at {}, more than a year after its start", given.end);
        return Err(refused(&given.end.span(), reason + ": change the layers instead"));
    }
    let of = |given: &Option<Spanned<String>>| {
        given.as_ref().map(|given| person(given, people)).transpose()
    };
    let wrong = |reason: &str| Err(refused(&given.start.span(), reason));
    let change = match (of(&given.remove)?, of(&given.add)?, of(&given.only)?) {
        (None, None, Some(only)) => OverrideChange::Only(only),
        (_, _, Some(_)) => return wrong("`only` cannot be combined with `add` or `remove`"),
        (Some(removed), Some(added), None) if removed == added => {
            return wrong(&format!("it adds and removes the same person, \"{added}\""));
        }
        (Some(removed), Some(added), None) => OverrideChange::Replace { removed, added },
        (Some(removed), None, None) => OverrideChange::Remove(removed),
        (None, Some(added), None) => OverrideChange::Add(added),
        (None, None, None) => {
            return wrong("an override has `add`, `remove` or both, or else `only`: name somebody");
        }
    };
    if let Some(why) = given.why.as_ref().filter(|why| why.get_ref().chars().count() > CHARS_MAX) {
        return Err(refused(&why.span(), format!("`why` is longer than {CHARS_MAX} characters")));
    }
    given.by.as_ref().map(|by| name(by, "by")).transpose()?;
    Ok(Override { start, end, change })
}

fn level_of<'a>(
    roster: &Spanned<String>,
    level: &Spanned<String>,
    checked: &'a mut Rosters,
) -> Result<&'a mut Level, Refused> {
    let wanted = clean_name(roster.get_ref());
    let known = checked.rosters.iter_mut().find(|known| is_same(&known.name, &wanted));
    let Some(known) = known else {
        let reason = format!("no roster is called \"{wanted}\"");
        return Err(refused(&roster.span(), reason));
    };
    let (level, gone) = level_in(known, level);
    level.ok_or(gone)
}

/// The level with that name, together with the error to report if there is none.
fn level_in<'a>(
    roster: &'a mut Roster,
    level: &Spanned<String>,
) -> (Option<&'a mut Level>, Refused) {
    let wanted = clean_name(level.get_ref());
    let known: Vec<&str> = roster.levels.iter().map(|level| level.name.as_str()).collect();
    let reason = format!("the roster has no level \"{wanted}\": it has {}", known.join(", "));
    let gone = refused(&level.span(), reason);
    (roster.levels.iter_mut().find(|level| is_same(&level.name, &wanted)), gone)
}
