//! The time of the guided incident.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::{SignedDuration, Timestamp};

/// A clock that is set, and stands still within a minute.
#[derive(Clone)]
pub(super) struct SimulatedClock {
    zero: Timestamp,
    minute: Arc<AtomicU32>,
}

impl SimulatedClock {
    /// At minute 0, so that minute `last` is `end`.
    pub(super) fn new(last: u32, end: Timestamp) -> anyhow::Result<Self> {
        let zero = end.checked_sub(SignedDuration::from_mins(last.into()))?;
        Ok(Self { zero, minute: Arc::default() })
    }

    pub(super) fn minute(&self) -> u32 {
        self.minute.load(Ordering::Relaxed)
    }

    pub(super) fn set(&self, minute: u32) {
        self.minute.store(minute, Ordering::Relaxed);
    }

    pub(super) fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::from_mins(self.minute().into());
        self.zero.saturating_add(elapsed).unwrap_or(self.zero)
    }
}
