//! The publisher: renders a state and writes the pages in parallel, the index last.
//!
//! A blob is replaced only under the `ETag` that was read, and never by an older revision, so any
//! number of processes can publish at once and no page ever goes back. One exception: a blob with a
//! revision that the log does not have for it. A process that finds one reads the log to its end
//! *after* having seen it. If the log is then longer, the blob is a newer writer's. If not, no
//! record of this log explains it: the log was restored, and the blob is left over from the lost
//! part.

mod months;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future::join_all;
use futures::stream::{self, StreamExt};
use tokio::time::Instant;
use tracing::debug;

use super::backoff::Backoff;
use super::blob::{Item, Tries, Written, mend, unwritable, write_newest};
use super::keys::snapshot_key;
use super::outcome::ServiceError;
use super::snapshot::{self, Theme};
use crate::core::incident::history::MonthDocument;
use crate::core::incident::model::{Incident, MonthPart, Number, Stage};
use crate::core::incident::status::{ComponentNames, Status};
use crate::core::log::state::State;
use crate::core::response::document::IncidentDocument;
use crate::core::site::render_cache::RenderCache;
use crate::core::site::renderer::Site;
use crate::store::{Condition, Head, Key, Store, StoreError, Write};

const PARALLEL_MAX: usize = 64;
const HEADS_MAX: usize = 512;
const CHUNK_MAX: usize = 64;
/// The input of one publication.
pub(super) struct Work {
    pub(super) state: Arc<State>,
    /// The generation of its log in this process.
    pub(super) generation: u64,
    /// The incidents changed since `after`.
    pub(super) changed: BTreeMap<Number, IncidentDocument>,
    /// All pages and documents up to this revision are written.
    pub(super) after: u64,
    /// The look of the current pages is unknown: write all of them.
    pub(super) all: bool,
    /// A rebuild is pending: stored lists may have entries of a log that is gone.
    pub(super) rebuild: bool,
    /// Blobs that no record of this log explains.
    pub(super) foreign: Ahead,
}

/// Blobs with a later revision than the one to write, as they were seen.
pub(super) type Ahead = BTreeMap<Key, Head>;

/// The snapshot that may be replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// One in this theme. Otherwise the pages have to be checked again.
    OfThisTheme,
    /// One in any theme that is not newer.
    OfAnyTheme,
    /// Any, because the log is known to end with the state.
    Any,
}

/// Writes everything derived from the log, and remembers the written versions.
pub(super) struct Publisher {
    store: Arc<dyn Store>,
    site: Arc<Site>,
    heads: BTreeMap<Key, Head>,
    months: BTreeMap<MonthPart, MonthDocument>,
    /// The rendered parts of each incident, from the last publication.
    rendered: RenderCache,
    /// Months with a missing, damaged or doubtful document. Their pages stay unchanged until they are
    /// rebuilt from the log.
    broken: BTreeSet<MonthPart>,
    /// The index was seen or written with everything up to this revision.
    pub(super) published: Option<u64>,
    /// The revision of the snapshot, as last seen or written here.
    pub(super) snapshot: Option<u64>,
    /// The last time that this process wrote it.
    pub(super) snapshot_written: Option<Instant>,
    pub(super) backoff: Backoff,
}

impl Publisher {
    pub(super) fn new(store: Arc<dyn Store>, site: Arc<Site>, seed: u64) -> Self {
        Self {
            store,
            site,
            heads: BTreeMap::new(),
            months: BTreeMap::new(),
            rendered: RenderCache::default(),
            broken: BTreeSet::new(),
            published: None,
            snapshot: None,
            snapshot_written: None,
            backoff: Backoff::new(seed),
        }
    }

    /// Takes over the blob versions from the snapshot.
    pub(super) fn remember(&mut self, heads: BTreeMap<Key, Head>, snapshot: Head) {
        self.snapshot = snapshot.stamp.as_ref().map(|stamp| stamp.revision);
        self.heads = heads;
        self.heads.insert(snapshot_key(), snapshot);
    }

    /// Reads every blob again before its next write.
    pub(super) fn forget_blobs(&mut self) {
        self.published = None;
        self.heads.clear();
        self.months.clear();
    }

    /// Publishes, and returns the blobs that are newer than the state. If there are any, the pages
    /// that depend on them were not written.
    pub(super) async fn publish(&mut self, work: &Work) -> Result<Ahead, ServiceError> {
        let Work { state, changed, after, all, foreign, .. } = work;
        let dossiers: Vec<&IncidentDocument> = changed.values().collect();
        // A change of the theme affects many pages, so they are rendered in bounded portions.
        let mut items = Vec::new();
        let mut ahead = Ahead::new();
        for chunk in dossiers.chunks(CHUNK_MAX) {
            ahead.extend(self.write_all(std::mem::take(&mut items), foreign).await?);
            items = self.dossier_items(chunk, &state.status.component_names, *after)?;
        }
        let incidents = dossiers.iter().filter_map(|dossier| dossier.incident.as_deref());
        let listed: Vec<&Incident> = incidents.filter(|i| i.listed > *after).collect();
        items.extend(self.month_items(&state.status, &listed, (*all, work.rebuild)).await?);
        let mut files = if *all {
            self.site.all_files(&state.status)
        } else {
            self.site.files_changed_after(&mut self.rendered, &state.status, *after)
        };
        if *all {
            files.extend(self.site.static_pages()?);
        }
        let mut last: Vec<Item> = files.into_iter().map(|page| Item::page(page, false)).collect();
        if *all || state.status.revision > *after {
            last.extend(self.current_items(&state.status)?);
        }
        if *all {
            // The index links them, so they have to exist first.
            items.extend(last.drain(..last.len().saturating_sub(1)));
        }
        ahead.extend(self.write_all(items, foreign).await?);
        if !ahead.is_empty() {
            return Ok(ahead);
        }
        let ahead = self.write_all(last, foreign).await?;
        if ahead.is_empty() {
            debug!(revision = state.revision, "published");
            self.published = Some(state.revision);
        }
        Ok(ahead)
    }

    /// The pages that change with every public record, the index last. If the index is known but a
    /// report is not, it is the first report of its month.
    fn current_items(&self, status: &Status) -> Result<Vec<Item>, ServiceError> {
        let mut items: Vec<Item> =
            self.site.current(status)?.into_iter().map(|page| Item::page(page, false)).collect();
        if items.last().is_some_and(|index| self.heads.contains_key(&index.key)) {
            for item in &mut items {
                item.is_new = !self.heads.contains_key(&item.key);
            }
        }
        Ok(items)
    }

    /// Pages of publicly changed incidents, and documents of closed ones.
    fn dossier_items(
        &self,
        changed: &[&IncidentDocument],
        names: &ComponentNames,
        after: u64,
    ) -> Result<Vec<Item>, ServiceError> {
        let mut items = Vec::new();
        for dossier in changed {
            let listed = dossier.incident.as_deref().filter(|i| i.listed > after);
            if let Some(incident) = dossier.incident.as_deref().filter(|i| i.revision > after) {
                let is_new = listed.is_some_and(|incident| incident.updates.len() == 1);
                items.push(Item::page(self.site.incident(incident, names)?, is_new));
            }
            if dossier.is_closed() {
                let closings = listed.map_or(0, |incident| {
                    incident.updates.iter().filter(|u| u.stage == Stage::Resolved).count()
                });
                items.push(Item { is_new: closings == 1, ..Item::dossier(dossier)? });
            }
        }
        Ok(items)
    }

    /// Writes documents of closed incidents, on the page or not.
    pub(super) async fn write_documents(
        &mut self,
        dossiers: impl Iterator<Item = &IncidentDocument>,
    ) -> Result<(), ServiceError> {
        let closed = dossiers.filter(|dossier| dossier.is_closed());
        let items: Result<Vec<Item>, _> = closed.map(Item::dossier).collect();
        self.write_looking_first(items?).await.map(drop)
    }

    /// Writes blobs that differ, regardless of remembered versions. Returns the newer blobs.
    pub(super) async fn write_looking_first(
        &mut self,
        items: Vec<Item>,
    ) -> Result<Ahead, ServiceError> {
        for item in &items {
            self.heads.remove(&item.key);
        }
        self.write_all(items, &Ahead::new()).await
    }

    /// Writes in parallel, and remembers each success even if a different write fails. Returns the
    /// newer blobs.
    async fn write_all(
        &mut self,
        items: Vec<Item>,
        foreign: &Ahead,
    ) -> Result<Ahead, ServiceError> {
        if self.heads.len() > HEADS_MAX {
            // Versions of incidents' blobs are dropped; those of the index, the snapshot and the
            // months stay.
            self.heads.retain(|key, _| !is_of_an_incident(key));
        }
        let spread = self.backoff.spread();
        let (store, heads, spread) = (&self.store, &self.heads, &spread);
        let written: Vec<(Key, Result<Written, StoreError>)> = stream::iter(items)
            .map(|item| async move {
                let known = heads.get(&item.key).cloned();
                let foreign = foreign.get(&item.key).map(|head| &head.etag);
                let tries = Tries::new(spread.clone());
                let written = write_newest(store.as_ref(), &item, known, foreign, tries).await;
                (item.key, written)
            })
            .buffer_unordered(PARALLEL_MAX)
            .collect()
            .await;
        let mut failed: Option<StoreError> = None;
        let mut ahead = Ahead::new();
        for (key, written) in written {
            match written {
                Ok(Written::Shows(head)) => drop(self.heads.insert(key, head)),
                Ok(Written::Ahead(head)) => {
                    self.heads.remove(&key);
                    ahead.insert(key, head);
                }
                Err(error) => {
                    self.heads.remove(&key);
                    // The longest requested wait counts.
                    let longer = |other: &StoreError| other.retry_after() < error.retry_after();
                    if failed.as_ref().is_none_or(longer) {
                        failed = Some(error);
                    }
                }
            }
        }
        failed.map_or(Ok(ahead), |error| Err(error.into()))
    }

    /// Writes the snapshot. `false` if the existing one may not be replaced.
    pub(super) async fn write_snapshot(
        &mut self,
        state: &State,
        settled: bool,
        over: Over,
    ) -> Result<bool, ServiceError> {
        let key = snapshot_key();
        let theme = self.site.theme_digest();
        let at_hand = |key: &Key| match key.name.strip_prefix("incidents/") {
            _ if *key == snapshot_key() => false,
            None => true,
            Some(rest) => {
                let number = rest.split('/').next().and_then(|number| number.parse().ok());
                number.is_some_and(|number| state.status.open.contains_key(&number))
            }
        };
        let heads = self.heads.iter().filter(|(key, _)| at_hand(key));
        let heads = heads.map(|(key, head)| (key.clone(), head.clone())).collect();
        let bytes = snapshot::write(state, theme, settled, &heads);
        let bytes = bytes.map_err(|error| unwritable(&key, &error))?;
        let item = Item { key, bytes, revision: state.revision, is_new: false };
        let mut current = self.heads.get(&item.key).cloned();
        let mut tries = Tries::new(self.backoff.spread());
        loop {
            let condition = match &current {
                Some(head) => Condition::Match(head.etag.clone()),
                None => Condition::Absent,
            };
            let stamp = Some(item.stamp());
            let write = Write { bytes: item.bytes.clone(), stamp: stamp.clone(), condition };
            let error = match self.store.put(&item.key, write).await {
                Ok(etag) => {
                    self.snapshot = Some(item.revision);
                    self.snapshot_written = Some(Instant::now());
                    self.heads.insert(item.key, Head { etag, stamp });
                    return Ok(true);
                }
                Err(error @ (StoreError::Conflict | StoreError::Unknown { .. })) => error,
                Err(error) => return Err(error.into()),
            };
            let Some(blob) = self.store.get(&item.key).await? else {
                tries.pause_after(error, &item.key).await?;
                current = None;
                continue;
            };
            self.heads.insert(item.key.clone(), blob.head.clone());
            let is_ours = blob.bytes == item.bytes;
            if is_ours {
                self.snapshot = Some(item.revision);
                return Ok(true);
            }
            let in_theme = has_theme(&blob.bytes, theme);
            let revision = blob.head.stamp.as_ref().map_or(0, |stamp| stamp.revision);
            match over {
                Over::OfThisTheme if !in_theme => return Ok(false),
                Over::OfThisTheme if revision > item.revision => {
                    // A different process has written a newer one, which is as good.
                    self.snapshot = Some(revision);
                    return Ok(true);
                }
                Over::OfAnyTheme if revision > item.revision => return Ok(false),
                _ => {}
            }
            tries.pause_after(error, &item.key).await?;
            current = Some(blob.head);
        }
    }

    /// True if the current pages are in this process's theme, according to the snapshot.
    pub(super) async fn is_in_our_theme(&mut self) -> Result<bool, ServiceError> {
        let Some(blob) = self.store.get(&snapshot_key()).await? else {
            return Ok(true);
        };
        self.heads.insert(snapshot_key(), blob.head);
        Ok(has_theme(&blob.bytes, self.site.theme_digest()))
    }

    /// Replaces blobs whose bytes differ, regardless of remembered versions and stamps. Returns the
    /// newer ones.
    pub(super) async fn replace(
        &mut self,
        items: Vec<Item>,
        foreign: &Ahead,
    ) -> Result<Ahead, ServiceError> {
        let store = &self.store;
        for mended in join_all(items.iter().map(|item| mend(store.as_ref(), item))).await {
            mended?;
        }
        for item in &items {
            self.heads.remove(&item.key);
        }
        self.write_all(items, foreign).await
    }

    /// Notes that everything derived from the log up to `revision` is written. If more was published
    /// in the meantime, the lists that waited still have to be rebuilt.
    pub(super) fn mark_rebuilt(&mut self, revision: u64, published: u64) {
        self.months.clear();
        if published <= revision {
            self.broken.clear();
        }
        self.published = Some(revision);
    }
}

fn is_of_an_incident(key: &Key) -> bool {
    key.name.starts_with("incidents/")
}

fn has_theme(snapshot: &[u8], ours: &str) -> bool {
    let read = serde_json::from_slice::<Theme>(snapshot);
    read.is_ok_and(|Theme { theme, settled }| settled && theme == ours)
}
