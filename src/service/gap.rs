//! Gaps in the log: before an end is believed, whether records stand after it.

use std::collections::BTreeSet;

use futures::future::join_all;
use tokio::time::{Duration, Instant, timeout};
use tracing::error;

use super::keys::{index_key, record_key, snapshot_key};
use super::outcome::ServiceError;
use super::shared::Service;
use crate::store::{Key, StoreError};

/// The places checked after an end that a stamp contradicts, and before and after a stamp.
const NEAR: u64 = 16;
/// A tick checks that this many of the last records are still there.
const RECHECKED_MAX: u64 = 16;

/// The longest that an end of the log waits for the index's stamp.
const INDEX_PATIENCE: Duration = Duration::from_millis(500);

impl Service {
    /// Checks an end of the log that was found by reading forward: nothing may be recorded, and
    /// nothing published, where a record is missing in the middle. One round trip where all is
    /// well. The stamp on the snapshot says how far the log once was; that on the index counts its
    /// public changes, so that it was at least so long.
    ///
    /// # Errors
    /// [`ServiceError::Gap`], or why storage could not be read.
    pub(super) async fn check_end(&self, end: u64) -> Result<(), ServiceError> {
        let (snapshot, index, next) = (snapshot_key(), index_key(), record_key(end + 2));
        let [snapshot, index, next] = [&snapshot, &index, &next].map(|key| self.store.head(key));
        let (snapshot, index, next) = tokio::join!(snapshot, timeout(INDEX_PATIENCE, index), next);
        // The page's container can fail while the log answers. Its stamp is the lesser witness, so
        // commands go on without it, and the next reader asks again.
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

    /// Whether the record that a tick did not find again is still gone, while the newest known one
    /// is there: where that is gone as well, the log is a shorter one.
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

    /// Between two reads others may have recorded: only what is still missing is a gap.
    async fn refuse_gap(&self, missing: u64, found: u64) -> Result<(), ServiceError> {
        if self.store.head(&record_key(missing)).await?.is_some() {
            return Ok(());
        }
        error!(missing, found, "a record is missing in the middle of the log");
        Err(ServiceError::Gap { missing, found })
    }

    /// Looks for the records that were read or written since the last tick, which somebody may have
    /// deleted since: the first that is gone.
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

/// Where to look for records after an end, given the revisions that stamps show: next to the end,
/// around each stamp, and ever further apart in between.
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
