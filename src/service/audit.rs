//! Verifies and rebuilds the whole store. Both stream, so their memory hardly grows with the
//! history.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, StreamExt};
use tokio::time::sleep;
use tracing::warn;

use super::blob::Item;
use super::difference::{Expected, difference, snapshot_difference};
use super::keys::{incident_key, month_key, record_key, snapshot_key};
use super::outcome::ServiceError;
use super::publisher::{Ahead, Over};
use super::shared::Service;
use super::snapshot;
use super::sweep::Sweep;
use crate::core::digest::{hex, sha256};
use crate::core::incident::history::MonthDocument;
use crate::core::incident::model::{MonthPart, Number};
use crate::core::incident::status::ComponentNames;
use crate::core::log::state::State;
use crate::core::response::document::IncidentDocument;
use crate::core::site::page::Page;
use crate::store::{Container, Head, Key};

const PARALLEL_MAX: usize = 32;
/// Progress is reported after this many files.
const STEP: usize = 256;
/// Further differences are only counted.
const DIFFERENCES_MAX: usize = 1_000;
/// The limit of checks while other processes write.
const LOOKS_MAX: usize = 5;
/// Time for other processes to publish their records.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Number of records read.
    Records(u64),
    /// Number of files compared or written.
    Files(usize),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Number of records up to which the hash chain holds.
    pub records: u64,
    /// SHA-256 of the head of the last of them.
    pub head: String,
    /// Number of documents and published files compared.
    pub files: usize,
    /// A line per blob that differs from the log.
    pub differences: Vec<String>,
    /// Number of texts that match their seals.
    pub intact: u64,
    /// A line per erased text: who ordered it, when and why.
    pub removed: Vec<String>,
}

/// Revision and digest of an incident's page and document, if they exist. Kept small, because there
/// are many.
#[derive(Default)]
struct DossierDigests {
    page_revision: u64,
    document_revision: u64,
    page: Option<[u8; 32]>,
    document: Option<[u8; 32]>,
}

impl Service {
    /// Replays the whole log and compares everything derived from it with the store.
    ///
    /// # Errors
    /// The store could not be read. A wrong file is a difference, not an error.
    pub async fn verify(&self, mut watch: impl FnMut(Progress)) -> Result<Findings, ServiceError> {
        let mut findings = Findings::default();
        let mut sweep = Sweep::default();
        // The sweep reports an unreadable log itself.
        let _wrong = self.catch_up().await;
        sweep.without = self.known().withheld();
        let names = self.component_names();
        let mut digests: BTreeMap<Number, DossierDigests> = BTreeMap::new();
        let kept = self.store.get(&snapshot_key()).await?;
        sweep.now = self.store.clock()?;
        let kept = kept.map(|blob| snapshot::read(&blob.bytes));
        if let Some(Ok(Some(kept))) = &kept {
            sweep.expect(kept.state.clone());
        }
        for _ in 0..LOOKS_MAX {
            let before = sweep.state.revision;
            loop {
                match sweep.read_on(self.store.as_ref()).await {
                    Ok(Some(gone)) => self.digest(&gone, &names, &mut digests)?,
                    Ok(None) => break,
                    Err(ServiceError::Fold(error)) => {
                        findings.records = sweep.state.revision;
                        findings.head.clone_from(&sweep.state.head);
                        findings.differences.push(format!("log: {error}"));
                        return Ok(findings);
                    }
                    Err(error) => return Err(error),
                }
                watch(Progress::Records(sweep.state.revision));
            }
            findings.records = sweep.state.revision;
            findings.head.clone_from(&sweep.state.head);
            if sweep.texts.are_altered() {
                break;
            }
            self.digest(&sweep.kept(), &names, &mut digests)?;
            findings.differences =
                self.compare(&sweep, (&digests, &names), &mut findings.files, &mut watch).await?;
            // Recent records may not be published yet, so only differences that stay are reported.
            if findings.differences.is_empty() || before == sweep.state.revision {
                break;
            }
            sleep(PAUSE).await;
        }
        match self.check_end(sweep.state.revision).await {
            Err(gap @ ServiceError::Gap { .. }) => findings.differences.push(gap.to_string()),
            checked => checked?,
        }
        findings.differences.extend(sweep.recalled_otherwise.iter().map(|(record, number)| {
            format!("log: record {record} brought back #{number} other than the log had it")
        }));
        findings.differences.extend(sweep.texts.in_doubt());
        findings.intact = sweep.texts.intact();
        findings.removed = sweep.texts.removed().collect();
        findings.differences.extend(sweep.ahead.map(|(record, at)| {
            format!("log: record {record} is dated {at:.0}, which is in the future")
        }));
        if !sweep.texts.are_altered() {
            let (theme, revision) = (self.site.theme_digest(), sweep.state.revision);
            let fits = !sweep.snapshot_differs();
            findings.differences.extend(snapshot_difference(kept, revision, fits, theme));
        }
        Ok(findings)
    }

    /// The latest names of components, which pages of evicted incidents show too.
    pub(super) fn component_names(&self) -> ComponentNames {
        let known = self.known();
        known.state.as_ref().map(|state| state.status.component_names.clone()).unwrap_or_default()
    }

    fn digest(
        &self,
        dossiers: &[IncidentDocument],
        names: &ComponentNames,
        digests: &mut BTreeMap<Number, DossierDigests>,
    ) -> Result<(), ServiceError> {
        for dossier in dossiers {
            let mut of = DossierDigests::default();
            for item in self.items_of(dossier, names)? {
                let digest = Some(sha256(&item.bytes));
                if item.key.container == Container::Web {
                    (of.page_revision, of.page) = (item.revision, digest);
                } else {
                    (of.document_revision, of.document) = (item.revision, digest);
                }
            }
            digests.insert(dossier.number(), of);
        }
        Ok(())
    }

    /// An incident's page, if it has one, and its document, if it is closed.
    fn items_of(
        &self,
        dossier: &IncidentDocument,
        names: &ComponentNames,
    ) -> Result<Vec<Item>, ServiceError> {
        let mut items = Vec::new();
        if let Some(incident) = &dossier.incident {
            items.push(Item::page(self.site.incident(incident, names)?, false));
        }
        if dossier.is_closed() {
            items.push(Item::dossier(dossier)?);
        }
        Ok(items)
    }

    /// Everything except the incidents' own pages and documents. Linked pages come first, the index
    /// last.
    fn shared_items(&self, sweep: &Sweep) -> Result<Vec<Item>, ServiceError> {
        let status = &sweep.state.status;
        let mut pages: Vec<Page> = self.site.static_pages()?;
        pages.extend(self.site.all_files(status));
        pages.extend(self.site.current(status)?);
        Ok(pages.into_iter().map(|page| Item::page(page, false)).collect())
    }

    async fn compare(
        &self,
        sweep: &Sweep,
        (digests, names): (&BTreeMap<Number, DossierDigests>, &ComponentNames),
        files: &mut usize,
        watch: &mut impl FnMut(Progress),
    ) -> Result<Vec<String>, ServiceError> {
        let of_incidents = digests.iter().flat_map(|(number, of)| {
            let name = format!("incidents/{number}/index.html");
            let page = (Key::new(Container::Web, name), of.page_revision, of.page);
            let document = (incident_key(*number), of.document_revision, of.document);
            [page, document].into_iter().filter_map(|(key, revision, digest)| {
                let digest = hex(&digest?);
                Some(Ok(Expected { key, revision, digest }))
            })
        });
        let of_months = sweep.months.values().flat_map(|month| {
            let items = self
                .items_of_month(month, names)
                .map_or_else(|e| vec![Err(e)], |items| items.into_iter().map(Ok).collect());
            items.into_iter().map(|item: Result<Item, ServiceError>| {
                item.map(|item| Expected::of(item.key, item.revision, &item.bytes))
            })
        });
        let shared = self.shared_items(sweep)?.into_iter();
        let shared = shared.map(|item| Ok(Expected::of(item.key, item.revision, &item.bytes)));
        let all = of_incidents.chain(of_months).chain(shared);
        let mut differences = Vec::new();
        let mut done = 0;
        let mut found = stream::iter(all)
            .map(|expected: Result<Expected, ServiceError>| async move {
                let expected = expected?;
                let there = self.store.get(&expected.key).await?;
                Ok::<_, ServiceError>(difference(&expected, there))
            })
            .buffered(PARALLEL_MAX);
        let mut more = 0_usize;
        while let Some(difference) = found.next().await {
            let difference = difference?;
            if differences.len() < DIFFERENCES_MAX {
                differences.extend(difference);
            } else {
                more += usize::from(difference.is_some());
            }
            done += 1;
            if done % STEP == 0 {
                watch(Progress::Files(done));
            }
        }
        if more > 0 {
            differences.push(format!("and {more} more"));
        }
        *files = done;
        Ok(differences)
    }

    fn items_of_month(
        &self,
        month: &MonthDocument,
        names: &ComponentNames,
    ) -> Result<[Item; 2], ServiceError> {
        let document = Item::document(month_key(month.month), month, month.revision())?;
        Ok([document, Item::page(self.site.month(month, names)?, false)])
    }

    /// Renders everything from the log and writes all blobs that differ.
    ///
    /// # Errors
    /// Nothing is lost, and retrying is safe. [`ServiceError::LogEmpty`] if the log is empty but a
    /// snapshot has records, unless `accept_empty_log`.
    pub async fn rebuild(
        &self,
        accept_empty_log: bool,
        mut watch: impl FnMut(Progress),
    ) -> Result<Findings, ServiceError> {
        // The sweep reports an unreadable log itself.
        let _wrong = self.catch_up().await;
        let names = self.component_names();
        let generation = self.known().generation;
        self.refuse_empty_log(accept_empty_log).await?;
        let mut sweep = Sweep::default();
        sweep.without = self.known().withheld();
        let mut files = 0;
        let mut ahead = Ahead::new();
        while let Some(gone) = sweep.read_on(self.store.as_ref()).await? {
            watch(Progress::Records(sweep.state.revision));
            for chunk in gone.chunks(PARALLEL_MAX) {
                files += self.write_dossiers(chunk, &names, &mut ahead).await?;
            }
        }
        self.check_end(sweep.state.revision).await?;
        for chunk in sweep.kept().chunks(PARALLEL_MAX) {
            files += self.write_dossiers(chunk, &names, &mut ahead).await?;
            watch(Progress::Files(files));
        }
        for month in sweep.months.values() {
            let items = self.items_of_month(month, &names)?;
            files += items.len();
            self.write_items(Vec::from(items), &mut ahead).await?;
        }
        let newer = self.replace_foreign(&sweep, &names, ahead).await?;
        files += self.write_shared(&sweep, generation).await?;
        // They may be of a later record or left over: only the log can tell.
        self.publisher.lock().await.distrust_months(newer);
        watch(Progress::Files(files));
        let records = sweep.state.revision;
        Ok(Findings { records, files, ..Findings::default() })
    }

    async fn refuse_empty_log(&self, accepted: bool) -> Result<(), ServiceError> {
        if accepted || self.store.head(&record_key(1)).await?.is_some() {
            return Ok(());
        }
        let blob = self.store.get(&snapshot_key()).await?;
        let kept = blob.and_then(|blob| snapshot::read(&blob.bytes).ok().flatten());
        match kept.map_or(0, |kept| kept.state.revision) {
            0 => Ok(()),
            revision => self.check_end(0).await.and(Err(ServiceError::LogEmpty { revision })),
        }
    }

    async fn write_dossiers(
        &self,
        dossiers: &[IncidentDocument],
        names: &ComponentNames,
        ahead: &mut Ahead,
    ) -> Result<usize, ServiceError> {
        let mut items = Vec::new();
        for dossier in dossiers {
            items.extend(self.items_of(dossier, names)?);
        }
        let count = items.len();
        self.write_items(items, ahead).await?;
        Ok(count)
    }

    /// Releases the publisher in between, so that publishing continues.
    async fn write_items(&self, items: Vec<Item>, ahead: &mut Ahead) -> Result<(), ServiceError> {
        let mut publisher = self.publisher.lock().await;
        ahead.extend(publisher.replace(items, &Ahead::new()).await?);
        Ok(())
    }

    /// Handles blobs with a later revision than the log has for them. A newer writer's blob stays;
    /// one that no record of this log can explain is replaced. Returns the months whose lists stay.
    async fn replace_foreign(
        &self,
        sweep: &Sweep,
        names: &ComponentNames,
        ahead: Ahead,
    ) -> Result<Vec<MonthPart>, ServiceError> {
        let mut newer = ahead.clone();
        let last = self.last_revision(sweep.state.revision).await?;
        let foreign: Ahead = ahead
            .into_iter()
            .filter(|(key, head)| {
                let shown = revision_of(head);
                let is_final = number_of(key)
                    .and_then(|number| sweep.stamp_of(number, key.container))
                    .is_some_and(|stamp| stamp == shown);
                let (end, last) = sweep.ends(key.container, last);
                !is_final && (shown <= end || shown > last)
            })
            .collect();
        newer.retain(|key, _| !foreign.contains_key(key));
        let is_newer = |month: &&MonthPart| newer.contains_key(&month_key(**month));
        let months = sweep.months.keys().filter(is_newer).copied().collect();
        if foreign.is_empty() {
            return Ok(months);
        }
        warn!(
            count = foreign.len(),
            "files show revisions that the log does not have: replacing them"
        );
        let numbers: BTreeSet<Number> = foreign.keys().filter_map(number_of).collect();
        let mut items = Vec::new();
        let mut found: BTreeMap<Number, IncidentDocument> = BTreeMap::new();
        self.replay_log(&mut State::default(), |_, dossier| {
            if numbers.contains(&dossier.number()) {
                found.insert(dossier.number(), dossier);
            }
        })
        .await?;
        for dossier in found.values() {
            items.extend(self.items_of(dossier, names)?);
        }
        for month in sweep.months.values() {
            items.extend(self.items_of_month(month, names)?);
        }
        items.retain(|item| foreign.contains_key(&item.key));
        self.publisher.lock().await.replace(items, &foreign).await?;
        Ok(months)
    }

    async fn last_revision(&self, from: u64) -> Result<u64, ServiceError> {
        let mut revision = from;
        while self.store.head(&record_key(revision + 1)).await?.is_some() {
            revision += 1;
        }
        Ok(revision)
    }

    /// Writes the shared files, the index and the snapshot, which mark the rest as complete. If
    /// other processes have published more, theirs stay.
    async fn write_shared(&self, sweep: &Sweep, generation: u64) -> Result<usize, ServiceError> {
        let mut items = self.shared_items(sweep)?;
        let count = items.len() + 1;
        let index = items.split_off(items.len().saturating_sub(1));
        let mut publisher = self.publisher.lock().await;
        let end = sweep.state.revision;
        for items in [items, index] {
            let again: Vec<(Key, Bytes, u64)> =
                items.iter().map(|i| (i.key.clone(), i.bytes.clone(), i.revision)).collect();
            let ahead = publisher.replace(items, &Ahead::new()).await?;
            let last = if ahead.is_empty() { end } else { self.last_revision(end).await? };
            let (shown, latest) = sweep.ends(Container::Web, last);
            let is_foreign = |head: &Head| revision_of(head) <= shown || revision_of(head) > latest;
            let foreign: Ahead = ahead.into_iter().filter(|(_, head)| is_foreign(head)).collect();
            let again = again.into_iter().filter(|(key, ..)| foreign.contains_key(key));
            let again = again.map(|(key, bytes, revision)| Item::again(key, bytes, revision));
            publisher.replace(again.collect(), &foreign).await?;
        }
        let is_last = self.last_revision(end).await? == end;
        let over = if is_last { Over::Any } else { Over::OfAnyTheme };
        publisher.write_snapshot(&sweep.state, true, over).await?;
        let (is_current, through) = {
            let mut known = self.known();
            (known.mark_rebuilt(&sweep.state, generation), known.published_through)
        };
        if is_current {
            publisher.mark_rebuilt(end, through);
        }
        Ok(count)
    }
}

/// The incident of a page or document.
fn number_of(key: &Key) -> Option<Number> {
    let rest = key.name.strip_prefix("incidents/")?;
    rest.split(['/', '.']).next()?.parse().ok()
}

/// The revision that a blob carries; the edition for public files.
fn revision_of(head: &Head) -> u64 {
    head.stamp.as_ref().map_or(0, |stamp| stamp.revision)
}
