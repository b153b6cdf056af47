//! Detects gaps: records after an apparent end of the log.

use std::collections::BTreeSet;

use futures::future::join_all;
use tokio::time::{Duration, Instant, timeout};
use tracing::error;

use super::keys::{index_key, record_key, snapshot_key};
use super::outcome::ServiceError;
use super::shared::Service;
use crate::store::{Key, StoreError};

/// Number of places to check after an end that a stamp contradicts, and around a stamp.
const NEAR: u64 = 16;
/// A tick checks that this many of the last records still exist.
const RECHECKED_MAX: u64 = 16;

/// The longest wait for the index's stamp.
const INDEX_PATIENCE: Duration = Duration::from_millis(500);

impl Service {
    /// Checks an apparent end of the log, because nothing may be recorded or published while a
    /// record is missing in the middle. Costs one round trip if all is well. The snapshot's stamp
    /// is a former length of the log; the index's counts public changes, so the log was at least
    /// that long.
    ///
    /// # Errors
    /// [`ServiceError::Gap`], or storage could not be read.
    pub(super) async fn check_end(&self, end: u64) -> Result<(), ServiceError> {
        let (snapshot, index, next) = (snapshot_key(), index_key(), record_key(end + 2));
        let [snapshot, index, next] = [&snapshot, &index, &next].map(|key| self.store.head(key));
        let (snapshot, index, next) = tokio::join!(snapshot, timeout(INDEX_PATIENCE, index), next);
        // The page's container can fail while the log answers. Its stamp is the weaker evidence, so
        // commands continue without it, and the next reader asks again.
        let asked_index = matches!(index, Ok(Ok(_)));
        let index = index.ok().and_then(Result::ok).flatten();
        if next?.is_some() {
            return self.refuse_gap(end + 1, end + 2).await;
        }
        let stamps = [snapshot?, index].into_iter().flatten().filter_map(|head| head.stamp);
        let stamps: Vec<u64> = stamps.map(|stamp| stamp.revision).collect();
        let places = places(end, &stamps);
        let keys: Vec<Key> = places.iter().copied().map(record_key).collect();
        let heads = join_all(keys.iter().map(|key| self.store.head(key))).await;
        for (place, head) in places.into_iter().zip(heads) {
            if head?.is_some() {
                return self.refuse_gap(end + 1, place).await;
            }
        }
        if asked_index {
            self.known().end_checked = Some(Instant::now());
        }
        Ok(())
    }

    /// Checks a record that a tick did not find: a gap if it is still gone while the newest known
    /// one exists. If that is gone too, the log became shorter.
    pub(super) async fn check_lost(&self) -> Result<(), ServiceError> {
        let (lost, newest) = {
            let known = self.known();
            (known.lost, known.state.as_ref().map_or(0, |state| state.revision))
        };
        if let Some(lost) = lost.filter(|lost| *lost < newest)
            && self.store.head(&record_key(newest)).await?.is_some()
        {
            self.refuse_gap(lost, newest).await?;
        }
        self.known().lost = None;
        Ok(())
    }

    /// Other processes may have recorded in the meantime: only a record that is still missing is a
    /// gap.
    async fn refuse_gap(&self, missing: u64, found: u64) -> Result<(), ServiceError> {
        if self.store.head(&record_key(missing)).await?.is_some() {
            return Ok(());
        }
        error!(missing, found, "a record is missing in the middle of the log");
        Err(ServiceError::Gap { missing, found })
    }

    /// The first of the records read or written since the last tick that has been deleted since.
    pub(super) async fn first_lost(&self, through: u64) -> Result<Option<u64>, StoreError> {
        let from = match self.known().rechecked {
            0 => through,
            rechecked => rechecked.clamp(through.saturating_sub(RECHECKED_MAX), through),
        };
        let places: Vec<u64> = (from.max(1)..=through).collect();
        let keys: Vec<Key> = places.iter().copied().map(record_key).collect();
        let heads = join_all(keys.iter().map(|key| self.store.head(key))).await;
        for (place, head) in places.into_iter().zip(heads) {
            if head?.is_none() {
                return Ok(Some(place));
            }
        }
        self.known().rechecked = through;
        Ok(None)
    }
}

/// Places to check after an end, given the revisions of stamps: next to the end, around each stamp,
/// and at growing distances in between.
fn places(end: u64, stamps: &[u64]) -> BTreeSet<u64> {
    let first = end + 3;
    let mut places = BTreeSet::new();
    for stamp in stamps.iter().copied().filter(|stamp| *stamp > end) {
        places.extend(first..=(end + NEAR).min(stamp));
        places.extend(stamp.saturating_sub(NEAR)..=stamp + NEAR);
        let doubled = (0..u64::BITS).map_while(|step| end.checked_add(1 << step));
        places.extend(doubled.take_while(|place| *place < stamp));
    }
    places.retain(|place| *place >= first);
    places
}
