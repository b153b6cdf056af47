//! Derived data may be missing, damaged or from a different version: it is restored from the log,
//! and nothing else waits for that.

mod busy;
mod clocks;
mod component_names;
mod copies;
mod derived;
mod dossiers;
mod doubt;
mod editions;
mod empty;
mod erasure;
mod folds;
mod gaps;
mod problems;
mod publishing;
mod removal;
mod replays;
mod restore;
mod secrets;
mod storms;
mod themes;
mod waiting;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use status_update::core::answer::trouble::Trouble;
use status_update::core::config::Config;
use status_update::core::log::fold::fold_bytes;
use status_update::core::log::state::State;
use status_update::core::site::renderer::Site;
use status_update::service::{Outcome, Service, record_key};
use status_update::store::memory::Memory;
use status_update::store::{Blob, Condition, Container, Key, Store, Write};
use tokio::time::Instant;

use crate::simulation::world::{message, now, runtime};
use crate::support::store::{counting, slow};

fn key(container: Container, name: &str) -> Key {
    Key::new(container, name)
}

fn document_key(number: u32) -> Key {
    key(Container::State, &format!("incidents/{number:010}.json"))
}

/// The state after the last record.
fn folded(memory: &Memory) -> State {
    let (entries, mut state) = (memory.entries(), State::default());
    while let Some(blob) = entries.get(&record_key(state.revision + 1)) {
        fold_bytes(&mut state, &blob.bytes).unwrap();
    }
    state
}

fn month_key() -> Key {
    key(Container::State, "months/2026-11.json")
}

fn service(memory: &Memory) -> Arc<Service> {
    let site = Arc::new(Site::new(Config::default()).unwrap());
    Service::new(Arc::new(memory.clone()), site, 0)
}

async fn say(service: &Arc<Service>, id: u64, text: &str) -> Outcome {
    let now = "2026-11-21T10:00:00Z".parse().unwrap();
    let message = message(id, text);
    let deadline = Instant::now() + Duration::from_secs(4);
    service.command(&message.cause(now), &message.said, deadline).await
}

#[track_caller]
fn assert_recorded(outcome: &Outcome) {
    assert!(matches!(outcome, Outcome::Recorded { published: true, .. }), "{outcome:?}");
}

/// A store with two closed incidents and an open one.
async fn history() -> Memory {
    let memory = Memory::default();
    let service = service(&memory);
    for (id, text) in
        ["open First", "close", "open Second", "close", "open Third"].iter().enumerate()
    {
        assert_recorded(&say(&service, id as u64, text).await);
    }
    service.reconcile(now()).await.unwrap();
    memory
}

/// The same blobs, some of them changed or left out. A manual overwrite also replaces the metadata.
async fn changed(memory: &Memory, change: impl Fn(&Key, Blob) -> Option<Bytes>) -> Memory {
    let copy = Memory::default();
    for (key, blob) in memory.entries() {
        let (stamp, before) = (blob.head.stamp.clone(), blob.bytes.clone());
        if let Some(bytes) = change(&key, blob) {
            let stamp = stamp.filter(|_| bytes == before);
            let write = Write { bytes, stamp, condition: Condition::Absent };
            copy.put(&key, write).await.unwrap();
        }
    }
    copy
}

fn page(memory: &Memory, name: &str) -> String {
    let entries = memory.entries();
    let blob = &entries[&key(Container::Web, name)];
    String::from_utf8(blob.bytes.to_vec()).unwrap()
}

fn assert_same_site(left: &Memory, right: &Memory) {
    let site = |memory: &Memory| {
        let entries = memory.entries().into_iter();
        let derived = entries.filter(|(key, _)| key.container != Container::Log);
        // A snapshot also has the versions of the blobs, which are every store's own.
        let content = |key: &Key, bytes: Bytes| match &*key.name {
            "status.json" => {
                let snapshot: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
                Bytes::from(snapshot["state"].to_string())
            }
            _ => bytes,
        };
        derived.map(|(key, blob)| (key.clone(), content(&key, blob.bytes))).collect::<Vec<_>>()
    };
    let (left, right) = (site(left), site(right));
    let keys = |site: &[(Key, Bytes)]| site.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>();
    assert_eq!(keys(&left), keys(&right));
    for ((key, left), (_, right)) in left.iter().zip(&right) {
        assert!(left == right, "{key} differs");
    }
}

/// The list of a month that is gone, cut off or damaged keeps nothing from being published, never
/// shortens the published list, and comes back from the log.
#[test]
fn a_lost_month_blocks_nothing_and_is_restored() {
    for damaged in
        [None, Some(""), Some("{"), Some(r#"{"month":"2026-11","previous":null,"incidents":{}}"#)]
    {
        runtime().block_on(async {
            let memory = changed(&history().await, |key, blob| {
                if *key == month_key() { damaged.map(Bytes::from) } else { Some(blob.bytes) }
            })
            .await;
            let service = service(&memory);
            assert_recorded(&say(&service, 10, "update Still broken").await);
            assert_recorded(&say(&service, 11, "open another Fourth").await);
            assert!(page(&memory, "index.html").contains("Fourth"), "{damaged:?}");
            assert!(page(&memory, "history/2026-11/index.html").contains("First"), "{damaged:?}");
            service.reconcile(now()).await.unwrap();
            let list = page(&memory, "history/2026-11/index.html");
            for title in ["First", "Second", "Third", "Fourth"] {
                assert!(list.contains(title), "{damaged:?}: {title} is missing");
            }
        });
    }
}

#[test]
fn a_lost_snapshot_is_folded_from_the_log() {
    for damaged in [None, Some("{"), Some(r#"{"format":99,"look":"","state":null}"#)] {
        runtime().block_on(async {
            let before = history().await;
            let memory = changed(&before, |key, blob| {
                if key.name == "status.json" { damaged.map(Bytes::from) } else { Some(blob.bytes) }
            })
            .await;
            service(&memory).reconcile(now()).await.unwrap();
            assert_same_site(&before, &memory);
        });
    }
}

/// With nothing but the log, the whole site comes back.
#[test]
fn the_log_alone_brings_everything_back() {
    runtime().block_on(async {
        let before = history().await;
        let memory =
            changed(&before, |key, blob| (key.container == Container::Log).then_some(blob.bytes))
                .await;
        service(&memory).reconcile(now()).await.unwrap();
        assert_same_site(&before, &memory);
    });
}

/// A snapshot of a different history is discarded in favour of the log, even if the first read is
/// cut off.
#[test]
fn a_snapshot_that_does_not_fit_the_log_is_given_up() {
    runtime().block_on(async {
        let before = history().await;
        let memory = changed(&before, |key, blob| {
            if key.name != "status.json" {
                return Some(blob.bytes);
            }
            let mut snapshot: serde_json::Value = serde_json::from_slice(&blob.bytes).unwrap();
            snapshot["state"]["revision"] = 3.into();
            Some(Bytes::from(snapshot.to_string()))
        })
        .await;
        let service = service(&slow(&memory, |operation| {
            let is_log = operation.key.container == Container::Log;
            Duration::from_secs(if is_log { 3 } else { 2 })
        }));
        let cut_off = say(&service, 20, "update Cut off").await;
        // It has not read the log, which may have a copy of the message.
        assert!(matches!(cut_off, Outcome::Trouble(Trouble::NotKnown(_))), "{cut_off:?}");
        service.reconcile(now()).await.unwrap();
        let outcome = say(&service, 21, "update Found it").await;
        assert!(matches!(&outcome, Outcome::Recorded { record, .. } if record.revision == 6));
    });
}

/// A record of a newer version stops this one, and costs no more than a look at it each time.
#[test]
fn a_record_of_a_newer_version_is_not_skipped_and_costs_one_look() {
    runtime().block_on(async {
        let memory = history().await;
        let newer = br#"{"revision":6,"event":"from the future"}"#.as_slice();
        let write = Write { bytes: newer.into(), stamp: None, condition: Condition::Absent };
        memory.put(&key(Container::Log, "0000000006.json"), write).await.unwrap();
        let (store, looks) = counting(&memory);
        let service = service(&store);
        for id in 30..33 {
            looks.store(0, Ordering::Relaxed);
            let outcome = say(&service, id, "update Found it").await;
            assert!(matches!(outcome, Outcome::Trouble(Trouble::NotRecorded(_))), "{outcome:?}");
            assert!(looks.load(Ordering::Relaxed) <= 4, "{looks:?}");
        }
    });
}

/// A closed incident whose document is gone is rebuilt from the log by the command that reopens it.
#[test]
fn a_lost_document_of_an_incident_is_restored() {
    runtime().block_on(async {
        let memory = Memory::default();
        let first = service(&memory);
        for id in 0..60 {
            assert_recorded(&say(&first, 2 * id, &format!("open Number {}", id + 1)).await);
            assert_recorded(&say(&first, 2 * id + 1, "close").await);
        }
        let lost = "incidents/0000000001.json";
        let memory = changed(&memory, |key, blob| (key.name != lost).then_some(blob.bytes)).await;
        let service = service(&memory);
        assert_recorded(&say(&service, 200, "reopen #1 It is back").await);
        assert!(page(&memory, "index.html").contains("Number 1<"));
    });
}

/// An older version, or an operator with different settings, published in between: the next
/// reconcile renders every current page in this process's look again.
#[test]
fn pages_in_a_different_look_are_rendered_again() {
    runtime().block_on(async {
        let memory = Memory::default();
        let ours = service(&memory);
        for (id, text) in ["open First", "close", "open Second"].iter().enumerate() {
            assert_recorded(&say(&ours, id as u64, text).await);
        }
        let before = page(&memory, "incidents/1/index.html");
        let config = Config { title: "Another".to_owned(), ..Config::default() };
        let other = Service::new(Arc::new(memory.clone()), Arc::new(Site::new(config).unwrap()), 0);
        assert_recorded(&say(&other, 10, "update Somebody else says so").await);
        assert_ne!(page(&memory, "incidents/1/index.html"), before);
        assert_recorded(&say(&ours, 11, "update And we do").await);
        ours.reconcile(now()).await.unwrap();
        service(&memory).reconcile(now()).await.unwrap();
        assert_eq!(page(&memory, "incidents/1/index.html"), before);
        assert!(!page(&memory, "404.html").contains("Another"));
    });
}
