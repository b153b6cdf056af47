//! Which person is meant: a mention, `@Name`, `@"First Last"`, `me`, `oncall`. Places are in bytes of
//! the plain text.

use super::context::Context;
use super::lines::names_of;
use super::on_call::rosters::on_call_contact;
use super::reader::{CLOSING, without_closing};
use super::refusal::Refusal;
use super::words::nearest;
use crate::core::log::record::Source;
use crate::core::response::model::Response;
use crate::core::response::people::People;
use crate::core::response::person::Person;
use crate::core::response::role::Role;
use crate::core::rosters::roster::{Contact, is_same};
use crate::core::teams::said::{Mention, Said};
use crate::core::text::clean_name;
use crate::core::text::markdown::escape;

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
    let person = by_name(without_closing(word)).filter(|person| {
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
        _ => by_name(part),
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
        _ => by_name(typed)?,
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

fn by_name(typed: &str) -> Option<TypedPerson> {
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

impl Context<'_> {
    /// The person who is meant, with all that is known of them. `role` is what they are to be, if
    /// anything: who is on call depends on it.
    ///
    /// # Errors
    /// A refusal where that is nobody, or more than one.
    pub(crate) fn find_person(
        &self,
        typed: &TypedPerson,
        role: Option<Role>,
    ) -> Result<Person, Refusal> {
        match typed {
            TypedPerson::Me => self.sender(),
            TypedPerson::Mentioned { name, id } => {
                // Of somebody who never wrote, Teams' own id is known and serves as well.
                let new = || Person { id: id.clone(), name: name.clone(), teams_id: None };
                Ok(self.known_people().with_id(id).cloned().unwrap_or_else(new))
            }
            TypedPerson::Named(name) => self.person_named(name),
            TypedPerson::OnCall(roster) => self.on_call_person(roster.as_deref(), role),
        }
    }

    /// The same where it is about an incident: `oncall` alone is whoever is on call for its
    /// components, where their guides name one roster.
    ///
    /// # Errors
    /// As above.
    pub(crate) fn find_responder(
        &self,
        typed: &TypedPerson,
        role: Option<Role>,
        response: &Response,
    ) -> Result<Person, Refusal> {
        if *typed != TypedPerson::OnCall(None) {
            return self.find_person(typed, role);
        }
        let guides = response.components.iter().filter_map(|id| self.config.guides.get(id));
        let mut rosters: Vec<&str> = guides.filter_map(|guide| guide.roster.as_deref()).collect();
        rosters.sort_unstable();
        rosters.dedup();
        let only = match rosters[..] {
            [only] => Some(only),
            _ => None,
        };
        self.on_call_person(only, role)
    }

    /// Whoever sends the command. Nothing is put down to somebody whom nobody can tell.
    fn sender(&self) -> Result<Person, Refusal> {
        let by = &self.cause.by;
        match self.cause.source {
            Source::Message => {
                self.known_people().with_id(&by.id).cloned().ok_or_else(unknown_sender)
            }
            // At a terminal anybody can give any name: it counts where the channel knows it.
            Source::Operator => self.person_named(&by.name).map_err(|_| unknown_sender()),
            _ => Err(unknown_sender()),
        }
    }

    /// The only one of that name among those who have written and those in the rosters.
    fn person_named(&self, name: &str) -> Result<Person, Refusal> {
        let people = self.known_people();
        let mut found = named(&people, name);
        let rosters = self.rosters().unwrap_or_default();
        if let Some(contact) = rosters.contact(name) {
            let id = contact.id.as_ref();
            let is_known = found.iter().any(|person| id.is_none_or(|id| person.id == *id));
            let known = id.and_then(|id| people.with_id(id)).cloned();
            found.extend((!is_known).then(|| known.unwrap_or_else(|| person_of(contact))));
        }
        if found.is_empty() {
            let contacts = rosters.contacts.iter().map(|contact| contact.name.as_str());
            let names = people.iter().map(|person| person.name.as_str());
            let nearest = nearest(name, names.chain(contacts));
            return Err(unknown_person(name, nearest));
        }
        only(found, name)
    }

    /// Those who have written, whoever writes now among them.
    fn known_people(&self) -> People {
        let mut people = self.state.people.clone();
        if self.cause.source == Source::Message {
            people.learn(&self.cause.by, self.state.revision + 1);
        }
        people
    }

    /// Who is on call: in a roster, or in the one that there is; at the level that is called as the
    /// role, or else at the first. The log may know more of them than the file.
    fn on_call_person(&self, roster: Option<&str>, role: Option<Role>) -> Result<Person, Refusal> {
        let rosters = self.rosters()?;
        let found = on_call_contact(&rosters, roster, role, self.time())?;
        let people = self.known_people();
        let known = match &found.id {
            Some(id) => people.with_id(id).cloned(),
            None => match named(&people, &found.name) {
                nobody if nobody.is_empty() => None,
                known => Some(only(known, &found.name)?),
            },
        };
        Ok(known.unwrap_or_else(|| person_of(found)))
    }
}

fn named(people: &People, name: &str) -> Vec<Person> {
    people.iter().filter(|person| is_same(&person.name, name)).cloned().collect()
}

/// The one who is found, where that is only one.
fn only(mut found: Vec<Person>, name: &str) -> Result<Person, Refusal> {
    match found.pop() {
        Some(only) if found.is_empty() => Ok(only),
        last => {
            let ids: Vec<String> = found.into_iter().chain(last).map(|person| person.id).collect();
            Err(several_people(name, &ids))
        }
    }
}

/// Somebody of whom only a roster tells.
fn person_of(contact: &Contact) -> Person {
    // A colon tells that nobody can be mentioned by it.
    let by_name = || format!("name:{}", contact.name);
    let id = contact.id.clone().or(contact.email.clone()).unwrap_or_else(by_name);
    Person { id, name: contact.name.clone(), teams_id: None }
}

fn unknown_person(name: &str, nearest: Option<&str>) -> Refusal {
    let nearest = nearest.map_or(String::new(), |nearest| {
        format!(" Did you mean `@\"{}\"`?", nearest.replace('`', "'"))
    });
    Refusal::new(format!(
        "Nobody called “{}” is known here, so nothing was recorded.{nearest} Mention the person as \
         you mention the bot, have them write to the bot once, or put them in the rosters.",
        escape(name)
    ))
}

fn several_people(name: &str, ids: &[String]) -> Refusal {
    Refusal::new(format!(
        "“{}” is the name of {} people, so nothing was recorded: {}. Mention the one you mean as you \
         mention the bot.",
        escape(name),
        ids.len(),
        names_of(ids),
    ))
}

fn unknown_sender() -> Refusal {
    Refusal::new(
        "Who sent this cannot be told, so `me` is nobody, and nothing was recorded. Mention the \
         person instead as you mention the bot.",
    )
}
