//! Two commands in one message: the bot is mentioned again, or a line of an answer was pasted below
//! another command.

use super::misread::faulty;
use super::reader::{Reader, without_closing};
use super::refusal::Refusal;
use super::single;
use super::unknown::safe;
use crate::config::Config;
use crate::teams::said::{Fault, Said};

/// Characters that may separate the bot's name from the command after it.
const SEPARATORS: [char; 7] = [' ', ':', ',', ';', '-', '–', '—'];

/// The refusal of a message with a second command in it, with the line of each.
pub(crate) fn refusal(said: &Said, plain: &str, config: &Config) -> Option<Refusal> {
    let is_mentioned = said.fault == Some(Fault::MentionedAgain);
    let mut parts: Vec<&str> = Vec::new();
    let mut start = 0;
    for (at, behind) in names(plain, &said.bot) {
        if is_mentioned || is_command(plain, at, behind, &said.bot) {
            parts.extend(plain.get(start..at));
            start = behind;
        }
    }
    if parts.is_empty() && !is_mentioned {
        return None;
    }
    parts.extend(plain.get(start..));
    let lines = parts.iter().filter_map(|part| {
        let mut reader = Reader::new(part.trim_matches(SEPARATORS));
        let (spec, verb) = single(without_closing(reader.next_word()?))?;
        Some(safe(spec.usage, verb, reader.rest(), config))
    });
    Some(faulty(&Fault::MentionedAgain).lines(lines))
}

/// Where the bot's name stands in a text, with its `@`, and where it ends.
fn names<'a>(plain: &'a str, bot: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
    let starts = plain.char_indices().filter(|_| !bot.is_empty());
    starts.filter_map(move |(at, c)| {
        let before = plain.get(..at)?.chars().next_back();
        let name_at = at + usize::from(c == '@');
        let end = name_at + bot.len();
        let is_name = plain.get(name_at..end)?.eq_ignore_ascii_case(bot);
        let is_whole = before.is_none_or(|c| !c.is_alphanumeric() && c != '@')
            && plain.get(end..)?.chars().next().is_none_or(|c| !c.is_alphanumeric());
        (is_name && is_whole).then_some((at, end))
    })
}

/// True if the bot's name there begins a command. In the middle of a line it may be a word of a
/// private text, and at the beginning of one a word of any text where it has no `@`.
fn is_command(plain: &str, at: usize, end: usize, bot: &str) -> bool {
    let (before, from) = plain.split_at(at);
    let behind = plain.get(end..).unwrap_or_default().trim_start_matches(SEPARATORS);
    let next = behind.split_whitespace().next().map(without_closing).unwrap_or_default();
    let goes_on = single(next).is_some();
    let is_public = before
        .split_whitespace()
        .next()
        .and_then(|verb| single(without_closing(verb)))
        .is_some_and(|(spec, _)| spec.usage.is_public);
    let begins_line = before.trim_end_matches(' ').ends_with('\n');
    match (from.starts_with('@'), begins_line) {
        (true, true) => goes_on || is_public,
        (true, false) => goes_on && is_public,
        (false, true) => goes_on && single(bot).is_none(),
        (false, false) => false,
    }
}
