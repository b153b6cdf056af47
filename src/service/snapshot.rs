//! The snapshot: the state as it is kept, so that nobody reads the log from its start, and what its
//! writer knew of the blobs.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::core::log::state::State;
use crate::store::{Container, ETag, Head, Key, Stamp};

/// The snapshot's layout and that of all that is derived: another number is another layout, the log
/// is folded from its start and everything derived compared with it. 4: documents are dossiers.
const FORMAT: u32 = 4;

/// A snapshot.
#[derive(Serialize)]
pub(super) struct Snapshot<'a> {
    format: u32,
    /// Of the theme that the pages at hand are in, or are being brought to.
    theme: &'a str,
    /// Whether they are: before that, whoever reads this writes all of them.
    settled: bool,
    state: &'a State,
    heads: Vec<KnownHead>,
}

/// The same, read.
#[derive(Deserialize)]
pub(super) struct ReadSnapshot {
    pub(super) theme: String,
    pub(super) settled: bool,
    pub(super) state: State,
    heads: Vec<KnownHead>,
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
    let heads = heads.iter().filter_map(known).collect();
    let snapshot = Snapshot { format: FORMAT, theme, settled, state, heads };
    serde_json::to_vec(&snapshot).map(Bytes::from)
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
    serde_json::from_slice(bytes).map(Some)
}

impl ReadSnapshot {
    /// What its writer knew of the blobs.
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
