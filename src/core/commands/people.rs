//! Who is meant by a mention, a name, `me` or `oncall`.

use super::context::Context;
use super::lines::names_of;
use super::on_call_names::on_call_contact;
use super::person::TypedPerson;
use super::refusal::Refusal;
use super::words::nearest;
use crate::core::log::record::Source;
use crate::core::response::model::Response;
use crate::core::response::people::People;
use crate::core::response::person::Person;
use crate::core::response::role::Role;
use crate::core::response::roster::{Contact, is_same};
use crate::core::text::markdown::escape;

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
