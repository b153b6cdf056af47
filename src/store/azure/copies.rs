//! Old copies of blobs: soft-deleted snapshots, versions and snapshots.
//!
//! With soft delete, an overwrite leaves a soft-deleted snapshot; with versioning, a version that
//! stays until it is deleted. Only what is soft-deleted already can be deleted permanently, and only
//! if the account allows it.

use azure_core::time::OffsetDateTime;
use azure_storage_blob::models::{
    BlobClientDeleteOptions, BlobClientGetPropertiesOptions, BlobClientGetPropertiesResultHeaders,
    BlobContainerClientListBlobsOptions, BlobDeleteType, BlobItem, ListBlobsIncludeItem,
};
use futures::TryStreamExt as _;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};

use super::failure::Failure;
use super::{Azure, Kept, Key, OldCopies};
use crate::store::KeptBy;

/// The limit of copies deleted in parallel.
const PARALLEL_MAX: usize = 32;
/// The longest period of soft delete.
const DAYS_MAX: i32 = 365;

/// An old copy of a blob.
struct OldCopy {
    key: Key,
    /// The time that names it; `None` for a deleted blob, which cannot be deleted permanently.
    name: Option<CopyName>,
    is_soft_deleted: bool,
    /// The last moment for which soft delete keeps it.
    until: Timestamp,
}

enum CopyName {
    Snapshot(String),
    Version(String),
}

impl Azure {
    pub(super) async fn purge_copies(&self, copies: &OldCopies) -> Result<Option<Kept>, Failure> {
        let mut found = match self.old_copies(copies).await {
            Ok(found) => found,
            Err(failure) if failure.is_gone() => return Ok(None),
            Err(failure) => {
                let by = failure.kept_by()?;
                return Ok(Some(Kept { by, until: self.kept_for(copies, DAYS_MAX) }));
            }
        };
        // Whatever is not soft-deleted yet has to be first.
        if found.iter().any(|copy| !copy.is_soft_deleted) {
            let live = found.iter().filter(|copy| !copy.is_soft_deleted);
            if let Some(kept) = self.delete_all(live, false).await? {
                return Ok(Some(kept));
            }
            found = self.old_copies(copies).await?;
        }
        self.delete_all(found.iter(), true).await
    }

    /// Deletes copies until one is refused. Returns the reason, which then holds for the rest.
    async fn delete_all(
        &self,
        copies: impl Iterator<Item = &OldCopy>,
        is_permanent: bool,
    ) -> Result<Option<Kept>, Failure> {
        let copies: Vec<&OldCopy> = copies.collect();
        for (place, some) in copies.chunks(PARALLEL_MAX).enumerate() {
            let deleted = join_all(some.iter().map(|copy| self.delete(copy, is_permanent))).await;
            let mut kept: Option<Kept> = None;
            for refused in deleted {
                let Some(refused) = refused? else { continue };
                let until = kept.map_or(refused.until, |kept| kept.until.max(refused.until));
                kept = Some(Kept { until, ..refused });
            }
            if let Some(kept) = kept {
                let rest = copies.iter().skip((place + 1) * PARALLEL_MAX).map(|copy| copy.until);
                return Ok(Some(Kept { until: rest.fold(kept.until, Timestamp::max), ..kept }));
            }
        }
        Ok(None)
    }

    async fn delete(&self, copy: &OldCopy, is_permanent: bool) -> Result<Option<Kept>, Failure> {
        let Some(name) = &copy.name else {
            return Ok(Some(Kept { by: KeptBy::SoftDelete, until: copy.until }));
        };
        let (snapshot, version_id) = match name {
            CopyName::Snapshot(time) => (Some(time.clone()), None),
            CopyName::Version(time) => (None, Some(time.clone())),
        };
        let options = BlobClientDeleteOptions {
            blob_delete_type: is_permanent.then_some(BlobDeleteType::Permanent),
            snapshot: snapshot.clone(),
            version_id: version_id.clone(),
            ..BlobClientDeleteOptions::default()
        };
        let Err(error) = self.blob(&copy.key).delete(Some(options)).await else { return Ok(None) };
        // Somebody else may have deleted it.
        let failure = Failure::from(error);
        if failure.is_gone() {
            return Ok(None);
        }
        let by = failure.kept_by()?;
        let mut until = copy.until;
        if by == KeptBy::Policy {
            let options = BlobClientGetPropertiesOptions {
                snapshot,
                version_id,
                ..BlobClientGetPropertiesOptions::default()
            };
            let found = self.blob(&copy.key).get_properties(Some(options)).await?;
            let expires = found.immutability_policy_expires_on()?.and_then(timestamp);
            until = expires.map_or(until, |expires| until.max(expires));
        }
        Ok(Some(Kept { by, until }))
    }

    async fn old_copies(&self, copies: &OldCopies) -> Result<Vec<OldCopy>, Failure> {
        let options = BlobContainerClientListBlobsOptions {
            include: Some(vec![
                ListBlobsIncludeItem::Deleted,
                ListBlobsIncludeItem::Snapshots,
                ListBlobsIncludeItem::Versions,
            ]),
            prefix: (!copies.prefix.is_empty()).then(|| copies.prefix.clone()),
            ..BlobContainerClientListBlobsOptions::default()
        };
        let container = self.service.blob_container_client(copies.container.name());
        let listed = container.list_blobs(Some(options))?;
        let items: Vec<BlobItem> = listed.try_collect().await?;
        let mut found = Vec::new();
        for item in items {
            found
                .extend(self.old_copy(copies, item).filter(|(made, _)| copies.made.contains(made)));
        }
        Ok(found.into_iter().map(|(_, copy)| copy).collect())
    }

    /// An old copy among the blobs that are listed, and when it was made.
    fn old_copy(&self, copies: &OldCopies, item: BlobItem) -> Option<(Timestamp, OldCopy)> {
        let is_soft_deleted = item.deleted == Some(true);
        let properties = item.properties;
        let deleted = properties.as_ref().and_then(|it| it.deleted_time).and_then(timestamp);
        let days = properties.and_then(|it| it.remaining_retention_days);
        let is_current = item.is_current_version == Some(true);
        let (made, name) = match (item.snapshot, item.version_id) {
            (Some(time), _) => (time.parse().ok()?, Some(CopyName::Snapshot(time))),
            (None, Some(time)) if !is_current => {
                (time.parse().ok()?, Some(CopyName::Version(time)))
            }
            _ if is_soft_deleted => (deleted?, None),
            _ => return None,
        };
        let until = self.kept_for(copies, days.unwrap_or(DAYS_MAX));
        let key = Key::new(copies.container, item.name?);
        Some((made, OldCopy { key, name, is_soft_deleted, until }))
    }

    /// The end of that many days, of which the first may have begun.
    fn kept_for(&self, copies: &OldCopies, days: i32) -> Timestamp {
        let now = self.clock.now().unwrap_or(*copies.made.end());
        let days = SignedDuration::from_hours(24 * (i64::from(days) + 1));
        now.checked_add(days).unwrap_or(Timestamp::MAX)
    }
}

fn timestamp(time: OffsetDateTime) -> Option<Timestamp> {
    Timestamp::from_second(time.unix_timestamp()).ok()
}
