//! The two clocks: the platform's timer, and this process, which takes over when the timer falls
//! silent. Both may run at once, in one process or in several: the log decides which one records.

use std::sync::Arc;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::OwnedMutexGuard;
use tokio::time::{Duration, Instant, sleep_until, timeout, timeout_at};
use tracing::{Instrument as _, info, info_span, warn};

use super::keys::clock_key;
use super::outcome::{Revisions, ServiceError};
use super::shared::Service;
use super::ticks::{TickTimes, Ticker};
use crate::store::{Condition, StoreError, Write};

/// The timer counts as silent if it has finished no run for this long: it runs every minute.
const TIMER_SILENT_AFTER: SignedDuration = SignedDuration::from_secs(90);
/// A timer's run waits for the previous one until that has had this long.
const RUN_PATIENCE: Duration = Duration::from_secs(20);
/// The longest that reading or writing the timer's time may take.
const CLOCK_FILE_MAX: Duration = Duration::from_secs(5);

/// The contents of `state/clock.json`. It is not derived from the log, and losing it costs nothing.
#[derive(Serialize, Deserialize)]
struct ClockFile {
    /// End of the timer's last run, by storage's clock if it has one.
    timer: Timestamp,
}

impl Service {
    /// Answers from memory.
    #[must_use]
    pub fn tick_times(&self) -> TickTimes {
        self.ticks.memory().times
    }

    /// A run of the platform's timer. Waits for a run in progress, and stores its time for the own
    /// clocks of other processes.
    ///
    /// # Errors
    /// The run failed; [`ServiceError::Busy`] if the previous one hangs.
    pub async fn timer_run(self: &Arc<Self>, now: Timestamp) -> Result<Revisions, ServiceError> {
        let until = self.ticks.memory().run_began.unwrap_or_else(Instant::now) + RUN_PATIENCE;
        let running = Arc::clone(&self.ticks.running).lock_owned();
        let alone = timeout_at(until, running).await.map_err(|_| ServiceError::Busy)?;
        let revisions = self.run(Ticker::Timer, now, alone).await?;
        self.store_timer_time(now).await;
        Ok(revisions)
    }

    /// The run at the start of this process, regardless of the timer.
    ///
    /// # Errors
    /// The run failed, and retrying is safe.
    pub async fn first_run(self: &Arc<Self>, now: Timestamp) -> Result<Revisions, ServiceError> {
        self.ticks.memory().began = Some(Instant::now());
        let alone = Arc::clone(&self.ticks.running).lock_owned().await;
        self.run(Ticker::Process, now, alone).await
    }

    /// The own clock: ticks as long as the process lives. `now` returns the time.
    pub async fn keep_time(self: Arc<Self>, now: impl Fn() -> Timestamp + Send) {
        loop {
            sleep_until(self.ticks.next()).await;
            if self.ticks.begin() {
                self.tick(Ticker::Process, now()).await;
            }
        }
    }

    /// Starts a tick in the background, unless one began here a moment ago.
    pub fn tick_in_background(self: &Arc<Self>, now: Timestamp) {
        if !self.ticks.begin() {
            return;
        }
        let service = Arc::clone(self);
        tokio::spawn(async move { service.tick(Ticker::Request, now).await });
    }

    /// A tick: a run if the timer is silent, and otherwise nothing.
    async fn tick(self: &Arc<Self>, ticker: Ticker, now: Timestamp) {
        let span = info_span!("tick", by = ticker.name());
        let tick = async {
            // The run in progress does this one's work.
            let Ok(alone) = Arc::clone(&self.ticks.running).try_lock_owned() else { return };
            if !self.is_timer_silent(now).await {
                return;
            }
            let before = self.revisions();
            match self.run(ticker, now, alone).await {
                Ok(revisions) if revisions != before => {
                    let (recorded, published) = (revisions.recorded, revisions.published);
                    info!(recorded, published, "brought up to date");
                }
                Ok(_) => {}
                Err(error) => warn!(%error, "not brought up to date; the next tick tries again"),
            }
        };
        tick.instrument(span).await;
    }

    async fn run(
        self: &Arc<Self>,
        ticker: Ticker,
        now: Timestamp,
        alone: OwnedMutexGuard<()>,
    ) -> Result<Revisions, ServiceError> {
        {
            let mut memory = self.ticks.memory();
            let instant = Instant::now();
            (memory.began, memory.run_began) = (Some(instant), Some(instant));
            match ticker {
                Ticker::Timer => {}
                Ticker::Process => memory.times.process = Some(now),
                Ticker::Request => memory.times.request = Some(now),
            }
        }
        let result = self.reconcile(now).await;
        drop(alone);
        if result.is_ok() {
            self.ticks.memory().times.succeeded = Some(now);
            self.beat(now);
        }
        result
    }

    /// True if the timer has finished no run for a while, on any instance. Asks storage only if the
    /// known time is that old.
    async fn is_timer_silent(&self, now: Timestamp) -> bool {
        let mut has_run = self.has_timer_run(now);
        if !has_run {
            // Without an answer the timer counts as silent: a superfluous run does no harm.
            if let Err(error) = self.read_timer_time().await {
                warn!(%error, "the last run of the timer is not known");
            }
            has_run = self.has_timer_run(now);
        }
        let mut memory = self.ticks.memory();
        // A program that never had a timer does not miss one.
        let takes_over = !has_run && memory.times.timer.is_some();
        if takes_over != std::mem::replace(&mut memory.took_over, takes_over) {
            let seconds = TIMER_SILENT_AFTER.as_secs();
            if takes_over {
                warn!(seconds, "the timer is silent: this process ticks by itself");
            } else {
                info!("the timer runs again");
            }
        }
        !has_run
    }

    fn has_timer_run(&self, now: Timestamp) -> bool {
        // All processes share storage's clock. A time ahead of it is trusted no longer than one
        // behind it.
        let now = self.store.clock().ok().flatten().unwrap_or(now);
        let timer = self.ticks.memory().times.timer;
        timer.is_some_and(|timer| now.duration_since(timer).abs() < TIMER_SILENT_AFTER)
    }

    async fn read_timer_time(&self) -> Result<(), ServiceError> {
        let key = clock_key();
        let blob = timeout(CLOCK_FILE_MAX, self.store.get(&key))
            .await
            .map_err(|_| ServiceError::Late)??;
        let Some(blob) = blob else { return Ok(()) };
        let mut memory = self.ticks.memory();
        memory.version = Some(blob.head.etag);
        // Somebody may have edited it: the timer's next run writes it again.
        if let Ok(file) = serde_json::from_slice::<ClockFile>(&blob.bytes) {
            memory.times.timer = Some(file.timer);
        }
        Ok(())
    }

    /// Stores the time of the timer's run. A failure only costs other processes a superfluous run.
    async fn store_timer_time(&self, now: Timestamp) {
        let timer = self.store.clock().ok().flatten().unwrap_or(now);
        self.ticks.memory().times.timer = Some(timer);
        let stored = timeout(CLOCK_FILE_MAX, self.write_clock_file(timer)).await;
        if let Err(error) = stored.unwrap_or_else(|_| Err(ServiceError::Late)) {
            self.ticks.memory().version = None;
            warn!(%error, "the time of this run of the timer was not stored");
        }
    }

    async fn write_clock_file(&self, timer: Timestamp) -> Result<(), ServiceError> {
        let key = clock_key();
        let Ok(bytes) = serde_json::to_vec(&ClockFile { timer }) else { return Ok(()) };
        let bytes = Bytes::from(bytes);
        let mut known = self.ticks.memory().version.take();
        loop {
            let condition = known.map_or(Condition::Absent, Condition::Match);
            let write = Write { bytes: bytes.clone(), stamp: None, condition };
            match self.store.put(&key, write).await {
                Ok(etag) => {
                    self.ticks.memory().version = Some(etag);
                    return Ok(());
                }
                // The timer ran on a different instance before.
                Err(StoreError::Conflict) => {
                    known = self.store.head(&key).await?.map(|head| head.etag);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}
