//! Publication: from the state to the pages, side by side, the index last.
//!
//! A blob is replaced only as the version that was read, and never by an older revision, so that
//! any number of processes can publish at once and no page ever goes back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, StreamExt};
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument as _, debug, error, info, warn};

use super::{
    Problem, SNAPSHOT_FORMAT, Service, ServiceError, Snapshot, incident_key, snapshot_key,
};
use crate::core::digest::sha256_hex;
use crate::core::incident::history::MonthDocument;
use crate::core::incident::model::{Incident, MonthPart, Stage};
use crate::core::log::state::State;
use crate::core::site::page::Page;
use crate::core::site::render_cache::RenderCache;
use crate::store::{Condition, Container, Head, Key, Stamp, StoreError, Write};

/// How many blobs are written side by side.
const PARALLEL_MAX: usize = 64;
/// How often a blob that others write at the same time is tried.
const TRIES_MAX: usize = 20;
/// How many blobs' versions are remembered.
const HEADS_MAX: usize = 512;
/// How many incidents are rendered before they are written.
const CHUNK_MAX: usize = 64;

/// What this process remembers of the blobs that it published.
#[derive(Default)]
pub(super) struct Memory {
    heads: BTreeMap<Key, Head>,
    months: BTreeMap<MonthPart, MonthDocument>,
    /// Months whose document is gone or damaged: what is published of them stays as it is until
    /// they are made anew from the log.
    broken: BTreeSet<MonthPart>,
    /// The index and the snapshot were seen or written at this revision.
    published: Option<u64>,
    /// What was rendered for the command before.
    rendered: RenderCache,
}

impl Memory {
    /// Looks at the blobs again before the next write.
    pub(super) fn forget(&mut self, items: &[Item]) {
        for item in items {
            self.heads.remove(&item.key);
        }
    }
}

/// A derived blob to be written.
pub(super) struct Item {
    pub(super) key: Key,
    pub(super) bytes: Bytes,
    pub(super) revision: u64,
    /// Nobody can have written it before, as far as is known.
    is_new: bool,
}

impl Item {
    pub(super) fn page(page: Page, is_new: bool) -> Self {
        let Page { name, revision, bytes } = page;
        Self { key: Key::new(Container::Web, name), bytes, revision, is_new }
    }

    pub(super) fn document<T: serde::Serialize>(
        key: Key,
        document: &T,
        revision: u64,
    ) -> Result<Self, ServiceError> {
        let bytes = serde_json::to_vec(document).map_err(|error| ServiceError::Document {
            key: key.to_string(),
            why: error.to_string(),
        })?;
        Ok(Self { key, bytes: Bytes::from(bytes), revision, is_new: false })
    }
}

impl Service {
    /// Publishes at least `revision`, in a task that the deadline does not end. Says whether it
    /// was done by then.
    pub(super) async fn publish_by(self: &Arc<Self>, revision: u64, deadline: Instant) -> bool {
        let service = Arc::clone(self);
        let publish = async move { service.publish_and_log(revision).await };
        let task = tokio::spawn(publish.in_current_span());
        matches!(timeout_at(deadline, task).await, Ok(Ok(true)))
    }

    pub(super) async fn publish_and_log(&self, revision: u64) -> bool {
        let result = self.publish(revision).await;
        if let Err(error) = &result {
            self.known().not_published = Some(Problem::of(error));
            warn!(%error, revision, "not published yet: the timer or the next command goes on");
        }
        result.is_ok()
    }

    /// Publishes even what this process believes to be published.
    pub(super) async fn publish_all(&self) -> Result<(), ServiceError> {
        {
            let mut memory = self.memory.lock().await;
            memory.published = None;
            memory.heads.clear();
            memory.months.clear();
        }
        let revision = self.known().state.as_ref().map_or(0, |state| state.revision);
        self.publish(revision).await
    }

    /// Publishes the newest known state, if it is not known to be. Those who wait for their turn
    /// mostly find it done. The first time, it also looks at everything that the next command may
    /// write, so that this one then needs no look.
    async fn publish(&self, at_least: u64) -> Result<(), ServiceError> {
        let mut memory = self.memory.lock().await;
        if memory.published.is_some_and(|published| published >= at_least) {
            return Ok(());
        }
        // The first time the snapshot has just been read.
        if std::mem::take(&mut self.known().others_wrote) && memory.published.is_some() {
            if let Err(error) = self.notice_another_look().await {
                self.known().others_wrote = true;
                return Err(error);
            }
            // Whatever is remembered of the blobs may be theirs by now.
            memory.heads.clear();
        }
        let (state, changed, base, anew) = {
            let known = self.known();
            let state = known.state.clone().filter(|state| state.revision >= at_least);
            let state = state.ok_or(ServiceError::Behind(at_least))?;
            (state, known.changed.clone(), known.base, known.fixed_pages_anew)
        };
        let first = memory.published.is_none();
        let mut incidents: Vec<&Incident> = changed.values().map(AsRef::as_ref).collect();
        if first {
            let going_on = state.status.going_on();
            incidents.extend(going_on.filter(|i| !changed.contains_key(&i.number)));
        }
        // A rebuild has many: what is rendered at one time is bounded.
        let mut items = Vec::new();
        for chunk in incidents.chunks(CHUNK_MAX) {
            self.write_all(&mut memory, std::mem::take(&mut items)).await?;
            items = self.incident_items(chunk, base)?;
        }
        let listed: Vec<&Incident> =
            changed.values().map(AsRef::as_ref).filter(|i| i.listed > base).collect();
        items.extend(self.month_items(&mut memory, &state, &listed, first).await?);
        if anew {
            let pages = self.site.static_pages()?;
            items.extend(pages.into_iter().map(|page| Item::page(page, false)));
        }
        self.write_all(&mut memory, items).await?;

        // What programs read links what the index links, and may come with it; but where
        // it may not be there at all, it comes first.
        let pages = if anew || first {
            self.site.all_files(&state.status)
        } else {
            self.site.files_changed_after(&mut memory.rendered, &state.status, base)
        };
        let mut last: Vec<Item> = pages.into_iter().map(|page| Item::page(page, false)).collect();
        if anew {
            self.write_all(&mut memory, std::mem::take(&mut last)).await?;
        }

        let snapshot = Snapshot {
            format: SNAPSHOT_FORMAT,
            look: self.site.theme_digest().to_owned(),
            state: state.as_ref().clone(),
        };
        let index = Item::page(self.site.index(&state.status)?, false);
        let snapshot = Item::document(snapshot_key(), &snapshot, state.revision)?;
        last.extend([index, snapshot]);
        self.write_all(&mut memory, last).await?;
        debug!(revision = state.revision, "published");
        memory.published = Some(state.revision);
        self.mark_published(&state);
        Ok(())
    }

    fn mark_published(&self, state: &State) {
        let mut known = self.known();
        known.changed.retain(|_, incident| incident.revision > state.revision);
        known.base = known.base.max(state.revision);
        known.fixed_pages_anew = false;
        known.not_published = None;
        known.published = known.published.max(Some(state.revision));
    }

    /// The pages of incidents, and the documents of the closed ones.
    fn incident_items(&self, changed: &[&Incident], base: u64) -> Result<Vec<Item>, ServiceError> {
        let mut items = Vec::new();
        for incident in changed {
            let is_new = incident.updates.len() == 1 && incident.listed > base;
            items.push(Item::page(self.site.incident(incident)?, is_new));
            if incident.resolved.is_some() {
                let key = incident_key(incident.number);
                let closings = incident.updates.iter().filter(|u| u.stage == Stage::Resolved);
                let is_new = closings.count() == 1 && incident.listed > base;
                let document = Item::document(key, incident, incident.revision)?;
                items.push(Item { is_new, ..document });
            }
        }
        Ok(items)
    }

    /// The months whose lists changed: their documents and their pages. The first time also the
    /// months that the next commands may change, which then are at hand.
    async fn month_items(
        &self,
        memory: &mut Memory,
        state: &State,
        listed: &[&Incident],
        first: bool,
    ) -> Result<Vec<Item>, ServiceError> {
        let newest = state.status.months.keys().next_back().copied();
        let going_on = state.status.going_on();
        let soon: BTreeSet<MonthPart> = going_on.map(|i| i.month).chain(newest).collect();
        let mut months: BTreeSet<MonthPart> =
            listed.iter().map(|incident| incident.month).collect();
        if first {
            months.extend(&soon);
        }
        memory.months.retain(|month, _| months.contains(month) || soon.contains(month));
        let mut items = Vec::new();
        for month in months {
            let known = memory.months.remove(&month);
            let is_new = known.is_none();
            let mut document = known.unwrap_or_else(|| MonthDocument::new(month));
            document.merge_all(listed, &state.status);
            let whole = document.is_complete(&state.status);
            if !whole && let Some(stored) = self.load_month(memory, month).await? {
                document = stored;
                document.merge_all(listed, &state.status);
            }
            if !document.is_complete(&state.status) {
                error!(%month, "the list of a month is gone or damaged: it is made from the log");
                memory.broken.insert(month);
                continue;
            }
            items.extend(self.items_of_month(&document, is_new && whole)?);
            memory.months.insert(month, document);
        }
        Ok(items)
    }

    fn items_of_month(
        &self,
        document: &MonthDocument,
        is_new: bool,
    ) -> Result<[Item; 2], ServiceError> {
        let item = Item::document(month_key(document.month), document, document.revision())?;
        Ok([Item { is_new, ..item }, Item::page(self.site.month(document)?, is_new)])
    }

    /// The stored list of a month; `None` where there is none that can be read.
    async fn load_month(
        &self,
        memory: &mut Memory,
        month: MonthPart,
    ) -> Result<Option<MonthDocument>, ServiceError> {
        let key = month_key(month);
        let Some(blob) = self.store.get(&key).await? else {
            return Ok(None);
        };
        memory.heads.insert(key, blob.head);
        Ok(serde_json::from_slice(&blob.bytes).ok())
    }

    /// Makes the lists of months anew from the log that were found to be gone or damaged.
    pub(super) async fn restore_months(&self) -> Result<(), ServiceError> {
        let broken = self.memory.lock().await.broken.clone();
        if broken.is_empty() {
            return Ok(());
        }
        let mut documents: BTreeMap<MonthPart, MonthDocument> =
            broken.iter().map(|month| (*month, MonthDocument::new(*month))).collect();
        let mut list = |state: &State, incident: &Incident| {
            if let Some(document) = documents.get_mut(&incident.month) {
                document.merge(incident, &state.status);
            }
        };
        let mut state = State::default();
        self.replay_log(&mut state, &mut list).await?;
        // Once more, with nobody publishing: what came since is a few records at most.
        let mut memory = self.memory.lock().await;
        self.replay_log(&mut state, &mut list).await?;
        let mut items = Vec::new();
        for document in documents.values() {
            items.extend(self.items_of_month(document, false)?);
        }
        for key in items.iter().map(|item| &item.key) {
            memory.heads.remove(key);
        }
        self.write_all(&mut memory, items).await?;
        // Another one may have been found broken meanwhile.
        memory.broken.retain(|month| !documents.contains_key(month));
        info!(months = documents.len(), "lists of months were made anew from the log");
        Ok(())
    }

    /// Writes the document of a closed incident.
    pub(super) async fn write_document(&self, incident: &Incident) -> Result<(), ServiceError> {
        let item = Item::document(incident_key(incident.number), incident, incident.revision)?;
        let mut memory = self.memory.lock().await;
        memory.heads.remove(&item.key);
        self.write_all(&mut memory, vec![item]).await
    }

    /// Writes side by side, and remembers each one that is written even if another fails.
    pub(super) async fn write_all(
        &self,
        memory: &mut Memory,
        items: Vec<Item>,
    ) -> Result<(), ServiceError> {
        if memory.heads.len() > HEADS_MAX {
            // Incidents come and go; the index, the snapshot and the months stay.
            memory.heads.retain(|key, _| !key.name.starts_with("incidents/"));
        }
        let heads = &memory.heads;
        let written: Vec<(Key, Result<Head, StoreError>)> = stream::iter(items)
            .map(|item| async move {
                let known = heads.get(&item.key).cloned();
                let head = self.write_newest(&item, known).await;
                (item.key, head)
            })
            .buffer_unordered(PARALLEL_MAX)
            .collect()
            .await;
        let mut result = Ok(());
        for (key, head) in written {
            match head {
                Ok(head) => drop(memory.heads.insert(key, head)),
                Err(error) => {
                    memory.heads.remove(&key);
                    result = Err(error.into());
                }
            }
        }
        result
    }

    /// Writes a blob unless it shows this or more already, and gives what then is there. What
    /// others write at the same time, and what a failed try left behind, is looked at again.
    async fn write_newest(&self, item: &Item, known: Option<Head>) -> Result<Head, StoreError> {
        let stamp = Stamp { revision: item.revision, digest: sha256_hex(&item.bytes) };
        let mut there = match known {
            Some(head) => Some(head),
            None if item.is_new => None,
            None => self.store.head(&item.key).await?,
        };
        for _ in 0..TRIES_MAX {
            if let Some(head) = &there
                && shows(head, &stamp)
            {
                return Ok(head.clone());
            }
            let condition = match there {
                Some(head) => Condition::Match(head.etag),
                None => Condition::Absent,
            };
            let write = Write { bytes: item.bytes.clone(), stamp: Some(stamp.clone()), condition };
            match self.store.put(&item.key, write).await {
                Ok(etag) => return Ok(Head { etag, stamp: Some(stamp) }),
                Err(StoreError::Conflict | StoreError::Unknown(_)) => {
                    there = self.store.head(&item.key).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Unavailable(format!("{} is written by too many at once", item.key)))
    }
}

pub(super) fn month_key(month: MonthPart) -> Key {
    Key::new(Container::State, format!("months/{month}.json"))
}

/// Whether a blob needs no writing: it shows the same, or a newer revision. At the same revision
/// other bytes mean another look of the site, and those are to be replaced.
fn shows(head: &Head, stamp: &Stamp) -> bool {
    head.stamp.as_ref().is_some_and(|there| there.revision > stamp.revision || there == stamp)
}
