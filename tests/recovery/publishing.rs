//! Publishing follows the current log: publications of a lost one do not count, and an impossible
//! publication blocks nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use status_update::core::alerts::read::read_alert;
use status_update::service::{Outcome, Service};
use status_update::store::memory::{Fault, Hook, Memory, Operation, OperationKind};
use status_update::store::{Condition, Container, Store as _, Write};
use tokio::time::{Instant, sleep};

use super::restore::{BELIEVED_NO_LONGER, Log, assert_as_the_log_says, restore};
use super::{assert_recorded, history, key, page, say, service};
use crate::simulation::world::{now, runtime};
use crate::support::store;

/// The fate of the chosen operations while it is armed.
pub struct Trap {
    armed: Arc<AtomicBool>,
    pub hook: Hook,
}

impl Trap {
    /// The chosen ones end like this.
    pub fn new(fault: Fault, chosen: impl Fn(&Operation) -> bool + Send + Sync + 'static) -> Self {
        let armed = Arc::new(AtomicBool::new(false));
        let is_armed = Arc::clone(&armed);
        let hook: Hook = Arc::new(move |operation| {
            let caught = is_armed.load(Ordering::Relaxed) && chosen(&operation);
            Box::pin(async move { if caught { fault } else { Fault::None } })
        });
        Self { armed, hook }
    }

    pub fn arm(&self, armed: bool) {
        self.armed.store(armed, Ordering::Relaxed);
    }
}

pub fn writes_pages(operation: &Operation) -> bool {
    operation.kind == OperationKind::Put && operation.key.container == Container::Web
}

/// Publishing fails at a revision that a shorter log then does not have: later ones are published
/// at once, and the problem is cleared.
#[test]
fn a_revision_that_the_log_lost_holds_up_no_later_one() {
    runtime().block_on(async {
        let memory = history().await;
        let trap = Trap::new(Fault::FailBefore, writes_pages);
        let process = service(&memory.with_faults(Arc::clone(&trap.hook)));
        process.reconcile(now()).await.unwrap();
        trap.arm(true);
        for id in 100..103 {
            let outcome = say(&process, id, "update #3 This is lost").await;
            assert!(matches!(outcome, Outcome::Recorded { published: false, .. }), "{outcome:?}");
        }
        restore(&memory, Log::ShorterBy(3)).await;
        sleep(BELIEVED_NO_LONGER).await;
        assert!(matches!(say(&process, 110, "list").await, Outcome::Report { .. }));
        trap.arm(false);
        // The pause after the last failure may still be on.
        sleep(Duration::from_mins(2)).await;
        for id in 200..230 {
            assert_recorded(&say(&process, id, "update #3 This is kept").await);
            sleep(Duration::from_secs(11)).await;
        }
        process.reconcile(now()).await.unwrap();
        assert_eq!(process.problem(), None);
        assert_as_the_log_says(&memory, "the shorter log").await;
    });
}

/// The log is found to be shorter during a publication, whose result then proves nothing, even if
/// the log has the same length again later.
#[test]
fn a_publication_of_a_log_that_is_gone_does_not_count() {
    runtime().block_on(async {
        let memory = history().await;
        let held = Arc::new(AtomicBool::new(false));
        let is_held = Arc::clone(&held);
        let (store, gate) = store::held(&memory, move |operation| {
            let is_index = writes_pages(operation) && operation.key.name == "index.html";
            is_index && is_held.load(Ordering::Relaxed)
        });
        let process = service(&store);
        process.reconcile(now()).await.unwrap();
        held.store(true, Ordering::Relaxed);
        let outcome = say(&process, 100, "update #3 This is lost").await;
        assert!(matches!(outcome, Outcome::Recorded { published: false, .. }), "{outcome:?}");
        restore(&memory, Log::ShorterBy(1)).await;
        sleep(BELIEVED_NO_LONGER).await;
        assert!(matches!(say(&process, 101, "list").await, Outcome::Report { .. }));
        held.store(false, Ordering::Relaxed);
        gate.notify_waiters();
        sleep(Duration::from_secs(1)).await;
        assert!(!page(&memory, "index.html").contains("This is lost"), "it was published again");
        assert_recorded(&say(&process, 102, "open another Afterwards").await);
        assert!(page(&memory, "index.html").contains("Afterwards"));
        process.reconcile(now()).await.unwrap();
        assert_as_the_log_says(&memory, "the shorter log").await;
    });
}

/// The same for a rebuild: one from a lost log is repeated.
#[test]
fn a_rebuild_from_a_log_that_is_gone_does_not_count() {
    runtime().block_on(async {
        let memory = history().await;
        restore(&memory, Log::ShorterBy(1)).await;
        let reached = Arc::new(AtomicBool::new(false));
        let is_reached = Arc::clone(&reached);
        let (store, gate) = store::held(&memory, move |operation| {
            let is_snapshot = operation.kind == OperationKind::Put
                && operation.key == key(Container::State, "status.json");
            is_snapshot && !is_reached.swap(true, Ordering::Relaxed)
        });
        let process = service(&store);
        let timer = {
            let process = Arc::clone(&process);
            tokio::spawn(async move { process.reconcile(now()).await })
        };
        while !reached.load(Ordering::Relaxed) {
            sleep(Duration::from_millis(10)).await;
        }
        restore(&memory, Log::ShorterBy(2)).await;
        sleep(BELIEVED_NO_LONGER).await;
        assert!(matches!(say(&process, 101, "list").await, Outcome::Report { .. }));
        gate.notify_waiters();
        let _ = timer.await.unwrap();
        process.reconcile(now()).await.unwrap();
        assert_eq!(process.problem(), None);
        assert_as_the_log_says(&memory, "restored twice").await;
    });
}

pub async fn hanging_site() -> (Memory, Arc<Service>) {
    let memory = history().await;
    let trap = Trap::new(Fault::Never, writes_pages);
    let process = service(&memory.with_faults(Arc::clone(&trap.hook)));
    process.reconcile(now()).await.unwrap();
    trap.arm(true);
    let outcome = say(&process, 100, "update #3 Words").await;
    assert!(matches!(outcome, Outcome::Recorded { published: false, .. }), "{outcome:?}");
    (memory, process)
}

/// One process publishes; the other one reads the log, and reports the published revision as well,
/// for every question.
#[test]
fn a_reader_of_other_records_learns_their_publication() {
    for text in ["list", "oncall", "close #99", "status", "update #1 Too late"] {
        runtime().block_on(async {
            let memory = history().await;
            let (one, other) = (service(&memory), service(&memory));
            for process in [&one, &other] {
                process.reconcile(now()).await.unwrap();
            }
            for id in 100..103 {
                assert_recorded(&say(&one, id, "update #3 Words").await);
            }
            let outcome = say(&other, 110, text).await;
            let is_recorded = matches!(outcome, Outcome::Recorded { .. } | Outcome::Trouble(_));
            assert!(!is_recorded, "{text}: {outcome:?}");
            sleep(Duration::from_millis(1)).await;
            let revisions = other.revisions();
            assert_eq!(revisions.recorded, Some(8), "{text}");
            assert_eq!(revisions.published, Some(8), "{text}: it looks stale");
        });
    }
}

/// The same for alerts, most of which record nothing.
#[test]
fn an_alert_without_a_record_learns_the_published_revision() {
    runtime().block_on(async {
        let memory = history().await;
        let (one, other) = (service(&memory), service(&memory));
        for process in [&one, &other] {
            process.reconcile(now()).await.unwrap();
        }
        assert_recorded(&say(&one, 100, "update #3 Words").await);
        let over = br#"{"title": "x", "key": "x", "status": "resolved"}"#;
        let alert = read_alert(over).unwrap();
        let deadline = Instant::now() + Duration::from_secs(8);
        let decided = other.alert(&alert, now(), deadline).await.unwrap();
        assert_eq!(decided.record, None);
        sleep(Duration::from_millis(1)).await;
        let revisions = other.revisions();
        assert_eq!((revisions.recorded, revisions.published), (Some(6), Some(6)));
    });
}

/// A dead process's unpublished record is published by the next reader.
#[test]
fn a_question_publishes_the_records_of_a_dead_process() {
    runtime().block_on(async {
        let (memory, _gone) = hanging_site().await;
        let process = service(&memory);
        assert!(matches!(say(&process, 110, "list").await, Outcome::Report { .. }));
        sleep(Duration::from_secs(1)).await;
        assert!(page(&memory, "index.html").contains("Words"));
    });
}

/// The log is replaced while a command waits for its page: the command is not reported as published
/// because a different record has its revision by then.
#[test]
fn a_record_that_was_lost_is_not_said_to_be_published() {
    runtime().block_on(async {
        let memory = history().await;
        let held = Arc::new(AtomicBool::new(false));
        let is_held = Arc::clone(&held);
        let (store, gate) = store::held(&memory, move |operation| {
            writes_pages(operation) && is_held.load(Ordering::Relaxed)
        });
        let process = service(&store);
        process.reconcile(now()).await.unwrap();
        let other = service(&memory);
        held.store(true, Ordering::Relaxed);
        let lost = {
            let process = Arc::clone(&process);
            tokio::spawn(async move { say(&process, 100, "update #3 This is lost").await })
        };
        sleep(Duration::from_millis(10)).await;
        let own = memory.entries()[&key(Container::Log, "0000000006.json")].bytes.clone();
        restore(&memory, Log::ShorterBy(1)).await;
        assert_recorded(&say(&other, 200, "update #3 In its place").await);
        let there = memory.get(&key(Container::Log, "0000000006.json")).await.unwrap().unwrap();
        assert_ne!(there.bytes, own);
        // A failure on storage makes the process check its last record.
        let write = Write { bytes: own, stamp: None, condition: Condition::Absent };
        memory.put(&key(Container::Log, "0000000006.json"), write).await.unwrap_err();
        assert!(matches!(say(&process, 101, "list").await, Outcome::Report { .. }));
        held.store(false, Ordering::Relaxed);
        gate.notify_waiters();
        let lost = lost.await.unwrap();
        assert!(matches!(lost, Outcome::Recorded { published: false, .. }), "{lost:?}");
        process.reconcile(now()).await.unwrap();
        assert_as_the_log_says(&memory, "another record in its place").await;
    });
}
