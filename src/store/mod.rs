//! The port behind which blobs are kept, and its adapters.
//!
//! The protocol needs three things of a store: read a blob, create one that must not exist yet,
//! and replace one only as long as it is the one that was read. Every write says which of the
//! last two it is; there is no unconditional write and no delete.

pub mod azure;
pub mod directory;
pub mod memory;

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

/// The future of one store operation.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Somewhere to keep blobs. Dropping an operation's future gives the operation up, which does not
/// say that it will not happen: see [`StoreError::Unknown`].
pub trait Store: Send + Sync {
    /// The kind and place of this store, for people; never a secret.
    fn describe(&self) -> String;

    /// The time by the store's own clock: that of its last answer, and what has passed since. `None`
    /// before the first answer.
    ///
    /// # Errors
    /// Why the store cannot tell its time.
    fn clock(&self) -> Result<Option<Timestamp>, StoreError>;

    /// The blob with its bytes, or `None` where there is none.
    fn get<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Blob>>;

    /// The blob's version and stamp without its bytes, or `None` where there is none.
    fn head<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Head>>;

    /// Writes a blob whole if the condition holds at that moment, and gives its new version.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the condition did not hold; the others as they say.
    fn put<'a>(&'a self, key: &'a Key, write: Write) -> StoreFuture<'a, ETag>;
}

/// One of the three containers that the software owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Container {
    /// The records: private, append-only.
    Log,
    /// Snapshots and documents derived from the log: private.
    State,
    /// The published site.
    Web,
}

impl Container {
    /// The container's name in the storage account.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::State => "state",
            Self::Web => "$web",
        }
    }
}

/// A blob's address: its container and its name, parts separated by `/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The container.
    pub container: Container,
    /// The name below the container: made by this software, never taken from input unchecked.
    pub name: String,
}

impl Key {
    /// The key of `name` in `container`.
    pub fn new(container: Container, name: impl Into<String>) -> Self {
        Self { container, name: name.into() }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.container.name(), self.name)
    }
}

/// A blob's version, opaque: equal exactly as long as the blob was not written again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag(pub String);

/// The origin of a derived blob, kept as its metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// What orders the blob's versions: the revision of the log that it shows, or of a public file
    /// the edition.
    pub revision: u64,
    /// SHA-256 of the blob's bytes, in hexadecimal.
    pub digest: String,
}

/// A blob without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The version.
    pub etag: ETag,
    /// The stamp; `None` for records, and where what is stored does not match its stamp.
    pub stamp: Option<Stamp>,
}

/// A blob with its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// Version and stamp.
    pub head: Head,
    /// The content.
    pub bytes: Bytes,
}

/// The condition of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// There is no such blob yet.
    Absent,
    /// The blob is still this version.
    Match(ETag),
}

/// A write of a whole blob.
#[derive(Clone, Debug)]
pub struct Write {
    /// The content.
    pub bytes: Bytes,
    /// The stamp to keep beside it.
    pub stamp: Option<Stamp>,
    /// When it may happen.
    pub condition: Condition,
}

/// Why an operation gave no result: the few things that callers branch on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The write's condition did not hold. Where an earlier try of the same write ended in
    /// [`StoreError::Unknown`], the blob in the way may be one's own.
    #[error("the blob was written by someone else")]
    Conflict,
    /// Certainly not done; the same call may succeed later.
    #[error("storage is not available: {why}")]
    Unavailable {
        /// The cause.
        why: String,
        /// The pause that storage asks for.
        retry_after: Option<Duration>,
    },
    /// Certainly not done, and only a person can help: a missing right, a wrong name, a firewall.
    #[error("storage refuses: {0}")]
    Refused(String),
    /// No answer that says: it may have been done, and it may yet be.
    #[error("storage gave no clear answer: {why}")]
    Unknown {
        /// The cause.
        why: String,
        /// How long storage asks to be left alone, where it says so.
        retry_after: Option<Duration>,
    },
}

impl StoreError {
    /// [`StoreError::Unavailable`] where storage says nothing of when.
    pub fn unavailable(why: impl Into<String>) -> Self {
        Self::Unavailable { why: why.into(), retry_after: None }
    }

    /// [`StoreError::Unknown`] where storage says nothing of when to come back.
    pub fn unknown(why: impl Into<String>) -> Self {
        Self::Unknown { why: why.into(), retry_after: None }
    }

    /// The pause that storage asks for.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } | Self::Unknown { retry_after, .. } => {
                *retry_after
            }
            Self::Conflict | Self::Refused(_) => None,
        }
    }
}

/// The content type of a blob by its name. Every text is UTF-8, and says so.
#[must_use]
pub fn content_type(name: &str) -> &'static str {
    match extension(name) {
        Some("html") => "text/html; charset=utf-8",
        Some("json") => "application/json; charset=utf-8",
        Some("atom") => "application/atom+xml; charset=utf-8",
        Some("rss") => "application/rss+xml; charset=utf-8",
        Some("ics") => "text/calendar; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("gif") => "image/gif",
        _ => "application/octet-stream",
    }
}

/// The time a published blob may be cached, by its name.
///
/// Pages and data can change with the next command: they are kept, but asked for every time. What
/// programs fetch on their own clock (feeds, badges, the calendar) may be a minute old. Assets have
/// their content's hash in their names and never change.
#[must_use]
pub fn cache_control(name: &str) -> &'static str {
    let file = name.rsplit('/').next().unwrap_or(name);
    match extension(name) {
        _ if name.starts_with("assets/") => "public, max-age=31536000, immutable",
        Some("atom" | "rss" | "ics" | "svg") => "public, max-age=60, must-revalidate",
        _ if file == "badge.json" => "public, max-age=60, must-revalidate",
        _ => "no-cache",
    }
}

fn extension(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(_, extension)| extension)
}
