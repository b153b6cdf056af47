//! The snapshot: the state as it is kept, so that nobody reads the log from its start, and what its
//! writer knew of the blobs.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::de::Error as _;
use serde::{Deserialize, Serialize};

use crate::core::digest::sha256_hex;
use crate::core::log::state::State;
use crate::store::{Container, ETag, Head, Key, Stamp};

/// The snapshot's layout and that of all that is derived: another number is another layout, the log
/// is folded from its start and everything derived compared with it. 4: documents are dossiers.
/// 5: a digest of the snapshot itself, the age of messages, digests of documents. 6: editions.
const FORMAT: u32 = 6;

/// A snapshot.
#[derive(Serialize)]
struct Snapshot<'a> {
    format: u32,
    /// Of the theme that the pages at hand are in, or are being brought to.
    theme: &'a str,
    /// Whether they are: before that, whoever reads this writes all of them.
    settled: bool,
    state: &'a State,
    heads: &'a [KnownHead],
    /// SHA-256 of all this without it: what was edited, or cut and mended, is not believed.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

/// The same, read.
#[derive(Deserialize)]
pub(super) struct ReadSnapshot {
    pub(super) theme: String,
    pub(super) settled: bool,
    pub(super) state: State,
    heads: Vec<KnownHead>,
    digest: String,
}

/// Of a snapshot, how its pages look.
#[derive(Deserialize)]
pub(super) struct Theme {
    pub(super) theme: String,
    pub(super) settled: bool,
}

/// The version of a blob as it was last written.
#[derive(Serialize, Deserialize)]
struct KnownHead {
    container: String,
    name: String,
    etag: String,
    revision: u64,
    digest: String,
}

/// The bytes of a snapshot. The versions of blobs let the next process write without looking
/// first; where they are out of date, its conditional writes find out.
pub(super) fn write(
    state: &State,
    theme: &str,
    settled: bool,
    heads: &BTreeMap<Key, Head>,
) -> Result<Bytes, serde_json::Error> {
    let known = |(key, head): (&Key, &Head)| {
        let stamp = head.stamp.as_ref()?;
        Some(KnownHead {
            container: key.container.name().to_owned(),
            name: key.name.clone(),
            etag: head.etag.0.clone(),
            revision: stamp.revision,
            digest: stamp.digest.clone(),
        })
    };
    let heads: Vec<KnownHead> = heads.iter().filter_map(known).collect();
    let bare = Snapshot { format: FORMAT, theme, settled, state, heads: &heads, digest: None };
    let digest = Some(sha256_hex(&serde_json::to_vec(&bare)?));
    serde_json::to_vec(&Snapshot { digest, ..bare }).map(Bytes::from)
}

/// Reads a snapshot; `None` where it is of another layout.
pub(super) fn read(bytes: &[u8]) -> Result<Option<ReadSnapshot>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let Format { format } = serde_json::from_slice(bytes)?;
    if format != FORMAT {
        return Ok(None);
    }
    let read: ReadSnapshot = serde_json::from_slice(bytes)?;
    let ReadSnapshot { theme, settled, state, heads, digest } = &read;
    let bare = Snapshot { format: FORMAT, theme, settled: *settled, state, heads, digest: None };
    if *digest != sha256_hex(&serde_json::to_vec(&bare)?) {
        return Err(serde_json::Error::custom("its digest does not fit: it was edited"));
    }
    Ok(Some(read))
}

impl ReadSnapshot {
    /// The versions of the blobs that its writer knew.
    pub(super) fn heads(&self) -> BTreeMap<Key, Head> {
        let head = |known: &KnownHead| {
            let containers = [Container::Log, Container::State, Container::Web];
            let container = containers.into_iter().find(|c| c.name() == known.container)?;
            let stamp = Stamp { revision: known.revision, digest: known.digest.clone() };
            let head = Head { etag: ETag(known.etag.clone()), stamp: Some(stamp) };
            Some((Key::new(container, known.name.clone()), head))
        };
        self.heads.iter().filter_map(head).collect()
    }
}
