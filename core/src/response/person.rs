//! People, as Teams and the directory identify them.

use serde::{Deserialize, Serialize};

use crate::sealed::{Erasable, REMOVED, Sealed};

/// A person who acts, or who is assigned something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Sealed<Identity>", into = "Sealed<Identity>")]
pub struct Person {
    /// Object id in the directory, or the id that Teams gives instead.
    pub id: String,
    /// Display name in Teams; empty for the clock.
    pub name: String,
    /// Teams' own id (`29:…`), the only one that a mention carries; `None` if it is unknown or is
    /// already in `id`.
    pub teams_id: Option<String>,
}

/// Recorded form of a person: sealed as one value.
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
    /// Returns `true` if one of their ids is the same. Names prove nothing: two people can share
    /// one.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let ids = |person: &Self| [Some(person.id.clone()), person.teams_id.clone()];
        let others = ids(other);
        ids(self)
            .iter()
            .any(|id| id.as_ref().is_some_and(|id| !id.is_empty()) && others.contains(id))
    }
}
