//! A store on a local directory, for one machine: safe across processes, crashes and power loss.
//!
//! ```text
//! ROOT/log/…  ROOT/state/…  ROOT/web/…   the containers' blobs; `web` is a plain static site
//! ROOT/.meta/<container>/<name>.json     a blob's stamp: the sidecar
//! ROOT/.tmp/…                            blobs being written
//! ROOT/.lock                             held while a blob and its sidecar change together
//! ```
//! A blob appears whole or not at all: it is written aside, flushed to the disk and only then given
//! its name. A sidecar names the digest of the content that it belongs to and counts only while
//! that is the content there, so a crash between the two leaves a blob without a stamp, never with
//! a wrong one. For the same reason a sidecar is never flushed by itself.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Blob, Condition, Container, ETag, Head, Key, Stamp, Store, StoreError, StoreFuture, Write,
};
use crate::core::digest::sha256_hex;

/// No write takes so long: a file in `.tmp` that is older belongs to a process that was killed.
const TEMPORARY_AGE_MAX: Duration = Duration::from_hours(1);

/// A directory that holds the containers.
#[derive(Clone, Debug)]
pub struct Directory {
    root: PathBuf,
    has_clock: bool,
}

impl Directory {
    /// Opens the store below `root`, creates what is missing and clears away what processes that
    /// were killed left half-written.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where the directory cannot be written to, [`StoreError::Unavailable`]
    /// where the disk is full or fails. Both name the path.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let root = std::path::absolute(root).map_err(|error| certain(root, &error))?;
        let directory = Self { root, has_clock: true };
        directory.prepare().map_err(|error| certain(&directory.root, &error))?;
        Ok(directory)
    }

    /// The same directory for a caller whose time is simulated: files have a different one.
    #[must_use]
    pub fn without_clock(self) -> Self {
        Self { has_clock: false, ..self }
    }

    fn prepare(&self) -> io::Result<()> {
        for container in [Container::Log, Container::State, Container::Web] {
            ensure_directory(&self.root.join(folder(container)))?;
            ensure_directory(&self.root.join(".meta").join(folder(container)))?;
        }
        ensure_directory(&self.root.join(".tmp"))?;
        drop(self.lock_file()?);
        // The new file's own time is "now" on the clock that the others' times come from.
        let probe = self.write_aside(b"")?;
        let now = fs::metadata(&probe.path)?.modified()?;
        for entry in fs::read_dir(self.root.join(".tmp"))? {
            let entry = entry?;
            let age = entry.metadata().and_then(|metadata| metadata.modified()).ok();
            let age = age.and_then(|modified| now.duration_since(modified).ok());
            if age.is_some_and(|age| age > TEMPORARY_AGE_MAX) {
                // Another process may be clearing as well.
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(())
    }

    fn lock_file(&self) -> io::Result<File> {
        let path = self.root.join(".lock");
        OpenOptions::new().create(true).truncate(false).write(true).open(path)
    }

    fn files(&self, key: &Key) -> Result<BlobFiles, StoreError> {
        let name = Path::new(&key.name);
        let plain = name.components().all(|part| matches!(part, Component::Normal(_)));
        let parts = key.name.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if !plain || !parts || key.name.contains(['\\', '\0']) {
            return Err(StoreError::Refused(format!("{key} is no name for a blob")));
        }
        let folder = folder(key.container);
        Ok(BlobFiles {
            content: self.root.join(folder).join(name),
            sidecar: self.root.join(".meta").join(folder).join(format!("{}.json", key.name)),
        })
    }

    fn read(&self, files: &BlobFiles) -> Result<Option<Blob>, StoreError> {
        let failed = |error: io::Error| certain(&files.content, &error);
        match files.read().map_err(failed)? {
            Found::Torn(_) => {}
            Found::Nothing => return Ok(None),
            Found::Whole(blob) => return Ok(Some(blob)),
        }
        // Someone is writing it, or was killed while doing so: the lock tells which.
        let lock = self.lock_file().map_err(failed)?;
        lock.lock_shared().map_err(failed)?;
        match files.read().map_err(failed)? {
            Found::Nothing => Ok(None),
            Found::Whole(blob) | Found::Torn(blob) => Ok(Some(blob)),
        }
    }

    fn write(&self, files: &BlobFiles, write: &Write) -> Result<ETag, StoreError> {
        let failed = |error: io::Error| certain(&files.content, &error);
        let parent = files.content.parent().unwrap_or(&self.root);
        ensure_directory(parent).map_err(failed)?;
        let aside = self.write_aside(&write.bytes).map_err(failed)?;

        let etag = if write.condition == Condition::Absent && write.stamp.is_none() {
            // A record: the link alone decides, so that nobody who holds the lock delays a commit.
            create(&aside.path, &files.content)?;
            etag(&sha256_hex(&write.bytes), None)
        } else {
            let lock = self.lock_file().map_err(failed)?;
            lock.lock().map_err(failed)?;
            self.write_locked(files, write, &aside)?
        };
        sync_directory(parent).map_err(|error| uncertain(&files.content, &error))?;
        Ok(etag)
    }

    fn write_locked(
        &self,
        files: &BlobFiles,
        write: &Write,
        aside: &Aside,
    ) -> Result<ETag, StoreError> {
        let failed = |error: io::Error| certain(&files.sidecar, &error);
        let current = match files.read().map_err(failed)? {
            Found::Nothing => None,
            Found::Whole(blob) | Found::Torn(blob) => Some(blob.head.etag),
        };
        let holds = match &write.condition {
            Condition::Absent => current.is_none(),
            Condition::Match(etag) => current.as_ref() == Some(etag),
        };
        if !holds {
            return Err(StoreError::Conflict);
        }
        let digest = sha256_hex(&write.bytes);
        let stamp = write.stamp.as_ref().filter(|stamp| stamp.digest == digest);
        let revision = stamp.map(|stamp| stamp.revision);
        let sidecar = Sidecar { digest, revision, write: unique().map_err(failed)? };
        let text = self.write_sidecar(files, &sidecar).map_err(failed)?;
        match write.condition {
            Condition::Absent => create(&aside.path, &files.content)?,
            Condition::Match(_) => fs::rename(&aside.path, &files.content)
                .map_err(|error| publishing(&files.content, &error))?,
        }
        Ok(etag(&sidecar.digest, Some(&text)))
    }

    fn write_sidecar(&self, files: &BlobFiles, sidecar: &Sidecar) -> io::Result<Vec<u8>> {
        let text = serde_json::to_vec(sidecar)?;
        ensure_directory(files.sidecar.parent().unwrap_or(&self.root))?;
        let aside = Aside { path: self.new_name()? };
        fs::write(&aside.path, &text)?;
        fs::rename(&aside.path, &files.sidecar)?;
        Ok(text)
    }

    /// A name for a file in `.tmp`, which programs that tidy up may have deleted meanwhile.
    fn new_name(&self) -> io::Result<PathBuf> {
        let folder = self.root.join(".tmp");
        ensure_directory(&folder)?;
        Ok(folder.join(unique()?))
    }

    fn write_aside(&self, bytes: &[u8]) -> io::Result<Aside> {
        let path = self.new_name()?;
        let mut file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        let aside = Aside { path };
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(aside)
    }

    /// Runs `work` where it may block: the runtime has a single thread for everything else.
    async fn blocking<T: Send + 'static>(
        &self,
        key: &Key,
        work: impl FnOnce(&Self, &BlobFiles) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let files = self.files(key)?;
        let directory = self.clone();
        tokio::task::spawn_blocking(move || work(&directory, &files))
            .await
            .unwrap_or_else(|error| Err(StoreError::unknown(error.to_string())))
    }
}

impl Store for Directory {
    fn describe(&self) -> String {
        format!("directory {}", self.root.display())
    }

    /// The time that a new file gets: storage on another machine has another clock than this one.
    fn clock(&self) -> Result<Option<Timestamp>, StoreError> {
        if !self.has_clock {
            return Ok(None);
        }
        let of_a_new_file = || {
            let aside = Aside { path: self.new_name()? };
            let file = OpenOptions::new().write(true).create_new(true).open(&aside.path)?;
            file.metadata()?.modified()
        };
        let time = of_a_new_file().map_err(|error| certain(&self.root.join(".tmp"), &error))?;
        let time = Timestamp::try_from(time).map_err(|error| {
            StoreError::unavailable(format!("{}: {error}", self.root.display()))
        })?;
        Ok(Some(time))
    }

    fn get<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Blob>> {
        Box::pin(self.blocking(key, Self::read))
    }

    fn head<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Head>> {
        Box::pin(async { Ok(self.get(key).await?.map(|blob| blob.head)) })
    }

    fn put<'a>(&'a self, key: &'a Key, write: Write) -> StoreFuture<'a, ETag> {
        Box::pin(self.blocking(key, move |directory, files| directory.write(files, &write)))
    }
}

/// Where a blob's two files are.
struct BlobFiles {
    content: PathBuf,
    sidecar: PathBuf,
}

enum Found {
    Nothing,
    Whole(Blob),
    /// The sidecar belongs to other content: the blob counts as one without a stamp.
    Torn(Blob),
}

impl BlobFiles {
    /// Reads the content first: the sidecar is the one to be written first, so a blob that has one
    /// is never seen without.
    fn read(&self) -> io::Result<Found> {
        let Some(content) = read_if_there(&self.content)? else { return Ok(Found::Nothing) };
        let digest = sha256_hex(&content);
        let text = read_if_there(&self.sidecar)?;
        let sidecar = text.as_deref().and_then(|text| serde_json::from_slice(text).ok());
        let sidecar = sidecar.filter(|sidecar: &Sidecar| sidecar.digest == digest);
        let version = if sidecar.is_some() { text.as_deref() } else { None };
        let etag = etag(&digest, version);
        let torn = text.is_some() && sidecar.is_none();
        let revision = sidecar.and_then(|sidecar| sidecar.revision);
        let stamp = revision.map(|revision| Stamp { revision, digest });
        let blob = Blob { head: Head { etag, stamp }, bytes: Bytes::from(content) };
        Ok(if torn { Found::Torn(blob) } else { Found::Whole(blob) })
    }
}

#[derive(Serialize, Deserialize)]
struct Sidecar {
    /// The content that this belongs to.
    digest: String,
    revision: Option<u64>,
    /// Differs for every write, so that the same bytes written again are a new version.
    write: String,
}

/// A file in `.tmp` that goes away with this, unless it was renamed.
struct Aside {
    path: PathBuf,
}

impl Drop for Aside {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn folder(container: Container) -> &'static str {
    match container {
        Container::Log => "log",
        Container::State => "state",
        Container::Web => "web",
    }
}

fn etag(digest: &str, sidecar: Option<&[u8]>) -> ETag {
    ETag(sha256_hex(&[digest.as_bytes(), sidecar.unwrap_or_default()].concat()))
}

fn unique() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

fn read_if_there(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Gives the file at `aside` the name `path`, unless there is something of that name.
fn create(aside: &Path, path: &Path) -> Result<(), StoreError> {
    match fs::hard_link(aside, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(StoreError::Conflict),
        other => other.map_err(|error| publishing(path, &error)),
    }
}

/// Creates `path` and what is missing above it, so that a power failure does not take them back.
fn ensure_directory(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let Some(parent) = path.parent() else { return fs::create_dir(path) };
    ensure_directory(parent)?;
    match fs::create_dir(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_directory(parent),
    }
}

#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Elsewhere a directory cannot be opened, and its entries are flushed with the files.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "the same signature everywhere")]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The error of a step that has certainly published nothing.
fn certain(path: &Path, error: &io::Error) -> StoreError {
    let remedy = match error.kind() {
        ErrorKind::PermissionDenied => "; let the user that runs this write there",
        ErrorKind::ReadOnlyFilesystem => "; mount it writable or set another directory",
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists | ErrorKind::IsADirectory => {
            "; something else has a name on this path, move it away"
        }
        ErrorKind::Unsupported => "; the file system has no hard links or locks, use another",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            return StoreError::unavailable(format!(
                "{}: {error}; make room on the disk",
                path.display()
            ));
        }
        _ => return StoreError::unavailable(format!("{}: {error}", path.display())),
    };
    StoreError::Refused(format!("{}: {error}{remedy}", path.display()))
}

/// The error of the step that publishes: certain only where the kernel checked before it acted.
fn publishing(path: &Path, error: &io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::PermissionDenied
        | ErrorKind::ReadOnlyFilesystem
        | ErrorKind::NotADirectory
        | ErrorKind::IsADirectory
        | ErrorKind::NotFound
        | ErrorKind::Unsupported
        | ErrorKind::StorageFull
        | ErrorKind::QuotaExceeded => certain(path, error),
        _ => uncertain(path, error),
    }
}

fn uncertain(path: &Path, error: &io::Error) -> StoreError {
    StoreError::unknown(format!("{}: {error}", path.display()))
}
