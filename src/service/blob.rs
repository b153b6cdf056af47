//! Derived blobs. They are replaced only under the `ETag` that was read, and never by an older
//! revision.

use bytes::Bytes;
use tokio::time::{Duration, sleep};

use super::backoff::Spread;
use super::keys::incident_key;
use super::outcome::ServiceError;
use crate::core::digest::sha256_hex;
use crate::core::response::document::IncidentDocument;
use crate::core::site::page::Page;
use crate::store::{Condition, Container, ETag, Head, Key, Stamp, Store, StoreError, Write};

/// The limit of tries while others write the same blob.
const CONFLICTS_MAX: u32 = 10;
/// Retries of a write without a clear answer. After them, publishing as a whole pauses.
const UNCLEAR_MAX: u32 = 1;
/// The first pause before retrying the same write. Pauses double up to the maximum.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
const PAUSE_LAST: Duration = Duration::from_secs(1);

/// A derived blob to write.
pub(super) struct Item {
    pub(super) key: Key,
    pub(super) bytes: Bytes,
    /// Orders the versions: the edition for public files, the revision for private ones.
    pub(super) revision: u64,
    /// True if nobody has written it before, as far as is known.
    pub(super) is_new: bool,
}

impl Item {
    pub(super) fn page(page: Page, is_new: bool) -> Self {
        let Page { name, edition, bytes } = page;
        Self { key: Key::new(Container::Web, name), bytes, revision: edition, is_new }
    }

    pub(super) fn document<T: serde::Serialize>(
        key: Key,
        document: &T,
        revision: u64,
    ) -> Result<Self, ServiceError> {
        let bytes = serde_json::to_vec(document).map_err(|error| unwritable(&key, &error))?;
        Ok(Self { key, bytes: Bytes::from(bytes), revision, is_new: false })
    }

    /// The document of a closed incident, on the page or not.
    pub(super) fn dossier(dossier: &IncidentDocument) -> Result<Self, ServiceError> {
        Self::document(incident_key(dossier.number()), dossier, dossier.revision())
    }

    /// The same blob once more.
    pub(super) fn again(key: Key, bytes: Bytes, revision: u64) -> Self {
        Self { key, bytes, revision, is_new: false }
    }

    pub(super) fn stamp(&self) -> Stamp {
        Stamp { revision: self.revision, digest: sha256_hex(&self.bytes) }
    }
}

pub(super) fn unwritable(key: &Key, error: &serde_json::Error) -> ServiceError {
    ServiceError::Document { key: key.to_string(), why: error.to_string() }
}

pub(super) enum Written {
    /// It has the intended content.
    Shows(Head),
    /// It has a later revision.
    Ahead(Head),
}

/// The failed tries of one conditional write.
pub(super) struct Tries {
    conflicts: u32,
    unclear: u32,
    pause: Duration,
    spread: Spread,
}

impl Tries {
    pub(super) fn new(spread: Spread) -> Self {
        Self { conflicts: 0, unclear: 0, pause: PAUSE_FIRST, spread }
    }

    /// Pauses before the next try of a failed write.
    ///
    /// # Errors
    /// The cause, if another try would only add load: storage asked for a pause, gave no clear
    /// answer again, or others wrote the blob each time.
    pub(super) async fn pause_after(
        &mut self,
        error: StoreError,
        key: &Key,
    ) -> Result<(), StoreError> {
        match error {
            StoreError::Conflict => {
                self.conflicts += 1;
                if self.conflicts == 1 {
                    // Usually just an outdated ETag, so no pause.
                    return Ok(());
                }
                if self.conflicts >= CONFLICTS_MAX {
                    let why = format!("{key} is written by too many at once");
                    return Err(StoreError::unavailable(why));
                }
            }
            StoreError::Unknown { retry_after: None, .. } if self.unclear < UNCLEAR_MAX => {
                self.unclear += 1;
            }
            error => return Err(error),
        }
        sleep(self.spread.lengthen(self.pause)).await;
        self.pause = (self.pause * 2).min(PAUSE_LAST);
        Ok(())
    }
}

/// Writes a blob unless it has this content, and returns its state. Reads it again after a conflict
/// or an unclear answer. A later revision is replaced only if it is exactly the `foreign` version,
/// because any other may be a newer writer's.
pub(super) async fn write_newest(
    store: &dyn Store,
    item: &Item,
    known: Option<Head>,
    foreign: Option<&ETag>,
    mut tries: Tries,
) -> Result<Written, StoreError> {
    let stamp = item.stamp();
    let mut there = match known {
        Some(head) => Some(head),
        None if item.is_new => None,
        None => store.head(&item.key).await?,
    };
    let mut failed = None;
    loop {
        let shown = there.as_ref().and_then(|head| head.stamp.as_ref().map(|stamp| (head, stamp)));
        match shown {
            Some((head, shown)) if *shown == stamp => return Ok(Written::Shows(head.clone())),
            Some((head, shown))
                if shown.revision > stamp.revision && foreign != Some(&head.etag) =>
            {
                return Ok(Written::Ahead(head.clone()));
            }
            _ => {}
        }
        if let Some(error) = failed.take() {
            tries.pause_after(error, &item.key).await?;
        }
        let condition = match there {
            Some(head) => Condition::Match(head.etag),
            None => Condition::Absent,
        };
        let write = Write { bytes: item.bytes.clone(), stamp: Some(stamp.clone()), condition };
        match store.put(&item.key, write).await {
            Ok(etag) => return Ok(Written::Shows(Head { etag, stamp: Some(stamp) })),
            Err(error @ (StoreError::Conflict | StoreError::Unknown { .. })) => {
                there = store.head(&item.key).await?;
                failed = Some(error);
            }
            Err(error) => return Err(error),
        }
    }
}

/// Replaces a blob whose bytes do not match its stamp. Publishing trusts the stamp, so it would
/// never repair it.
pub(super) async fn mend(store: &dyn Store, item: &Item) -> Result<(), StoreError> {
    let Some(there) = store.get(&item.key).await? else {
        return Ok(());
    };
    let stamp = item.stamp();
    if there.head.stamp.as_ref() != Some(&stamp) || there.bytes == item.bytes {
        return Ok(());
    }
    let condition = Condition::Match(there.head.etag);
    let write = Write { bytes: item.bytes.clone(), stamp: Some(stamp), condition };
    match store.put(&item.key, write).await {
        // A different process has just written it.
        Ok(_) | Err(StoreError::Conflict | StoreError::Unknown { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
