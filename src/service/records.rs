//! The one reader of the log: records in the requested order, some of them read ahead in parallel.

use std::collections::{BTreeSet, VecDeque};
use std::ops::RangeFrom;

use futures::future::join_all;

use super::keys::record_key;
use super::outcome::ServiceError;
use super::shared::Service;
use crate::core::log::fold::FoldError;
use crate::core::log::record::Record;
use crate::core::log::seal;
use crate::store::{Blob, Key, Store, StoreError};

/// The limit of records read in parallel, and so held at once.
pub(super) const AHEAD_MAX: usize = 64;
/// The first window of a reader that does not know the log's length.
pub(super) const AHEAD_FIRST: usize = 16;

/// A stream of records. Each is read once, in a window of `ahead`; windows double from
/// [`AHEAD_FIRST`] up to [`AHEAD_MAX`].
pub(super) struct Records<'a, R> {
    store: &'a dyn Store,
    revisions: R,
    ahead: usize,
    window: VecDeque<(u64, Result<Option<Blob>, StoreError>)>,
}

impl<'a> Records<'a, RangeFrom<u64>> {
    /// The records after a revision, without end. The first missing one ends the log.
    pub(super) fn after(store: &'a dyn Store, revision: u64, ahead: usize) -> Self {
        Records::of(store, revision + 1.., ahead)
    }
}

impl<'a, R: Iterator<Item = u64>> Records<'a, R> {
    /// The records of these revisions.
    pub(super) fn of(store: &'a dyn Store, revisions: R, ahead: usize) -> Self {
        Self { store, revisions, ahead, window: VecDeque::new() }
    }

    /// The next record with its revision, without a blob if it does not exist. `None` at the end of
    /// the requested revisions.
    ///
    /// # Errors
    /// It could not be read. All records before it have been returned.
    pub(super) async fn next(&mut self) -> Result<Option<(u64, Option<Blob>)>, StoreError> {
        if self.window.is_empty() {
            let revisions: Vec<u64> = self.revisions.by_ref().take(self.ahead).collect();
            let keys: Vec<Key> = revisions.iter().copied().map(record_key).collect();
            let blobs = join_all(keys.iter().map(|key| self.store.get(key))).await;
            self.window = revisions.into_iter().zip(blobs).collect();
            self.ahead = (self.ahead * 2).clamp(AHEAD_FIRST, AHEAD_MAX);
        }
        let Some((revision, blob)) = self.window.pop_front() else {
            return Ok(None);
        };
        Ok(Some((revision, blob?)))
    }

    /// True if nothing is read ahead, so that the next record costs a round trip.
    pub(super) fn is_at_a_window(&self) -> bool {
        self.window.is_empty()
    }

    /// True if a later record that was read ahead exists.
    pub(super) fn has_read_a_later_one(&self) -> bool {
        self.window.iter().any(|(_, blob)| matches!(blob, Ok(Some(_))))
    }
}

impl Service {
    pub(super) fn records_after(&self, revision: u64) -> Records<'_, RangeFrom<u64>> {
        Records::after(self.store.as_ref(), revision, AHEAD_FIRST)
    }

    /// Records that were read before.
    pub(super) async fn records(
        &self,
        revisions: &BTreeSet<u64>,
    ) -> Result<Vec<Record>, ServiceError> {
        let without = self.known().withheld();
        let mut records = Vec::with_capacity(revisions.len());
        let mut log = Records::of(self.store.as_ref(), revisions.iter().copied(), AHEAD_MAX);
        while let Some((revision, blob)) = log.next().await? {
            let unreadable = |why| FoldError::Unreadable { revision, why };
            let blob = blob.ok_or_else(|| unreadable("it is not there".to_owned()))?;
            records.push(seal::read(&without.strip(revision, &blob.bytes)).map_err(unreadable)?);
        }
        Ok(records)
    }
}
