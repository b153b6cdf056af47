//! Numbered entries of one kind within an incident.

use serde::{Deserialize, Serialize};

/// Revisions of the records that hold the entries' texts, by number. Numbers are never reused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Numbered {
    recorded: u32,
    kept: Vec<(u32, u64)>,
}

impl Numbered {
    /// Number that the next entry gets, from 1.
    #[must_use]
    pub fn next(&self) -> u32 {
        self.recorded + 1
    }

    #[must_use]
    pub fn is_unused(&self) -> bool {
        self.recorded == 0
    }

    /// Revision of the record that holds the entry's text.
    #[must_use]
    pub fn record(&self, number: u32) -> Option<u64> {
        self.iter().find(|(kept, _)| *kept == number).map(|(_, revision)| revision)
    }

    /// Numbers and revisions, in order.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u32, u64)> {
        self.kept.iter().copied()
    }

    /// Adds an entry; `None` if `number` is not the next one.
    pub(super) fn add(&mut self, number: u32, revision: u64) -> Option<()> {
        if number != self.next() {
            return None;
        }
        self.recorded = number;
        self.kept.push((number, revision));
        Some(())
    }

    /// Removes an entry and returns its revision; `None` if there is no such entry. The number is
    /// not reused.
    pub(super) fn remove(&mut self, number: u32) -> Option<u64> {
        let place = self.kept.iter().position(|(kept, _)| *kept == number)?;
        Some(self.kept.remove(place).1)
    }

    /// Reserves the numbers below this one: entries that had them were taken back.
    pub(crate) fn reserve_below(&mut self, number: u32) {
        self.recorded = self.recorded.max(number.saturating_sub(1));
    }

    /// Reserves the numbers used in a different version, so that they are not reused.
    pub(super) fn keep_numbers_of(&mut self, other: &Self) {
        self.recorded = self.recorded.max(other.recorded);
    }
}
