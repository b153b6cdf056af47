//! People, as chat and directory know them.

use serde::{Deserialize, Serialize};

use crate::core::sealed::{Erasable, REMOVED, Sealed};

/// Somebody who acts, or who has something to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Sealed<Identity>", into = "Sealed<Identity>")]
pub struct Person {
    /// The directory's object id, or what Teams gives in its place.
    pub id: String,
    /// The name as Teams showed it; empty of the clock.
    pub name: String,
    /// Teams' own id, `29:…`, which is all that a mention tells of somebody; `None` where it is not
    /// known, or stands in `id`.
    pub teams_id: Option<String>,
}

/// The same as it is recorded: sealed as one value.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Identity {
    id: String,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    teams_id: Option<String>,
}

impl Erasable for Identity {
    fn erased() -> Self {
        Self { id: String::new(), name: REMOVED.to_owned(), teams_id: None }
    }
}

impl From<Person> for Sealed<Identity> {
    fn from(Person { id, name, teams_id }: Person) -> Self {
        Self::Sealed(Identity { id, name, teams_id })
    }
}

impl From<Sealed<Identity>> for Person {
    fn from(sealed: Sealed<Identity>) -> Self {
        let Identity { id, name, teams_id } = sealed.or_erased();
        Self { id, name, teams_id }
    }
}

impl Person {
    /// Whether both are the same, by one of their ids. Names say nothing: two can share one.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let ids = |person: &Self| [Some(person.id.clone()), person.teams_id.clone()];
        let others = ids(other);
        ids(self)
            .iter()
            .any(|id| id.as_ref().is_some_and(|id| !id.is_empty()) && others.contains(id))
    }
}
