//! Rebuilds lost documents from the log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::time::{Instant, timeout_at};
use tracing::{Instrument as _, error, info, warn};

use super::keys::incident_key;
use super::known::Area;
use super::outcome::ServiceError;
use super::shared::Service;
use crate::core::answer::trouble::Trouble;
use crate::core::incident::history::MonthDocument;
use crate::core::incident::model::{MonthPart, Number};
use crate::core::log::authentic;
use crate::core::log::state::State;
use crate::core::response::document::IncidentDocument;

/// The limit of reads for records that arrive during a replay.
const CATCH_UP_MAX: u32 = 8;

pub(super) enum Recalled {
    Found(IncidentDocument),
    /// It is missing, damaged, or not proven to match the log.
    Lost(ServiceError),
}

impl Service {
    /// The same as [`Service::recall`] by the deadline; a document that cannot be trusted is lost.
    pub(super) async fn recall_by(
        &self,
        number: Number,
        deadline: Instant,
    ) -> Result<Recalled, Trouble> {
        match timeout_at(deadline, self.recall(number)).await {
            Ok(Ok(dossier)) => Ok(Recalled::Found(dossier)),
            Ok(Err(error @ ServiceError::Document { .. })) => Ok(Recalled::Lost(error)),
            Ok(Err(error)) => Err(self.trouble(Area::Reading, &error)),
            Err(_) => Err(self.out_of_time(Area::Reading)),
        }
    }

    /// Rebuilds a lost document from the log, so that it can be recalled. Unfinished work continues
    /// in the background.
    pub(super) async fn restore_by(
        self: &Arc<Self>,
        number: Number,
        lost: &ServiceError,
        deadline: Instant,
    ) -> Result<(), Trouble> {
        self.restore_later(number);
        loop {
            // Registers before asking, so that no finished round is missed.
            let round = self.restored.notified();
            if !self.known().restoring.contains(&number) {
                break;
            }
            if timeout_at(deadline, round).await.is_err() {
                return Err(self.trouble(Area::Reading, lost));
            }
        }
        if self.known().restored.contains_key(&number) {
            return Ok(());
        }
        Err(self.trouble(Area::Reading, lost))
    }

    /// A closed incident that the state has evicted: from the memory of unwritten ones, else from
    /// its document, which was written before the eviction. A document that does not match the log
    /// is not trusted.
    pub(super) async fn recall(&self, number: Number) -> Result<IncidentDocument, ServiceError> {
        let expected = {
            let known = self.known();
            let folded = known.changed.get(&number).or_else(|| known.restored.get(&number));
            if let Some(dossier) = folded {
                return Ok(dossier.clone());
            }
            let summary = known.state.as_deref().and_then(|state| state.summaries.get(number));
            summary.and_then(|summary| summary.document.clone())
        };
        let key = incident_key(number);
        let unreadable = |why: String| ServiceError::Document { key: key.to_string(), why };
        let blob = self.store.get(&key).await?;
        let blob = blob.ok_or_else(|| unreadable("it is missing".to_owned()))?;
        let read = serde_json::from_slice::<IncidentDocument>(&blob.bytes);
        let dossier = read.map_err(|error| unreadable(error.to_string()))?;
        if !dossier.is_whole(number) {
            return Err(unreadable(format!("it does not contain all of #{number}")));
        }
        // It becomes part of the log again, together with the decision.
        let expected = expected.ok_or_else(|| unreadable("its digest is not kept".to_owned()))?;
        if authentic::digest(&dossier) != expected {
            return Err(unreadable("it differs from the log".to_owned()));
        }
        let entries = dossier.response.iter().flat_map(|response| &response.entries);
        let revisions = entries.map(|entry| entry.1).collect();
        let records = self.records(&revisions).await.map_err(|error| match error {
            ServiceError::Fold(error) => unreadable(error.to_string()),
            error => error,
        })?;
        if !authentic::has_only_recorded_texts(&dossier, &records) {
            return Err(unreadable("it has text that was never recorded".to_owned()));
        }
        Ok(dossier)
    }

    /// Requests a document. One replay of the log serves all requests until it starts.
    fn restore_later(self: &Arc<Self>, number: Number) {
        let is_first = {
            let mut known = self.known();
            let is_first = known.restoring.is_empty();
            known.restoring.insert(number);
            is_first
        };
        if is_first {
            let service = Arc::clone(self);
            let restore = async move { service.restore_incidents().await };
            tokio::spawn(restore.in_current_span());
        }
    }

    /// Rebuilds documents from the log until there are no more requests.
    async fn restore_incidents(&self) {
        loop {
            let asked = self.known().restoring.clone();
            if asked.is_empty() {
                return;
            }
            warn!(count = asked.len(), "documents of incidents are gone: rebuilding them");
            let result = self.restore(&asked).await;
            self.known().restoring.retain(|number| !asked.contains(number));
            self.restored.notify_waiters();
            match result {
                Ok(()) => {
                    self.known().clear_problem(Area::Reading);
                    info!("the documents are there again");
                }
                Err(error) => error!(%error, "documents of incidents cannot be rebuilt"),
            }
        }
    }

    pub(super) async fn restore(&self, numbers: &BTreeSet<Number>) -> Result<(), ServiceError> {
        let mut found = BTreeMap::new();
        let mut state = State::default();
        for _ in 0..CATCH_UP_MAX {
            self.replay_log(&mut state, |_, dossier| {
                if numbers.contains(&dossier.number()) {
                    found.insert(dossier.number(), dossier);
                }
            })
            .await?;
            self.publisher.lock().await.write_documents(found.values()).await?;
            let mut known = self.known();
            // Records since then may have changed one of them.
            if known.state.as_ref().is_none_or(|known| known.revision <= state.revision) {
                known.keep_restored(found);
                break;
            }
        }
        Ok(())
    }

    /// Rebuilds missing or damaged lists of months from the log.
    pub(super) async fn restore_months(&self) -> Result<(), ServiceError> {
        let broken = self.publisher.lock().await.broken_months();
        if broken.is_empty() {
            return Ok(());
        }
        let mut documents: BTreeMap<MonthPart, MonthDocument> =
            broken.iter().map(|month| (*month, MonthDocument::new(*month))).collect();
        let mut list = |state: &State, dossier: IncidentDocument| {
            if let Some(incident) = &dossier.incident
                && let Some(document) = documents.get_mut(&incident.month)
            {
                document.merge(incident, &state.status);
            }
        };
        let mut state = State::default();
        self.replay_log(&mut state, &mut list).await?;
        // Once more without concurrent publishing: only a few records can be new.
        let mut publisher = self.publisher.lock().await;
        self.replay_log(&mut state, &mut list).await?;
        for document in documents.values_mut() {
            document.link(&state.status);
        }
        publisher.write_months(&documents, &state).await?;
        info!(months = documents.len(), "lists of months were rebuilt from the log");
        Ok(())
    }
}
