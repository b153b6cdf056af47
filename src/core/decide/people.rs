//! Who is meant by a mention, a name, `me` or `oncall`.

use super::context::Context;
use super::on_call_names::on_call_contact;
use super::unfit::Unfit;
use crate::core::chat::person::TypedPerson;
use crate::core::chat::words::nearest;
use crate::core::log::record::Source;
use crate::core::response::person::Person;
use crate::core::response::role::Role;
use crate::core::response::roster::is_same;

impl Context<'_> {
    /// The person who is meant, with all that is known of them. `role` is what they are to be, if
    /// anything: who is on call depends on it.
    ///
    /// # Errors
    /// An [`Unfit`] where that is nobody, or more than one.
    pub(super) fn find_person(
        &self,
        typed: &TypedPerson,
        role: Option<Role>,
    ) -> Result<Person, Unfit> {
        match typed {
            TypedPerson::Me => self.sender(),
            TypedPerson::Mentioned { name, id } => {
                let known = self
                    .known_people()
                    .find(|person| person.id == *id || person.teams_id.as_ref() == Some(id));
                // Of somebody who never wrote, Teams' own id is known and serves as well.
                let new = || Person { id: id.clone(), name: name.clone(), teams_id: None };
                Ok(known.cloned().unwrap_or_else(new))
            }
            TypedPerson::Named(name) => self.named(name),
            TypedPerson::OnCall(roster) => self.on_call_person(roster.as_deref(), role),
        }
    }

    /// Whoever sends the command. Nothing is put down to somebody whom nobody can tell.
    fn sender(&self) -> Result<Person, Unfit> {
        let by = &self.cause.by;
        match self.cause.source {
            Source::Message if !by.id.is_empty() && !by.name.is_empty() => {
                Ok(self.known_people().find(|person| person.is(by)).unwrap_or(by).clone())
            }
            // At a terminal anybody can give any name: it counts where the channel knows it.
            Source::Operator => self.named(&by.name).map_err(|_| Unfit::UnknownSender),
            _ => Err(Unfit::UnknownSender),
        }
    }

    fn named(&self, name: &str) -> Result<Person, Unfit> {
        let wanted = name.to_lowercase();
        let found = self.known_people().filter(|person| person.name.to_lowercase() == wanted);
        let found: Vec<&Person> = found.collect();
        match found[..] {
            [only] => Ok(only.clone()),
            [] => {
                let names = self.known_people().map(|person| person.name.as_str());
                let nearest = nearest(name, names).map(str::to_owned);
                Err(Unfit::UnknownPerson { name: name.to_owned(), nearest })
            }
            ref several => Err(Unfit::SeveralPeople {
                name: name.to_owned(),
                ids: several.iter().map(|person| person.id.clone()).collect(),
            }),
        }
    }

    /// Those who have written, and the one who writes now as they are now.
    fn known_people(&self) -> impl Iterator<Item = &Person> {
        let by = &self.cause.by;
        let is_new =
            self.cause.source == Source::Message && !by.id.is_empty() && !by.name.is_empty();
        let others = self.state.people.iter().filter(move |person| !is_new || !person.is(by));
        is_new.then_some(by).into_iter().chain(others)
    }

    /// Who is on call: in a roster, or in the one that there is; at the level that is called as the
    /// role, or else at the first.
    fn on_call_person(&self, roster: Option<&str>, role: Option<Role>) -> Result<Person, Unfit> {
        let rosters = self.rosters().map_err(Unfit::Roster)?;
        let found = on_call_contact(&rosters, roster, role, self.time()).map_err(Unfit::Roster)?;
        // The log may know more of them than the file.
        let is_id = |person: &&Person| found.id.as_ref() == Some(&person.id);
        let is_name = |person: &&Person| found.id.is_none() && is_same(&person.name, &found.name);
        let known = self.known_people().find(is_id).or_else(|| self.known_people().find(is_name));
        let new = || Person {
            id: found.id.clone().unwrap_or_else(|| found.name.clone()),
            name: found.name.clone(),
            teams_id: None,
        };
        Ok(known.cloned().unwrap_or_else(new))
    }
}
