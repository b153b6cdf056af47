//! The commit: creates the next record, and finds out whether it exists.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{Instrument as _, error, info, warn};

use super::backoff::Spread;
use super::keys::record_key;
use super::known::Area;
use super::outcome::ServiceError;
use super::shared::Service;
use super::turn::Turn;
use crate::core::answer::trouble::Trouble;
use crate::core::log::draft::Completed;
use crate::core::log::record::Record;
use crate::core::log::seal;
use crate::store::{Condition, Key, StoreError, Write};

/// The search for a record's outcome ends this long after the answer was due.
const AFTERWARDS: Duration = Duration::from_mins(1);
/// The first pause between two tries. Pauses double up to the maximum.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
const PAUSE_LAST: Duration = Duration::from_secs(2);
/// No try starts later than this before the deadline: it could only end as unknown.
const TRY_LEAST: Duration = Duration::from_millis(100);
/// The largest tolerated difference between this machine's clock and storage's.
const CLOCKS_DIFFER_MAX: Duration = Duration::from_mins(5);

/// The known outcome of a commit.
pub(super) enum Commit {
    /// It is in the log and folded in.
    Done(Box<Record>),
    /// A different record has its place: catch up and decide again, within the same turn.
    Taken(Turn),
}

enum Placed {
    Ours,
    Other,
}

impl Service {
    /// Commits a record in a task of its own, so that neither the deadline nor a disconnecting
    /// caller leaves it half known. The turn ends at the deadline, whatever storage does. Also
    /// checks the clock that dates the record, so that no caller can forget it.
    pub(super) async fn commit_by(
        self: &Arc<Self>,
        turn: Turn,
        completed: Completed,
        deadline: Instant,
    ) -> Result<Commit, Trouble> {
        if Instant::now() >= deadline {
            return Err(self.out_of_time(Area::Recording));
        }
        self.by(deadline, Area::Clock, self.check_clock(completed.cause.at)).await?;
        let commit = Arc::clone(self).commit(turn, completed, deadline);
        let task = tokio::spawn(commit.in_current_span());
        match task.await {
            Ok(result) => result,
            Err(error) => {
                error!(%error, "the commit ended early");
                self.note_defect();
                Err(Trouble::Unconfirmed)
            }
        }
    }

    async fn commit(
        self: Arc<Self>,
        turn: Turn,
        mut completed: Completed,
        deadline: Instant,
    ) -> Result<Commit, Trouble> {
        let key = record_key(completed.revision);
        let bytes = completed.seal(&self.salts.next()).map_err(|error| {
            error!(%error, "a record cannot be written as JSON");
            self.trouble(Area::Recording, &ServiceError::Defect)
        })?;
        let bytes = Bytes::from(bytes);
        let Ok(placed) = timeout_at(deadline, self.place(&key, &bytes, deadline)).await else {
            {
                let mut known = self.known();
                known.set_problem(Area::Recording, &ServiceError::Late);
                known.note_doubt(completed.cause.message.key());
            }
            drop(turn);
            let doubt = Arc::clone(&self).follow_up(key, bytes, completed);
            tokio::spawn(doubt.in_current_span());
            return Err(Trouble::Unconfirmed);
        };
        match placed? {
            Placed::Other => Ok(Commit::Taken(turn)),
            Placed::Ours => {
                let record = self.committed(&bytes, completed);
                drop(turn);
                Ok(Commit::Done(Box::new(record)))
            }
        }
    }

    /// Installs the state after a record that is now in the log.
    fn committed(&self, bytes: &Bytes, completed: Completed) -> Record {
        self.known().clear_problem(Area::Recording);
        let Completed { record, state } = completed;
        if let Err(error) = self.take_in(bytes, &record, state) {
            // It is recorded anyway; reading the log from its start will find the defect.
            error!(%error, "a committed record does not continue the log as it is known");
            self.known().forget_the_log();
        }
        record
    }

    /// Creates the record's blob. After a try that may have been applied, only reading the blob
    /// back tells. Until then repeating the create is safe, because it can succeed only once.
    async fn place(&self, key: &Key, bytes: &Bytes, deadline: Instant) -> Result<Placed, Trouble> {
        let mut uncertain = false;
        let mut pause = PAUSE_FIRST;
        let mut spread = Spread::new(self.seed);
        loop {
            let pause_now = spread.lengthen(pause);
            let mut wait = pause_now;
            let write = Write { bytes: bytes.clone(), stamp: None, condition: Condition::Absent };
            match self.store.put(key, write).await {
                Ok(_) => return Ok(Placed::Ours),
                Err(StoreError::Conflict) => {}
                Err(error @ StoreError::Unknown { .. }) => {
                    warn!(%key, %error, "the outcome of a commit is unknown: reading it back");
                    wait = error.retry_after().unwrap_or_default().max(pause_now);
                    uncertain = true;
                }
                Err(
                    error @ (StoreError::Unavailable { .. }
                    | StoreError::Refused(_)
                    | StoreError::Immutable(_)),
                ) => {
                    let hopeless = !matches!(error, StoreError::Unavailable { .. });
                    wait = error.retry_after().unwrap_or_default().max(pause_now);
                    let too_late = Instant::now() + wait + TRY_LEAST >= deadline;
                    if !uncertain && (hopeless || too_late) {
                        return Err(self.trouble(Area::Recording, &error.into()));
                    }
                    warn!(%key, %error, "a commit is tried again");
                    if !uncertain {
                        // Nothing was sent, so there is nothing to read back.
                        sleep(wait).await;
                        pause = (pause * 2).min(PAUSE_LAST);
                        continue;
                    }
                }
            }
            if let Some(placed) = self.placed(key, bytes).await {
                return Ok(placed);
            }
            sleep(wait).await;
            pause = (pause * 2).min(PAUSE_LAST);
        }
    }

    /// Reads the record at this place and compares it with ours.
    async fn placed(&self, key: &Key, bytes: &Bytes) -> Option<Placed> {
        match self.store.get(key).await {
            Ok(Some(blob)) if seal::head(&blob.bytes) == seal::head(bytes) => Some(Placed::Ours),
            Ok(Some(_)) => Some(Placed::Other),
            Ok(None) => None,
            Err(error) => {
                warn!(%key, %error, "a commit could not be read back");
                None
            }
        }
    }

    /// Searches for the outcome of a commit after its answer was due, and publishes a success,
    /// which otherwise nobody would do before the timer. Does not retry the commit, because the
    /// turn is over.
    async fn follow_up(self: Arc<Self>, key: Key, bytes: Bytes, completed: Completed) {
        let (revision, message) = (completed.revision, completed.cause.message.key());
        let until = Instant::now() + AFTERWARDS;
        let mut pause = PAUSE_FIRST;
        loop {
            match self.placed(&key, &bytes).await {
                Some(Placed::Ours) => {
                    self.committed(&bytes, completed);
                    self.known().end_doubt(&message);
                    info!(revision, "recorded after the answer was due");
                    self.publish_and_log(revision).await;
                    return;
                }
                Some(Placed::Other) => {
                    self.known().end_doubt(&message);
                    warn!(%key, "not recorded after all: another record has its place");
                    return;
                }
                None if Instant::now() >= until => {
                    warn!(%key, "gave up looking whether a record was written");
                    return;
                }
                None => sleep(pause).await,
            }
            pause = (pause * 2).min(PAUSE_LAST);
        }
    }

    /// Refuses this machine's clock if storage's contradicts it: nothing may be dated by it.
    pub(super) async fn check_clock(&self, here: Timestamp) -> Result<(), ServiceError> {
        self.agreed_time(here).await.map(drop)
    }

    /// Storage's time, or this machine's without one, after checking that the two agree.
    pub(super) async fn agreed_time(&self, here: Timestamp) -> Result<Timestamp, ServiceError> {
        if self.clocks_agree(here).is_err() {
            // A fresh answer may know better than an old one.
            self.catch_up().await?;
        }
        let result = self.clocks_agree(here);
        match &result {
            Ok(_) => {
                let mut known = self.known();
                known.clear_problem(Area::Clock);
                known.compare_log_time(here);
            }
            Err(error) => self.known().set_problem(Area::Clock, error),
        }
        result
    }

    /// The same check from known facts, without a fresh answer.
    pub(super) fn clocks_agree(&self, here: Timestamp) -> Result<Timestamp, ServiceError> {
        let there = self.store.clock()?.unwrap_or(here);
        if here.duration_since(there).unsigned_abs() > CLOCKS_DIFFER_MAX {
            return Err(ServiceError::Clock { here, there });
        }
        Ok(there)
    }
}
