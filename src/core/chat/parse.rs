//! Understanding what was typed: from the text behind the bot's mention to a command.

use super::command::{Command, Misread, Question};
use super::options::{Options, Reader, number, without_closing};
use super::words::{self, Verb};
use crate::core::config::Config;
use crate::core::incident::model::{Stage, TEXT_BYTES_MAX, TEXT_CHARS_MAX};
use crate::core::text::{Text, clean_name};

/// How much room there is for verb and options, in characters.
const OPTIONS_CHARS_MAX: usize = 1_000;

/// Understands what was typed behind the mention.
///
/// # Errors
/// A [`Misread`] that says what would be understood.
pub fn parse(text: &Text, config: &Config) -> Result<Command, Misread> {
    let plain = text.to_plain();
    let chars = plain.chars().count();
    if chars > TEXT_CHARS_MAX + OPTIONS_CHARS_MAX {
        return Err(Misread::TextTooLong(chars));
    }
    let mut reader = Reader::new(&plain);
    let Some(first) = reader.next_verb() else {
        return Ok(Command::Ask(Question::Help(None)));
    };
    let Some(verb) = words::verb(without_closing(first)) else {
        return Err(unknown_verb(first, &plain, reader.rest()));
    };
    match verb {
        Verb::Status => return Ok(Command::Ask(Question::Status)),
        Verb::List => return Ok(Command::Ask(Question::List)),
        Verb::Help => {
            let about = reader.next_word().and_then(|word| words::verb(without_closing(word)));
            return Ok(Command::Ask(Question::Help(about)));
        }
        _ => {}
    }
    let options = match verb {
        Verb::Maintenance => Options::read_maintenance(&mut reader, config)?,
        _ => Options::read(verb, &mut reader, config)?,
    };
    let said = text.after(reader.text_start());
    let (said, options) = options.take_promise(verb, said)?;
    if let Some(number) = options.number
        && let Some(second) =
            said.to_plain().split_whitespace().next().and_then(|w| self::number(without_closing(w)))
    {
        return Err(Misread::TwoNumbers { verb, numbers: [number, second] });
    }
    let chars = said.chars();
    if chars > TEXT_CHARS_MAX {
        return Err(Misread::TextTooLong(chars));
    }
    let may_be_silent =
        verb == Verb::Close || options.stage == Some(Stage::Resolved) || options.change.is_some();
    if said.bytes() > TEXT_BYTES_MAX {
        return Err(Misread::TooMuchFormatting);
    }
    if !(said.is_visible() || said.is_empty() && may_be_silent) {
        return Err(Misread::MissingText { verb, number: options.number });
    }
    let word = said.to_plain();
    let digits = word.trim_start_matches('#');
    if !matches!(verb, Verb::Open | Verb::Maintenance)
        && !word.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Err(Misread::OnlyNumber { verb, digits: digits.chars().take(20).collect() });
    }
    options.command(verb, said).map(Command::Status)
}

fn unknown_verb(first: &str, all: &str, rest: &str) -> Misread {
    // A number alone is what an update begins with.
    let is_number = number(without_closing(first)).is_some();
    Misread::UnknownVerb {
        word: clean_name(first),
        nearest: if is_number {
            Some("update")
        } else {
            words::nearest_verb(without_closing(first))
        },
        rest: if is_number { all.to_owned() } else { rest.to_owned() },
    }
}
