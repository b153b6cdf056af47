//! People who have sent something. A mention carries no directory id, so it is learned from the
//! messages that people send themselves.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::person::Person;

/// People, each with the revision of their last record, in that order. They are shared, so that
/// cloning the state does not copy their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct People(VecDeque<(Arc<Person>, u64)>);

impl People {
    /// Remembers the sender of a record, under their current name. A person without a name or an id
    /// could not be found again and is not remembered.
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

    /// Removes people who have sent nothing after the revision `through`.
    pub fn forget(&mut self, through: u64) {
        while self.0.front().is_some_and(|(_, revision)| *revision <= through) {
            self.0.pop_front();
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Revision of the last record of the person at an index; index 0 has been silent for longest.
    #[must_use]
    pub fn revision_at(&self, place: usize) -> Option<u64> {
        self.0.get(place).map(|(_, revision)| *revision)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Person> {
        self.0.iter().map(|(person, _)| person.as_ref())
    }

    /// Finds a person by either id, that of Teams or of the directory.
    #[must_use]
    pub fn with_id(&self, id: &str) -> Option<&Person> {
        self.iter().find(|person| person.id == id || person.teams_id.as_deref() == Some(id))
    }
}
