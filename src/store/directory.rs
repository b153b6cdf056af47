//! A store on a local directory, for one machine: safe across processes, crashes and power loss.
//!
//! ```text
//! ROOT/log/…  ROOT/state/…  ROOT/web/…   the containers' blobs; `web` is a plain static site
//! ROOT/.meta/<container>/<name>.json     a blob's stamp: the sidecar
//! ROOT/.tmp/…                            blobs being written
//! ROOT/.lock                             held while a blob and its sidecar change together
//! ```
//! A blob appears whole or not at all: it is written to a temporary file, flushed to disk and only
//! then linked to its name. A sidecar contains the digest of the content that it belongs to and is
//! valid only while the blob has that content, so a crash between the two writes leaves a blob
//! without a stamp, never with a wrong one. Sidecars therefore need no flush of their own.

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

/// Maximum age of a file in `.tmp`. No write takes as long, so an older file belongs to a process
/// that was killed.
const TEMPORARY_AGE_MAX: Duration = Duration::from_hours(1);

/// The root directory of all containers.
#[derive(Clone, Debug)]
pub struct Directory {
    root: PathBuf,
    has_clock: bool,
}

impl Directory {
    /// Opens the store below `root`, creates missing directories, and deletes temporary files that
    /// killed processes left.
    ///
    /// # Errors
    /// Returns [`StoreError::Refused`] if the directory cannot be written to, and
    /// [`StoreError::Unavailable`] if the disk is full or fails. Both name the path.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let root = std::path::absolute(root).map_err(|error| certain(root, &error))?;
        let directory = Self { root, has_clock: true };
        directory.prepare().map_err(|error| certain(&directory.root, &error))?;
        Ok(directory)
    }

    /// Returns `true` if a store was opened below `root` before.
    #[must_use]
    pub fn exists(root: &Path) -> bool {
        [Container::Log, Container::State].iter().any(|part| root.join(folder(*part)).is_dir())
    }

    /// Disables the clock, for a caller in simulated time: files have real times.
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
        // The time of a new file is the current time by the file system's clock, which also set the
        // others.
        let probe = self.write_aside(b"")?;
        let now = fs::metadata(&probe.path)?.modified()?;
        for entry in fs::read_dir(self.root.join(".tmp"))? {
            let entry = entry?;
            let age = entry.metadata().and_then(|metadata| metadata.modified()).ok();
            let age = age.and_then(|modified| now.duration_since(modified).ok());
            if age.is_some_and(|age| age > TEMPORARY_AGE_MAX) {
                // A different process may be cleaning up as well.
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
            return Err(StoreError::Refused(format!("{key} is not a valid blob name")));
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
        // A process is writing it or was killed while writing: the lock tells which.
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
            // A record: the hard link alone decides, so that a held lock cannot delay a commit.
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

    /// A new path in `.tmp`, which is created again if a cleanup tool has deleted it.
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

    /// Runs `work` on a thread that may block; the runtime has only one other thread.
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

    /// The time that a new file gets, because network storage has a clock of its own.
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

/// Paths of a blob's two files.
struct BlobFiles {
    content: PathBuf,
    sidecar: PathBuf,
}

enum Found {
    Nothing,
    Whole(Blob),
    /// The sidecar belongs to different content, so that the blob has no stamp.
    Torn(Blob),
}

impl BlobFiles {
    /// Reads the content before the sidecar. Sidecars are written first, so that a blob that has
    /// one is never seen without it.
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
    /// Digest of the content that it belongs to.
    digest: String,
    revision: Option<u64>,
    /// Unique per write, so that writing the same bytes again makes a new version.
    write: String,
}

/// A file in `.tmp` that is deleted on drop, unless it was renamed.
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

/// Links `aside` to `path`, if nothing with that name exists.
fn create(aside: &Path, path: &Path) -> Result<(), StoreError> {
    match fs::hard_link(aside, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(StoreError::Conflict),
        other => other.map_err(|error| publishing(path, &error)),
    }
}

/// Creates `path` and its parents durably: a power failure does not undo it.
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

/// On other systems a directory cannot be opened, and its entries are flushed with the files.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "the same signature everywhere")]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Error of a step after which certainly nothing has been published.
fn certain(path: &Path, error: &io::Error) -> StoreError {
    let remedy = match error.kind() {
        ErrorKind::PermissionDenied => "; let the user that runs this write there",
        ErrorKind::ReadOnlyFilesystem => "; mount it writable or set another directory",
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists | ErrorKind::IsADirectory => {
            "; a different file uses a name on this path, move it away"
        }
        ErrorKind::Unsupported => "; the file system has no hard links or locks, use another",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            return StoreError::unavailable(format!(
                "{}: {error}; free some disk space",
                path.display()
            ));
        }
        _ => return StoreError::unavailable(format!("{}: {error}", path.display())),
    };
    StoreError::Refused(format!("{}: {error}{remedy}", path.display()))
}

/// Error of the step that publishes: certain only for errors that the kernel detects before acting.
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
