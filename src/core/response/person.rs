//! People, as chat and directory know them.

use serde::{Deserialize, Serialize};

/// Somebody who acts, or who has something to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The directory's object id, or what Teams gives in its place.
    pub id: String,
    /// The name as Teams showed it; empty of the clock.
    pub name: String,
    /// Teams' own id, `29:…`, which is all that a mention tells of somebody; `None` where it is not
    /// known, or stands in `id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teams_id: Option<String>,
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
