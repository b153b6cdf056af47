//! Reading what is to become of a launch: `launch`, `launch retry channel`, `launch skip message`.

use super::command::Misread;
use super::reader::{Reader, number, without_closing};
use super::response_command::{LaunchChange, ResponseChange, ResponseCommand};
use super::usage::Usage;
use super::words::Verb;
use crate::core::incident::model::Number;
use crate::core::launch::step::Step;
use crate::core::text::clean_name;

pub const LAUNCH: Usage = Usage {
    words: &["launch"],
    form: "launch [#42] [status|retry channel|skip channel]",
    meaning: "makes its work item and channel, finds who is on call and calls them, or shows how far that is",
    examples: &["launch", "launch status", "launch retry channel"],
    ..Usage::NEW
};

/// What `launch` means.
pub(crate) enum Launch {
    /// A question.
    Ask(Option<Number>),
    /// A change.
    Change(ResponseCommand),
}

/// Reads a command behind `launch`.
///
/// # Errors
/// A [`Misread`] that says what is needed.
pub(crate) fn read(reader: &mut Reader) -> Result<Launch, Misread> {
    let rest = reader.rest().trim().to_owned();
    let mut words: Vec<&str> = rest.split_whitespace().map(without_closing).collect();
    let place = words.iter().position(|word| number(word).is_some());
    let named: Option<Number> = place.and_then(|place| number(words.remove(place)));
    let change = |change: LaunchChange| {
        let (verb, rest) = (Verb::Launch, words.join(" "));
        let change = ResponseChange::Launch(change);
        Ok(Launch::Change(ResponseCommand { verb, number: named, rest, change }))
    };
    let step = |words: &[&str]| {
        let name = words.join(" ");
        Step::of(&name).ok_or_else(|| Misread::Expected {
            verb: Verb::Launch,
            found: (!name.is_empty()).then(|| clean_name(&name)),
            needed: "work item, channel, link, on call, assignment, message or story",
            example: "launch retry channel".to_owned(),
        })
    };
    match words.split_first() {
        None => change(LaunchChange::Start),
        Some((word, behind)) => match word.to_ascii_lowercase().as_str() {
            "status" if behind.is_empty() => Ok(Launch::Ask(named)),
            "resume" if behind.is_empty() => change(LaunchChange::Start),
            "retry" | "resume" => change(LaunchChange::Retry(step(behind)?)),
            "skip" => change(LaunchChange::Skip(step(behind)?)),
            _ => Err(Misread::Expected {
                verb: Verb::Launch,
                found: Some(clean_name(word)),
                needed: "status, retry, skip or nothing",
                example: "launch status".to_owned(),
            }),
        },
    }
}
