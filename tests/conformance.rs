//! The contract of every store, and the pitfalls of each.

mod azure;
mod directory;
mod memory;

use std::sync::Arc;

use bytes::Bytes;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use status_update::store::{
    Blob, Condition, Container, ETag, Head, Key, Stamp, Store, StoreError, Write,
};

/// Runs each case on each store. A case keeps to names that begin with its own: Azurite is shared.
macro_rules! cases {
    ($($case:ident)*) => {
        mod on_memory {
            $(#[tokio::test]
            async fn $case() {
                super::$case(std::sync::Arc::new(super::memory::store())).await;
            })*
        }
        mod on_directory {
            $(#[tokio::test]
            async fn $case() {
                let root = tempfile::tempdir().unwrap();
                super::$case(std::sync::Arc::new(super::directory::store(root.path()))).await;
            })*
        }
        mod on_azurite {
            $(#[tokio::test]
            async fn $case() {
                let Some(azurite) = crate::support::azurite::Azurite::shared() else { return };
                super::$case(std::sync::Arc::new(azurite.store())).await;
            })*
        }
    };
}

cases! {
    missing_blob
    create_and_read_back
    second_create_conflicts_and_keeps_the_first
    match_replaces
    stale_match_conflicts_and_changes_nothing
    match_of_a_missing_blob_conflicts
    every_write_is_a_new_version
    stamps_come_and_go
    empty_and_large_blobs
    names_with_folders
    containers_are_apart
    one_of_many_creators_wins
    no_update_is_lost
    its_clock_is_near_ours
}

/// The digest that a stamp has to name.
fn digest(bytes: &[u8]) -> String {
    format!("{:x}", Bytes::copy_from_slice(&Sha256::digest(bytes)))
}

fn stamp(revision: u64, bytes: &[u8]) -> Stamp {
    Stamp { revision, digest: digest(bytes) }
}

fn create(bytes: &[u8]) -> Write {
    let bytes = Bytes::copy_from_slice(bytes);
    Write { bytes, stamp: None, condition: Condition::Absent }
}

fn replace(etag: &ETag, bytes: &[u8]) -> Write {
    Write { condition: Condition::Match(etag.clone()), ..create(bytes) }
}

fn stamped(revision: u64, write: Write) -> Write {
    Write { stamp: Some(stamp(revision, &write.bytes)), ..write }
}

async fn get(store: &dyn Store, key: &Key) -> Blob {
    store.get(key).await.unwrap().expect("a blob")
}

async fn head(store: &dyn Store, key: &Key) -> Head {
    store.head(key).await.unwrap().expect("a blob")
}

async fn missing_blob(store: Arc<dyn Store>) {
    for container in [Container::Log, Container::State, Container::Web] {
        let key = Key::new(container, "missing_blob/none.json");
        assert_eq!(store.get(&key).await, Ok(None));
        assert_eq!(store.head(&key).await, Ok(None));
    }
}

async fn create_and_read_back(store: Arc<dyn Store>) {
    let record = Key::new(Container::Log, "create_and_read_back.json");
    let etag = store.put(&record, create(b"{}")).await.unwrap();
    let blob = get(&*store, &record).await;
    assert_eq!(blob, Blob { head: Head { etag, stamp: None }, bytes: Bytes::from_static(b"{}") });
    assert_eq!(head(&*store, &record).await, blob.head);

    let page = Key::new(Container::Web, "create_and_read_back.html");
    let etag = store.put(&page, stamped(7, create(b"<p>"))).await.unwrap();
    let blob = get(&*store, &page).await;
    let stamp = Some(stamp(7, b"<p>"));
    assert_eq!(blob, Blob { head: Head { etag, stamp }, bytes: Bytes::from_static(b"<p>") });
    assert_eq!(head(&*store, &page).await, blob.head);
}

async fn second_create_conflicts_and_keeps_the_first(store: Arc<dyn Store>) {
    for (name, revision) in [("second_create/plain.json", None), ("second_create/x.html", Some(1))]
    {
        let key = Key::new(Container::State, name);
        let write = |bytes, revision| match revision {
            Some(revision) => stamped(revision, create(bytes)),
            None => create(bytes),
        };
        store.put(&key, write(b"first", revision)).await.unwrap();
        let first = get(&*store, &key).await;
        for again in [write(b"second", revision), stamped(2, create(b"third")), create(b"first")] {
            assert_eq!(store.put(&key, again).await, Err(StoreError::Conflict));
        }
        assert_eq!(get(&*store, &key).await, first);
    }
}

async fn match_replaces(store: Arc<dyn Store>) {
    let key = Key::new(Container::Web, "match_replaces/index.html");
    let first = store.put(&key, stamped(1, create(b"one"))).await.unwrap();
    let second = store.put(&key, stamped(2, replace(&first, b"two"))).await.unwrap();
    let blob = get(&*store, &key).await;
    assert_eq!(blob.bytes, "two");
    assert_eq!(blob.head, Head { etag: second.clone(), stamp: Some(stamp(2, b"two")) });
    // A version that was read can be replaced, not only one that was written.
    store.put(&key, stamped(3, replace(&blob.head.etag, b"three"))).await.unwrap();
    assert_eq!(get(&*store, &key).await.bytes, "three");
}

async fn stale_match_conflicts_and_changes_nothing(store: Arc<dyn Store>) {
    let key = Key::new(Container::Web, "stale_match.html");
    let stale = store.put(&key, stamped(1, create(b"one"))).await.unwrap();
    store.put(&key, stamped(2, replace(&stale, b"two"))).await.unwrap();
    let before = get(&*store, &key).await;
    for write in [stamped(3, replace(&stale, b"three")), replace(&stale, b"two")] {
        assert_eq!(store.put(&key, write).await, Err(StoreError::Conflict));
    }
    assert_eq!(get(&*store, &key).await, before);
}

async fn match_of_a_missing_blob_conflicts(store: Arc<dyn Store>) {
    let there = Key::new(Container::State, "match_missing/there");
    let missing = Key::new(Container::State, "match_missing/missing");
    let etag = store.put(&there, create(b"there")).await.unwrap();
    assert_eq!(store.put(&missing, replace(&etag, b"new")).await, Err(StoreError::Conflict));
    assert_eq!(store.get(&missing).await, Ok(None));
}

async fn every_write_is_a_new_version(store: Arc<dyn Store>) {
    let key = Key::new(Container::Web, "new_version.svg");
    let mut seen = vec![store.put(&key, stamped(1, create(b"green"))).await.unwrap()];
    // Back to the earlier content, then the same again: an earlier reader has to notice.
    for (revision, bytes) in [(2, "red"), (3, "green"), (3, "green")] {
        let write = stamped(revision, replace(seen.last().unwrap(), bytes.as_bytes()));
        let etag = store.put(&key, write).await.unwrap();
        assert!(!seen.contains(&etag), "{etag:?} came before");
        assert_eq!(head(&*store, &key).await.etag, etag);
        seen.push(etag);
    }
}

async fn stamps_come_and_go(store: Arc<dyn Store>) {
    let key = Key::new(Container::State, "stamps/status.json");
    let mut etag = store.put(&key, create(b"none")).await.unwrap();
    assert_eq!(head(&*store, &key).await.stamp, None);
    for revision in [0, 1, u64::MAX] {
        let bytes = format!("at {revision}");
        let write = stamped(revision, replace(&etag, bytes.as_bytes()));
        etag = store.put(&key, write).await.unwrap();
        assert_eq!(head(&*store, &key).await.stamp, Some(stamp(revision, bytes.as_bytes())));
    }
    let bytes = format!("at {}", u64::MAX);
    store.put(&key, replace(&etag, bytes.as_bytes())).await.unwrap();
    assert_eq!(get(&*store, &key).await.head.stamp, None);
}

async fn empty_and_large_blobs(store: Arc<dyn Store>) {
    let large: Vec<u8> = (0_u32..1 << 20).map(|i| (i % 251) as u8).collect();
    for (name, bytes) in [("sizes/empty", &[][..]), ("sizes/large", &large)] {
        let key = Key::new(Container::Web, name);
        let etag = store.put(&key, stamped(1, create(bytes))).await.unwrap();
        let blob = get(&*store, &key).await;
        assert!(blob.bytes == bytes, "{name} comes back as it was");
        assert_eq!(blob.head, Head { etag, stamp: Some(stamp(1, bytes)) });
    }
}

async fn names_with_folders(store: Arc<dyn Store>) {
    let names =
        ["index.html", "incidents/42/index.html", "api/v2/status.json", "a-b_c.d~e", "%41 +&=.txt"];
    let keys = names.map(|name| Key::new(Container::Web, format!("names/{name}")));
    for key in &keys {
        store.put(key, create(key.name.as_bytes())).await.unwrap();
    }
    for key in &keys {
        assert_eq!(get(&*store, key).await.bytes, key.name);
    }
}

async fn containers_are_apart(store: Arc<dyn Store>) {
    let containers = [Container::Log, Container::State, Container::Web];
    for container in containers {
        let key = Key::new(container, "apart.json");
        store.put(&key, create(container.name().as_bytes())).await.unwrap();
    }
    for container in containers {
        let blob = get(&*store, &Key::new(container, "apart.json")).await;
        assert_eq!(blob.bytes, container.name());
    }
}

async fn one_of_many_creators_wins(store: Arc<dyn Store>) {
    for container in [Container::Log, Container::Web] {
        let key = Key::new(container, "creators.json");
        let racers = (0..16_u64).map(|racer| {
            let (store, key) = (Arc::clone(&store), key.clone());
            tokio::spawn(async move {
                let write = create(racer.to_string().as_bytes());
                let write = if container == Container::Log { write } else { stamped(racer, write) };
                store.put(&key, write).await.map(|etag| (racer, etag))
            })
        });
        let outcomes = join_all(racers).await.into_iter().map(Result::unwrap);
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.partition(Result::is_ok);
        assert_eq!(won.len(), 1, "{won:?}");
        assert!(lost.iter().all(|outcome| *outcome == Err(StoreError::Conflict)), "{lost:?}");
        let (winner, etag) = won[0].clone().unwrap();
        let blob = get(&*store, &key).await;
        assert_eq!((blob.bytes, blob.head.etag), (winner.to_string().into(), etag));
        assert!(blob.head.stamp.is_none_or(|stamp| stamp.revision == winner));
    }
}

async fn no_update_is_lost(store: Arc<dyn Store>) {
    const TASKS: u64 = 6;
    const UPDATES: u64 = 5;
    let key = Key::new(Container::Web, "counter.json");
    store.put(&key, stamped(0, create(b"0"))).await.unwrap();
    let tasks = (0..TASKS).map(|_| {
        let (store, key) = (Arc::clone(&store), key.clone());
        tokio::spawn(async move {
            for _ in 0..UPDATES {
                while !count_up(&*store, &key).await.unwrap() {}
            }
        })
    });
    join_all(tasks).await.into_iter().for_each(Result::unwrap);
    let blob = get(&*store, &key).await;
    assert_eq!(blob.bytes, (TASKS * UPDATES).to_string());
    assert_eq!(blob.head.stamp.unwrap().revision, TASKS * UPDATES);
}

/// Here the clock is this machine's; a remote store reports its own.
async fn its_clock_is_near_ours(store: Arc<dyn Store>) {
    let key = Key::new(Container::State, "clock/status.json");
    store.put(&key, create(b"{}")).await.unwrap();
    let Some(there) = store.clock().unwrap() else {
        assert!(store.describe().starts_with("memory"), "{} has no clock", store.describe());
        return;
    };
    let apart = Timestamp::now().duration_since(there).abs();
    assert!(apart < SignedDuration::from_mins(5), "{apart:?}");
}

/// Adds one to the number in `key`, unless someone else does at the same time.
async fn count_up(store: &dyn Store, key: &Key) -> Result<bool, StoreError> {
    let blob = store.get(key).await?.expect("a blob");
    let number: u64 = std::str::from_utf8(&blob.bytes).unwrap().parse().unwrap();
    if let Some(stamp) = &blob.head.stamp {
        assert_eq!(stamp.revision, number, "content and stamp belong together");
    }
    let next = (number + 1).to_string();
    let write = stamped(number + 1, replace(&blob.head.etag, next.as_bytes()));
    match store.put(key, write).await {
        Ok(_) => Ok(true),
        Err(StoreError::Conflict) => Ok(false),
        Err(error) => Err(error),
    }
}
