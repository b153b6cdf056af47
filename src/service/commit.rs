//! The commit: creating the next record, and finding out whether it was created.

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

/// The outcome of a record is looked up for this long after the answer was due.
const AFTERWARDS: Duration = Duration::from_mins(1);
/// The first pause between two tries; each following one is twice as long, up to the last.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
const PAUSE_LAST: Duration = Duration::from_secs(2);
/// A try that starts later than this before the deadline could only end as unknown.
const TRY_LEAST: Duration = Duration::from_millis(100);
/// The greatest difference between this machine's clock and storage's.
const CLOCKS_DIFFER_MAX: Duration = Duration::from_mins(5);

/// The known outcome of a commit.
pub(super) enum Commit {
    /// It is in the log and folded in.
    Done(Box<Record>),
    /// Another record has its place: catch up and decide again, it is still one's turn.
    Taken(Turn),
}

enum Placed {
    Ours,
    Other,
}

impl Service {
    /// Commits a record, in a task of its own so that neither the deadline nor a caller that goes
    /// away can leave it half known. The turn ends with the deadline, whatever storage does. The
    /// clock that dates the record is compared here, so that nobody can forget to.
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

    /// Takes over the state after a record that is in the log now.
    fn committed(&self, bytes: &Bytes, completed: Completed) -> Record {
        self.known().clear_problem(Area::Recording);
        let Completed { record, state } = completed;
        if let Err(error) = self.take_in(bytes, &record, state) {
            // It is recorded all the same; reading the log from its start shows what is wrong.
            error!(%error, "a committed record does not continue the log as it is known");
            self.known().forget_the_log();
        }
        record
    }

    /// Creates the record's blob. Once a try may have been applied, only reading the blob back
    /// tells; until then the same create can safely be repeated, for it can succeed only once.
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
                Err(error @ (StoreError::Unavailable { .. } | StoreError::Refused(_))) => {
                    let hopeless = matches!(error, StoreError::Refused(_));
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

    /// Whose record is there, if one is.
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

    /// Looks for the outcome of a commit after its answer was due, and publishes it if it came to
    /// be: nobody else would before the timer. It is not tried again, for others have their turn.
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

    /// Refuses a clock that storage's own contradicts: nothing may be dated by it.
    pub(super) async fn check_clock(&self, here: Timestamp) -> Result<(), ServiceError> {
        self.agreed_time(here).await.map(drop)
    }

    /// The time by storage's clock where it has one, else by this machine's: the two agree.
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

    /// The same from what is known, without a fresh answer.
    pub(super) fn clocks_agree(&self, here: Timestamp) -> Result<Timestamp, ServiceError> {
        let there = self.store.clock()?.unwrap_or(here);
        if here.duration_since(there).unsigned_abs() > CLOCKS_DIFFER_MAX {
            return Err(ServiceError::Clock { here, there });
        }
        Ok(there)
    }
}
