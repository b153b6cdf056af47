//! Ages of the remembered messages, by the minute.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Time and revision of the last recorded message of each minute that has one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ages(VecDeque<(Timestamp, u64)>);

impl Ages {
    /// Notes a record. Times never go back.
    pub(super) fn note(&mut self, at: Timestamp, revision: u64) {
        let minute = |at: Timestamp| at.as_second().div_euclid(60);
        match self.0.back_mut() {
            Some(last) if minute(last.0) == minute(at) => *last = (at, revision),
            _ => self.0.push_back((at, revision)),
        }
    }

    /// Evicts entries up to a revision.
    pub(super) fn forget(&mut self, through: u64) {
        while self.0.front().is_some_and(|(_, revision)| *revision <= through) {
            self.0.pop_front();
        }
    }

    /// The last revision that is certainly older than a time; 0 if there is none.
    #[must_use]
    pub fn last_before(&self, time: Timestamp) -> u64 {
        let older = self.0.iter().take_while(|(at, _)| *at < time);
        older.last().map_or(0, |(_, revision)| *revision)
    }
}
