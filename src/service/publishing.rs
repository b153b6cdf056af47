//! Schedules publishing: the newest known state, once for all requests.

use std::sync::Arc;

use tokio::sync::MutexGuard;
use tokio::time::{Duration, Instant, sleep, timeout_at};
use tracing::{Instrument as _, info, warn};

use super::known::{Area, Known};
use super::outcome::ServiceError;
use super::publisher::{Ahead, Over, Publisher, Work};
use super::shared::Service;
use crate::store::Key;

/// A command has the snapshot written when it is this many records behind. The timer writes it
/// every minute.
const SNAPSHOT_BEHIND_MAX: u64 = 16;
/// The shortest time between two snapshots written because of commands. A snapshot holds the whole
/// state, and storage has to take it between the commits.
const SNAPSHOT_PAUSE: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// At once: somebody asks for the published revision, or a clock runs.
    AtOnce,
    /// After the commits in progress, so that one publication serves many records; a quarter of a
    /// second later at most.
    AfterCommits,
}

impl Service {
    /// Publishes at least `revision`, in a task that outlives the deadline. True if it was done by
    /// then.
    pub(super) async fn publish_by(
        self: &Arc<Self>,
        revision: u64,
        when: When,
        deadline: Instant,
    ) -> bool {
        let service = Arc::clone(self);
        let publish = async move { service.publish_newest(revision, when).await };
        let task = tokio::spawn(publish.in_current_span());
        matches!(timeout_at(deadline, task).await, Ok(Ok(true)))
    }

    /// Publishes in the background any revision that is read and not known to be published.
    pub(super) fn publish_in_background(self: &Arc<Self>) {
        let Some(revision) = self.known().unpublished() else {
            return;
        };
        let service = Arc::clone(self);
        let publish = async move { service.publish_and_log(revision).await };
        tokio::spawn(publish.in_current_span());
    }

    /// Publishes the newest known state after the commits in progress.
    pub(super) async fn publish_and_log(self: &Arc<Self>, revision: u64) -> bool {
        self.publish_newest(revision, When::AfterCommits).await
    }

    /// Publishes the newest known state, and retries after a pause if it fails. True if `revision`
    /// of the current log is published.
    pub(super) async fn publish_newest(self: &Arc<Self>, revision: u64, when: When) -> bool {
        let generation = self.known().generation;
        let mut publisher = self.publisher.lock().await;
        // The pages of a lost log prove nothing about this one.
        if publisher.published.is_some_and(|published| published >= revision)
            && self.known().is_published(revision)
        {
            return true;
        }
        if publisher.backoff.check().is_err() {
            return false;
        }
        if when == When::AfterCommits {
            self.turns.let_commands_commit().await;
        }
        let result = self.publish(&mut publisher).await;
        self.finish(&mut publisher, &result);
        let (snapshot, written) = (publisher.snapshot, publisher.snapshot_written);
        drop(publisher);
        if result.is_err() {
            return false;
        }
        let (through, is_done) = {
            let known = self.known();
            let is_done = known.generation == generation && known.is_published(revision);
            (known.published_through, is_done)
        };
        let behind = through.saturating_sub(snapshot.unwrap_or(0));
        if snapshot.is_none() {
            // Without a snapshot, the next process would read the log from its start.
            self.keep_snapshot().await;
        } else if behind >= SNAPSHOT_BEHIND_MAX
            && written.is_none_or(|written| written.elapsed() >= SNAPSHOT_PAUSE)
        {
            let service = Arc::clone(self);
            let keep = async move { service.keep_snapshot().await };
            tokio::spawn(keep.in_current_span());
        }
        is_done
    }

    /// Notes the result of publishing. After a failure, one task retries at the end of the pause.
    fn finish(
        self: &Arc<Self>,
        publisher: &mut MutexGuard<'_, Publisher>,
        result: &Result<(), ServiceError>,
    ) {
        let Some(wait) = publisher.backoff.note(result) else {
            return;
        };
        let Err(error) = result else { return };
        self.known().set_problem(Area::Publishing, error);
        let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        warn!(%error, wait_ms, "not published yet: it is tried again");
        let service = Arc::clone(self);
        let again = async move {
            sleep(wait).await;
            // The newest state by then; the log may have become longer or shorter.
            let revision = service.known().state.as_ref().map_or(0, |state| state.revision);
            Box::pin(service.publish_and_log(revision)).await;
        };
        tokio::spawn(again.in_current_span());
    }

    /// Publishes the newest known state, unless it is known to be published. Waiting callers mostly
    /// find it done.
    async fn publish(&self, publisher: &mut Publisher) -> Result<(), ServiceError> {
        let mut foreign = Ahead::new();
        let mut over = Over::OfAnyTheme;
        loop {
            let work = self.known().work(std::mem::take(&mut foreign));
            let Some(work) = work else {
                self.catch_up().await?;
                continue;
            };
            let (theme_is_new, heads, others_wrote) = {
                let mut known = self.known();
                (known.theme_is_new, known.heads.take(), std::mem::take(&mut known.others_wrote))
            };
            if let Some((heads, snapshot)) = heads {
                publisher.remember(heads, snapshot);
            }
            if others_wrote {
                // Other processes may have replaced the remembered blobs.
                publisher.forget_blobs();
            }
            if theme_is_new && !publisher.write_snapshot(&work.state, false, over).await? {
                self.catch_up().await?;
                over = Over::Any;
                continue;
            }
            // The snapshot announces the work first, so a process that finds it unfinished starts
            // again.
            let ahead = publisher.publish(&work).await?;
            if ahead.is_empty() {
                // If a different process has announced a theme change in the meantime, some pages
                // may be in its theme, whether it finished or not.
                let is_settled = !theme_is_new
                    || publisher.write_snapshot(&work.state, true, Over::OfThisTheme).await?;
                if !self.known().mark_published(&work.state, work.generation) {
                    info!("the log was given up for another one while it was published");
                    continue;
                }
                if !is_settled {
                    self.notice_another_theme(publisher);
                }
                return Ok(());
            }
            let state = self.catch_up().await?;
            if state.revision == work.state.revision {
                let names: Vec<String> = ahead.keys().map(Key::to_string).collect();
                warn!(?names, "these show revisions that the log does not have: they are replaced");
                foreign = ahead;
            }
        }
    }

    /// Writes the snapshot if it is behind. The timer does this every minute; this is for a process
    /// that ends earlier.
    pub async fn keep_snapshot(self: &Arc<Self>) {
        if let Err(error) = self.try_keep_snapshot().await {
            warn!(%error, "the snapshot was not written: the timer tries again");
        }
    }

    pub(super) async fn try_keep_snapshot(self: &Arc<Self>) -> Result<(), ServiceError> {
        let mut publisher = self.publisher.lock().await;
        let state = {
            let known = self.known();
            let through = known.published_through;
            known.state.clone().filter(|state| state.revision == through && !known.rebuild)
        };
        let Some(state) =
            state.filter(|state| publisher.snapshot.is_none_or(|at| state.revision > at))
        else {
            return Ok(());
        };
        if !publisher.write_snapshot(&state, true, Over::OfThisTheme).await? {
            info!("the pages were published in another theme: the current ones are rebuilt");
            self.notice_another_theme(&mut publisher);
        }
        Ok(())
    }

    /// The current pages are in a different theme, or half in this one: all are written.
    pub(super) fn notice_another_theme(&self, publisher: &mut Publisher) {
        let mut known = self.known();
        known.write_all_at_hand();
        known.theme_is_new = true;
        publisher.forget_blobs();
    }
}

impl Known {
    /// The next publication; `None` without a known log.
    fn work(&self, foreign: Ahead) -> Option<Work> {
        Some(Work {
            state: self.state.clone()?,
            generation: self.generation,
            changed: self.changed.clone(),
            after: self.published_through,
            all: self.all_at_hand,
            rebuild: self.rebuild,
            foreign,
        })
    }
}
