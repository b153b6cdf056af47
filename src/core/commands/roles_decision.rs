//! What follows from a change of who does what.

use super::context::{Context, Stop};
use super::person::TypedPerson;
use super::response_command::RoleChange;
use super::unfit::Unfit;
use crate::core::log::record::Event;
use crate::core::response::events::ResponseEvent;
use crate::core::response::model::{HOLDERS_MAX, Response};
use crate::core::response::person::Person;
use crate::core::response::role::{Holder, Role};
use crate::core::response::roster::is_same;

impl Context<'_> {
    pub(crate) fn change_roles(
        &self,
        response: &Response,
        change: &RoleChange,
    ) -> Result<Vec<Event>, Stop> {
        let events = match change {
            RoleChange::Assign { role, person, topic } => {
                let person = self.find_responder(person, Some(*role), response)?;
                vec![assigned(response, *role, person, topic.as_ref())?]
            }
            RoleChange::Release { role, person } => {
                self.released(response, *role, person.as_ref())?
            }
        };
        Ok(events.into_iter().map(Event::Response).collect())
    }

    /// Those who were meant to have the role have it no longer.
    fn released(
        &self,
        response: &Response,
        role: Role,
        typed: Option<&TypedPerson>,
    ) -> Result<Vec<ResponseEvent>, Unfit> {
        let number = response.number;
        let holders: Vec<&Holder> = response.holders(role).collect();
        let not_held = |name| {
            let mut names: Vec<String> = Vec::new();
            for Holder { person, .. } in &holders {
                if !names.contains(&person.name) {
                    names.push(person.name.clone());
                }
            }
            Unfit::NotInRole { number, role, name, holders: names }
        };
        let meant = match (typed, &holders[..]) {
            (_, []) => return Err(not_held(None)),
            (Some(typed), _) => self.holder_meant(typed, &holders, role)?,
            (None, [first, others @ ..]) if others.iter().all(|o| o.person.is(&first.person)) => {
                first.person.clone()
            }
            (None, several) => match several.iter().find(|held| held.person.is(&self.cause.by)) {
                Some(own) => own.person.clone(),
                None => return Err(not_held(None)),
            },
        };
        let mut released: Vec<&Person> = Vec::new();
        for Holder { person, .. } in holders.iter().filter(|held| held.person.is(&meant)) {
            // What an expert is asked about goes with the expert.
            if released.iter().all(|other| other.id != person.id) {
                released.push(person);
            }
        }
        if released.is_empty() {
            return Err(not_held(Some(meant.name)));
        }
        let event =
            |person: &Person| ResponseEvent::Released { number, role, person: person.clone() };
        Ok(released.into_iter().map(event).collect())
    }

    /// Who is meant: a name is first looked for among those who have the role.
    fn holder_meant(
        &self,
        typed: &TypedPerson,
        holders: &[&Holder],
        role: Role,
    ) -> Result<Person, Unfit> {
        if let TypedPerson::Named(name) = typed {
            let mut named = holders.iter().filter(|held| is_same(&held.person.name, name));
            if let Some(first) = named.next()
                && named.all(|other| other.person.is(&first.person))
            {
                return Ok(first.person.clone());
            }
        }
        self.find_person(typed, Some(role))
    }
}

/// Somebody has a role from now on; the one who had it, if only one can, no longer.
fn assigned(
    response: &Response,
    role: Role,
    person: Person,
    topic: Option<&String>,
) -> Result<ResponseEvent, Unfit> {
    let number = response.number;
    let same = |held: &Holder| {
        held.person.is(&person) && (!role.is_shared() || held.topic.as_ref() == topic)
    };
    if response.holders(role).any(same) {
        return Err(Unfit::HasRole { number, role, name: person.name });
    }
    let from = response.holders(role).next().filter(|_| !role.is_shared());
    if from.is_none() && response.roles.len() >= HOLDERS_MAX {
        let one = response.roles.iter().rfind(|held| held.role.is_shared());
        let one = one.map(|held| (held.role, held.person.name.clone()));
        return Err(Unfit::TooManyHolders { number, one });
    }
    let from = from.map(|held| held.person.clone());
    Ok(ResponseEvent::Assigned { number, role, topic: topic.cloned(), person, from })
}
