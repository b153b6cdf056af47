//! The whole store at once: whether it holds what the log says, and making all of it anew.

use std::time::Duration;

use futures::future::join_all;
use futures::stream::{self, StreamExt};
use tokio::time::sleep;

use super::publish::{Item, Memory, month_key};
use super::{
    SNAPSHOT_FORMAT, Service, ServiceError, Snapshot, incident_key, record_key, snapshot_key,
};
use crate::core::digest::sha256_hex;
use crate::core::log::state::State;
use crate::core::site::archive::Archive;
use crate::store::{Blob, Condition, Key, Stamp, StoreError, Write};

/// How many records or files are read side by side.
const PARALLEL_MAX: usize = 32;
/// How many files are compared before somebody who watches is told.
const STEP: usize = 256;
/// How often a store that others write to meanwhile is looked at again.
const LOOKS_MAX: usize = 5;
/// How long others are given to publish what they have recorded.
const PAUSE: Duration = Duration::from_secs(1);

/// How far the work is, for whoever watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many records were read.
    Records(u64),
    /// So many files of so many were compared or written.
    Files(usize, usize),
}

/// What a look at the whole store found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// How many records the log has, as far as its hash chain holds.
    pub records: u64,
    /// How many documents and published files were compared.
    pub files: usize,
    /// What is not as the log says, each in a line that names the blob.
    pub differences: Vec<String>,
}

impl Service {
    /// Replays the whole log and compares everything that is derived from it with what is stored.
    ///
    /// # Errors
    /// What kept the store from being read. What is read and wrong is no error but a difference.
    pub async fn verify(&self, mut watch: impl FnMut(Progress)) -> Result<Findings, ServiceError> {
        let mut findings = Findings::default();
        let mut archive = Archive::default();
        let snapshot = self.store.get(&snapshot_key()).await?;
        let kept = snapshot.as_ref().map(|blob| serde_json::from_slice::<Snapshot>(&blob.bytes));
        let mut compared = false;
        let (mut at, mut same) = (0, true);
        if let Some(Ok(kept)) = &kept {
            at = kept.state.revision;
        }
        for _ in 0..LOOKS_MAX {
            let before = archive.state.revision;
            let read = self
                .read_log(&mut archive, &mut watch, |state| {
                    if state.revision == at
                        && let Some(Ok(kept)) = &kept
                    {
                        (compared, same) = (true, *state == kept.state);
                    }
                })
                .await;
            findings.records = archive.state.revision;
            match read {
                Ok(()) => {}
                Err(ServiceError::Fold(error)) => {
                    findings.differences.push(format!("log: {error}"));
                    return Ok(findings);
                }
                Err(error) => return Err(error),
            }
            let items = self.everything(&archive)?;
            findings.files = items.len();
            findings.differences = self.compare(items, &mut watch).await?;
            // What was recorded a moment ago may not be published yet: only what stays is told.
            if findings.differences.is_empty() || before == archive.state.revision {
                break;
            }
            sleep(PAUSE).await;
        }
        findings.differences.extend(self.gap_behind(archive.state.revision).await?);
        findings.differences.extend(archive.recalled_otherwise.iter().map(|(record, number)| {
            format!("log: record {record} brought back #{number} other than the log had it")
        }));
        let fits = !compared || same;
        let look = self.site.theme_digest();
        findings.differences.extend(snapshot_difference(kept, archive.state.revision, fits, look));
        Ok(findings)
    }

    /// Renders everything anew from the log and writes what is other than what is there.
    ///
    /// # Errors
    /// What stood in the way; trying again later is always right.
    pub async fn rebuild(&self, mut watch: impl FnMut(Progress)) -> Result<Findings, ServiceError> {
        let mut archive = Archive::default();
        self.read_log(&mut archive, &mut watch, |_| {}).await?;
        let snapshot = Snapshot {
            format: SNAPSHOT_FORMAT,
            look: self.site.theme_digest().to_owned(),
            state: archive.state.clone(),
        };
        let mut items = self.everything(&archive)?;
        items.push(Item::document(snapshot_key(), &snapshot, archive.state.revision)?);
        let files = items.len();
        // The index and the snapshot say that all the rest is there.
        let last = items.split_off(files.saturating_sub(2));
        let mut memory = self.memory.lock().await;
        let (mut written, mut items) = (0, items.into_iter());
        loop {
            let chunk: Vec<Item> = items.by_ref().take(PARALLEL_MAX).collect();
            if chunk.is_empty() {
                break;
            }
            written += chunk.len();
            self.replace(&mut memory, chunk).await?;
            watch(Progress::Files(written, files));
        }
        self.replace(&mut memory, last).await?;
        watch(Progress::Files(files, files));
        Ok(Findings { records: archive.state.revision, files, differences: Vec::new() })
    }

    /// Writes what is other than what is there, whatever is remembered or stamped.
    async fn replace(&self, memory: &mut Memory, items: Vec<Item>) -> Result<(), ServiceError> {
        for mended in join_all(items.iter().map(|item| self.mend(item))).await {
            mended?;
        }
        memory.forget(&items);
        self.write_all(memory, items).await
    }

    /// Replaces a blob whose bytes are not those that its stamp speaks of: publishing trusts the
    /// stamp, and would leave it as it is.
    async fn mend(&self, item: &Item) -> Result<(), StoreError> {
        let Some(there) = self.store.get(&item.key).await? else {
            return Ok(());
        };
        let stamp = Stamp { revision: item.revision, digest: sha256_hex(&item.bytes) };
        if there.head.stamp.as_ref() != Some(&stamp) || there.bytes == item.bytes {
            return Ok(());
        }
        let condition = Condition::Match(there.head.etag);
        let write = Write { bytes: item.bytes.clone(), stamp: Some(stamp), condition };
        match self.store.put(&item.key, write).await {
            // Somebody else has just written it.
            Ok(_) | Err(StoreError::Conflict | StoreError::Unknown(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Reads the log on to its end, and shows each state on the way.
    async fn read_log(
        &self,
        archive: &mut Archive,
        watch: &mut impl FnMut(Progress),
        mut show: impl FnMut(&State),
    ) -> Result<(), ServiceError> {
        show(&archive.state);
        loop {
            let next = archive.state.revision + 1;
            let keys: Vec<Key> = (next..).take(PARALLEL_MAX).map(record_key).collect();
            let blobs = join_all(keys.iter().map(|key| self.store.get(key))).await;
            for blob in blobs {
                let Some(blob) = blob? else {
                    return Ok(());
                };
                archive.take_in(&blob.bytes)?;
                show(&archive.state);
            }
            watch(Progress::Records(archive.state.revision));
        }
    }

    /// Records behind the end of the log: one in between is gone.
    async fn gap_behind(&self, revision: u64) -> Result<Option<String>, ServiceError> {
        for behind in 2..=u64::try_from(PARALLEL_MAX).unwrap_or(2) {
            let key = record_key(revision + behind);
            if self.store.head(&key).await?.is_some() {
                let gone = record_key(revision + 1);
                return Ok(Some(format!("{gone} is missing, and {key} is there")));
            }
        }
        Ok(None)
    }

    /// Everything that is derived from the log but the snapshot; the index last.
    fn everything(&self, archive: &Archive) -> Result<Vec<Item>, ServiceError> {
        let mut items = Vec::new();
        for incident in archive.incidents.values().filter(|i| i.resolved.is_some()) {
            let key = incident_key(incident.number);
            items.push(Item::document(key, incident, incident.revision)?);
        }
        for month in archive.months.values() {
            items.push(Item::document(month_key(month.month), month, month.revision())?);
        }
        for page in archive.pages(&self.site) {
            items.push(Item::page(page?, false));
        }
        Ok(items)
    }

    async fn compare(
        &self,
        items: Vec<Item>,
        watch: &mut impl FnMut(Progress),
    ) -> Result<Vec<String>, StoreError> {
        let files = items.len();
        let mut done = 0;
        let mut differences = Vec::new();
        let mut found = stream::iter(items)
            .map(|item| async move { (self.store.get(&item.key).await, item) })
            .buffered(PARALLEL_MAX);
        while let Some((there, item)) = found.next().await {
            differences.extend(difference(&item, there?));
            done += 1;
            if done % STEP == 0 || done == files {
                watch(Progress::Files(done, files));
            }
        }
        Ok(differences)
    }
}

/// How the snapshot is other than it should be, where the log ends at `revision`; `fits` says
/// whether its state is the log's at the same revision.
fn snapshot_difference(
    kept: Option<Result<Snapshot, serde_json::Error>>,
    revision: u64,
    fits: bool,
    look: &str,
) -> Option<String> {
    let kept = match kept {
        None if revision == 0 => return None,
        None => return Some("state/status.json is missing".to_owned()),
        Some(Err(error)) => return Some(format!("state/status.json cannot be read: {error}")),
        Some(Ok(kept)) => kept,
    };
    let (at, format) = (kept.state.revision, kept.format);
    let what = if format != SNAPSHOT_FORMAT {
        format!("has the layout of another version ({format})")
    } else if at > revision {
        format!("is at revision {at}, the log ends at {revision}")
    } else if !fits {
        format!("is not what the log says at revision {at}")
    } else if kept.look != look {
        "speaks of another look: `rebuild` helps".to_owned()
    } else {
        return None;
    };
    Some(format!("state/status.json {what}"))
}

/// How a blob is other than it should be; `None` where it is as it should be.
fn difference(item: &Item, there: Option<Blob>) -> Option<String> {
    let (key, revision) = (&item.key, item.revision);
    let Some(there) = there else {
        return Some(format!("{key} is missing"));
    };
    if there.bytes == item.bytes {
        return None;
    }
    let whole = |stamp: &Stamp| stamp.digest == sha256_hex(&there.bytes);
    Some(match there.head.stamp.filter(whole) {
        None => format!("{key} was changed by somebody else"),
        Some(stamp) if stamp.revision < revision => {
            format!("{key} shows revision {} and not {revision}", stamp.revision)
        }
        Some(stamp) if stamp.revision > revision => {
            format!("{key} shows revision {}, which the log does not know", stamp.revision)
        }
        Some(_) => format!("{key} is at revision {revision} and has another look: `rebuild` helps"),
    })
}
