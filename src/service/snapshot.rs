//! The snapshot: a stored state, so that nobody has to read the log from its start, with the blob
//! versions known to its writer.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::de::Error as _;
use serde::{Deserialize, Serialize};

use crate::core::digest::sha256_hex;
use crate::core::log::state::State;
use crate::store::{Container, ETag, Head, Key, Stamp};

/// The version of the layout of the snapshot and all derived data. With a different one the log is
/// folded from its start and everything derived is compared with it. 4: documents are dossiers. 5:
/// a digest of the snapshot itself, the age of messages, digests of documents. 6: editions. 7: only
/// messages of people.
const FORMAT: u32 = 7;

#[derive(Serialize)]
struct Snapshot<'a> {
    format: u32,
    /// The theme of the current pages, or the one that they are being changed to.
    theme: &'a str,
    /// True if all pages are in that theme. Otherwise the next reader writes all of them.
    settled: bool,
    state: &'a State,
    heads: &'a [KnownHead],
    /// SHA-256 of everything else: an edited or truncated snapshot is not trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ReadSnapshot {
    pub(super) theme: String,
    pub(super) settled: bool,
    pub(super) state: State,
    heads: Vec<KnownHead>,
    digest: String,
}

/// The theme of a snapshot's pages.
#[derive(Deserialize)]
pub(super) struct Theme {
    pub(super) theme: String,
    pub(super) settled: bool,
}

/// The version of a blob as last written.
#[derive(Serialize, Deserialize)]
struct KnownHead {
    container: String,
    name: String,
    etag: String,
    revision: u64,
    digest: String,
}

/// The bytes of a snapshot. With its blob versions the next process can write without reading
/// first; conditional writes detect outdated ones.
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

/// `None` for a different layout.
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
    /// The blob versions known to its writer.
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
