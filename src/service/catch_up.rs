//! Reading the log forward: from what this process knows, else from the snapshot, else from the
//! start; and making anew what was derived from the log and is gone.

use std::sync::Arc;

use futures::future::join_all;
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument as _, error, info, warn};

use super::{
    Known, SNAPSHOT_FORMAT, Service, ServiceError, Snapshot, incident_key, out_of_time, record_key,
    snapshot_key,
};
use crate::core::answer::trouble::Trouble;
use crate::core::incident::events::StatusEvent;
use crate::core::incident::model::{Incident, Number};
use crate::core::log::fold::{FoldError, fold_bytes};
use crate::core::log::record::Record;
use crate::core::log::state::State;
use crate::store::{Blob, Container, Key};

/// How many records are read side by side.
const READ_AHEAD_MAX: u64 = 64;

impl Service {
    pub(super) async fn catch_up_by(&self, deadline: Instant) -> Result<(), Trouble> {
        match timeout_at(deadline, self.catch_up()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.trouble(&error)),
            Err(_) => Err(out_of_time()),
        }
    }

    /// Reads the log forward from where this process is. Only for the holder of the turn. What was
    /// read stays read when it is cut short.
    pub(super) async fn catch_up(&self) -> Result<(), ServiceError> {
        if self.known().state.is_none() {
            let known = match self.load_snapshot().await? {
                Some(known) => known,
                None => self.begin_anew().await?,
            };
            *self.known() = known;
        }
        match self.read_forward().await {
            Err(ServiceError::Fold(error)) if self.is_snapshot_to_blame(&error) => {
                warn!(%error, "the snapshot does not fit the log: folding the log from its start");
                let known = self.begin_anew().await?;
                *self.known() = known;
                self.read_forward().await?;
            }
            result => result?,
        }
        self.known().end_refolding();
        Ok(())
    }

    /// The log is the truth. But a record that this version cannot read is no fault of the
    /// snapshot, and what was folded from the start is not folded from there again.
    fn is_snapshot_to_blame(&self, error: &FoldError) -> bool {
        !error.is_of_the_record() && self.known().from_snapshot
    }

    /// Without a snapshot, the index tells up to where everything is published.
    async fn begin_anew(&self) -> Result<Known, ServiceError> {
        let index = self.store.head(&Key::new(Container::Web, "index.html")).await?;
        let base = index.and_then(|head| head.stamp).map_or(0, |stamp| stamp.revision);
        let state = Some(Arc::default());
        Ok(Known { state, base, refolding: true, fixed_pages_anew: true, ..Known::default() })
    }

    async fn load_snapshot(&self) -> Result<Option<Known>, ServiceError> {
        let Some(blob) = self.store.get(&snapshot_key()).await? else {
            return Ok(None);
        };
        let snapshot = match serde_json::from_slice::<Snapshot>(&blob.bytes) {
            Ok(snapshot) if snapshot.format == SNAPSHOT_FORMAT => snapshot,
            Ok(_) => return Ok(None),
            Err(error) => {
                warn!(%error, "the snapshot cannot be read: folding the log from its start");
                return Ok(None);
            }
        };
        let mut known = Known {
            base: snapshot.state.revision,
            state: Some(Arc::new(snapshot.state)),
            from_snapshot: true,
            ..Known::default()
        };
        if snapshot.look != self.site.theme_digest() {
            info!("the site's look has changed: the pages at hand are made anew");
            known.publish_at_hand();
            known.fixed_pages_anew = true;
        }
        Ok(Some(known))
    }

    /// Another process may have published in another look, such as an older version that went on
    /// for a while: what is at hand is then made anew.
    pub(super) async fn notice_another_look(&self) -> Result<(), ServiceError> {
        let Some(blob) = self.store.get(&snapshot_key()).await? else {
            return Ok(());
        };
        let look = serde_json::from_slice::<Look>(&blob.bytes).map(|snapshot| snapshot.look);
        if look.is_ok_and(|look| look != self.site.theme_digest()) {
            info!("the pages were published in another look: those at hand are made anew");
            let mut known = self.known();
            known.publish_at_hand();
            known.fixed_pages_anew = true;
        }
        Ok(())
    }

    async fn read_forward(&self) -> Result<(), ServiceError> {
        let mut read_ahead = 1;
        loop {
            let revision = self.known().state.as_ref().map_or(0, |state| state.revision);
            for blob in self.read_records(revision, read_ahead).await {
                match blob? {
                    Some(blob) => {
                        self.take_in(&blob.bytes)?;
                        self.known().others_wrote = true;
                    }
                    None => return Ok(()),
                }
            }
            read_ahead = (read_ahead * 2).min(READ_AHEAD_MAX);
        }
    }

    async fn read_records(
        &self,
        behind: u64,
        count: u64,
    ) -> Vec<Result<Option<Blob>, crate::store::StoreError>> {
        let keys: Vec<Key> = (1..=count).map(|step| record_key(behind + step)).collect();
        join_all(keys.iter().map(|key| self.store.get(key))).await
    }

    /// Folds the next record's bytes into what is known.
    pub(super) fn take_in(&self, bytes: &[u8]) -> Result<(), ServiceError> {
        let mut known = self.known();
        let mut state = known.state.as_deref().cloned().unwrap_or_default();
        let record = fold_bytes(&mut state, bytes)?;
        if record.revision > known.base {
            for incident in touched(&state, &record) {
                known.changed.insert(incident.number, Arc::clone(incident));
            }
        }
        known.state = Some(Arc::new(state));
        Ok(())
    }

    /// Reads the log from behind `state` to its end and shows each incident as it becomes.
    pub(super) async fn replay_log(
        &self,
        state: &mut State,
        mut show: impl FnMut(&State, &Incident),
    ) -> Result<(), ServiceError> {
        loop {
            for blob in self.read_records(state.revision, READ_AHEAD_MAX).await {
                let Some(blob) = blob? else {
                    return Ok(());
                };
                let record = fold_bytes(state, &blob.bytes)?;
                for incident in touched(state, &record) {
                    show(state, incident);
                }
            }
        }
    }

    pub(super) async fn recall_by(
        self: &Arc<Self>,
        number: Number,
        deadline: Instant,
    ) -> Result<Incident, Trouble> {
        match timeout_at(deadline, self.recall(number)).await {
            Ok(Ok(incident)) => Ok(incident),
            Ok(Err(error)) => {
                if matches!(error, ServiceError::Document { .. }) {
                    let service = Arc::clone(self);
                    let restore = async move { service.restore_incident(number).await };
                    tokio::spawn(restore.in_current_span());
                }
                Err(self.trouble(&error))
            }
            Err(_) => Err(out_of_time()),
        }
    }

    /// A closed incident that the state keeps no longer: from what is still to be written, else
    /// from its document, which every snapshot that let go of it was written after.
    async fn recall(&self, number: Number) -> Result<Incident, ServiceError> {
        if let Some(incident) = self.known().changed.get(&number) {
            return Ok(incident.as_ref().clone());
        }
        let key = incident_key(number);
        let unreadable = |why: String| ServiceError::Document { key: key.to_string(), why };
        let blob = self.store.get(&key).await?;
        let blob = blob.ok_or_else(|| unreadable("it is missing".to_owned()))?;
        serde_json::from_slice(&blob.bytes).map_err(|error| unreadable(error.to_string()))
    }

    /// Makes an incident's document anew from the log.
    async fn restore_incident(&self, number: Number) {
        warn!(number, "the document of an incident is gone: making it anew from the log");
        let mut found = None;
        let replayed = self
            .replay_log(&mut State::default(), |_, incident| {
                if incident.number == number {
                    found = Some(incident.clone());
                }
            })
            .await;
        let result = match (replayed, found) {
            (Ok(()), Some(incident)) => self.write_document(&incident).await,
            (Ok(()), None) => return,
            (Err(error), _) => Err(error),
        };
        match result {
            Ok(()) => info!(number, "the document of the incident is there again"),
            Err(error) => error!(number, %error, "the document of an incident cannot be made"),
        }
    }
}

/// Of a snapshot, in which look its pages were written.
#[derive(Deserialize)]
struct Look {
    look: String,
}

/// The incidents that a record touched, as they are in the state behind it.
fn touched<'a>(state: &'a State, record: &'a Record) -> impl Iterator<Item = &'a Arc<Incident>> {
    let numbers = record.status().filter_map(StatusEvent::number);
    numbers.filter_map(|number| state.status.shared(number))
}

impl Known {
    /// After a fold from the start nobody knows what the pages at hand look like.
    fn end_refolding(&mut self) {
        if std::mem::take(&mut self.refolding) {
            self.publish_at_hand();
        }
    }

    /// Everything that the state holds counts as not written.
    fn publish_at_hand(&mut self) {
        let Some(state) = &self.state else {
            return;
        };
        self.base = 0;
        self.changed.extend(
            state.status.all_shared().map(|incident| (incident.number, Arc::clone(incident))),
        );
    }
}
