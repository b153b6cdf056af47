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
}
