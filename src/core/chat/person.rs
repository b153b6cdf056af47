//! Reading who is meant: a mention, `@Name`, `@"First Last"`, `me`, `oncall`.

use super::reader::{Reader, without_closing};
use super::said::{Mention, Said};
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

/// The person who stands next, if one does: a mention, a name of one word behind `@`, one in
/// quotation marks behind it, `me` or `oncall`. Walks over them.
pub(super) fn next_person(said: &Said, reader: &mut Reader) -> Option<TypedPerson> {
    let rest = reader.rest();
    let start = reader.at + rest.len() - rest.trim_start().len();
    if let Some(mention) = said.mentions.iter().find(|mention| mention.place.start == start) {
        reader.at = mention.place.end;
        return Some(mention.into());
    }
    if let Some((name, taken)) = quoted(rest.trim_start()) {
        reader.at = start + taken;
        return Some(TypedPerson::Named(name));
    }
    let word = without_closing(reader.peek_word()?);
    let person = named(word).filter(|person| {
        word.starts_with('@') || matches!(person, TypedPerson::Me | TypedPerson::OnCall(_))
    })?;
    reader.next_word();
    Some(person)
}

/// The person whom all of a part of the text names, from one place to another, if there is
/// anything: as [`next_person`], and a name of several words, with or without `@`, and `oncall` with
/// a roster.
pub(super) fn whole_person(said: &Said, start: usize, end: usize) -> Option<TypedPerson> {
    let plain = said.text.to_plain();
    let part = plain.get(start..end)?;
    let start = start + part.len() - part.trim_start().len();
    let part = without_closing(part.trim());
    let is_all = |mention: &&Mention| mention.place == (start..start + part.len());
    if let Some(mention) = said.mentions.iter().find(is_all) {
        return Some(mention.into());
    }
    match quoted(part) {
        Some((name, taken)) if taken == part.len() => Some(TypedPerson::Named(name)),
        _ => named(part),
    }
}

/// The person at the end of a text that begins at `start`, and where the text before them ends: a
/// mention, a name of one word behind `@`, one in quotation marks behind it, `@me` or `@oncall`.
pub(super) fn last_person(said: &Said, start: usize) -> Option<(TypedPerson, usize)> {
    let plain = said.text.to_plain();
    let part = without_closing(plain.get(start..)?.trim_end());
    let end = start + part.len();
    let is_last = |mention: &&Mention| mention.place.start >= start && mention.place.end == end;
    if let Some(mention) = said.mentions.iter().find(is_last) {
        return Some((mention.into(), mention.place.start));
    }
    let begins_word = |at: usize| {
        part.get(..at).is_some_and(|s| s.is_empty() || s.ends_with(char::is_whitespace))
    };
    let at = part.rmatch_indices('@').map(|(at, _)| at).find(|at| begins_word(*at))?;
    let typed = part.get(at..)?;
    let person = match quoted(typed) {
        Some((name, taken)) if taken == typed.len() => TypedPerson::Named(name),
        _ if typed.contains(char::is_whitespace) => return None,
        _ => named(typed)?,
    };
    Some((person, start + at))
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
