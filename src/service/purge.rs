//! Deleting the old copies that storage keeps of everything that held an erased text: records,
//! documents, snapshots of the state, pages.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::keys::record_key;
use super::outcome::ServiceError;
use super::publishing::When;
use super::shared::Service;
use crate::core::log::erasure::Erasure;
use crate::core::log::record::{ErasureHindered, Hindrance};
use crate::store::{Container, KeptBy, OldCopies};

/// Copies that storage refused to delete are tried again this often: rights and settings change.
const PAUSE: SignedDuration = SignedDuration::from_hours(1);
/// Storage's clock may differ this much from the one that dates records.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

impl Service {
    /// True if remaining old copies should be tried again.
    pub(super) fn is_purge_due(&self, now: Timestamp) -> bool {
        let mut known = self.known();
        let is_due = known.purge_tried.is_none_or(|tried| now.duration_since(tried) >= PAUSE);
        if is_due {
            known.purge_tried = Some(now);
        }
        is_due
    }

    /// Writes the state and the pages. True if they are newer than an order, so that only old copies
    /// can still hold the text.
    pub(super) async fn is_rewritten(self: &Arc<Self>, order: u64) -> Result<bool, ServiceError> {
        let revision = self.known().state.as_ref().map_or(0, |state| state.revision);
        self.publish_newest(revision, When::AtOnce).await;
        self.try_keep_snapshot().await?;
        Ok(self.publisher.lock().await.snapshot.is_some_and(|revision| revision >= order))
    }

    /// Deletes the old copies, or says what keeps them the longest.
    pub(super) async fn purge(
        &self,
        erasure: &Erasure,
        now: Timestamp,
    ) -> Result<Option<ErasureHindered>, ServiceError> {
        let places = erasure.places.as_deref().unwrap_or_default();
        let first = places.iter().map(|(revision, _)| *revision).min();
        let first = first.unwrap_or(erasure.from).max(1);
        let records = self.records(&[first].into()).await?;
        let since = records.first().map_or(erasure.at, |record| record.at);
        let until = erasure.copies_kept().map_or(now, |hindered| hindered.at);
        let made = since - CLOCK_SKEW..=until + CLOCK_SKEW;
        let records = places.iter().map(|(revision, _)| record_key(*revision));
        let mut searched: Vec<_> = records.map(|key| (key.container, key.name)).collect();
        searched.extend([Container::State, Container::Web].map(|whole| (whole, String::new())));
        let mut hindered: Option<ErasureHindered> = None;
        for (container, prefix) in searched {
            let copies = OldCopies { container, prefix, made: made.clone() };
            let Some(kept) = self.store.purge(&copies).await? else { continue };
            let by = match kept.by {
                KeptBy::SoftDelete => Hindrance::SoftDelete,
                KeptBy::Rights => Hindrance::CopyRights,
                KeptBy::Policy => Hindrance::CopyPolicy,
            };
            let until = Some(kept.until);
            if hindered.as_ref().is_none_or(|longest| longest.until < until) {
                hindered = Some(ErasureHindered { order: erasure.order, by, until });
            }
        }
        Ok(hindered)
    }
}
