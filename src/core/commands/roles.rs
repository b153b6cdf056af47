//! Reading who gets a role and who gives one up.

use super::command::Misread;
use super::person::{TypedPerson, whole_person};
use super::reader::{Reader, number, without_closing};
use super::response_command::{ResponseChange, ResponseCommand, RoleChange};
use super::words::{self, Verb};
use crate::core::chat::said::Said;
use crate::core::incident::model::Number;
use crate::core::response::role::Role;
use crate::core::text::{NAME_CHARS_MAX, clean_name};

/// Reads `role scribe @person`, `scribe me` or `release scribe` behind its first word. The number
/// may stand before the role or behind it.
///
/// # Errors
/// A [`Misread`] that says what is needed.
pub(crate) fn read(
    verb: Verb,
    reader: &mut Reader,
    said: &Said,
) -> Result<ResponseCommand, Misread> {
    let before = next_number(reader);
    let rest = reader.rest().trim().to_owned();
    let role = match verb {
        Verb::Role(Some(role)) => role,
        _ => next_role(verb, reader)?,
    };
    let behind = next_number(reader);
    if let (Some(first), Some(second)) = (before, behind) {
        let option = (verb.name() != role.word()).then(|| role.word());
        return Err(Misread::TwoNumbers { verb, numbers: [first, second], option });
    }
    let end = reader.at + reader.rest().len();
    let change = if verb == Verb::Release {
        RoleChange::Release { role, person: whole_person(said, reader.at, end) }
    } else {
        assignment(verb, role, reader, said)?
    };
    let rest = if behind.is_some() { without_number(&rest) } else { rest };
    let change = ResponseChange::Roles(change);
    Ok(ResponseCommand { verb, number: before.or(behind), rest, change })
}

fn next_number(reader: &mut Reader) -> Option<Number> {
    let found = reader.peek_word().and_then(|word| number(without_closing(word)));
    if found.is_some() {
        reader.next_word();
    }
    found
}

fn without_number(rest: &str) -> String {
    let words = rest.split_whitespace().filter(|word| number(without_closing(word)).is_none());
    words.collect::<Vec<_>>().join(" ")
}

fn next_role(verb: Verb, reader: &mut Reader) -> Result<Role, Misread> {
    let word = reader.next_word().map(without_closing);
    word.and_then(words::role).ok_or_else(|| Misread::Expected {
        verb,
        found: word.map(clean_name),
        needed: "a role: commander, primary, secondary, scribe, comms, tester or expert",
        example: format!("{} scribe", verb.name()),
    })
}

/// `@person`, `me`, `@person for payments`, or nothing: whoever sends it takes the role.
fn assignment(
    verb: Verb,
    role: Role,
    reader: &mut Reader,
    said: &Said,
) -> Result<RoleChange, Misread> {
    let (start, end) = (reader.at, reader.at + reader.rest().len());
    let Some((person_end, topic_start)) = topic_at(reader, said) else {
        let person = whole_person(said, start, end).unwrap_or(TypedPerson::Me);
        return Ok(RoleChange::Assign { role, person, topic: None });
    };
    let plain = said.text.to_plain();
    let typed = plain.get(topic_start..end).unwrap_or_default();
    let topic = clean_name(typed);
    let expected = |needed| Misread::Expected {
        verb,
        found: Some(clean_name(plain.get(person_end..end).unwrap_or_default())),
        needed,
        example: "expert @person for payments".to_owned(),
    };
    if !role.is_shared() {
        return Err(expected("a person and nothing else; experts alone are asked `for` a topic"));
    }
    if topic.is_empty() {
        return Err(expected("what the expert is asked about"));
    }
    let chars = typed.trim().chars().count();
    if chars > NAME_CHARS_MAX {
        return Err(Misread::TooLong { chars, chars_max: NAME_CHARS_MAX });
    }
    let person = whole_person(said, start, person_end).unwrap_or(TypedPerson::Me);
    Ok(RoleChange::Assign { role, person, topic: Some(topic) })
}

/// Where `for` stands, outside of every name, and where the topic begins behind it.
fn topic_at(reader: &mut Reader, said: &Said) -> Option<(usize, usize)> {
    while let Some(word) = reader.next_word() {
        let start = reader.at - word.len();
        let is_name = said.mentions.iter().any(|mention| mention.place.contains(&start));
        if word.eq_ignore_ascii_case("for") && !is_name {
            return Some((start, reader.at));
        }
    }
    None
}
