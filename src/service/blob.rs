//! A derived blob, and the one way to write it: as the version that was read, and never by an older
//! revision.

use bytes::Bytes;

use super::keys::incident_key;
use super::outcome::ServiceError;
use crate::core::digest::sha256_hex;
use crate::core::response::dossier::Dossier;
use crate::core::site::page::Page;
use crate::store::{Condition, Container, ETag, Head, Key, Stamp, Store, StoreError, Write};

/// How often a blob that others write at the same time is tried.
pub(super) const TRIES_MAX: usize = 20;

/// A derived blob to be written.
pub(super) struct Item {
    pub(super) key: Key,
    pub(super) bytes: Bytes,
    pub(super) revision: u64,
    /// Nobody can have written it before, as far as is known.
    pub(super) is_new: bool,
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
        let bytes = serde_json::to_vec(document).map_err(|error| unwritable(&key, &error))?;
        Ok(Self { key, bytes: Bytes::from(bytes), revision, is_new: false })
    }

    /// The document of a closed incident, on the page or not.
    pub(super) fn dossier(dossier: &Dossier) -> Result<Self, ServiceError> {
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

/// What a blob is after a try to write it.
pub(super) enum Written {
    /// It shows what was to be written.
    Shows(Head),
    /// It shows a later revision.
    Ahead(Head),
}

/// Writes a blob unless it shows this already, and says what then is there. What others write at
/// the same time, and what a failed try left behind, is looked at again. Of later revisions, only
/// the `foreign` version is replaced: what is there by then may be somebody else's.
pub(super) async fn write_newest(
    store: &dyn Store,
    item: &Item,
    known: Option<Head>,
    foreign: Option<&ETag>,
) -> Result<Written, StoreError> {
    let stamp = item.stamp();
    let mut there = match known {
        Some(head) => Some(head),
        None if item.is_new => None,
        None => store.head(&item.key).await?,
    };
    for _ in 0..TRIES_MAX {
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
        let condition = match there {
            Some(head) => Condition::Match(head.etag),
            None => Condition::Absent,
        };
        let write = Write { bytes: item.bytes.clone(), stamp: Some(stamp.clone()), condition };
        match store.put(&item.key, write).await {
            Ok(etag) => return Ok(Written::Shows(Head { etag, stamp: Some(stamp) })),
            Err(StoreError::Conflict | StoreError::Unknown(_)) => {
                there = store.head(&item.key).await?;
            }
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::unavailable(format!("{} is written by too many at once", item.key)))
}

/// Replaces a blob whose bytes are not those that its stamp speaks of: publishing trusts the stamp,
/// and would leave it as it is.
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
        // Somebody else has just written it.
        Ok(_) | Err(StoreError::Conflict | StoreError::Unknown(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
