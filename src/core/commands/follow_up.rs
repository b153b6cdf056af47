//! Reading what comes after an incident: action items, the review, statistics.

use super::command::Misread;
use super::person::last_person;
use super::reader::{Reader, number, without_closing};
use super::response_command::{Choice, FollowUp, ResponseChange, ResponseCommand};
use super::schedule::{Day, read_day};
use super::tracking::short_text;
use super::usage::Usage;
use super::words::{self, Verb};
use crate::core::chat::said::Said;
use crate::core::config::Config;
use crate::core::incident::model::Number;
use crate::core::response::period::Period;
use crate::core::response::severity::Severity;
use crate::core::text::clean_name;

pub const ACTION: Usage = Usage {
    words: &["action"],
    form: "action [#42] text [@person] [by friday]",
    meaning: "adds something to be done after the incident; `action #42 done 1` says that it is. Overdue ones are named every Monday",
    examples: &["action Watch the certificates by friday", "action done 1"],
    of_any_incident: true,
    ..Usage::NEW
};

pub const ACTIONS: Usage = Usage {
    words: &["actions"],
    form: "actions [#42]",
    meaning: "lists the action items that are open, of all incidents or with those done of one",
    examples: &["actions"],
    ..Usage::NEW
};

pub const REVIEW: Usage = Usage {
    words: &["review"],
    form: "review #42",
    meaning: "says what is missing, and writes the post-incident document of a closed one. Notes that begin with `factor:`, `well:` or `badly:` go to their sections",
    examples: &["review #42"],
    of_any_incident: true,
    ..Usage::NEW
};

pub const STATISTICS: Usage = Usage {
    words: &["stats", "statistics"],
    form: "stats [#42|90d|2026-11|2026-Q4|2026|all] [component Checkout] [sev 2]",
    meaning: "tells how long it took to detect, acknowledge, mitigate and resolve",
    examples: &["stats", "stats 90d sev 2"],
    ..Usage::NEW
};

/// The period that `stats` means where none is typed.
pub const DEFAULT_PERIOD: Period = Period::Days(90);

/// Reads a command of an action item or a review behind its verb.
///
/// # Errors
/// A [`Misread`] that says what is needed.
pub(crate) fn read(
    verb: Verb,
    reader: &mut Reader,
    said: &Said,
) -> Result<ResponseCommand, Misread> {
    let named = one_number(reader);
    let start = reader.text_start();
    let rest = reader.rest().trim().to_owned();
    let follow_up = match verb {
        Verb::Review => match reader.next_word() {
            None => FollowUp::Review,
            Some(word) => {
                return Err(Misread::Expected {
                    verb,
                    found: Some(clean_name(word)),
                    needed: "the number of an incident and nothing else",
                    example: "review #42".to_owned(),
                });
            }
        },
        _ => action(reader, said, start)?,
    };
    let change = ResponseChange::FollowUp(follow_up);
    Ok(ResponseCommand { verb, number: named, rest, change })
}

fn one_number(reader: &mut Reader) -> Option<Number> {
    let named = reader.peek_word().and_then(|word| number(without_closing(word)))?;
    reader.next_word();
    Some(named)
}

/// `done 3`, or what is to be done and until when.
fn action(reader: &mut Reader, said: &Said, start: usize) -> Result<FollowUp, Misread> {
    let is_done =
        reader.peek_word().is_some_and(|w| without_closing(w).eq_ignore_ascii_case("done"));
    if is_done {
        reader.next_word();
        let word = reader.next_word();
        let id = word.map(|word| without_closing(word).trim_start_matches('#'));
        let id = id.and_then(|id| id.parse().ok()).filter(|_| reader.peek_word().is_none());
        return id.map(FollowUp::Done).ok_or_else(|| Misread::Expected {
            verb: Verb::Action,
            found: word.map(clean_name),
            needed: "the number of one action item",
            example: "action #42 done 1".to_owned(),
        });
    }
    // The two stand at the end, in any order.
    let (mut end, mut due, mut assignee) = (said.text.to_plain().len(), None, None);
    for _ in 0..2 {
        let left = Said { text: said.text.before(end), mentions: said.mentions.clone() };
        if due.is_none()
            && let Some((day, before)) = last_day(&left.text.to_plain(), start)?
        {
            (due, end) = (Some(day), before);
        } else if assignee.is_none()
            && let Some((person, before)) = last_person(&left, start)
        {
            (assignee, end) = (Some(person), before);
        }
    }
    let text = short_text(Verb::Action, said.text.before(end).after(start))?;
    Ok(FollowUp::Action { text, assignee, due })
}

/// `by <day>` at the end of a text that begins at `start`, and where the text before it ends. What
/// follows the last "by" and is no day is text.
fn last_day(plain: &str, start: usize) -> Result<Option<(Day, usize)>, Misread> {
    let part = plain.get(start..).unwrap_or_default();
    let lower = part.to_ascii_lowercase();
    let begins_word = |at: &usize| {
        lower.get(..*at).is_some_and(|s| s.is_empty() || s.ends_with(char::is_whitespace))
    };
    let Some(at) = lower.rmatch_indices("by ").map(|(at, _)| at).find(begins_word) else {
        return Ok(None);
    };
    let words: Vec<&str> = part.get(at + 3..).unwrap_or_default().split_whitespace().collect();
    match read_day(&words) {
        Ok(Some((day, taken))) if taken == words.len() => Ok(Some((day, start + at))),
        Ok(_) => Ok(None),
        Err(_) => Err(Misread::Expected {
            verb: Verb::Action,
            found: words.first().map(|word| clean_name(word)),
            needed: "a day that there is",
            example: "action #42 Renew the certificate by 2026-12-01".to_owned(),
        }),
    }
}

/// What `stats` is asked about.
pub(crate) enum Statistics {
    /// One incident.
    Of(Number),
    /// Those of a period.
    Chosen(Choice),
}

/// Reads `stats` behind its verb.
///
/// # Errors
/// A [`Misread`] that says what is needed.
pub(crate) fn statistics(reader: &mut Reader, config: &Config) -> Result<Statistics, Misread> {
    if let Some(number) = one_number(reader) {
        return Ok(Statistics::Of(number));
    }
    let mut choice = Choice { period: DEFAULT_PERIOD, component: None, severity: None };
    while let Some(word) = reader.next_word() {
        let word = without_closing(word);
        let lower = word.to_ascii_lowercase();
        let expected = |found: Option<&str>, needed| Misread::Expected {
            verb: Verb::Statistics,
            found: found.map(clean_name),
            needed,
            example: "stats 90d sev 2".to_owned(),
        };
        if lower == "component" {
            choice.component = Some(component(reader, config)?);
        } else if let Some(digits) = lower.strip_prefix("severity").or(lower.strip_prefix("sev")) {
            let next = if digits.is_empty() { reader.next_word() } else { Some(digits) };
            let severity = next.and_then(|digits| digits.trim_start_matches('=').parse().ok());
            let severity = severity.and_then(Severity::of);
            choice.severity = Some(
                severity.ok_or_else(|| expected(next, "a severity from 1 (the gravest) to 4"))?,
            );
        } else {
            choice.period = lower.parse().map_err(|_| {
                expected(Some(word), "a period such as 90d, 2026-11, 2026-Q4, 2026 or all, or #42")
            })?;
        }
    }
    Ok(Statistics::Chosen(choice))
}

/// The component that is named next, by the longest name that fits.
fn component(reader: &mut Reader, config: &Config) -> Result<usize, Misread> {
    let rest: Vec<&str> = reader.rest().split_whitespace().collect();
    let place_of = |words: usize| {
        let name = rest.get(..words)?.join(" ");
        let name = without_closing(&name).to_lowercase();
        config.components().position(|c| c.name.to_lowercase() == name || c.id == name)
    };
    let found = (1..=rest.len()).rev().find_map(|words| Some((place_of(words)?, words)));
    if let Some((place, words)) = found {
        reader.skip_words(words);
        return Ok(place);
    }
    let names = || config.components().map(|component| component.name.as_str());
    let nearest = rest.first().and_then(|word| words::nearest(word, names()));
    let example = nearest.or_else(|| names().next()).unwrap_or("Checkout");
    Err(Misread::Expected {
        verb: Verb::Statistics,
        found: rest.first().map(|word| clean_name(word)),
        needed: "the name of a component",
        example: format!("stats 90d component {example}"),
    })
}
