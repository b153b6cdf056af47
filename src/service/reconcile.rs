//! A clock run: records everything due, and repairs whatever a kill, a crash, a failure or a
//! restored log left behind.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use tokio::time::Duration;
use tracing::{Instrument as _, error, info, warn};

use super::erase::OldCopies;
use super::known::Area;
use super::outcome::{Revisions, ServiceError};
use super::publishing::When;
use super::shared::Service;
use crate::core::decide::clock;
use crate::core::log::evict::Limits;
use crate::core::log::state::State;

/// The time limit for committing a record of the clock.
const CLOCK_PATIENCE: Duration = Duration::from_secs(30);
/// The log's end and the pages' theme are checked in every n-th run.
const RUNS_PER_LOOK: u32 = 5;
/// Each current page is checked in every n-th run, because somebody may have edited one manually.
/// Not in the first runs, so that a new process is quick to its first command.
const RUNS_PER_WHOLE_LOOK: u32 = 60;
const FIRST_WHOLE_LOOK: u32 = 2;

impl Service {
    /// Records everything due at `now`, and brings all derived data up to date. A run without work
    /// mostly costs two parallel reads of storage.
    ///
    /// # Errors
    /// The run is incomplete, and retrying is safe.
    pub async fn reconcile(self: &Arc<Self>, now: Timestamp) -> Result<Revisions, ServiceError> {
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let looks = run % RUNS_PER_LOOK == RUNS_PER_LOOK - 1;
        if looks {
            // Also checks for records after the end.
            self.known().end_checked = None;
            self.catch_up().await?;
        } else {
            self.catch_up_cheaply().await?;
        }
        if run == 0 {
            self.warn_of_unknown_components();
        }
        let clock = self.record_the_clock(now).await;
        self.deliver_in_background(now);
        match &clock {
            // Nothing is left to record.
            Ok(()) => self.known().clear_passing_problem(Area::Recording),
            Err(error) => {
                let area = match error {
                    ServiceError::Clock { .. } => Area::Clock,
                    ServiceError::Store(_)
                    | ServiceError::LogEmpty { .. }
                    | ServiceError::Gap { .. } => Area::Reading,
                    _ => Area::Recording,
                };
                self.known().set_problem_unless_told(area, error);
            }
        }
        // Work for pages comes last, because it may hang.
        if looks {
            self.look_at_theme().await?;
        }
        if run % RUNS_PER_WHOLE_LOOK == FIRST_WHOLE_LOOK {
            self.look_at_every_page().await;
            self.look_at_reviews().await;
        }
        let rebuilds = self.known().rebuild;
        if rebuilds {
            self.rebuild_derived().await?;
        }
        let revision = self.known().state.as_ref().map_or(0, |state| state.revision);
        if !self.publish_newest(revision, When::AtOnce).await {
            self.publisher.lock().await.backoff.check()?;
        }
        self.restore_months().await?;
        self.erase(now, OldCopies::Purged).await?;
        self.try_keep_snapshot().await?;
        clock?;
        Ok(self.revisions())
    }

    /// Has the next publication check every current page, whatever is remembered.
    pub async fn look_at_every_page(&self) {
        let mut publisher = self.publisher.lock().await;
        self.known().write_all_at_hand();
        publisher.forget_blobs();
    }

    /// A different process may have published in a different theme, for example an older version
    /// during an upgrade. The current pages are then rebuilt.
    async fn look_at_theme(&self) -> Result<(), ServiceError> {
        let mut publisher = self.publisher.lock().await;
        if !publisher.is_in_our_theme().await? {
            info!("the pages were published in another theme: the current ones are rebuilt");
            self.notice_another_theme(&mut publisher);
        }
        Ok(())
    }

    /// Compares everything derived from the log with it and writes the differences, because the log
    /// was restored, or nothing is known of the derived data. Runs in a task of its own, so that it
    /// outlives the timer's run.
    async fn rebuild_derived(self: &Arc<Self>) -> Result<(), ServiceError> {
        let service = Arc::clone(self);
        let rebuild = async move {
            let _one_at_a_time = service.rebuilding.lock().await;
            if !service.known().rebuild {
                return Ok(());
            }
            let findings = service.rebuild(false, |_| {}).await?;
            info!(records = findings.records, files = findings.files, "rebuilt from the log");
            Ok(())
        };
        match tokio::spawn(rebuild.in_current_span()).await {
            Ok(result) => result,
            Err(error) => {
                error!(%error, "the rebuild ended early");
                Err(ServiceError::NotRecorded)
            }
        }
    }

    /// Pages show the last known name of such a component: it may have been renamed without keeping
    /// its former `id`.
    fn warn_of_unknown_components(&self) {
        let state = self.known().state.clone();
        let kept = state.iter().flat_map(|state| state.status.kept());
        let used: BTreeSet<String> =
            kept.flat_map(|incident| incident.ever_affected().into_iter()).collect();
        let config = self.site.config();
        let is_known = |id: &String| config.components().any(|component| component.id == *id);
        let unknown: Vec<String> = used.into_iter().filter(|id| !is_known(id)).collect();
        if !unknown.is_empty() {
            let ids = unknown.join(", ");
            warn!(
                ids,
                "incidents on the page affect components that are not configured: give a \
                        renamed component its former `id` in status.toml"
            );
        }
    }

    async fn record_the_clock(self: &Arc<Self>, now: Timestamp) -> Result<(), ServiceError> {
        self.check_clock(now).await?;
        let due = |state: &State| Ok(clock::due(state, self.site.config(), &Limits::DEFAULT, now)?);
        self.record_behind_commands(CLOCK_PATIENCE, due).await.map(drop)
    }
}
