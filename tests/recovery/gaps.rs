//! A record is missing in the middle of the log. A naive reader would take the gap for the end: the
//! page would go back, and the next command would fill the gap.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use status_update::core::answer::trouble::Trouble;
use status_update::service::{Outcome, Service, ServiceError, record_key};
use status_update::store::memory::{Fault, Memory};
use status_update::store::{Blob, Condition, Container, Key, Store as _, Write};
use tokio::time::sleep;

use super::restore::{BELIEVED_NO_LONGER, assert_as_the_log_says};
use super::{assert_recorded, key, say, service};
use crate::simulation::world::{now, runtime};
use crate::support::store::failing_on;

/// Ten records, of which the snapshot and the index know.
async fn ten_records() -> Memory {
    let memory = Memory::default();
    let process = service(&memory);
    let texts = [
        "open First",
        "close",
        "open Second",
        "update identified Found it",
        "close Done",
        "open internal A queue",
        "ack #3 We are on it",
        "close #3",
        "open Third",
        "update #4 More",
    ];
    for (id, text) in texts.iter().enumerate() {
        assert_recorded(&say(&process, id as u64, text).await);
    }
    process.reconcile(now()).await.unwrap();
    memory
}

/// The condition of the snapshot, so that the log is folded again.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Snapshot {
    /// Deleted.
    Gone,
    /// In a different layout, but with its stamp.
    OfAnotherVersion,
    /// As it was when the log was this long.
    Old(u64),
}

fn snapshot_key() -> Key {
    key(Container::State, "status.json")
}

pub async fn put_back(memory: &Memory, key: &Key, blob: Blob) {
    let write = Write { bytes: blob.bytes, stamp: blob.head.stamp, condition: Condition::Absent };
    memory.put(key, write).await.unwrap();
}

/// The same store with a different snapshot and without these records; and the records.
async fn broken(snapshot: Snapshot, lost: &[u64]) -> (Memory, Vec<(Key, Blob)>) {
    let memory = ten_records().await;
    let kept = memory.entries().remove(&snapshot_key()).unwrap();
    memory.remove(&snapshot_key());
    match snapshot {
        Snapshot::Gone => {}
        Snapshot::OfAnotherVersion => {
            let text = String::from_utf8(kept.bytes.to_vec()).unwrap();
            let digits = text.find(',').unwrap();
            let text = format!("{{\"format\":1{}", &text[digits..]);
            put_back(&memory, &snapshot_key(), Blob { bytes: Bytes::from(text), ..kept }).await;
        }
        Snapshot::Old(length) => {
            let shorter = Memory::default();
            for (key, blob) in memory.entries() {
                if (1..=length).any(|revision| key == record_key(revision)) {
                    put_back(&shorter, &key, blob).await;
                }
            }
            service(&shorter).reconcile(now()).await.unwrap();
            let old = shorter.entries().remove(&snapshot_key()).unwrap();
            put_back(&memory, &snapshot_key(), old).await;
        }
    }
    let mut entries = memory.entries();
    let lost = lost.iter().map(|revision| record_key(*revision));
    let lost: Vec<_> = lost.map(|key| (key.clone(), entries.remove(&key).unwrap())).collect();
    for (key, _) in &lost {
        memory.remove(key);
    }
    (memory, lost)
}

fn content(memory: &Memory) -> BTreeMap<Key, Bytes> {
    memory.entries().into_iter().map(|(key, blob)| (key, blob.bytes)).collect()
}

/// Nothing is recorded and no page changes; every answer names the record and the remedy.
async fn assert_stopped(process: &Arc<Service>, memory: &Memory, missing: u64, label: &str) {
    let before = content(memory);
    let name = record_key(missing).to_string();
    for round in 0..3 {
        for (id, text) in
            ["open another Fourth", "close #4", "status", "ack #3 Yes"].iter().enumerate()
        {
            let outcome = say(process, 100 * (round + 1) + id as u64, text).await;
            let Outcome::Trouble(Trouble::NeedsAPerson(why)) = &outcome else {
                panic!("{label}, {text}: {outcome:?}");
            };
            assert!(why.contains(&name) && why.contains("docs/runbook.md"), "{label}: {why}");
        }
        for _ in 0..6 {
            let later = now() + jiff::SignedDuration::from_hours(50);
            let error = process.reconcile(later).await.unwrap_err();
            let is_gap =
                matches!(error, ServiceError::Gap { missing: gone, .. } if gone == missing);
            assert!(is_gap, "{label}: {error}");
        }
        let problem = process.problem().unwrap_or_else(|| panic!("{label}: nobody is told"));
        assert!(problem.text.contains(&name), "{label}: {problem:?}");
    }
    for accept_empty_log in [false, true] {
        let error = process.rebuild(accept_empty_log, |_| {}).await.unwrap_err();
        assert!(matches!(error, ServiceError::Gap { .. }), "{label}: {error}");
    }
    let found = process.verify(|_| {}).await.unwrap().differences;
    assert!(found.iter().any(|line| line.contains(&name)), "{label}: {found:?}");
    assert!(content(memory) == before, "{label}: something was written");
}

async fn assert_goes_on(process: &Arc<Service>, memory: &Memory, label: &str) {
    assert_recorded(&say(process, 900, "open another Afterwards").await);
    process.reconcile(now()).await.unwrap();
    process.reconcile(now()).await.unwrap();
    assert_eq!(process.problem(), None, "{label}");
    assert_as_the_log_says(memory, label).await;
}

#[test]
fn a_gap_stops_everything_until_the_record_is_back() {
    for snapshot in [Snapshot::Gone, Snapshot::OfAnotherVersion, Snapshot::Old(2)] {
        for lost in [&[1][..], &[2], &[3], &[4, 5, 6], &[7], &[9]] {
            // Records before the snapshot are not read again, so no known fact is wrong.
            if matches!(snapshot, Snapshot::Old(length) if lost[0] <= length) {
                continue;
            }
            runtime().block_on(async {
                let label = format!("{snapshot:?}, {lost:?}");
                let (memory, records) = broken(snapshot, lost).await;
                let process = service(&memory);
                assert_stopped(&process, &memory, lost[0], &label).await;
                for (key, blob) in records {
                    put_back(&memory, &key, blob).await;
                }
                assert_goes_on(&process, &memory, &label).await;
            });
        }
    }
}

/// The newest record is deleted under a process that knows it, and a command arrives before the
/// next tick: it is recorded, and the tick notices the gap before it.
#[test]
fn a_record_deleted_under_a_running_process_is_noticed_by_the_next_tick() {
    runtime().block_on(async {
        let memory = ten_records().await;
        let process = service(&memory);
        process.reconcile(now()).await.unwrap();
        let (lost, blob) = (record_key(10), memory.entries().remove(&record_key(10)).unwrap());
        memory.remove(&lost);
        assert_recorded(&say(&process, 50, "update #4 Still").await);
        assert_stopped_after_a_tick(&process, &memory, 10).await;
        put_back(&memory, &lost, blob).await;
        assert_goes_on(&process, &memory, "deleted before a command").await;
    });
}

async fn assert_stopped_after_a_tick(process: &Arc<Service>, memory: &Memory, missing: u64) {
    process.reconcile(now()).await.unwrap_err();
    assert_stopped(process, memory, missing, "after a tick").await;
}

/// The same without a command in between: the log then is one record shorter, and wins.
#[test]
fn the_newest_record_deleted_under_a_running_process_is_noticed_by_the_next_tick() {
    runtime().block_on(async {
        let memory = ten_records().await;
        let process = service(&memory);
        process.reconcile(now()).await.unwrap();
        memory.remove(&record_key(10));
        process.reconcile(now()).await.unwrap();
        let outcome = say(&process, 50, "update #4 Still").await;
        assert!(matches!(&outcome, Outcome::Recorded { record, .. } if record.revision == 10));
        process.reconcile(now()).await.unwrap();
        assert_as_the_log_says(&memory, "one record shorter").await;
    });
}

/// A process that was idle while others recorded finds a gap where it would read on.
#[test]
fn a_gap_in_front_of_a_running_process_is_found_before_it_records() {
    for lost in [&[6][..], &[6, 7], &[8]] {
        runtime().block_on(async {
            let label = format!("{lost:?}");
            let memory = Memory::default();
            let idle = service(&memory);
            for (id, text) in
                ["open First", "close", "open Second", "close", "open Third"].iter().enumerate()
            {
                assert_recorded(&say(&idle, id as u64, text).await);
            }
            idle.reconcile(now()).await.unwrap();
            let other = service(&memory);
            for id in 20..24 {
                assert_recorded(&say(&other, id, "update #3 More").await);
            }
            other.reconcile(now()).await.unwrap();
            let mut records = Vec::new();
            for revision in lost {
                let key = record_key(*revision);
                records.push((key.clone(), memory.entries().remove(&key).unwrap()));
                memory.remove(&key);
            }
            sleep(BELIEVED_NO_LONGER).await;
            idle.reconcile(now()).await.unwrap_err();
            assert_stopped(&idle, &memory, lost[0], &label).await;
            for (key, blob) in records {
                put_back(&memory, &key, blob).await;
            }
            assert_goes_on(&idle, &memory, &label).await;
        });
    }
}

/// The log answers and the page's container does not: a new process records all the same.
#[test]
fn commands_do_not_wait_for_the_page_to_find_the_end() {
    for fault in [Fault::FailBefore, Fault::Never] {
        runtime().block_on(async {
            let memory = ten_records().await;
            let process = service(&failing_on(&memory, move |operation| {
                let is_page = operation.key.container == Container::Web;
                if is_page { fault } else { Fault::None }
            }));
            let outcome = say(&process, 100, "update #4 Still at it").await;
            assert!(
                matches!(outcome, Outcome::Recorded { published: false, .. }),
                "{fault:?}: {outcome:?}"
            );
        });
    }
}
