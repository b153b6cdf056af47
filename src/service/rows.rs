//! One run at a time per receiver. A request during a run leaves a note, which the run finds before
//! it ends, so no due message has to wait for the timer.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use parking_lot::{Mutex, MutexGuard};
use tokio::time::Instant;

use crate::core::http::Receiver;

/// The time of the request that started a run, advanced by the time since.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    pub(super) at: Timestamp,
    pub(super) begun: Instant,
}

impl Clock {
    pub(super) fn starting_at(at: Timestamp) -> Self {
        Self { at, begun: Instant::now() }
    }

    pub(super) fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.begun.elapsed()).unwrap_or_default();
        self.at.saturating_add(passed).unwrap_or(self.at)
    }
}

/// Receivers with a run in progress, each with the note of the last request.
#[derive(Default)]
pub(super) struct Rows(Mutex<BTreeMap<Receiver, Option<Clock>>>);

/// A run in progress; ends when this is dropped.
pub(super) struct Run<'a> {
    rows: &'a Rows,
    receiver: Receiver,
    is_over: bool,
}

impl Rows {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Receiver, Option<Clock>>> {
        self.0.lock()
    }

    /// Begins a run; `None` if one is in progress, which will then continue for this request.
    pub(super) fn begin(&self, receiver: Receiver, clock: Clock) -> Option<Run<'_>> {
        let mut running = self.lock();
        if let Some(note) = running.get_mut(&receiver) {
            *note = Some(clock);
            return None;
        }
        running.insert(receiver, None);
        Some(Run { rows: self, receiver, is_over: false })
    }
}

impl Run<'_> {
    /// The note of a request during the run. Without one the run is over.
    pub(super) fn asked_again(&mut self) -> Option<Clock> {
        let mut running = self.rows.lock();
        let note = running.get_mut(&self.receiver).and_then(Option::take);
        if note.is_none() {
            running.remove(&self.receiver);
            self.is_over = true;
        }
        note
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.rows.lock().remove(&self.receiver);
        }
    }
}
