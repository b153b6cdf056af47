//! The log was replaced by a shorter or a different one: it wins, and everything derived from the
//! lost one is rebuilt automatically.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use status_update::service::{Outcome, Service, record_key};
use status_update::store::memory::{Fault, Hook, Memory, OperationKind};
use status_update::store::{Condition, Container, Key, Store as _, Write};
use tokio::time::sleep;

use super::{assert_recorded, history, page, say, service};
use crate::simulation::world::{now, runtime};

/// Longer than a process believes that the log ends where it saw it end.
pub const BELIEVED_NO_LONGER: Duration = Duration::from_mins(7);

/// Possible logs after a restore; before, it was five records long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Log {
    ShorterBy(u64),
    /// One of other records, of this length.
    Other(usize),
}

const LOGS: &[Log] = &[
    Log::ShorterBy(1),
    Log::ShorterBy(2),
    Log::ShorterBy(4),
    Log::Other(3),
    Log::Other(5),
    Log::Other(7),
];

/// The reader of the restored log.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    /// A process that starts, or one that wrote the lost records.
    Fresh,
    Living,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    Command,
    Timer,
}

/// Replaces the log of a store, as nothing in this program does. Returns the new length.
pub async fn restore(memory: &Memory, log: Log) -> u64 {
    let entries = memory.entries();
    let records = entries.keys().filter(|key| key.container == Container::Log);
    let length = records.clone().count() as u64;
    match log {
        Log::ShorterBy(count) => {
            (length - count + 1..=length).for_each(|revision| memory.remove(&record_key(revision)));
            length - count
        }
        Log::Other(count) => {
            records.for_each(|key| memory.remove(key));
            let other = Memory::default();
            let writer = service(&other);
            let texts = [
                "open Other one",
                "update Other words",
                "open another Other two",
                "close #1",
                "open another minor Other three",
                "close #2",
                "update #3 More",
            ];
            for (id, text) in texts.iter().enumerate().take(count) {
                assert_recorded(&say(&writer, 500 + id as u64, text).await);
            }
            copy_log(&other, memory).await;
            count as u64
        }
    }
}

async fn copy_log(from: &Memory, to: &Memory) {
    for (key, blob) in from.entries() {
        if key.container == Container::Log {
            let write = Write { bytes: blob.bytes, stamp: None, condition: Condition::Absent };
            to.put(&key, write).await.unwrap();
        }
    }
}

/// Everything derived from the log is there, byte for byte, and `verify` and `rebuild` agree.
pub async fn assert_as_the_log_says(memory: &Memory, label: &str) {
    let from_log = Memory::default();
    copy_log(memory, &from_log).await;
    service(&from_log).reconcile(now()).await.unwrap();
    let there = memory.entries();
    for (key, blob) in from_log.entries() {
        if key.name == "status.json" && key.container == Container::State {
            continue;
        }
        let found = there.get(&key).unwrap_or_else(|| panic!("{label}: {key} is missing"));
        assert!(found.bytes == blob.bytes, "{label}: {key} differs");
        assert_eq!(found.head.stamp, blob.head.stamp, "{label}: {key}");
    }
    let operator = service(memory);
    let found = operator.verify(|_| {}).await.unwrap();
    assert!(found.differences.is_empty(), "{label}: {found:?}");
    operator.rebuild(false, |_| {}).await.unwrap();
    let found = operator.verify(|_| {}).await.unwrap();
    assert!(found.differences.is_empty(), "{label}, rebuilt: {found:?}");
}

fn assert_pending(service: &Arc<Service>, label: &str) {
    let problem = service.problem().unwrap_or_else(|| panic!("{label}: nobody is told"));
    assert!(problem.text.contains("is being rebuilt from the log"), "{label}: {}", problem.text);
}

#[test]
fn a_restored_log_wins_and_everything_is_rebuilt() {
    for log in LOGS {
        for who in [Who::Fresh, Who::Living] {
            for how in [How::Command, How::Timer] {
                let label = format!("{log:?}, {who:?}, {how:?}");
                runtime().block_on(restored(*log, who, how, &label));
            }
        }
    }
}

async fn restored(log: Log, who: Who, how: How, label: &str) {
    let memory = Memory::default();
    let mut process = service(&memory);
    for (id, text) in
        ["open First", "close", "open Second", "close", "open Third"].iter().enumerate()
    {
        assert_recorded(&say(&process, id as u64, text).await);
    }
    process.reconcile(now()).await.unwrap();
    let length = restore(&memory, log).await;
    match who {
        Who::Fresh => process = service(&memory),
        Who::Living => sleep(BELIEVED_NO_LONGER).await,
    }
    if how == How::Command {
        let outcome = say(&process, 600, "open another Afterwards").await;
        let Outcome::Recorded { record, published: true, .. } = &outcome else {
            panic!("{label}: {outcome:?}");
        };
        assert_eq!(record.revision, length + 1, "{label}: it follows what is there");
        assert!(page(&memory, "index.html").contains("Afterwards"), "{label}");
        assert_pending(&process, label);
    }
    process.reconcile(now()).await.unwrap();
    assert_eq!(process.problem(), None, "{label}");
    assert_as_the_log_says(&memory, label).await;
    let next = say(&process, 601, "open another Last").await;
    assert_recorded(&next);
    assert_as_the_log_says(&memory, &format!("{label}, one command later")).await;
}

/// The health page reports a pending rebuild, even after a failure.
#[test]
fn a_pending_rebuild_is_reported_until_it_is_done() {
    runtime().block_on(async {
        let memory = history().await;
        restore(&memory, Log::ShorterBy(2)).await;
        let process = service(&memory);
        assert!(matches!(say(&process, 600, "status").await, Outcome::Report { .. }));
        assert_pending(&process, "after a question");
        process.reconcile(now()).await.unwrap();
        assert_eq!(process.problem(), None);
        assert_as_the_log_says(&memory, "after the timer").await;
    });
}

/// A lost incident's number is used again: its page, which is newer than the log, is replaced with
/// the first publication, and so is its document when the new one ends.
#[test]
fn the_page_of_a_lost_incident_is_replaced_when_its_number_is_given_again() {
    for who in [Who::Fresh, Who::Living] {
        runtime().block_on(async {
            let memory = Memory::default();
            let mut process = service(&memory);
            for (id, text) in
                ["open First", "open another Lost", "update #2 Lost", "close #2"].iter().enumerate()
            {
                assert_recorded(&say(&process, id as u64, text).await);
            }
            process.reconcile(now()).await.unwrap();
            restore(&memory, Log::ShorterBy(3)).await;
            match who {
                Who::Fresh => process = service(&memory),
                Who::Living => sleep(BELIEVED_NO_LONGER).await,
            }
            assert_recorded(&say(&process, 600, "open another Found").await);
            let html = page(&memory, "incidents/2/index.html");
            assert!(html.contains("Found") && !html.contains("Lost"), "{who:?}");
            assert_recorded(&say(&process, 601, "close #2").await);
            process.reconcile(now()).await.unwrap();
            assert_as_the_log_says(&memory, &format!("{who:?}")).await;
        });
    }
}

/// Two living processes: one notices and continues, the other is a timer run behind.
#[test]
fn two_living_processes_agree_on_the_restored_log() {
    for log in LOGS {
        runtime().block_on(async {
            let memory = history().await;
            let (one, other) = (service(&memory), service(&memory));
            for process in [&one, &other] {
                process.reconcile(now()).await.unwrap();
            }
            restore(&memory, *log).await;
            sleep(BELIEVED_NO_LONGER).await;
            assert_recorded(&say(&one, 600, "open another By one").await);
            assert_recorded(&say(&other, 601, "open another By the other").await);
            assert_recorded(&say(&one, 602, "open another By one again").await);
            other.reconcile(now()).await.unwrap();
            one.reconcile(now()).await.unwrap();
            let label = format!("{log:?}");
            assert_as_the_log_says(&memory, &label).await;
            assert_eq!((one.problem(), other.problem()), (None, None), "{label}");
        });
    }
}

/// A leftover page of the lost log is replaced only if it is the version that was seen, not a newer
/// one of a different process.
#[test]
fn concurrent_publications_are_not_mistaken_for_leftovers() {
    runtime().block_on(async {
        let memory = Memory::default();
        let first = service(&memory);
        for (id, text) in ["open First", "open another Lost", "update #2 Lost", "update #2 Lost"]
            .iter()
            .enumerate()
        {
            assert_recorded(&say(&first, id as u64, text).await);
        }
        first.reconcile(now()).await.unwrap();
        restore(&memory, Log::ShorterBy(3)).await;
        let contested = Key::new(Container::Web, "incidents/2/index.html");
        let other = service(&memory);
        let shown = |memory: &Memory, key: &Key| {
            let blob = memory.entries().remove(key);
            blob.and_then(|blob| blob.head.stamp).map_or(0, |stamp| stamp.revision)
        };
        let (puts, seen) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(Vec::new())));
        let hook: Hook = {
            let (memory, contested) = (memory.clone(), contested.clone());
            let (puts, seen) = (Arc::clone(&puts), Arc::clone(&seen));
            Arc::new(move |operation| {
                let is_put = operation.kind == OperationKind::Put && operation.key == contested;
                *puts.lock().unwrap() += usize::from(is_put);
                let (memory, contested, other) =
                    (memory.clone(), contested.clone(), Arc::clone(&other));
                // The second one is the one that replaces the left-over: it was judged by then.
                let interferes = is_put && *puts.lock().unwrap() == 2;
                let seen = Arc::clone(&seen);
                Box::pin(async move {
                    if interferes {
                        for id in 700..704 {
                            assert_recorded(&say(&other, id, "update #2 By the other").await);
                        }
                    }
                    seen.lock().unwrap().push(shown(&memory, &contested));
                    Fault::None
                })
            })
        };
        let one = service(&memory.with_faults(hook));
        assert_recorded(&say(&one, 600, "open another Found").await);
        assert!(*puts.lock().unwrap() >= 2, "the left-over was in the way");
        let seen = seen.lock().unwrap().clone();
        let published = seen.iter().position(|revision| *revision == 6).expect("by the other");
        assert!(seen[published..].iter().all(|revision| *revision >= 6), "it went back: {seen:?}");
    });
}
