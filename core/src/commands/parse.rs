//! Turns a message into a command: finds the verb and the words in front of it.

use super::help::{self, HelpTopic};
use super::line::Line;
use super::lines::repeated;
use super::maintenance::MAINTENANCE;
use super::misread::{faulty, only_a_command, only_a_question, still_a_placeholder, text_too_long};
use super::numbers::{Named, number, several};
use super::opening::OPEN;
use super::placeholder::placeholder;
use super::reader::{Reader, without_closing};
use super::refusal::Refusal;
use super::tracking::Tracking;
use super::unknown::{self, command_alone};
use super::update::CLOSE;
use super::{Change, Command, Spec, Subject, ask, single};
use crate::config::Config;
use crate::incident::model::{Number, TEXT_CHARS_MAX};
use crate::response::milestone::Milestone;
use crate::teams::said::{Fault, Said};
use crate::text::Text;

/// The longest run of options in front of a text, in characters.
const OPTIONS_CHARS_MAX: usize = 1_000;

/// Parses the text after the bot's mention.
///
/// # Errors
/// A refusal with the line to type.
pub fn parse(said: &Said, config: &Config) -> Result<Command, Refusal> {
    let plain = said.text.to_plain();
    if let Some(fault) = said.fault.as_ref().filter(|fault| stops(fault)) {
        return Err(faulty(fault));
    }
    if let Some(found) = placeholder(&plain) {
        return Err(still_a_placeholder(found));
    }
    if let Some(unmarked) = said.without_code_marks() {
        return parse(&unmarked, config);
    }
    if unknown::asks_for_own_turns(&plain) {
        return parse(&Said::from(Text::plain("oncall me")), config);
    }
    if let Some(reordered) = reordered(said, &plain) {
        return parse(&reordered, config);
    }
    let chars = plain.chars().count();
    let mut reader = Reader::new(&plain);
    let first = reader.next_verb(|word| single(word).is_some());
    let found = first.and_then(|first| spec(without_closing(first), &reader));
    let limits_itself = found.is_some_and(|(spec, _)| spec.usage.limits_itself);
    if chars > TEXT_CHARS_MAX + OPTIONS_CHARS_MAX && !limits_itself {
        return Err(text_too_long(chars));
    }
    let Some(first) = first else {
        return Ok(ask(&help::HELP, Subject::Help(HelpTopic::Next)));
    };
    let Some((spec, word)) = found else {
        let polite = polite(said, &plain, config);
        let is_understood = |line: &str| parse(&Said::from(Text::plain(line)), config).is_ok();
        return polite.unwrap_or_else(|| {
            Err(unknown::refusal(first, &plain, reader.rest(), &is_understood))
        });
    };
    check_one_incident(spec, &reader)?;
    if let Some(refusal) = unknown::when_asked(&plain).filter(|_| word == "when") {
        return Err(refusal);
    }
    let command = (spec.read)(Line { usage: spec.usage, word, reader, said, config })?;
    check_meant(&command)?;
    Ok(command)
}

/// Refuses a text for the page that is only a command or a question.
fn check_meant(command: &Command) -> Result<(), Refusal> {
    let Command::Change(change) = command else { return Ok(()) };
    let (verb, number, text) = match change {
        Change::Open(opening) if opening.details.visibility.is_none() => {
            (OPEN.name(), None, &opening.text)
        }
        Change::Publish(target, publishing) => (target.verb, target.number, &publishing.text),
        Change::Status(target, change) => (target.verb, target.number, change.text()),
        _ => return Ok(()),
    };
    let plain = text.to_plain();
    // "close resolved" means the same as "close".
    let closes = verb == CLOSE.name();
    if command_alone(&plain).is_some() && !closes {
        return Err(only_a_command(&plain, verb, number));
    }
    match unknown::only_a_question(&plain) {
        Some(question) => Err(only_a_question(&plain, question, (verb, number))),
        None => Ok(()),
    }
}

/// Refuses several incidents in one command.
fn check_one_incident(spec: &Spec, reader: &Reader) -> Result<(), Refusal> {
    if spec.usage == &OPEN {
        return Ok(());
    }
    let mut ahead = Reader::new(reader.rest());
    let listed = |ahead: &mut Reader| ahead.take_listed().filter(|_| spec.usage.is_public);
    let Some(first) = ahead.take_number(false).or_else(|| listed(&mut ahead)) else {
        return Ok(());
    };
    let (more, rest) = ahead.further_numbers(first);
    if more.is_empty() {
        return Ok(());
    }
    let numbers: Vec<Number> = [first.number].into_iter().chain(more).collect();
    let rest = match rest.trim_start_matches([' ', ':', '-', '–', '—']).trim() {
        "" => "",
        _ if spec.usage.is_public => "<text>",
        rest => repeated(rest),
    };
    Err(several(spec.usage.name(), &numbers, rest))
}

/// True unless the fault is harmless, such as a greeting in front of a mention.
fn stops(fault: &Fault) -> bool {
    let Fault::MentionedLast(words) = fault else { return true };
    let mut reader = Reader::new(words);
    reader.skip_words(unknown::polite_words(words));
    reader.take_number(false);
    reader.next_word().is_some_and(|word| single(without_closing(word)).is_some())
}

/// The verb of a line with its known words. More words win over fewer, and an incident's number may
/// follow the first.
fn spec(first: &str, reader: &Reader) -> Option<(&'static Spec, &'static str)> {
    let skipped = reader.peek_number(false).map_or(0, |named| named.bytes);
    let behind = reader.rest().get(skipped..).unwrap_or_default();
    let next = behind.split_whitespace().map(without_closing).next();
    let next = next.unwrap_or_default();
    single(&format!("{first} {next}")).or_else(|| single(first))
}

/// `#2 close`, `update#2 text` and `cancel #2` with the number after the verb.
fn reordered(said: &Said, plain: &str) -> Option<Said> {
    let mut reader = Reader::new(plain);
    if let Some(Named { number, .. }) = reader.take_number(true) {
        let verb = without_closing(reader.next_word()?);
        single(verb)?;
        return Some(said.beginning_with(reader.at, &format!("{verb} #{number} ")));
    }
    let word = reader.next_word()?;
    if without_closing(word).eq_ignore_ascii_case("cancel") {
        let Named { number, .. } = reader.take_number(true)?;
        let line = format!("{} #{number} cancel ", MAINTENANCE.name());
        return Some(said.beginning_with(reader.at, &line));
    }
    let (verb, digits) = word.split_once('#')?;
    single(verb)?;
    let number = number(&format!("#{}", without_closing(digits)))?;
    Some(said.beginning_with(reader.at, &format!("{verb} #{number} ")))
}

/// A polite line may ask or acknowledge. Any other command in it is only suggested.
fn polite(said: &Said, plain: &str, config: &Config) -> Option<Result<Command, Refusal>> {
    let mut reader = Reader::new(plain);
    let words = unknown::polite_words(plain);
    reader.skip_words(words);
    let start = reader.at;
    let Some(verb) = reader.next_word() else {
        return Some(Ok(ask(&help::HELP, Subject::Help(HelpTopic::Next))));
    };
    let (spec, _) = single(without_closing(verb)).filter(|_| words > 0)?;
    let command = match parse(&said.beginning_with(start, ""), config) {
        Ok(command) => command,
        Err(refusal) => return Some(Err(refusal)),
    };
    let acknowledges = matches!(
        command,
        Command::Change(Change::Track(
            _,
            Tracking::Reached { milestone: Milestone::Acknowledged, .. }
        ))
    );
    if acknowledges || matches!(command, Command::Ask(_)) {
        return Some(Ok(command));
    }
    let line = plain.get(start..).unwrap_or_default();
    Some(Err(unknown::suggested(spec.usage, line, reader.rest())))
}
