//! Reading who is meant: a mention, `@Name`, `@"First Last"`, `me`, `oncall`. Places are in bytes of
//! the plain text.

use super::reader::{CLOSING, without_closing};
use crate::core::chat::said::{Mention, Said};
use crate::core::text::clean_name;

/// Somebody, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypedPerson {
    /// Whoever sends the command.
    Me,
    /// Somebody whom Teams knows.
    Mentioned {
        /// The name in the mention, which need not be all of it.
        name: String,
        /// Teams' own id of the person.
        id: String,
    },
    /// Somebody by name.
    Named(String),
    /// Whoever is on call, in the roster of that name if one is named.
    OnCall(Option<String>),
}

impl From<&Mention> for TypedPerson {
    fn from(mention: &Mention) -> Self {
        match mention.id.clone() {
            Some(id) => Self::Mentioned { name: mention.name.clone(), id },
            None => Self::Named(mention.name.clone()),
        }
    }
}

/// The person who stands at a place, if one does, and where the text goes on behind: a mention, a
/// name of one word behind `@`, one in quotation marks behind it, `me` or `oncall`.
#[must_use]
pub fn next_person(said: &Said, at: usize) -> Option<(TypedPerson, usize)> {
    let plain = said.text.to_plain();
    let rest = plain.get(at..)?;
    let start = at + rest.len() - rest.trim_start().len();
    if let Some(mention) = said.mentions.iter().find(|mention| mention.place.start == start) {
        return Some((mention.into(), mention.place.end));
    }
    let rest = rest.trim_start();
    if let Some((name, taken)) = quoted(rest) {
        return Some((TypedPerson::Named(name), start + taken));
    }
    let word = rest.split_whitespace().next()?;
    let person = named(without_closing(word)).filter(|person| {
        word.starts_with('@') || matches!(person, TypedPerson::Me | TypedPerson::OnCall(_))
    })?;
    Some((person, start + word.len()))
}

/// The person whom all of a part of the text names, if there is anything: as [`next_person`], and a
/// name of several words, with or without `@`, and `oncall` with a roster.
#[must_use]
pub fn whole_person(said: &Said, start: usize, end: usize) -> Option<TypedPerson> {
    let plain = said.text.to_plain();
    let part = plain.get(start..end)?;
    let start = start + part.len() - part.trim_start().len();
    let part = part.trim();
    let is_all = |mention: &&Mention| {
        let behind = plain.get(mention.place.end..start + part.len());
        mention.place.start == start && behind.is_some_and(closes)
    };
    if let Some(mention) = said.mentions.iter().find(is_all) {
        return Some(mention.into());
    }
    let part = without_closing(part);
    match quoted(part) {
        Some((name, taken)) if taken == part.len() => Some(TypedPerson::Named(name)),
        _ => named(part),
    }
}

/// The person at the end of a text that begins at `start`, and where the text before them ends: a
/// mention, a name of one word behind `@`, one in quotation marks behind it, `@me` or `@oncall`.
#[must_use]
pub fn last_person(said: &Said, start: usize) -> Option<(TypedPerson, usize)> {
    let plain = said.text.to_plain();
    let part = plain.get(start..)?;
    if let Some(mention) = said.mentions.last()
        && mention.place.start >= start
        && closes(plain.get(mention.place.end..)?)
    {
        return Some((mention.into(), mention.place.start));
    }
    let part = part.trim_end().trim_end_matches(CLOSING);
    let begins_word = |at: &usize| {
        part.get(..*at).is_some_and(|s| s.is_empty() || s.ends_with(char::is_whitespace))
    };
    let at = part.rmatch_indices('@').map(|(at, _)| at).find(begins_word)?;
    let typed = part.get(at..)?;
    let person = match quoted(typed) {
        Some((name, taken)) if taken == typed.len() => TypedPerson::Named(name),
        _ if typed.contains(char::is_whitespace) => return None,
        _ => named(typed)?,
    };
    Some((person, start + at))
}

/// Whether nothing but punctuation stands there.
fn closes(text: &str) -> bool {
    text.trim().chars().all(|c| CLOSING.contains(&c))
}

/// A name in quotation marks behind `@`, and how many bytes that takes. Phones make the marks curly.
fn quoted(text: &str) -> Option<(String, usize)> {
    let marks = ['"', '“', '”', '„'];
    let inside = text.strip_prefix('@')?.strip_prefix(marks)?;
    let (name, behind) = inside.split_once(marks)?;
    let shown = clean_name(name);
    let taken = text.len() - behind.len();
    (!shown.is_empty()).then_some((shown, taken))
}

fn named(typed: &str) -> Option<TypedPerson> {
    let name = clean_name(typed.strip_prefix('@').unwrap_or(typed));
    let (first, rest) = name.split_once(' ').unwrap_or((&name, ""));
    let is_on_call = ["oncall", "on-call"].iter().any(|word| first.eq_ignore_ascii_case(word));
    match name.as_str() {
        "" => None,
        _ if is_on_call => Some(TypedPerson::OnCall((!rest.is_empty()).then(|| rest.to_owned()))),
        me if me.eq_ignore_ascii_case("me") => Some(TypedPerson::Me),
        _ => Some(TypedPerson::Named(name)),
    }
}
