//! `note`, `tested` and `told`: entries of the timeline during an incident.

use jiff::{SignedDuration, Timestamp};

use super::context::Context;
use super::line::Line;
use super::lines::thousands;
use super::misread::{expected, missing_text, too_long};
use super::moments::ClosedTime;
use super::past::{Past, read_past};
use super::reader::{Reader, is_next};
use super::refusal::Refusal;
use super::schedule::Unreadable;
use super::target::Target;
use super::texts::{short_text, within_bytes};
use super::usage::{Screen, Usage};
use crate::log::record::Event;
use crate::response::events::ResponseEvent;
use crate::response::internal_text::InternalText;
use crate::response::milestone::Milestone;
use crate::response::model::{NOTE_CHARS_MAX, Response};
use crate::text::time::unpunctuated;
use crate::text::{NAME_CHARS_MAX, clean_name};

pub const NOTE: Usage = Usage {
    words: &["note", "log"],
    form: "note [#42] [at 14:05|5m ago] text",
    meaning: "writes down what happened",
    examples: &["note The queue is empty", "note 5m ago The first customer called"],
    of_any_incident: true,
    limits_itself: true,
    screen: Some(Screen::Respond),
    brief: ("note <text>", "for the timeline"),
    ..Usage::NEW
};

pub const TESTED: Usage = Usage {
    words: &["tested"],
    form: "tested [#42] ok|failed [text]",
    meaning: "says whether it works again",
    examples: &["tested ok Orders go through"],
    of_any_incident: true,
    limits_itself: true,
    screen: Some(Screen::Respond),
    brief: ("tested ok <text>", "or tested failed"),
    ..Usage::NEW
};

pub const TOLD: Usage = Usage {
    words: &["told"],
    form: "told [#42] whom via where: text",
    meaning: "says what was told elsewhere, such as `told key customers via mailing list: …`",
    examples: &[TOLD_EXAMPLE],
    of_any_incident: true,
    limits_itself: true,
    screen: Some(Screen::Respond),
    brief: ("told <who> via <where>: <text>", "elsewhere"),
    ..Usage::NEW
};

const TOLD_EXAMPLE: &str = "told key customers via mailing list: We are on it";
/// The same with placeholders.
const TOLD_LINE: &str = "told <audience> via <channel>: <text>";

/// The limit of words in a time.
const TIME_WORDS_MAX: usize = 5;

/// An earlier time is a slip in its day rather than part of the incident.
const BEFORE_DECLARED_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// With a time if one was typed.
    Happened { at: Option<Past>, text: InternalText },
    /// A test of the fix.
    Tested { passed: bool, text: InternalText },
    /// A customer update outside of this program.
    /// With a time if one was typed.
    Told { at: Option<Past>, audience: String, via: String, text: InternalText },
}

pub(crate) fn note(mut line: Line) -> Result<(Target, Note), Refusal> {
    let target = line.target();
    let start = line.reader.at;
    let at = time(&mut line.reader)?;
    let text = line.text();
    if !text.is_visible() {
        let time = line.reader.read_since(start);
        return Err(missing_text(&format!("note{time} <text>")));
    }
    let chars = text.chars();
    if chars > NOTE_CHARS_MAX {
        return Err(Refusal::new(format!(
            "The note has {} characters; the limit is {}. Nothing was recorded. Send it in parts, \
             each as a note.",
            thousands(chars),
            thousands(NOTE_CHARS_MAX)
        )));
    }
    Ok((target, Note::Happened { at, text: within_bytes(text)? }))
}

/// The time in front of a note. A duration needs `ago`: "5 minutes of silence" is the note.
fn time(reader: &mut Reader) -> Result<Option<Past>, Refusal> {
    let words: Vec<&str> = reader.rest().split_whitespace().take(TIME_WORDS_MAX).collect();
    let (past, taken) = match read_past(&words) {
        Ok(Some(read)) => read,
        Err(Unreadable::Impossible(found)) => {
            let example = "note at <time> <text>";
            return Err(expected(Some(&found), "a time that exists", example));
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

pub(crate) fn tested(mut line: Line) -> Result<(Target, Note), Refusal> {
    let target = line.target();
    let passed = is_next(&line.reader, &["ok", "okay", "passed"]);
    if !passed && !is_next(&line.reader, &["failed", "fails"]) {
        let found = line.reader.peek_word().map(clean_name);
        let example = "tested ok <text>";
        return Err(expected(found.as_deref(), "ok or failed, and what was found", example));
    }
    line.reader.next_word();
    let text = short_text(line.text())?.unwrap_or_default();
    Ok((target, Note::Tested { passed, text }))
}

pub(crate) fn told(mut line: Line) -> Result<(Target, Note), Refusal> {
    let target = line.target();
    let missing = |needed| Err(expected(None, needed, TOLD_LINE));
    let mut at = time(&mut line.reader)?;
    let rest = line.reader.rest();
    let first = rest.trim_start().lines().next().unwrap_or_default();
    let Some(end) = end_of_names(first) else {
        return missing("a colon in front of the text");
    };
    let whole = first.get(..end).unwrap_or_default();
    let (names, typed) = without_time(whole);
    at = at.or(typed);
    let unfit = |needed| Err(expected(Some(&clean_name(names)), needed, TOLD_LINE));
    let Some(place) = find_word(&names.to_ascii_lowercase(), "via") else {
        return unfit("an audience, `via`, a channel and a colon");
    };
    let (audience, via) = names.split_at(place);
    let via = via.get("via".len()..).unwrap_or_default();
    if [audience, via].iter().any(|name| name.trim().chars().count() > NAME_CHARS_MAX) {
        return unfit("an audience and a channel of up to 100 characters each");
    }
    let (audience, via) = (clean_name(audience), clean_name(via));
    if audience.is_empty() {
        return missing("the audience, before `via`");
    }
    if via.is_empty() {
        return missing("the channel, after `via`");
    }
    line.reader.at += rest.len() - rest.trim_start().len() + whole.len() + 1;
    let text = line.said.text.after(line.reader.at);
    if !text.is_visible() {
        return missing("the text, after the colon");
    }
    let chars = text.chars();
    if chars > NOTE_CHARS_MAX {
        return Err(too_long(chars, NOTE_CHARS_MAX));
    }
    Ok((target, Note::Told { at, audience, via, text: within_bytes(text)? }))
}

/// The colon behind the names; one between digits belongs to a time.
fn end_of_names(line: &str) -> Option<usize> {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    line.match_indices(':').map(|(at, _)| at).find(|at| {
        let (before, behind) = line.split_at(*at);
        !(is_digit(before.chars().next_back()) && is_digit(behind.chars().nth(1)))
    })
}

/// The names, and the time behind them: `customers via phone at 14:05`.
fn without_time(names: &str) -> (&str, Option<Past>) {
    let starts = names.match_indices(' ').map(|(at, _)| at);
    let ends = starts.filter_map(|at| {
        let (before, behind) = names.split_at_checked(at)?;
        let words: Vec<&str> = behind.split_whitespace().collect();
        let (past, taken) = read_past(&words).ok()??;
        let is_length = matches!(past, Past::Ago(_));
        let says_ago = words.last()?.eq_ignore_ascii_case("ago");
        (taken == words.len() && (!is_length || says_ago)).then_some((before, Some(past)))
    });
    ends.into_iter().next().unwrap_or((names, None))
}

/// Finds a whole word.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let is_edge = |c: Option<char>| c.is_none_or(char::is_whitespace);
    text.match_indices(word).map(|(place, _)| place).find(|place| {
        let (before, behind) = text.split_at(*place);
        let behind = behind.get(word.len()..).unwrap_or_default();
        is_edge(before.chars().next_back()) && is_edge(behind.chars().next())
    })
}

impl Note {
    pub(crate) fn decide(
        &self,
        context: &Context,
        response: &Response,
    ) -> Result<Vec<Event>, Refusal> {
        let number = response.number;
        let event = match self {
            Self::Happened { at, text } => {
                let at = at.map(|at| moment(context, response, at)).transpose()?;
                let note = response.notes.next();
                ResponseEvent::Noted { number, note, at, text: text.clone() }
            }
            Self::Tested { passed, text } => {
                ResponseEvent::Tested { number, passed: *passed, text: text.clone() }
            }
            Self::Told { at, audience, via, text } => ResponseEvent::Told {
                number,
                told: response.told_elsewhere.next(),
                at: at.map(|at| moment(context, response, at)).transpose()?,
                audience: audience.clone(),
                via: via.clone(),
                text: text.clone(),
            },
        };
        Ok(vec![Event::Response(event)])
    }
}

/// The moment of a note.
fn moment(context: &Context, response: &Response, at: Past) -> Result<Timestamp, Refusal> {
    let at = context.moment_of(at, ClosedTime::of_response(response, None), |_| true)?;
    let declared = response.milestones.at(Milestone::Declared).unwrap_or(at);
    if declared.duration_since(at) > BEFORE_DECLARED_MAX {
        let (number, at, declared) = (response.number, context.clock(at), context.clock(declared));
        return Err(Refusal::new(format!(
            "{at} is more than a week before #{number} was declared ({declared}), so nothing was \
             recorded. If the day is right, put it in the text:"
        ))
        .line(format!("note #{number} <text>, on {at}")));
    }
    Ok(at)
}
