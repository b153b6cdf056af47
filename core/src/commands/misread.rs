//! Refusals of lines that could not be read, with the line to type.

use super::lines::{actions, names_of, thousands};
use super::reader::CLOSING;
use super::refusal::{Refusal, RefusalKind};
use crate::incident::model::{Number, TEXT_CHARS_MAX};
use crate::teams::said::Fault;
use crate::text::markdown::{escape, excerpt};

/// The message is not a command, regardless of its text.
#[must_use]
pub fn faulty(fault: &Fault) -> Refusal {
    match fault {
        Fault::MentionedAgain => Refusal::new(
            "This message mentions me twice. Nothing was recorded. Send each command as a message \
             of its own.",
        ),
        Fault::TooMuchFormatting => Refusal::new(
            "This message has more formatting than I can read. Nothing was recorded. Paste it as \
             plain text.",
        ),
        Fault::MentionedLast(words) => Refusal::new(format!(
            "“{}” stands in front of the mention. Nothing was recorded. Mention me first, then \
             write the command.",
            escape(&excerpt(words))
        )),
    }
}

/// The line still contains a placeholder.
#[must_use]
pub fn still_a_placeholder(placeholder: &str) -> Refusal {
    Refusal::new(format!(
        "`{}` is a placeholder. Nothing was recorded. Put your own words there.",
        placeholder.replace('`', "'")
    ))
}

/// The whole text for the page is a command. `rest` are the options with the place of the text.
#[must_use]
pub fn only_a_command(text: &str, verb: &str, number: Option<Number>, rest: &str) -> Refusal {
    let command = text.split_whitespace().next().unwrap_or_default();
    let command = command.trim_end_matches(CLOSING).to_lowercase();
    Refusal::new(format!(
        "“{}” alone is a command, so nothing was published.",
        escape(&excerpt(text))
    ))
    .offer_about("To run it:", &command, number, "")
    .offer_about("To publish a text:", verb, number, rest)
}

/// The whole text for the page is a question, which `line` answers.
#[must_use]
pub fn only_a_question(
    text: &str,
    question: &str,
    (verb, number, rest): (&str, Option<Number>, &str),
) -> Refusal {
    Refusal::new(format!("“{}” is a question, so nothing was published.", escape(&excerpt(text))))
        .offer("To see the answer:", question)
        .offer_about("To publish a text:", verb, number, rest)
}

/// A word is unexpected or missing.
#[must_use]
pub fn expected(found: Option<&str>, needed: &str, example: &str) -> Refusal {
    let what = match found {
        Some(found) => format!("Expected {needed}, not “{}”", escape(&excerpt(found))),
        None => format!("Missing: {needed}"),
    };
    Refusal::new(format!("{what}. Nothing was recorded. Type:")).line(example)
}

/// The command has no text. `line` shows its place.
#[must_use]
pub fn missing_text(line: &str) -> Refusal {
    Refusal::new("The text is missing, so nothing was done. Type:").line(line)
}

/// The command names two incidents.
#[must_use]
pub fn two_numbers(lines: [String; 2]) -> Refusal {
    Refusal::new(
        "A command is about one incident, so nothing was done. Send them one after the other:",
    )
    .lines(lines)
}

/// A command about a maintenance has no action.
#[must_use]
pub fn no_action(number: Number) -> Refusal {
    Refusal::new(format!(
        "What should happen to maintenance #{number}? Nothing was changed. Type one of:"
    ))
    .lines(actions(number))
    .kind(RefusalKind::NoAction(number))
}

/// The text of an update is longer than the page allows.
#[must_use]
pub fn text_too_long(chars: usize) -> Refusal {
    Refusal::new(format!(
        "The text has {} characters; the limit is {}. Nothing was recorded. Send it in parts, \
         each as an update.",
        thousands(chars),
        thousands(TEXT_CHARS_MAX)
    ))
}

/// The text is longer than its limit.
#[must_use]
pub fn too_long(chars: usize, chars_max: usize) -> Refusal {
    Refusal::new(format!(
        "The text has {} characters; the limit here is {}. Nothing was recorded.",
        thousands(chars),
        thousands(chars_max)
    ))
}

/// The formatting and links of a text exceed its limit.
#[must_use]
pub fn too_much_formatting() -> Refusal {
    Refusal::new(
        "The text has too much formatting or too many long links. Nothing was recorded. Send it \
         as plain text.",
    )
}

/// `line` has the names that were probably meant.
#[must_use]
pub fn unknown_component(name: &str, line: Option<String>, known: &[String]) -> Refusal {
    let what = format!("There is no component “{}”, so nothing was done.", escape(name));
    match line {
        Some(line) => Refusal::new(format!("{what} Did you mean")).line(line),
        None => Refusal::new(format!("{what} Components: {}", names_of(known))),
    }
}
