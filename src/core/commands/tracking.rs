//! Reading what becomes known of an incident: milestones, answers to the questions, severity.

use super::command::Misread;
use super::opening::detected_by;
use super::past::{Past, read_past};
use super::reader::{Reader, number, without_closing};
use super::response_command::{ResponseChange, ResponseCommand, Tracking};
use super::usage::Usage;
use super::words::Verb;
use crate::core::incident::model::TEXT_BYTES_MAX;
use crate::core::response::internal_text::InternalText;
use crate::core::response::milestone::Milestone;
use crate::core::response::model::{SHORT_CHARS_MAX, Topic};
use crate::core::response::severity::Severity;
use crate::core::text::{Text, clean_name};

pub const WHEN: Usage = Usage {
    words: &["when"],
    form: "when [#42] started|detected|mitigated|resolved 13:40 [via customer]",
    meaning: "says when it was, or corrects that; also `20m ago`, `yesterday 23:50`, and at the opening `open since=20m via=customer sev2 …`",
    examples: &["when detected 20m ago via customer"],
    ..Usage::NEW
};

pub const ACKNOWLEDGE: Usage = Usage {
    words: &["ack", "acknowledge", "acknowledged"],
    form: "ack [#42] [text]",
    meaning: "says that somebody is on it",
    examples: &["ack"],
    ..Usage::NEW
};

pub const MITIGATED: Usage = Usage {
    words: &["mitigated", "mitigate"],
    form: "mitigated [#42] [at 14:05] [text]",
    meaning: "says that those affected notice it no longer",
    examples: &["mitigated", "mitigated 5m ago Traffic goes to the other region"],
    ..Usage::NEW
};

pub const SEVERITY: Usage = Usage {
    words: &["sev", "severity"],
    form: "sev [#42] 1|2|3|4",
    meaning: "says how bad it is for the team, 1 being the gravest",
    examples: &["sev 2"],
    ..Usage::NEW
};

pub const AWARE: Usage = Usage {
    words: &["know", "aware"],
    form: "know [#42] text",
    meaning: "says who is aware of it",
    examples: &["know The payment team"],
    ..Usage::NEW
};

pub const DOING: Usage = Usage {
    words: &["doing"],
    form: "doing [#42] text",
    meaning: "says what is being done",
    examples: &["doing We roll back the release"],
    ..Usage::NEW
};

pub const AFFECTED: Usage = Usage {
    words: &["affects"],
    form: "affects [#42] text",
    meaning: "says for whom it is bad",
    examples: &["affects Customers who pay by card"],
    ..Usage::NEW
};

/// How many words a time may take.
const TIME_WORDS_MAX: usize = 5;

/// Reads a command of tracking behind its verb.
///
/// # Errors
/// A [`Misread`] that says what is needed.
pub(crate) fn read(
    verb: Verb,
    reader: &mut Reader,
    text: &Text,
) -> Result<ResponseCommand, Misread> {
    let named = reader.peek_word().and_then(|word| number(without_closing(word)));
    if named.is_some() {
        reader.next_word();
    }
    let start = reader.text_start();
    let rest = reader.rest().trim().to_owned();
    let tracking = match verb {
        Verb::When => when(reader)?,
        Verb::Acknowledge => at_milestone(verb, Milestone::Acknowledged, reader, text)?,
        Verb::Mitigated => at_milestone(verb, Milestone::Mitigated, reader, text)?,
        Verb::Severity => grade(reader)?,
        _ => Tracking::Reply(topic(verb), short_text(verb, text.after(start))?),
    };
    let change = ResponseChange::Tracking(tracking);
    Ok(ResponseCommand { verb, number: named, rest, change })
}

fn topic(verb: Verb) -> Topic {
    match verb {
        Verb::Aware => Topic::Aware,
        Verb::Doing => Topic::Doing,
        _ => Topic::Affected,
    }
}

/// A text of a line or two, which must say something.
pub(crate) fn short_text(verb: Verb, text: Text) -> Result<InternalText, Misread> {
    if !text.is_visible() {
        return Err(Misread::MissingText { verb, number: None });
    }
    let chars = text.to_plain().chars().count();
    if chars > SHORT_CHARS_MAX {
        return Err(Misread::TooLong { chars, chars_max: SHORT_CHARS_MAX });
    }
    if text.bytes() > TEXT_BYTES_MAX {
        return Err(Misread::TooMuchFormatting);
    }
    Ok(InternalText::new(text))
}

/// `started 13:40`, `detected 13:52 via customer`.
fn when(reader: &mut Reader) -> Result<Tracking, Misread> {
    let expected = |found: Option<&str>| Misread::Expected {
        verb: Verb::When,
        found: found.map(clean_name),
        needed: "started, detected, acknowledged, mitigated or resolved, and a time",
        example: "when detected 13:52 via customer".to_owned(),
    };
    let word = reader.next_word();
    let milestone = word.and_then(|word| typed_milestone(without_closing(word)));
    let milestone = milestone.ok_or_else(|| expected(word))?;
    let at = time(Verb::When, reader)?.ok_or_else(|| expected(reader.peek_word()))?;
    let via = via(reader)?;
    Ok(Tracking::When { milestone, at: Some(at), via, text: InternalText::default() })
}

/// The milestones whose time can be typed: the others are when they were recorded.
fn typed_milestone(word: &str) -> Option<Milestone> {
    let typed = Milestone::ALL
        .into_iter()
        .filter(|milestone| !matches!(milestone, Milestone::Declared | Milestone::Closed));
    typed.into_iter().find(|milestone| milestone.word().eq_ignore_ascii_case(word))
}

/// `ack I am on it`, `mitigated at 14:05 Traffic is on the other site`.
fn at_milestone(
    verb: Verb,
    milestone: Milestone,
    reader: &mut Reader,
    text: &Text,
) -> Result<Tracking, Misread> {
    let at = time(verb, reader)?;
    let text = text.after(reader.text_start());
    let text = if text.is_visible() { short_text(verb, text)? } else { InternalText::default() };
    Ok(Tracking::When { milestone, at, via: None, text })
}

fn time(verb: Verb, reader: &mut Reader) -> Result<Option<Past>, Misread> {
    let words: Vec<&str> = reader.rest().split_whitespace().take(TIME_WORDS_MAX).collect();
    let read = read_past(&words).map_err(|_| Misread::Expected {
        verb,
        found: words.first().map(|word| clean_name(word)),
        needed: "a time that there is",
        example: format!("{} 14:05", verb.name()),
    })?;
    let Some((past, taken)) = read else {
        return Ok(None);
    };
    reader.skip_words(taken);
    Ok(Some(past))
}

fn via(reader: &mut Reader) -> Result<Option<String>, Misread> {
    let Some(word) = reader.next_word() else {
        return Ok(None);
    };
    match word.to_ascii_lowercase().strip_prefix("via") {
        Some("") => detected_by(reader.next_word().unwrap_or_default()).map(Some),
        Some(rest) if rest.starts_with('=') => detected_by(rest.trim_start_matches('=')).map(Some),
        _ => Err(Misread::Expected {
            verb: Verb::When,
            found: Some(clean_name(word)),
            needed: "via and what noticed it",
            example: "when detected 13:52 via customer".to_owned(),
        }),
    }
}

fn grade(reader: &mut Reader) -> Result<Tracking, Misread> {
    let word = reader.next_word().map(without_closing);
    let severity = word.and_then(|word| word.parse().ok()).and_then(Severity::of);
    severity.map(Tracking::Grade).ok_or_else(|| Misread::Expected {
        verb: Verb::Severity,
        found: word.map(clean_name),
        needed: "a severity from 1 (the gravest) to 4",
        example: "sev 2".to_owned(),
    })
}
