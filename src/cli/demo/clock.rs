//! Simulated time of the guided incident.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::{SignedDuration, Timestamp};

/// A clock in minutes that only moves when it is set.
#[derive(Clone)]
pub(super) struct SimulatedClock {
    zero: Timestamp,
    minute: Arc<AtomicU32>,
}

impl SimulatedClock {
    /// Starts at minute 0; minute `last` is at `end`.
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
