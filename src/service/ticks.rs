//! The runs of this process and of the timer, as this process remembers them.

use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::{Duration, Instant};

use crate::store::ETag;

/// The interval of this process's own ticks.
const OWN_PERIOD: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ticker {
    /// The platform's timer.
    Timer,
    /// This process, every 20 seconds.
    Process,
    /// A request, in the background.
    Request,
}

impl Ticker {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Timer => "timer",
            Self::Process => "process",
            Self::Request => "request",
        }
    }
}

/// The last runs of each clock, as far as this process knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TickTimes {
    /// The last successful run of the timer, on any instance.
    pub timer: Option<Timestamp>,
    /// The last run that this process started itself.
    pub process: Option<Timestamp>,
    /// The last run that a request to this process started.
    pub request: Option<Timestamp>,
    /// The last successful run of this process.
    pub succeeded: Option<Timestamp>,
}

#[derive(Default)]
pub(super) struct Ticks {
    /// Held by the run in progress.
    pub(super) running: Arc<AsyncMutex<()>>,
    /// Held by the heartbeat call in progress.
    pub(super) calling: AsyncMutex<()>,
    memory: Mutex<TickMemory>,
}

#[derive(Default)]
pub(super) struct TickMemory {
    pub(super) times: TickTimes,
    /// Start of the last tick here, even of one that found the timer working.
    pub(super) began: Option<Instant>,
    /// Start of the last run here.
    pub(super) run_began: Option<Instant>,
    /// The version of `state/clock.json` as last read or written.
    pub(super) version: Option<ETag>,
    /// The log has reported already that this process has taken over.
    pub(super) took_over: bool,
    /// The log has reported already that the heartbeat fails.
    pub(super) heartbeat_fails: bool,
}

impl Ticks {
    pub(super) fn memory(&self) -> MutexGuard<'_, TickMemory> {
        self.memory.lock()
    }

    /// Claims the next own tick, unless one began less than a period ago.
    pub(super) fn begin(&self) -> bool {
        let mut memory = self.memory();
        if memory.began.is_some_and(|began| began.elapsed() < OWN_PERIOD) {
            return false;
        }
        memory.began = Some(Instant::now());
        true
    }

    pub(super) fn next(&self) -> Instant {
        self.memory().began.map_or_else(Instant::now, |began| began + OWN_PERIOD)
    }
}
