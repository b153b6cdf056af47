//! The people whom the log has heard of: those who sent what was recorded. A mention tells no
//! directory id, so that is learned here.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::person::Person;

/// Who sent something, each with the revision of their last record, in the order of those. They
/// are shared, so that a copy costs no copy of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct People(VecDeque<(Arc<Person>, u64)>);

impl People {
    /// Remembers somebody who has sent the record of a revision, by the name that they have now.
    /// Somebody without a name or an id cannot be found again and is not remembered.
    pub fn learn(&mut self, person: &Person, revision: u64) {
        if person.id.is_empty() || person.name.is_empty() {
            return;
        }
        let mut learned = person.clone();
        if let Some(known) = self.0.iter().find(|(known, _)| known.id == person.id) {
            // Not every message has both ids.
            learned.teams_id = learned.teams_id.or_else(|| known.0.teams_id.clone());
        }
        self.0.retain(|(known, _)| !known.is(&learned));
        self.0.push_back((Arc::new(learned), revision));
    }

    /// Forgets those who have sent nothing since a revision.
    pub fn forget(&mut self, through: u64) {
        while self.0.front().is_some_and(|(_, revision)| *revision <= through) {
            self.0.pop_front();
        }
    }

    /// How many are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nobody is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The revision of the last record of the one at a place, those at the front who have been
    /// silent for longest.
    #[must_use]
    pub fn revision_at(&self, place: usize) -> Option<u64> {
        self.0.get(place).map(|(_, revision)| *revision)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Person> {
        self.0.iter().map(|(person, _)| person.as_ref())
    }

    /// The one with an id, Teams' own or the directory's.
    #[must_use]
    pub fn with_id(&self, id: &str) -> Option<&Person> {
        self.iter().find(|person| person.id == id || person.teams_id.as_deref() == Some(id))
    }
}
