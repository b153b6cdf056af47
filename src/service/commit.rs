//! The commit: creating the next record, and finding out whether it was created.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{Instrument as _, error, info, warn};

use super::{Service, ServiceError, Turn, out_of_time, record_key};
use crate::core::answer::trouble::Trouble;
use crate::core::log::record::Record;
use crate::store::{Condition, Key, StoreError, Write};

/// How long the outcome of a record is looked for after the answer was due.
const AFTERWARDS: Duration = Duration::from_mins(1);
/// The first pause between two tries; each following one is twice as long, up to the last.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
const PAUSE_LAST: Duration = Duration::from_secs(2);

/// How a commit ended, if its outcome is known.
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
    /// away can leave it half known.
    pub(super) async fn commit_by(
        self: &Arc<Self>,
        turn: Turn,
        record: Record,
        deadline: Instant,
    ) -> Result<Commit, Trouble> {
        if Instant::now() >= deadline {
            return Err(out_of_time());
        }
        let commit = Arc::clone(self).commit(turn, record, deadline);
        let task = tokio::spawn(commit.in_current_span());
        match timeout_at(deadline, task).await {
            Ok(Ok(result)) => result,
            Ok(Err(error)) => {
                error!(%error, "the commit ended early");
                Err(Trouble::Unconfirmed)
            }
            Err(_) => Err(Trouble::Unconfirmed),
        }
    }

    async fn commit(
        self: Arc<Self>,
        turn: Turn,
        record: Record,
        deadline: Instant,
    ) -> Result<Commit, Trouble> {
        let key = record_key(record.revision);
        let bytes = serde_json::to_vec(&record).map_err(|error| {
            error!(%error, "a record cannot be written as JSON");
            Trouble::NotRecorded("this program failed; its log says why.".to_owned())
        })?;
        let bytes = Bytes::from(bytes);
        match self.place(&key, &bytes, deadline).await? {
            Placed::Other => {
                if Instant::now() >= deadline {
                    warn!(
                        activity = record.cause.message.id,
                        "not recorded after all: out of time"
                    );
                }
                Ok(Commit::Taken(turn))
            }
            Placed::Ours => {
                self.known().not_recorded = None;
                if let Err(error) = self.take_in(&bytes) {
                    // It is recorded all the same; reading the log anew shows what is wrong.
                    error!(%error, "a record that was committed cannot be folded in");
                    self.known().state = None;
                }
                drop(turn);
                if Instant::now() >= deadline {
                    info!(revision = record.revision, "recorded after the answer was due");
                    // Nobody waits for it any longer, so nobody else publishes before the timer.
                    let service = Arc::clone(&self);
                    let revision = record.revision;
                    let publish = async move { service.publish_and_log(revision).await };
                    tokio::spawn(publish.in_current_span());
                }
                Ok(Commit::Done(Box::new(record)))
            }
        }
    }

    /// Creates the record's blob. Once a try may have been applied, only reading the blob back
    /// tells; until then the same create can safely be repeated, for it can succeed only once.
    async fn place(&self, key: &Key, bytes: &Bytes, deadline: Instant) -> Result<Placed, Trouble> {
        let mut uncertain = false;
        let mut pause = PAUSE_FIRST;
        loop {
            let write = Write { bytes: bytes.clone(), stamp: None, condition: Condition::Absent };
            match self.store.put(key, write).await {
                Ok(_) => return Ok(Placed::Ours),
                Err(StoreError::Conflict) => {}
                Err(StoreError::Unknown(why)) => {
                    warn!(%key, why, "the outcome of a commit is unknown: reading it back");
                    uncertain = true;
                }
                Err(error @ (StoreError::Unavailable(_) | StoreError::Refused(_))) => {
                    let hopeless = matches!(error, StoreError::Refused(_));
                    if !uncertain && (hopeless || Instant::now() + pause >= deadline) {
                        return Err(self.trouble(&ServiceError::Store(error)));
                    }
                    warn!(%key, %error, "a commit is tried again");
                }
            }
            match self.store.get(key).await {
                Ok(Some(blob)) if blob.bytes == *bytes => return Ok(Placed::Ours),
                Ok(Some(_)) => return Ok(Placed::Other),
                Ok(None) => {}
                Err(error) => warn!(%key, %error, "a commit could not be read back"),
            }
            if Instant::now() >= deadline + AFTERWARDS {
                error!(%key, "gave up finding out whether a record was written");
                return Err(Trouble::Unconfirmed);
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE_LAST);
        }
    }
}
