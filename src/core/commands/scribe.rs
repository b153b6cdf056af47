//! Reading what is written down while an incident goes on: notes, tasks, tests, what was told, and
//! the questions about them.

use super::command::{Misread, Question};
use super::past::{Past, read_past};
use super::person::last_person;
use super::reader::{Reader, number, without_closing};
use super::response_command::{ResponseChange, ResponseCommand};
use super::schedule::Unreadable;
use super::scribe_command::{Portion, Scribe};
use super::tracking::short_text;
use super::words::Verb;
use crate::core::chat::said::Said;
use crate::core::incident::model::{Number, TEXT_BYTES_MAX};
use crate::core::response::internal_text::InternalText;
use crate::core::response::model::NOTE_CHARS_MAX;
use crate::core::text::time::unpunctuated;
use crate::core::text::{NAME_CHARS_MAX, Text, clean_name};

/// How many words a time may take.
const TIME_WORDS_MAX: usize = 5;

/// Reads a command of the scribe's behind its verb.
///
/// # Errors
/// A [`Misread`] that says what is needed.
pub(crate) fn read(
    verb: Verb,
    reader: &mut Reader,
    said: &Said,
) -> Result<ResponseCommand, Misread> {
    let mut named = take_number(reader);
    let rest = reader.rest().trim().to_owned();
    let scribe = scribe(verb, &mut named, reader, said).map_err(|misread| match misread {
        Misread::MissingText { verb, .. } => Misread::MissingText { verb, number: named },
        other => other,
    })?;
    let change = ResponseChange::Scribe(scribe);
    Ok(ResponseCommand { verb, number: named, rest, change })
}

fn scribe(
    verb: Verb,
    named: &mut Option<Number>,
    reader: &mut Reader,
    said: &Said,
) -> Result<Scribe, Misread> {
    let text = &said.text;
    Ok(match verb {
        Verb::Note => {
            let at = time(reader)?;
            Scribe::Note { at, text: long_text(verb, text.after(reader.text_start()))? }
        }
        Verb::Task if is_next(reader, &["done"]) => {
            reader.next_word();
            *named = named.or_else(|| take_number(reader));
            Scribe::TaskDone(task_number(reader)?)
        }
        Verb::Task => task(reader, said)?,
        Verb::Tested => tested(reader, text)?,
        _ => told(reader, text)?,
    })
}

fn take_number(reader: &mut Reader) -> Option<Number> {
    let named = reader.peek_word().and_then(|word| number(without_closing(word)))?;
    reader.next_word();
    Some(named)
}

fn is_next(reader: &Reader, words: &[&str]) -> bool {
    let next = reader.peek_word().map(without_closing).unwrap_or_default();
    words.iter().any(|word| word.eq_ignore_ascii_case(next))
}

/// `at 14:05`, `14:05`, `5m ago`, `yesterday 23:50`. What could as well be what happened, such as
/// "5 minutes of silence" or "Monday's release", is.
fn time(reader: &mut Reader) -> Result<Option<Past>, Misread> {
    let words: Vec<&str> = reader.rest().split_whitespace().take(TIME_WORDS_MAX).collect();
    let (past, taken) = match read_past(&words) {
        Ok(Some(read)) => read,
        Err(Unreadable::Impossible(found)) => {
            return Err(Misread::Expected {
                verb: Verb::Note,
                found: Some(found),
                needed: "a time that there is",
                example: "note at 14:05 what happened".to_owned(),
            });
        }
        _ => return Ok(None),
    };
    let last = taken.checked_sub(1).and_then(|last| words.get(last)).copied().unwrap_or_default();
    if matches!(past, Past::Ago(_)) && !unpunctuated(last).eq_ignore_ascii_case("ago") {
        return Ok(None);
    }
    reader.skip_words(taken);
    Ok(Some(past))
}

/// A text as long as a note may be, which must say something.
fn long_text(verb: Verb, text: Text) -> Result<InternalText, Misread> {
    if !text.is_visible() {
        return Err(Misread::MissingText { verb, number: None });
    }
    let chars = text.chars();
    if chars > NOTE_CHARS_MAX {
        return Err(match verb {
            Verb::Note => Misread::NoteTooLong(chars),
            _ => Misread::TooLong { chars, chars_max: NOTE_CHARS_MAX },
        });
    }
    if text.bytes() > TEXT_BYTES_MAX {
        return Err(Misread::TooMuchFormatting);
    }
    Ok(InternalText::new(text))
}

/// What is to be done, and who is to do it: a person at the end. A number alone is more likely that
/// of a task that is done.
fn task(reader: &Reader, said: &Said) -> Result<Scribe, Misread> {
    let start = reader.text_start();
    let (assignee, text) = match last_person(said, start) {
        Some((person, end)) => (Some(person), said.text.before(end).after(start)),
        None => (None, said.text.after(start)),
    };
    let plain = text.to_plain();
    if !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Misread::Expected {
            verb: Verb::Task,
            found: reader.peek_word().map(clean_name),
            needed: "what is to be done, or `done` in front of a task's number",
            example: "task done 1".to_owned(),
        });
    }
    Ok(Scribe::Task { text: short_text(Verb::Task, text)?, assignee })
}

fn task_number(reader: &mut Reader) -> Result<u32, Misread> {
    let word = reader.next_word();
    let task = word.and_then(|word| without_closing(word).parse().ok());
    let expected = |found: Option<&str>| Misread::Expected {
        verb: Verb::Task,
        found: found.map(clean_name),
        needed: "the number of one task, which `tasks` shows",
        example: "task done 1".to_owned(),
    };
    match reader.peek_word() {
        None => task.ok_or_else(|| expected(word)),
        more => Err(expected(task.map_or(word, |_| more))),
    }
}

/// `ok All regions answer`, `failed Search still times out`.
fn tested(reader: &mut Reader, text: &Text) -> Result<Scribe, Misread> {
    let passed = match () {
        () if is_next(reader, &["ok", "okay", "passed"]) => true,
        () if is_next(reader, &["failed", "fails"]) => false,
        () => {
            return Err(Misread::Expected {
                verb: Verb::Tested,
                found: reader.peek_word().map(clean_name),
                needed: "ok or failed, and what was found",
                example: "tested ok Orders go through".to_owned(),
            });
        }
    };
    reader.next_word();
    let text = text.after(reader.text_start());
    let found = text.is_visible().then(|| short_text(Verb::Tested, text)).transpose()?;
    let text = found.unwrap_or_default();
    Ok(Scribe::Tested { passed, text })
}

/// `key customers via mailing list: We are on it`.
fn told(reader: &mut Reader, text: &Text) -> Result<Scribe, Misread> {
    let expected = |found: Option<&str>, needed| Misread::Expected {
        verb: Verb::Told,
        found: found.map(clean_name),
        needed,
        example: "told key customers via mailing list: We are on it".to_owned(),
    };
    let rest = reader.rest();
    let line = rest.trim_start().lines().next().unwrap_or_default();
    let Some((names, _)) = line.split_once(':') else {
        return Err(expected(None, "a colon between where it was told and the words"));
    };
    let Some(place) = find_word(&names.to_ascii_lowercase(), "via") else {
        return Err(expected(Some(names), "whom you told, `via` and where, and a colon"));
    };
    let (audience, via) = names.split_at(place);
    let via = via.get("via".len()..).unwrap_or_default();
    if [audience, via].iter().any(|name| name.trim().chars().count() > NAME_CHARS_MAX) {
        let needed = "whom and where in 100 characters each at most";
        return Err(expected(Some(names), needed));
    }
    let (audience, via) = (clean_name(audience), clean_name(via));
    if audience.is_empty() {
        return Err(expected(None, "whom you told, in front of `via`"));
    }
    if via.is_empty() {
        return Err(expected(None, "where you told it, behind `via`"));
    }
    reader.at += rest.len() - rest.trim_start().len() + names.len() + 1;
    let text = text.after(reader.at);
    if !text.is_visible() {
        return Err(expected(None, "the words that you told, behind the colon"));
    }
    Ok(Scribe::Told { audience, via, text: long_text(Verb::Told, text)? })
}

/// Where a word stands alone for the first time.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let is_edge = |c: Option<char>| c.is_none_or(char::is_whitespace);
    text.match_indices(word).map(|(place, _)| place).find(|place| {
        let (before, behind) = text.split_at(*place);
        let behind = behind.get(word.len()..).unwrap_or_default();
        is_edge(before.chars().next_back()) && is_edge(behind.chars().next())
    })
}

/// `timeline [#42]`, `timeline full [#42] [page 2]`, `timeline full #42 entry 17`.
///
/// # Errors
/// A [`Misread`] for words that are none of those.
pub(crate) fn timeline(reader: &mut Reader) -> Result<Question, Misread> {
    let (mut number, mut portion) = (None, Portion::Summary);
    let expected = |found: Option<&str>| Misread::Expected {
        verb: Verb::Timeline,
        found: found.map(clean_name),
        needed: "nothing for the summary, or `full` and a page",
        example: "timeline full page 2".to_owned(),
    };
    while reader.peek_word().is_some() {
        if number.is_none()
            && let Some(named) = take_number(reader)
        {
            number = Some(named);
            continue;
        }
        let word = reader.next_word();
        portion = match word.map(|word| without_closing(word).to_ascii_lowercase()).as_deref() {
            Some("full") if portion == Portion::Summary => Portion::Page(1),
            Some("page") => Portion::Page(counted(reader).map_err(expected)?),
            Some("entry") => Portion::Entry(counted(reader).map_err(expected)?),
            _ => return Err(expected(word)),
        };
    }
    Ok(Question::Timeline { number, portion })
}

/// A number from 1, or what stands in its place.
fn counted<'a>(reader: &mut Reader<'a>) -> Result<usize, Option<&'a str>> {
    let word = reader.next_word();
    let number = word.and_then(|word| without_closing(word).parse().ok());
    number.filter(|number| *number > 0).ok_or(word)
}
