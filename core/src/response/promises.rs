//! Promised customer updates of one incident: the next one due, and the numbers kept and broken.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Promises {
    /// Due time of the next promised update.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// Number of updates that came in time.
    pub kept: u32,
    /// Number of updates that came late or not at all.
    pub broken: u32,
}

impl Promises {
    /// Returns `true` if nothing was ever promised.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Settles the open promise at an update, a closing or a reopening, and sets the next one.
    pub(super) fn follow(&mut self, at: Timestamp, next: Option<Timestamp>) {
        if let Some(due) = self.due {
            let count = if at <= due { &mut self.kept } else { &mut self.broken };
            *count += 1;
        }
        self.due = next;
    }

    /// Replaces the open promise at a change without a text. If it had been broken, that still
    /// counts.
    pub(super) fn replace(&mut self, at: Timestamp, next: Option<Timestamp>) {
        if self.due.is_some_and(|due| due < at) {
            self.broken += 1;
        }
        self.due = next;
    }

    /// Numbers kept and broken at `now`.
    #[must_use]
    pub fn counts(&self, now: Timestamp) -> (u32, u32) {
        (self.kept, self.broken + u32::from(self.due.is_some_and(|due| due < now)))
    }

    /// The counts in words; `None` while both are 0.
    #[must_use]
    pub fn words(&self, now: Timestamp) -> Option<String> {
        let (kept, broken) = self.counts(now);
        (kept + broken > 0).then(|| format!("{kept} kept, {broken} broken"))
    }
}
