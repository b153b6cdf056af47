//! Differences between a stored blob and the log.

use super::snapshot::ReadSnapshot;
use crate::core::digest::sha256_hex;
use crate::store::{Blob, Key, Stamp};

pub(super) struct Expected {
    pub(super) key: Key,
    pub(super) revision: u64,
    pub(super) digest: String,
}

impl Expected {
    pub(super) fn of(key: Key, revision: u64, bytes: &[u8]) -> Self {
        Self { key, revision, digest: sha256_hex(bytes) }
    }
}

/// The difference of the snapshot if the log ends at `revision`. `fits` is true if its state equals
/// the log's at the same revision.
pub(super) fn snapshot_difference(
    kept: Option<Result<Option<ReadSnapshot>, serde_json::Error>>,
    revision: u64,
    fits: bool,
    theme: &str,
) -> Option<String> {
    let kept = match kept {
        None if revision == 0 => return None,
        None => return Some("state/status.json is missing".to_owned()),
        Some(Err(error)) => return Some(format!("state/status.json cannot be read: {error}")),
        Some(Ok(None)) => {
            return Some("state/status.json has the layout of a different version".to_owned());
        }
        Some(Ok(Some(kept))) => kept,
    };
    let at = kept.state.revision;
    let what = if at > revision {
        format!("is at revision {at}, the log ends at {revision}")
    } else if !fits {
        format!("differs from the log at revision {at}")
    } else if !kept.settled || kept.theme != theme {
        "has a different theme: run `rebuild`".to_owned()
    } else {
        return None;
    };
    Some(format!("state/status.json {what}"))
}

/// `None` if there is no difference.
pub(super) fn difference(expected: &Expected, there: Option<Blob>) -> Option<String> {
    let Expected { key, revision, digest } = expected;
    let Some(there) = there else {
        return Some(format!("{key} is missing"));
    };
    let found = sha256_hex(&there.bytes);
    if found == *digest {
        return None;
    }
    let whole = |stamp: &Stamp| stamp.digest == found;
    Some(match there.head.stamp.filter(whole) {
        None => format!("{key} was changed by somebody else"),
        Some(stamp) if stamp.revision < *revision => {
            format!("{key} shows revision {} and not {revision}", stamp.revision)
        }
        Some(stamp) if stamp.revision > *revision => {
            format!("{key} shows revision {}, which the log does not know", stamp.revision)
        }
        Some(_) => {
            format!("{key} is at revision {revision} and has a different theme: run `rebuild`")
        }
    })
}
