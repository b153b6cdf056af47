//! Runs ordered erasures: declares the places, empties the lines, deletes old copies, and records the
//! end. Each step can be repeated.

use std::sync::Arc;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Duration;
use tracing::warn;

use super::keys::record_key;
use super::outcome::ServiceError;
use super::records::{AHEAD_MAX, Records};
use super::shared::Service;
use crate::core::decide::clock;
use crate::core::log::erasure::{ErasedText, Erasure, Hindered};
use crate::core::log::evict::Limits;
use crate::core::log::record::Event;
use crate::core::log::record::{Erased, ErasureHindered, Hindrance, Redacted};
use crate::core::log::seal;
use crate::store::{Condition, StoreError, Write};

/// The state and the pages have to be written without the text first, and old copies of them come
/// last: only the timer does all of it, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OldCopies {
    Purged,
    LeftToTheTimer,
}

/// The places of a text: records, and their lines.
type Places = Vec<(u64, Vec<u32>)>;

/// The time limit for each record of an erasure.
const PATIENCE: Duration = Duration::from_secs(10);
/// Storage counts the days for which it keeps old copies: smaller differences do not count.
const COUNTED_BY: SignedDuration = SignedDuration::from_hours(48);
/// The limit of tries to empty a line.
const TRIES_MAX: usize = 3;

impl Service {
    /// Resumes all unfinished erasures.
    ///
    /// # Errors
    /// The erasure is not finished, and retrying is safe.
    pub(super) async fn erase(
        self: &Arc<Self>,
        now: Timestamp,
        copies: OldCopies,
    ) -> Result<(), ServiceError> {
        let state = self.known().state.clone();
        let orders = state.map_or(Vec::new(), |state| state.erasures.clone());
        let is_due = copies == OldCopies::Purged && self.is_purge_due(now);
        for erasure in orders {
            if erasure.copies_kept().is_none() || is_due {
                self.run_erasure(&erasure, now, copies).await?;
            }
        }
        Ok(())
    }

    async fn run_erasure(
        self: &Arc<Self>,
        erasure: &Erasure,
        now: Timestamp,
        copies: OldCopies,
    ) -> Result<(), ServiceError> {
        let order = erasure.order;
        let places = match &erasure.places {
            Some(places) => places.clone(),
            None => self.declare(erasure, now).await?,
        };
        if erasure.text == ErasedText::Lines {
            // Reviews are rendered from records, which are read without the erased lines already.
            Box::pin(self.rewrite_reviews()).await?;
        }
        for (revision, seals) in &places {
            let by = match self.empty(*revision, seals).await {
                Ok(()) => continue,
                Err(StoreError::Immutable(_)) => Hindrance::LogPolicy,
                Err(StoreError::Refused(_)) => Hindrance::LogRights,
                Err(error) => return Err(error.into()),
            };
            let hindered = ErasureHindered { order, by, until: None };
            return self.hinder(erasure, hindered, now).await;
        }
        self.look_at_reviews().await;
        if copies == OldCopies::LeftToTheTimer || !self.is_rewritten(order).await? {
            return Ok(());
        }
        // Another process may have declared and emptied lines that were not found here any more.
        let state = self.catch_up().await?;
        let Some(erasure) = state.erasures.iter().find(|known| known.order == order) else {
            return Ok(());
        };
        if let Some(hindered) = self.purge(erasure, now).await? {
            return self.hinder(erasure, hindered, now).await;
        }
        let erased = Event::Erased(Erased { order });
        self.record_erasure(now, order, vec![erased]).await
    }

    /// Records what hinders an order, unless that is known.
    async fn hinder(
        self: &Arc<Self>,
        erasure: &Erasure,
        hindered: ErasureHindered,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let known = erasure.hindered.filter(|known| known.by == hindered.by);
        let is_later = |known: Hindered| {
            let times = hindered.until.zip(known.until);
            times.is_some_and(|(until, known)| until.duration_since(known) > COUNTED_BY)
        };
        if known.is_some_and(|known| !is_later(known)) {
            return Ok(());
        }
        warn!(order = erasure.order, by = ?hindered.by, "an erasure is not complete");
        let event = Event::ErasureHindered(hindered);
        self.record_erasure(now, erasure.order, vec![event]).await
    }

    /// Resumes erasures after an answer.
    pub(super) fn erase_in_background(self: &Arc<Self>, now: Timestamp) {
        let is_ordered =
            self.known().state.as_ref().is_some_and(|state| !state.erasures.is_empty());
        if is_ordered {
            let service = Arc::clone(self);
            tokio::spawn(async move {
                if let Err(error) = service.erase(now, OldCopies::LeftToTheTimer).await {
                    warn!(%error, "a text is not erased yet: the timer retries");
                }
            });
        }
    }

    /// Finds the places of a text and records them.
    async fn declare(
        self: &Arc<Self>,
        erasure: &Erasure,
        now: Timestamp,
    ) -> Result<Places, ServiceError> {
        let end = self.catch_up().await?.revision;
        let (mut places, mut words) = (Vec::new(), Vec::new());
        let from = erasure.from.max(1);
        let mut log = Records::of(self.store.as_ref(), from..=end, AHEAD_MAX);
        while let Some((revision, blob)) = log.next().await? {
            let blob = blob.ok_or(ServiceError::Gap { missing: revision, found: end })?;
            let (head, texts) = seal::split(&blob.bytes);
            let head = serde_json::from_slice(head).unwrap_or_default();
            let seals = erasure.places_in(&head, &texts, &mut words);
            if !seals.is_empty() {
                places.push((revision, seals));
            }
        }
        let order = erasure.order;
        let redacted = places.iter().map(|(record, seals)| {
            Event::Redacted(Redacted { record: *record, seals: seals.clone(), order })
        });
        let events: Vec<Event> = redacted.collect();
        if !events.is_empty() {
            self.record_erasure(now, order, events).await?;
        }
        Ok(places)
    }

    /// Records a step of an unfinished erasure.
    async fn record_erasure(
        self: &Arc<Self>,
        now: Timestamp,
        order: u64,
        events: Vec<Event>,
    ) -> Result<(), ServiceError> {
        let (config, limits) = (self.site.config(), &Limits::DEFAULT);
        let is_declaration = events.iter().any(|event| matches!(event, Event::Redacted(_)));
        let recorded = self.record_behind_commands(PATIENCE, |state| {
            let erasure = state.erasures.iter().find(|erasure| erasure.order == order);
            let is_due = erasure.is_some_and(|it| !is_declaration || it.places.is_none());
            if !is_due {
                return Ok(None);
            }
            clock::step((state, config, limits), now, events.clone()).map_err(ServiceError::Fold)
        });
        recorded.await.map(drop)
    }

    /// Empties lines of a record, unless it has changed since it was read.
    async fn empty(&self, revision: u64, seals: &[u32]) -> Result<(), StoreError> {
        let key = record_key(revision);
        let mut failure = StoreError::Conflict;
        for _ in 0..TRIES_MAX {
            let Some(blob) = self.store.get(&key).await? else { return Ok(()) };
            let Some(bytes) = seal::without(&blob.bytes, seals) else { return Ok(()) };
            let condition = Condition::Match(blob.head.etag);
            let write = Write { bytes: Bytes::from(bytes), stamp: blob.head.stamp, condition };
            match self.store.put(&key, write).await {
                Ok(_) => return Ok(()),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }
}
