//! Reading commands about who is on call.

use super::command::Misread;
use super::on_call_command::{Named, OnCallCommand, Turn};
use super::person::whole_person;
use super::reader::Reader;
use super::schedule::{Moment, Plan, Unreadable, read_day, read_end, read_moment, read_plan};
use super::usage::Usage;
use super::words::Verb;
use crate::core::chat::said::Said;
use crate::core::text::clean_name;

pub const ON_CALL: Usage = Usage {
    words: &["oncall", "on-call"],
    form: "oncall [roster|topic]",
    meaning: "shows who is on call, until when, who is next, and how to reach them",
    examples: &["oncall"],
    ..Usage::NEW
};

pub const COVER: Usage = Usage {
    words: &["cover", "override"],
    form: "cover [roster] primary @person today 18:00 to 22:00 [: why]",
    meaning: "somebody stands in on call; also `for 2h`, `from friday 9:00 to monday 9:00`, and `me` for yourself",
    examples: &["cover primary @Ada tomorrow 18:00 to 22:00"],
    ..Usage::NEW
};

pub const SWAP: Usage = Usage {
    words: &["swap"],
    form: "swap [roster] [primary] with @person friday [for monday]",
    meaning: "gives your turn on call of that day or time to somebody, and you theirs: the one named behind `for`, or else their next",
    examples: &["swap with @Ada friday"],
    ..Usage::NEW
};

pub const UNCOVER: Usage = Usage {
    words: &["uncover"],
    form: "uncover 3",
    meaning: "takes a cover back",
    examples: &["uncover 3"],
    ..Usage::NEW
};

/// The longest reason, in characters: as many as a name keeps.
const WHY_CHARS_MAX: usize = 100;
/// How many words roster, level and person may have together.
const NAME_WORDS_MAX: usize = 40;
/// How many words times may have.
const TIME_WORDS_MAX: usize = 24;

/// Reads a command about who is on call behind its verb.
///
/// # Errors
/// A [`Misread`] that says what is needed.
pub(crate) fn read(verb: Verb, reader: &mut Reader, said: &Said) -> Result<OnCallCommand, Misread> {
    match verb {
        Verb::Swap => swap(reader, said),
        Verb::Uncover => uncover(reader),
        _ => cover(reader, said),
    }
}

/// What is asked for behind `oncall`: a roster or topic.
pub(crate) fn asked(reader: &Reader) -> Option<String> {
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

fn cover(reader: &mut Reader, said: &Said) -> Result<OnCallCommand, Misread> {
    let start = reader.at;
    // What a mention says is nobody's time.
    let mention = said.mentions.iter().find(|mention| mention.place.start >= start);
    let mut at = mention.map_or(start, |mention| mention.place.end);
    let needed = "who is on call instead, and when";
    if reader.peek_word().is_none() {
        return Err(expected(Verb::Cover, None, needed));
    }
    for _ in 0..NAME_WORDS_MAX {
        reader.at = at;
        let words: Vec<&str> = reader.rest().split_whitespace().take(TIME_WORDS_MAX).collect();
        if words.is_empty() {
            break;
        }
        let Some((plan, taken)) = plan(&words)? else {
            reader.next_word();
            at = reader.at;
            continue;
        };
        let who = named(said, start, at)
            .ok_or_else(|| expected(Verb::Cover, words.first().copied(), needed))?;
        let when = clean_name(reader.rest());
        reader.skip_words(taken);
        let why = said.text.after(reader.text_start()).to_plain();
        let chars = why.trim().chars().count();
        if chars > WHY_CHARS_MAX {
            return Err(Misread::TooLong { chars, chars_max: WHY_CHARS_MAX });
        }
        return Ok(OnCallCommand::Cover { who, plan, when, why: clean_name(&why) });
    }
    Err(expected(Verb::Cover, None, "when: from and to, or how long"))
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

fn swap(reader: &mut Reader, said: &Said) -> Result<OnCallCommand, Misread> {
    let needed = "with and whom";
    let start = reader.at;
    let first = reader.peek_word();
    let mut end = start;
    while !reader
        .next_word()
        .ok_or_else(|| expected(Verb::Swap, first, needed))?
        .eq_ignore_ascii_case("with")
    {
        end = reader.at;
    }
    let begin = reader.at;
    let mention = said.mentions.iter().find(|mention| mention.place.start >= begin);
    let mut at = mention.map_or(begin, |mention| mention.place.end);
    for _ in 0..NAME_WORDS_MAX {
        reader.at = at;
        let words: Vec<&str> = reader.rest().split_whitespace().take(TIME_WORDS_MAX).collect();
        if words.is_empty() {
            break;
        }
        let Some((given, used)) = turn(&words)? else {
            reader.next_word();
            at = reader.at;
            continue;
        };
        let person = whole_person(said, begin, at);
        let person = person.ok_or_else(|| expected(Verb::Swap, words.first().copied(), needed))?;
        let place = clean_name(said.text.to_plain().get(start..end).unwrap_or_default());
        let taken = in_return(words.get(used..).unwrap_or_default())?;
        let (who, when) = (Named::Apart { place, person }, clean_name(reader.rest()));
        return Ok(OnCallCommand::Swap { who, given, taken, when });
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

/// Names in a part of the text; `None` where there are none.
fn named(said: &Said, start: usize, end: usize) -> Option<Named> {
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
