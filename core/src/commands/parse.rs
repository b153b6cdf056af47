//! Turns a message into a command: finds the verb and the words in front of it.

use super::beginning::Published;
use super::help::{self, HelpTopic};
use super::line::Line;
use super::lines::repeated;
use super::maintenance::MAINTENANCE;
use super::misplaced;
use super::misread::{faulty, only_a_command, only_a_question, still_a_placeholder, text_too_long};
use super::numbers::{Named, number, several};
use super::opening::OPEN;
use super::placeholder::placeholder;
use super::politeness;
use super::questioned;
use super::questions::STATUS;
use super::reader::{Reader, without_closing};
use super::refusal::Refusal;
use super::tracking::Tracking;
use super::twice;
use super::typed_options::numbered;
use super::unknown::{self, command_alone};
use super::update::CLOSE;
use super::words;
use super::{Change, Command, Spec, Subject, ask, single};
use crate::config::Config;
use crate::incident::model::{Number, TEXT_CHARS_MAX};
use crate::incident::severity::Severity;
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
    if let Some(refusal) = twice::refusal(said, &plain, config) {
        return Err(refusal);
    }
    if let Some(fault) = said.fault.as_ref().filter(|fault| stops(fault)) {
        return Err(faulty(fault));
    }
    if let Some(found) = placeholder(&plain) {
        return Err(still_a_placeholder(found));
    }
    if let Some(unmarked) = said.without_code_marks() {
        return parse(&unmarked, config);
    }
    if questioned::asks_for_own_turns(&plain) {
        return parse(&Said::from(Text::plain("oncall me")), config);
    }
    if let Some(line) = severity_alone(&plain) {
        return parse(&Said::from(Text::plain(&line?)), config);
    }
    if let Some(reordered) = reordered(said, &plain) {
        return parse(&reordered, config);
    }
    if let Some(read) = politely_ended(said, &plain, config) {
        return read;
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
        if let Some(answer) = asked(&plain, config) {
            return Ok(answer);
        }
        let polite = polite(said, &plain, config);
        let is_understood = |line: &str| parse(&Said::from(Text::plain(line)), config).is_ok();
        return polite.unwrap_or_else(|| {
            let typed = said.typed(reader.at..plain.len());
            Err(unknown::refusal(first, &plain, &typed, config, &is_understood))
        });
    };
    check_one_incident(spec, &reader, said)?;
    if let Some(refusal) = questioned::when_asked(&plain).filter(|_| word == "when") {
        return Err(refusal);
    }
    let line = |reader| Line { usage: spec.usage, word, reader, said, config };
    let takes_number = spec.usage.form.contains("#42");
    let target = line(reader.clone()).target();
    let number = target.number.filter(|_| takes_number && !target.is_bare);
    let named = |refusal: Refusal| {
        refusal.with_lines(|line| Some(numbered(spec.usage.name(), number, line)))
    };
    let command = (spec.read)(line(reader)).map_err(named)?;
    check_meant(&command, config)?;
    Ok(command)
}

/// The answer to a question: a command that changes nothing and ends with a question mark, or words
/// that ask for the same.
fn asked(plain: &str, config: &Config) -> Option<Command> {
    let question = |line: &str| match parse(&Said::from(Text::plain(line)), config) {
        Ok(Command::Ask(question)) => Some(Command::Ask(question)),
        _ => None,
    };
    let alone = plain.trim_end().strip_suffix('?').and_then(question);
    alone.or_else(|| questioned::asked(plain).and_then(question))
}

/// Refuses a text for the page that is only a command or a question, or begins with what was
/// probably meant as an option, a fact or a command.
fn check_meant(command: &Command, config: &Config) -> Result<(), Refusal> {
    let Command::Change(change) = command else { return Ok(()) };
    let Some(published) = Published::of(change, config) else { return Ok(()) };
    let (verb, number) = published.about();
    let rest = published.rest.as_str();
    let plain = published.text.to_plain();
    // "close resolved" means the same as "close".
    let closes = verb == CLOSE.name();
    if command_alone(&plain).is_some() && !closes {
        return Err(only_a_command(&plain, verb, number, rest));
    }
    if let Some(question) = questioned::only_a_question(&plain) {
        return Err(only_a_question(&plain, question, (verb, number, rest)));
    }
    let read = |line: &str| parse(&Said::from(Text::plain(line)), config).ok();
    misplaced::check(&published, config, &read)
}

/// Refuses several incidents in one command.
fn check_one_incident(spec: &Spec, reader: &Reader, said: &Said) -> Result<(), Refusal> {
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
    let text = rest.trim_start_matches([' ', ':', '-', '–', '—']);
    let end = reader.at + reader.rest().len();
    let rest = match text.trim() {
        "" => String::new(),
        _ if spec.usage.is_public => "<text>".to_owned(),
        _ => said.typed(end - text.len()..end),
    };
    Err(several(spec.usage.name(), &numbers, repeated(rest.trim())))
}

/// True unless the fault is harmless, such as a greeting in front of a mention.
fn stops(fault: &Fault) -> bool {
    let Fault::MentionedLast(words) = fault else { return true };
    let mut reader = Reader::new(words);
    reader.skip_words(politeness::words_in_front(words));
    reader.take_number(false);
    reader.next_word().is_some_and(|word| single(without_closing(word)).is_some())
}

/// The verb of a line with its known words. More words win over fewer, and an incident's number may
/// follow the first.
fn spec(first: &str, reader: &Reader) -> Option<(&'static Spec, &'static str)> {
    let mut behind = reader.clone();
    if behind.take_number(false).is_none() {
        behind.take_closed();
    }
    let behind = behind.rest();
    let next = behind.split_whitespace().map(without_closing).next();
    let next = next.unwrap_or_default();
    single(&format!("{first} {next}")).or_else(|| single(first))
}

/// `#2 close`, `update#2 text` and `cancel #2` with the number after the verb.
fn reordered(said: &Said, plain: &str) -> Option<Said> {
    let mut reader = Reader::new(plain);
    if let Some(Named { number, is_bare, .. }) = reader.take_number(true) {
        let is_alone = reader.rest().trim_matches([' ', '?']).is_empty();
        if is_alone && !is_bare {
            return Some(Said::from(Text::plain(&format!("{} #{number}", STATUS.name()))));
        }
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

/// `sev1`, `p1`, `#2 sev 1` and the like, without the verb or in another order.
fn severity_alone(plain: &str) -> Option<Result<String, Refusal>> {
    let mut reader = Reader::new(plain);
    let before = reader.take_number(true);
    if before.is_none() && single(without_closing(reader.peek_word()?)).is_some() {
        return None;
    }
    let severity = words::severity(reader.rest());
    reader.skip_words(severity.as_ref().map_or(Some(1), |found| found.map(|(_, taken)| taken))?);
    let behind = reader.take_number(false);
    if !reader.rest().trim().is_empty() || before.is_some() && behind.is_some() {
        return None;
    }
    let named = before.or(behind).map_or(String::new(), |named| format!("#{} ", named.number));
    let line = |(severity, _): (Severity, usize)| format!("sev {named}{}", severity.number());
    severity.map(|found| found.map(line)).transpose()
}

/// A line that ends politely. Questions and `ack` work as without it; a published text contains no
/// request to the bot; a change without further words is only suggested.
fn politely_ended(said: &Said, plain: &str, config: &Config) -> Option<Result<Command, Refusal>> {
    let end = politeness::at_the_end(plain)?;
    let before = Said { text: said.text.before(end.at), ..said.clone() };
    let line = plain.get(..end.at).unwrap_or_default();
    let typed = said.typed(0..end.at);
    let suggested = |line: &str| Some(Err(unknown::suggested(repeated(line).to_owned())));
    if let Some(severity) = severity_alone(line) {
        return severity.map_or_else(|refusal| Some(Err(refusal)), |line| suggested(&line));
    }
    let mut reader = Reader::new(plain);
    let first = reader.next_word().map(without_closing)?;
    let (first, _) = spec(first, &reader)?;
    let change = match parse(&before, config) {
        Ok(Command::Change(change)) if !acknowledges(&change) => change,
        // "told customers via mail: thanks"
        Err(_) if !end.asks && !first.usage.is_public => return None,
        read => return Some(read),
    };
    match change.public_text() {
        Some(text) if text.is_visible() => end.asks.then_some(Ok(Command::Change(change))),
        None if change.has_private_text() => None,
        _ => suggested(&typed),
    }
}

fn acknowledges(change: &Change) -> bool {
    let acknowledged = Milestone::Acknowledged;
    matches!(change, Change::Track(_, Tracking::Reached { milestone, .. }) if *milestone == acknowledged)
}

/// A line in a language of the page, as it is written in English: `#2 schließen`.
fn in_english(said: &Said, plain: &str) -> Option<Said> {
    let mut reader = Reader::new(plain);
    let number = reader.take_number(true).map(|named| format!("#{} ", named.number));
    let verb = words::translated(without_closing(reader.next_word()?))?;
    single(&verb)?;
    Some(said.beginning_with(reader.at, &format!("{verb} {}", number.unwrap_or_default())))
}

/// The meaning of a line that begins politely, or with a verb in a language of the page. Questions
/// and `ack` work; anything else is only suggested.
fn polite(said: &Said, plain: &str, config: &Config) -> Option<Result<Command, Refusal>> {
    let mut reader = Reader::new(plain);
    let words = politeness::words_in_front(plain);
    reader.skip_words(words);
    if reader.peek_word().is_none() {
        return Some(Ok(ask(&help::HELP, Subject::Help(HelpTopic::Next))));
    }
    let rest = reader.rest().trim_start();
    let line = said.beginning_with(reader.at, "");
    let translated = in_english(&line, rest);
    let begins = reader.next_word().is_some_and(|verb| single(without_closing(verb)).is_some());
    if translated.is_none() && words == 0 {
        return None;
    }
    if let Some(severity) = severity_alone(rest).filter(|_| words > 0) {
        return Some(severity.and_then(|line| Err(unknown::suggested(line))));
    }
    if translated.is_none() && !begins && reordered(&line, rest).is_none() {
        return None;
    }
    let is_english = translated.is_none();
    let cancelled = reordered(&line, rest).filter(|_| is_english && !begins);
    let english = translated.or(cancelled).unwrap_or(line);
    let typed = english.text.to_plain();
    let mut reader = Reader::new(&typed);
    let first = reader.take_number(true);
    let verb = without_closing(reader.next_word()?);
    let (spec, _) = single(verb)?;
    let behind = english.typed(reader.at..typed.len());
    let behind = match first {
        Some(named) => format!("#{} {behind}", named.number),
        None => behind,
    };
    match parse(&english, config) {
        Err(refusal) if is_english || !behind.trim().is_empty() => return Some(Err(refusal)),
        Ok(command) if is_english && answers(&command) => return Some(Ok(command)),
        _ => {}
    }
    let line = unknown::safe(spec.usage, verb, &behind, config);
    let typed = |word: &&str| words::translated(without_closing(word)).is_some();
    let word = rest.split_whitespace().find(typed).unwrap_or_default();
    Some(Err(if is_english { unknown::suggested(line) } else { unknown::foreign(word, line) }))
}

/// True for questions and `ack`, which work however politely they are typed.
fn answers(command: &Command) -> bool {
    match command {
        Command::Ask(_) => true,
        Command::Change(change) => acknowledges(change),
    }
}
