//! The numbers of a kind of entries within an incident.

use serde::{Deserialize, Serialize};

/// Entries by number, each with the revision of the record that holds its text. A number is never
/// used again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Numbered {
    recorded: u32,
    kept: Vec<(u32, u64)>,
}

impl Numbered {
    /// The number of the next entry, from 1.
    #[must_use]
    pub fn next(&self) -> u32 {
        self.recorded + 1
    }

    #[must_use]
    pub fn is_unused(&self) -> bool {
        self.recorded == 0
    }

    /// The record that holds the text of an entry.
    #[must_use]
    pub fn record(&self, number: u32) -> Option<u64> {
        self.iter().find(|(kept, _)| *kept == number).map(|(_, revision)| revision)
    }

    /// Numbers and revisions, in order.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u32, u64)> {
        self.kept.iter().copied()
    }

    /// Adds an entry; `None` where its number is not the next one.
    pub(super) fn add(&mut self, number: u32, revision: u64) -> Option<()> {
        if number != self.next() {
            return None;
        }
        self.recorded = number;
        self.kept.push((number, revision));
        Some(())
    }

    /// Removes an entry; `None` where it is not there. Its number stays unused.
    pub(super) fn remove(&mut self, number: u32) -> Option<u64> {
        let place = self.kept.iter().position(|(kept, _)| *kept == number)?;
        Some(self.kept.remove(place).1)
    }

    /// Gives no number again that other ones have used.
    pub(super) fn keep_numbers_of(&mut self, other: &Self) {
        self.recorded = self.recorded.max(other.recorded);
    }
}
