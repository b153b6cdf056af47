//! Finds people: a mention, `@Name`, `@"First Last"`, `me`, `oncall`. Places are in bytes of the
//! plain text.

use super::context::Context;
use super::lines::names_of;
use super::on_call::rosters::on_call_contact;
use super::reader::{CLOSING, without_closing};
use super::refusal::Refusal;
use super::words::nearest;
use crate::log::record::Source;
use crate::response::model::Response;
use crate::response::people::People;
use crate::response::person::Person;
use crate::response::role::Role;
use crate::rosters::roster::{Contact, Rosters, is_first_name, is_same};
use crate::teams::said::{Mention, Said};
use crate::text::clean_name;
use crate::text::markdown::escape;

/// A person as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypedPerson {
    /// The sender.
    Me,
    /// A mention in Teams.
    Mentioned {
        /// The name in the mention, which may be shortened.
        name: String,
        /// Teams' id of the person.
        id: String,
    },
    Named(String),
    /// The on-call engineer, of the named roster if any.
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

/// The person at a place, with the end: a mention, `@` with a one-word or quoted name, `me` or
/// `oncall`.
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

/// The person that a whole part of the text names: as [`next_person`], or a name of several words
/// with or without `@`, or `oncall` with a roster.
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

/// The person whom a text addresses, with the beginning of the text after them: a mention or
/// `@Name` in front of something else.
#[must_use]
pub fn first_person(said: &Said, start: usize) -> Option<(TypedPerson, usize)> {
    let rest = said.text.to_plain().get(start..)?.trim_start().to_owned();
    let (person, end) = next_person(said, start)?;
    let is_mention = said.mentions.iter().any(|mention| mention.place.end == end);
    if !is_mention && !rest.starts_with('@') {
        return None;
    }
    let plain = said.text.to_plain();
    let behind = plain.get(end..)?;
    let text = behind.trim_start_matches(|c: char| c.is_whitespace() || CLOSING.contains(&c));
    (!text.is_empty()).then(|| (person, end + behind.len() - text.len()))
}

/// The person at the end of a text, with the end of the text before them: a mention, `@` with a
/// one-word or quoted name, `@me` or `@oncall`.
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

/// True if only punctuation is left.
fn closes(text: &str) -> bool {
    text.trim().chars().all(|c| CLOSING.contains(&c))
}

/// A quoted name after `@`, with its length in bytes. Phones make quotation marks curly.
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
    /// Finds the person with all known ids. `role` is the role to assign, if any, because the
    /// person on call depends on it.
    ///
    /// # Errors
    /// Nobody matches, or several people do.
    pub(crate) fn find_person(
        &self,
        typed: &TypedPerson,
        role: Option<Role>,
    ) -> Result<Person, Refusal> {
        match typed {
            TypedPerson::Me => self.sender(),
            TypedPerson::Mentioned { name, id } => {
                // For a person who never wrote anything, Teams' own id serves as well.
                let new = || Person { id: id.clone(), name: name.clone(), teams_id: None };
                Ok(self.known_people().with_id(id).cloned().unwrap_or_else(new))
            }
            TypedPerson::Named(name) => self.person_named(name),
            TypedPerson::OnCall(roster) => self.on_call_person(roster.as_deref(), role),
        }
    }

    /// The same for an incident: `oncall` alone means the on-call engineer for its components, if
    /// their guides name one roster.
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

    /// The sender. Nothing is attributed to a sender without an identity.
    fn sender(&self) -> Result<Person, Refusal> {
        let by = &self.cause.by;
        match self.cause.source {
            Source::Message => {
                self.known_people().with_id(&by.id).cloned().ok_or_else(unknown_sender)
            }
            // At a terminal anybody can give any name, so it has to be known in the channel.
            Source::Operator => self.person_named(&by.name).map_err(|_| unknown_sender()),
            _ => Err(unknown_sender()),
        }
    }

    /// The only person with that name, or else with that first name, among senders and rosters.
    fn person_named(&self, name: &str) -> Result<Person, Refusal> {
        let people = self.known_people();
        let rosters = self.rosters().unwrap_or_default();
        let mut found = candidates(&people, &rosters, |known| is_same(known, name));
        if found.is_empty() {
            found = candidates(&people, &rosters, |known| is_first_name(known, name));
        }
        if found.is_empty() {
            let contacts = rosters.contacts.iter().map(|contact| contact.name.as_str());
            let names = people.iter().map(|person| person.name.as_str());
            let nearest = nearest(name, names.chain(contacts));
            return Err(unknown_person(name, nearest));
        }
        only(found, name)
    }

    /// All known senders, including this one.
    fn known_people(&self) -> People {
        let mut people = self.state.people.clone();
        if self.cause.source == Source::Message {
            people.learn(&self.cause.by, self.state.revision + 1);
        }
        people
    }

    /// The on-call engineer of a roster, or of the only one; at the level named after the role, or
    /// else at the first. The log may know more about the person than the file.
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

/// Everybody with a matching name, each once.
fn candidates(people: &People, rosters: &Rosters, is_meant: impl Fn(&str) -> bool) -> Vec<Person> {
    let mut found: Vec<Person> =
        people.iter().filter(|person| is_meant(&person.name)).cloned().collect();
    for contact in rosters.contacts.iter().filter(|contact| is_meant(&contact.name)) {
        let is_known = found.iter().any(|person| match &contact.id {
            Some(id) => person.id == *id,
            None => is_same(&person.name, &contact.name),
        });
        if !is_known {
            let known = contact.id.as_ref().and_then(|id| people.with_id(id)).cloned();
            found.push(known.unwrap_or_else(|| person_of(contact)));
        }
    }
    found
}

fn only(mut found: Vec<Person>, name: &str) -> Result<Person, Refusal> {
    match found.pop() {
        Some(only) if found.is_empty() => Ok(only),
        last => Err(several_people(name, &found.into_iter().chain(last).collect::<Vec<_>>())),
    }
}

/// A person known only from a roster.
fn person_of(contact: &Contact) -> Person {
    // The colon marks an id that cannot be mentioned.
    let by_name = || format!("name:{}", contact.name);
    let id = contact.id.clone().or(contact.email.clone()).unwrap_or_else(by_name);
    Person { id, name: contact.name.clone(), teams_id: None }
}

fn unknown_person(name: &str, nearest: Option<&str>) -> Refusal {
    let nearest = nearest.map_or(String::new(), |nearest| {
        format!(" Did you mean `@\"{}\"`?", nearest.replace('`', "'"))
    });
    Refusal::new(format!(
        "I don't know anyone called “{}”. Nothing was recorded.{nearest} Mention them in Teams, \
         or ask them to write to me once.",
        escape(name)
    ))
}

/// Only a mention tells people with the same name apart.
fn several_people(name: &str, people: &[Person]) -> Refusal {
    let different = people.iter().any(|person| !is_same(&person.name, name));
    let names: Vec<String> = people.iter().map(|person| person.name.clone()).collect();
    let (names, remedy) = match people.first() {
        Some(first) if different => {
            let whole = first.name.replace('`', "'");
            let remedy = format!("Type the whole name, such as `@\"{whole}\"`, or mention them.");
            (format!(": {}", names_of(&names)), remedy)
        }
        _ => (String::new(), "Mention the person in Teams.".to_owned()),
    };
    Refusal::new(format!(
        "{} people are called “{}”{names}. Nothing was recorded. {remedy}",
        people.len(),
        escape(name),
    ))
}

fn unknown_sender() -> Refusal {
    Refusal::new(
        "I can't tell who sent this, so I can't resolve `me`. Nothing was recorded. Mention the \
         person in Teams instead.",
    )
}
