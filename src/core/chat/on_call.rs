//! Commands about who is on call, and how they are read.

use std::sync::Arc;

use super::command::Misread;
use super::reader::Reader;
use super::schedule::{Day, Moment, Plan, Unreadable, read_day, read_end, read_moment, read_plan};
use super::words::Verb;
use crate::core::text::{Text, clean_name};

/// The longest reason, in characters.
const WHY_CHARS_MAX: usize = 200;
/// How many words roster, level and person may have together.
const NAME_WORDS_MAX: usize = 40;

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
        person: String,
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

/// Reads a command about who is on call behind its verb.
///
/// # Errors
/// A [`Misread`] that says what is needed.
pub(super) fn read(verb: Verb, reader: &mut Reader, text: &Text) -> Result<OnCallCommand, Misread> {
    match verb {
        Verb::Swap => swap(reader),
        Verb::Uncover => uncover(reader),
        _ => cover(reader, text),
    }
}

/// What is asked for behind `oncall`: a roster or topic.
pub(super) fn asked(reader: &Reader) -> Option<String> {
    let name = clean_name(reader.rest());
    (!name.is_empty()).then_some(name)
}

const COVER_EXAMPLE: &str = "cover primary @person today 18:00 to 22:00";
const SWAP_EXAMPLE: &str = "swap with @person friday";

fn expected(verb: Verb, found: Option<&str>, needed: &'static str) -> Misread {
    let example = match verb {
        Verb::Swap => SWAP_EXAMPLE,
        Verb::Uncover => "uncover 3",
        _ => COVER_EXAMPLE,
    };
    Misread::Expected { verb, found: found.map(clean_name), needed, example: example.to_owned() }
}

fn cover(reader: &mut Reader, text: &Text) -> Result<OnCallCommand, Misread> {
    let words: Vec<&str> = reader.rest().split_whitespace().collect();
    for place in 0..words.len().min(NAME_WORDS_MAX) {
        let (names, rest) = words.split_at(place);
        let Some((plan, taken)) = plan(rest)? else {
            continue;
        };
        let needed = "who is on call instead";
        let who =
            named(names).ok_or_else(|| expected(Verb::Cover, rest.first().copied(), needed))?;
        reader.skip_words(place + taken);
        let why = clean_name(&text.after(reader.text_start()).to_plain());
        let chars = why.chars().count();
        if chars > WHY_CHARS_MAX {
            return Err(Misread::TooLong { chars, chars_max: WHY_CHARS_MAX });
        }
        let when = rest.join(" ");
        return Ok(OnCallCommand::Cover { who, plan, when, why });
    }
    let needed = match words.is_empty() {
        true => "who is on call instead, and when",
        false => "when: from and to, or how long",
    };
    Err(expected(Verb::Cover, None, needed))
}

/// A time from the beginning of some words, if they begin with one: `from 18:00 to 22:00`,
/// `tomorrow 9:00 for 2h`, `for 2h`, `until 22:00`.
fn plan(words: &[&str]) -> Result<Option<(Plan, usize)>, Misread> {
    let Some(first) = words.first() else {
        return Ok(None);
    };
    let begins = usize::from(first.eq_ignore_ascii_case("from"));
    let read = if ["for", "until", "till", "to"].iter().any(|word| first.eq_ignore_ascii_case(word))
    {
        read_end(words).map(|(until, taken)| (Plan { from: Moment::Now, until, zone: None }, taken))
    } else {
        read_plan(words.get(begins..).unwrap_or_default())
    };
    match read {
        Ok((plan, taken)) => Ok(Some((plan, begins + taken))),
        // A word that is no time is part of a name, unless a time was announced.
        Err(Unreadable::From(_)) if begins == 0 => Ok(None),
        Err(why) => Err(untimely(Verb::Cover, &why)),
    }
}

fn untimely(verb: Verb, why: &Unreadable) -> Misread {
    match why {
        Unreadable::From(found) => expected(verb, found.as_deref(), "when it begins"),
        Unreadable::Until(found) => {
            expected(verb, found.as_deref(), "when it ends: to and a time, or for and a length")
        }
        Unreadable::Impossible(found) => expected(verb, Some(found), "a time that there is"),
        Unreadable::Zone(found) => expected(verb, Some(found), "a time zone that there is"),
    }
}

fn swap(reader: &mut Reader) -> Result<OnCallCommand, Misread> {
    let words: Vec<&str> = reader.rest().split_whitespace().take(2 * NAME_WORDS_MAX).collect();
    let needed = "with and whom";
    let with = words.iter().position(|word| word.eq_ignore_ascii_case("with"));
    let with = with.ok_or_else(|| expected(Verb::Swap, words.first().copied(), needed))?;
    let (place, behind) = (words.get(..with), words.get(with + 1..));
    let (place, behind) = (place.unwrap_or_default(), behind.unwrap_or_default());
    for split in 0..behind.len() {
        let (person, rest) = behind.split_at(split);
        let Some((given, used)) = turn(rest)? else {
            continue;
        };
        let person = clean_name(&person.join(" "));
        let person = person.trim_start_matches('@').to_owned();
        if person.is_empty() {
            return Err(expected(Verb::Swap, rest.first().copied(), needed));
        }
        let who = Named::Apart { place: clean_name(&place.join(" ")), person };
        let taken = in_return(rest.get(used..).unwrap_or_default())?;
        return Ok(OnCallCommand::Swap { who, given, taken, when: rest.join(" ") });
    }
    Err(expected(Verb::Swap, None, "when: a day or a time of the turn that you give away"))
}

/// The turn that is taken instead: nothing, or `for` and a time in it.
fn in_return(words: &[&str]) -> Result<Option<Turn>, Misread> {
    let wrong = |found: Option<&&str>| {
        let needed = "nothing more, or for and a day or time of the turn that you take";
        Err(expected(Verb::Swap, found.copied(), needed))
    };
    let Some((word, rest)) = words.split_first() else {
        return Ok(None);
    };
    if !word.eq_ignore_ascii_case("for") {
        return wrong(Some(word));
    }
    match turn(rest)? {
        Some((turn, used)) if used == rest.len() => Ok(Some(turn)),
        Some((_, used)) => wrong(rest.get(used)),
        None => wrong(rest.first()),
    }
}

/// A day, or a time, that words begin with, and how many of them it took.
fn turn(words: &[&str]) -> Result<Option<(Turn, usize)>, Misread> {
    let wrong = |why: Unreadable| untimely(Verb::Swap, &why);
    match read_moment(words) {
        Ok(Some((moment, used))) => Ok(Some((Turn::At(moment), used))),
        Ok(None) => Ok(None),
        Err(Unreadable::From(_)) => {
            let day = read_day(words).map_err(wrong)?;
            Ok(day.map(|(day, used)| (Turn::On(day), used)))
        }
        Err(why) => Err(wrong(why)),
    }
}

fn uncover(reader: &mut Reader) -> Result<OnCallCommand, Misread> {
    let needed = "the number of the cover";
    let word = reader.next_word();
    let digits = word.map(|word| word.trim_start_matches('#').trim_end_matches(['.', ',', '!']));
    let number = digits.filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
    let number = number.and_then(|word| word.parse().ok());
    let number = number.ok_or_else(|| expected(Verb::Uncover, word, needed))?;
    match reader.next_word() {
        None => Ok(OnCallCommand::Uncover { number }),
        more => Err(expected(Verb::Uncover, more, "one number, and nothing behind it")),
    }
}

/// Names in front of a time; `None` where there are none.
fn named(words: &[&str]) -> Option<Named> {
    if let Some(at) = words.iter().position(|word| word.starts_with('@')) {
        let (place, person) = words.split_at(at);
        let person = clean_name(person.join(" ").trim_start_matches('@'));
        let place = clean_name(&place.join(" "));
        return (!person.is_empty()).then_some(Named::Apart { place, person });
    }
    let together = clean_name(&words.join(" "));
    (!together.is_empty()).then_some(Named::Together(together))
}
