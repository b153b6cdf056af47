//! An in-memory store with fault injection, for tests, simulations and benchmarks.

use std::collections::BTreeMap;
use std::fmt;
use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::{Mutex, MutexGuard};

use super::{Blob, Condition, ETag, Head, Key, Store, StoreError, StoreFuture, Write};

/// An operation on the store, as passed to a [`Hook`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    pub kind: OperationKind,
    pub key: Key,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperationKind {
    /// [`Store::get`].
    Get,
    /// [`Store::head`].
    Head,
    /// [`Store::put`].
    Put,
}

/// Fault to inject into one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No fault.
    None,
    /// A put returns [`StoreError::Conflict`] and is not applied; a read is unavailable.
    Conflict,
    /// [`StoreError::Unavailable`]; nothing is applied.
    FailBefore,
    /// A put is applied if its condition holds. In any case, and for reads, the answer is lost:
    /// [`StoreError::Unknown`].
    AppliedUnknown,
    /// A put returns [`StoreError::Unknown`] and is applied at [`Memory::land`]; a read returns the
    /// same error.
    LandsLater,
    /// Never answers and applies nothing: a crash before the operation.
    Never,
    /// Never answers, but applies a put if its condition holds: a crash after the operation.
    AppliedNever,
}

/// Chooses the fault of an operation. The operation takes effect when the future is ready, so that
/// a hook can also delay it.
pub type Hook = Arc<dyn Fn(Operation) -> Pin<Box<dyn Future<Output = Fault> + Send>> + Send + Sync>;

/// A handle on blobs in memory. Clones share everything; [`Memory::with_faults`] shares only the
/// blobs and the clock.
#[derive(Clone, Default)]
pub struct Memory {
    blobs: Arc<Mutex<Blobs>>,
    hook: Option<Hook>,
    under_way: Arc<Mutex<Vec<(Key, Write)>>>,
    clock: Arc<Mutex<Option<Timestamp>>>,
}

#[derive(Default)]
struct Blobs {
    entries: BTreeMap<Key, Blob>,
    writes: u64,
}

impl Blobs {
    fn put(&mut self, key: &Key, write: Write) -> Result<ETag, StoreError> {
        let current = self.entries.get(key).map(|blob| &blob.head.etag);
        let holds = match &write.condition {
            Condition::Absent => current.is_none(),
            Condition::Match(etag) => current == Some(etag),
        };
        if !holds {
            return Err(StoreError::Conflict);
        }
        self.writes += 1;
        let etag = ETag(format!("\"{}\"", self.writes));
        let head = Head { etag: etag.clone(), stamp: write.stamp };
        self.entries.insert(key.clone(), Blob { head, bytes: write.bytes });
        Ok(etag)
    }
}

impl Memory {
    /// A handle on the same blobs that asks `hook` before each operation.
    #[must_use]
    pub fn with_faults(&self, hook: Hook) -> Self {
        Self { hook: Some(hook), under_way: Arc::default(), ..self.clone() }
    }

    /// Applies this handle's writes delayed by [`Fault::LandsLater`], in order, each if its
    /// condition holds now.
    pub fn land(&self) {
        let landing = std::mem::take(&mut *lock(&self.under_way));
        for (key, write) in landing {
            // The caller has had its answer already: nobody needs the result.
            let _ = lock(&self.blobs).put(&key, write);
        }
    }

    /// Sets the store's clock, which then stands still. With `None`, the store has no clock.
    pub fn set_clock(&self, now: Option<Timestamp>) {
        *lock(&self.clock) = now;
    }

    /// Deletes a blob, which this program never does: simulates a restore or manual deletion.
    pub fn remove(&self, key: &Key) {
        lock(&self.blobs).entries.remove(key);
    }

    /// A copy of all blobs.
    #[must_use]
    pub fn entries(&self) -> BTreeMap<Key, Blob> {
        lock(&self.blobs).entries.clone()
    }

    async fn fault(&self, kind: OperationKind, key: &Key) -> Fault {
        match &self.hook {
            Some(hook) => hook(Operation { kind, key: key.clone() }).await,
            None => Fault::None,
        }
    }

    async fn read(&self, kind: OperationKind, key: &Key) -> Result<Option<Blob>, StoreError> {
        match self.fault(kind, key).await {
            Fault::None => Ok(lock(&self.blobs).entries.get(key).cloned()),
            Fault::Conflict | Fault::FailBefore => Err(unavailable()),
            Fault::AppliedUnknown | Fault::LandsLater => Err(unknown()),
            Fault::Never | Fault::AppliedNever => pending().await,
        }
    }

    async fn write(&self, key: &Key, write: Write) -> Result<ETag, StoreError> {
        match self.fault(OperationKind::Put, key).await {
            Fault::None => lock(&self.blobs).put(key, write),
            Fault::Conflict => Err(StoreError::Conflict),
            Fault::FailBefore => Err(unavailable()),
            Fault::AppliedUnknown => {
                let _ = lock(&self.blobs).put(key, write);
                Err(unknown())
            }
            Fault::LandsLater => {
                lock(&self.under_way).push((key.clone(), write));
                Err(unknown())
            }
            Fault::Never => pending().await,
            Fault::AppliedNever => {
                let _ = lock(&self.blobs).put(key, write);
                pending().await
            }
        }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("faults", &self.hook.is_some()).finish_non_exhaustive()
    }
}

impl Store for Memory {
    fn describe(&self) -> String {
        "memory (nothing is kept)".into()
    }

    fn clock(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(*lock(&self.clock))
    }

    fn get<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Blob>> {
        Box::pin(self.read(OperationKind::Get, key))
    }

    fn head<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Head>> {
        Box::pin(async { Ok(self.read(OperationKind::Head, key).await?.map(|blob| blob.head)) })
    }

    fn put<'a>(&'a self, key: &'a Key, write: Write) -> StoreFuture<'a, ETag> {
        Box::pin(self.write(key, write))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock()
}

fn unavailable() -> StoreError {
    StoreError::unavailable("a fault was asked for")
}

fn unknown() -> StoreError {
    StoreError::unknown("a fault was asked for")
}
