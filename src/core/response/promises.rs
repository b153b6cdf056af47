//! Promised customer updates of one incident: the one that is due next, and how many were kept.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The promises of an incident.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Promises {
    /// When the next update is promised for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// How many updates came in time.
    pub kept: u32,
    /// How many did not.
    pub broken: u32,
}

impl Promises {
    /// Whether nothing was ever promised.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// An update, a closing or a reopening at a moment ends the open promise and may make a new one.
    pub(super) fn follow(&mut self, at: Timestamp, next: Option<Timestamp>) {
        if let Some(due) = self.due {
            let count = if at <= due { &mut self.kept } else { &mut self.broken };
            *count += 1;
        }
        self.due = next;
    }

    /// A change without a text replaces the open promise; one that was broken stays so.
    pub(super) fn replace(&mut self, at: Timestamp, next: Option<Timestamp>) {
        if self.due.is_some_and(|due| due < at) {
            self.broken += 1;
        }
        self.due = next;
    }

    /// How many were kept and broken by `now`.
    #[must_use]
    pub fn counts(&self, now: Timestamp) -> (u32, u32) {
        (self.kept, self.broken + u32::from(self.due.is_some_and(|due| due < now)))
    }

    /// The counts in words; `None` where no promise was kept or broken yet.
    #[must_use]
    pub fn words(&self, now: Timestamp) -> Option<String> {
        let (kept, broken) = self.counts(now);
        (kept + broken > 0).then(|| format!("{kept} kept, {broken} broken"))
    }
}
