//! Reviews: the post-incident document is derived from the log and written after the record that
//! asks for it. If the process is killed, the timer writes it.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument as _, info, warn};

use super::backoff::Spread;
use super::blob::{Item, Tries, write_newest};
use super::keys::review_key;
use super::outcome::ServiceError;
use super::shared::Service;
use crate::core::commands::on_call::question::OnCallQuestion;
use crate::core::commands::view::View;
use crate::core::commands::{self, Subject};
use crate::core::incident::model::Number;
use crate::core::log::record::Record;
use crate::core::log::state::State;
use crate::core::response::document::IncidentDocument;
use crate::core::response::events::ResponseEvent;
use crate::core::review::facts::ReviewSource;
use crate::core::review::story::whole_timeline;
use crate::core::review::strip::strip;
use crate::core::review::template::document;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    pub title: String,
    /// The document, in Markdown.
    pub markdown: String,
    /// Its milestones as a picture, in HTML.
    pub figure: String,
    /// The revision of the incident's last change.
    pub revision: u64,
}

impl Service {
    /// The review of an incident in the current log; a draft while it is open. `None` if the
    /// incident does not exist.
    ///
    /// # Errors
    /// The log or a document could not be read.
    pub async fn review(&self, number: Number) -> Result<Option<Review>, ServiceError> {
        match self.whole_dossier(number).await? {
            Some(dossier) => self.review_of(&dossier).await,
            None => Ok(None),
        }
    }

    async fn whole_dossier(
        &self,
        number: Number,
    ) -> Result<Option<IncidentDocument>, ServiceError> {
        let state = self.catch_up().await?;
        if number == 0 || number >= state.next_number {
            return Ok(None);
        }
        if let Some(dossier) = state.dossier(number) {
            return Ok(Some(dossier));
        }
        match self.recall(number).await {
            Err(ServiceError::Document { .. }) => {
                self.restore(&BTreeSet::from([number])).await?;
                self.recall(number).await.map(Some)
            }
            recalled => recalled.map(Some),
        }
    }

    /// The title of an incident and every entry of its timeline, in Markdown; `None` if it does not
    /// exist.
    ///
    /// # Errors
    /// The log or a document could not be read.
    pub async fn whole_timeline(
        &self,
        number: Number,
    ) -> Result<Option<(String, String)>, ServiceError> {
        let Some(dossier) = self.whole_dossier(number).await? else {
            return Ok(None);
        };
        let Some(response) = dossier.response.as_deref() else {
            return Ok(None);
        };
        let _alone = self.reviewing.lock().await;
        let revisions = response.entries.iter().map(|entry| entry.1).collect();
        let records = self.records(&revisions).await?;
        let (config, names) = (self.site.config(), self.component_names());
        let timeline = whole_timeline(response, &records, config, &names);
        Ok(Some((response.title.clone(), timeline)))
    }

    /// The state of the current log.
    ///
    /// # Errors
    /// The log could not be read.
    pub async fn current_state(&self) -> Result<Arc<State>, ServiceError> {
        self.catch_up().await
    }

    /// The people on call, in Markdown.
    ///
    /// # Errors
    /// The log could not be read.
    pub async fn on_call(&self, now: Timestamp) -> Result<String, ServiceError> {
        let state = self.catch_up().await?;
        let config = self.site.config();
        let view = View { state: &state, about: None, at: now, published: None, config };
        Ok(commands::answer(&Subject::OnCall(OnCallQuestion::Now(None)), &view))
    }

    /// One at a time, so that memory holds the records of one incident only.
    async fn review_of(&self, dossier: &IncidentDocument) -> Result<Option<Review>, ServiceError> {
        let Some(response) = dossier.response.as_deref() else {
            return Ok(None);
        };
        let _alone = self.reviewing.lock().await;
        let revisions = response.entries.iter().map(|entry| entry.1).collect();
        let records = self.records(&revisions).await?;
        let (incident, config) = (dossier.incident.as_deref(), self.site.config());
        let state = self.known().state.clone();
        let progress = state.as_ref().and_then(|state| state.launches.get(&response.number));
        let progress = progress.map(AsRef::as_ref);
        let names = &self.component_names();
        let source =
            ReviewSource { response, incident, records: &records, progress, config, names };
        let markdown = document(source).map_err(|error| ServiceError::Document {
            key: review_key(response.number).to_string(),
            why: error.to_string(),
        })?;
        let (title, revision) = (response.title.clone(), dossier.revision());
        let figure = strip(response, &config.time_zone);
        Ok(Some(Review { title, markdown, figure, revision }))
    }

    /// Writes the review that a record asks for, if any. True if it is written by the deadline;
    /// otherwise writing continues in the background.
    pub(super) async fn write_review_by(
        self: &Arc<Self>,
        record: &Record,
        deadline: Instant,
    ) -> bool {
        let mut asked = record.response().filter_map(|event| match event {
            ResponseEvent::Reviewed { number } => Some(*number),
            _ => None,
        });
        let Some(number) = asked.next() else {
            return true;
        };
        let service = Arc::clone(self);
        let write = async move { service.write_review(number).await };
        let task = tokio::spawn(write.in_current_span());
        matches!(timeout_at(deadline, task).await, Ok(Ok(true)))
    }

    async fn write_review(&self, number: Number) -> bool {
        let written = match self.review(number).await {
            Ok(Some(review)) => self.put_review(number, review).await,
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        match written {
            Ok(()) => info!(number, "the review is written"),
            Err(ref error) => warn!(number, %error, "the review is not written yet"),
        }
        written.is_ok()
    }

    async fn put_review(&self, number: Number, review: Review) -> Result<(), ServiceError> {
        let (bytes, revision) = (Bytes::from(review.markdown), review.revision);
        let item = Item::again(review_key(number), bytes, revision);
        let tries = Tries::new(Spread::new(self.seed));
        write_newest(self.store.as_ref(), &item, None, None, tries).await?;
        Ok(())
    }

    /// Writes every stored review again.
    pub(super) async fn rewrite_reviews(&self) -> Result<(), ServiceError> {
        let next = self.known().state.as_ref().map_or(1, |state| state.next_number);
        for number in 1..next {
            if self.store.head(&review_key(number)).await?.is_some()
                && let Some(review) = self.review(number).await?
            {
                self.put_review(number, review).await?;
            }
        }
        Ok(())
    }

    /// Updates the reviews of incidents in the state: one may be missing after a kill, or older
    /// than the incident's last change.
    pub(super) async fn look_at_reviews(&self) {
        let Some(state) = self.known().state.clone() else {
            return;
        };
        let reviewed = state.responses.values().filter(|response| response.reviewed.is_some());
        for dossier in reviewed.filter_map(|response| state.dossier(response.number)) {
            let number = dossier.number();
            let shown = match self.store.head(&review_key(number)).await {
                Ok(head) => head.and_then(|head| head.stamp).map(|stamp| stamp.revision),
                Err(error) => {
                    warn!(number, %error, "the review cannot be looked at");
                    continue;
                }
            };
            if shown.is_none_or(|shown| shown < dossier.revision()) {
                self.write_review(number).await;
            }
        }
    }
}
