//! Understanding what was typed: from the text behind the bot's mention to a command.

use super::command::{Command, HelpTopic, Misread, Question};
use super::components::one_component;
use super::follow_up;
use super::launch;
use super::on_call;
use super::options::Options;
use super::reader::{Reader, number, without_closing};
use super::refusal::Refusal;
use super::words::{self, Verb};
use super::{roles, scribe, tracking};
use crate::core::chat::said::Said;
use crate::core::config::Config;
use crate::core::incident::model::{Number, Stage, TEXT_BYTES_MAX, TEXT_CHARS_MAX};
use crate::core::text::{Text, clean_name};

/// How much room there is for verb and options, in characters.
const OPTIONS_CHARS_MAX: usize = 1_000;

/// Understands what was typed behind the mention.
///
/// # Errors
/// A refusal that says what would be understood.
pub fn parse(said: &Said, config: &Config) -> Result<Command, Refusal> {
    read(said, config).map_err(Refusal::from)
}

fn read(said: &Said, config: &Config) -> Result<Command, Misread> {
    let text = &said.text;
    let plain = text.to_plain();
    let chars = plain.chars().count();
    let mut reader = Reader::new(&plain);
    let first = reader.next_verb();
    let verb = first.and_then(|first| words::verb(without_closing(first)));
    if chars > TEXT_CHARS_MAX + OPTIONS_CHARS_MAX && !verb.is_some_and(has_own_limit) {
        return Err(Misread::TextTooLong(chars));
    }
    let Some(first) = first else {
        return Ok(Command::Ask(Question::Help(HelpTopic::Basics)));
    };
    let Some(verb) = verb else {
        return Err(unknown_verb(first, &plain, reader.rest()));
    };
    match verb {
        Verb::Status => return Ok(Command::Ask(Question::Status(one_number(&mut reader)))),
        Verb::Questions => return Ok(Command::Ask(Question::Questions(one_number(&mut reader)))),
        Verb::OnCall => return Ok(Command::Ask(Question::OnCall(on_call::asked(&reader)))),
        Verb::Cover | Verb::Swap | Verb::Uncover => {
            return on_call::read(verb, &mut reader, said).map(Command::OnCall);
        }
        Verb::When
        | Verb::Acknowledge
        | Verb::Mitigated
        | Verb::Aware
        | Verb::Doing
        | Verb::Affected
        | Verb::Severity => {
            return tracking::read(verb, &mut reader, text).map(Command::Response);
        }
        Verb::Actions => return Ok(Command::Ask(Question::Actions(one_number(&mut reader)))),
        Verb::Statistics => return follow_up::statistics(&mut reader, config).map(Command::Ask),
        Verb::Action | Verb::Review => {
            return follow_up::read(verb, &mut reader, said).map(Command::Response);
        }
        Verb::Launch => {
            return launch::read(&mut reader).map(|read| match read {
                launch::Launch::Ask(question) => Command::Ask(question),
                launch::Launch::Change(command) => Command::Response(command),
            });
        }
        Verb::Deliveries => return Ok(Command::Ask(Question::Deliveries)),
        Verb::Note | Verb::Task | Verb::Tested | Verb::Told => {
            return scribe::read(verb, &mut reader, said).map(Command::Response);
        }
        Verb::Tasks => return Ok(Command::Ask(Question::Tasks(one_number(&mut reader)))),
        Verb::Timeline => return scribe::timeline(&mut reader).map(Command::Ask),
        Verb::Guide => {
            let component = one_component(verb, reader.rest(), config)?;
            return Ok(Command::Ask(Question::Guide(component)));
        }
        Verb::Roles => return Ok(Command::Ask(Question::Roles(one_number(&mut reader)))),
        Verb::Role(_) | Verb::Release => {
            return roles::read(verb, &mut reader, said).map(Command::Response);
        }
        Verb::List => return Ok(Command::Ask(Question::List)),
        Verb::Help => {
            let topic = reader.next_word().map_or(HelpTopic::Basics, help_topic);
            return Ok(Command::Ask(Question::Help(topic)));
        }
        _ => {}
    }
    let options = match verb {
        Verb::Maintenance => Options::read_maintenance(&mut reader, config)?,
        _ => Options::read(verb, &mut reader, config)?,
    };
    let text = text.after(reader.text_start());
    let (text, options) = options.take_promise(verb, text)?;
    check_text(verb, &options, &text)?;
    if verb == Verb::Publish {
        return Ok(Command::Response(options.publish(text)));
    }
    options.command(verb, text).map(Command::Status)
}

/// Whether what reads a command says itself how long it may be.
fn has_own_limit(verb: Verb) -> bool {
    matches!(verb, Verb::Note | Verb::Task | Verb::Tested | Verb::Told)
}

/// The incident that a question is about, if one is named.
fn one_number(reader: &mut Reader) -> Option<Number> {
    reader.next_word().and_then(|word| number(without_closing(word)))
}

/// Whether the text is one that the command can have, and nothing that was meant as an option.
fn check_text(verb: Verb, options: &Options, text: &Text) -> Result<(), Misread> {
    let plain = text.to_plain();
    let second = || number(without_closing(plain.split_whitespace().next()?));
    if let Some(first) = options.number
        && let Some(second) = second()
    {
        let numbers = [first, second];
        return Err(Misread::TwoNumbers { verb, numbers, option: options.word() });
    }
    let chars = plain.chars().count();
    if chars > TEXT_CHARS_MAX {
        return Err(Misread::TextTooLong(chars));
    }
    if text.bytes() > TEXT_BYTES_MAX {
        return Err(Misread::TooMuchFormatting);
    }
    let may_be_silent = matches!(verb, Verb::Close | Verb::Impact)
        || options.stage == Some(Stage::Resolved)
        || options.change.is_some();
    if !(text.is_visible() || text.is_empty() && may_be_silent) {
        return Err(Misread::MissingText { verb, number: options.number });
    }
    let digits = plain.trim_start_matches('#');
    if !matches!(verb, Verb::Open | Verb::Maintenance)
        && !plain.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        let digits = digits.chars().take(20).collect();
        return Err(Misread::OnlyNumber { verb, digits, option: options.word() });
    }
    Ok(())
}

fn help_topic(word: &str) -> HelpTopic {
    let word = without_closing(word);
    if word.eq_ignore_ascii_case("all") {
        return HelpTopic::All;
    }
    words::verb(word).map_or(HelpTopic::Basics, HelpTopic::Verb)
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
