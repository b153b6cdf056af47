//! No unnecessary waiting: questions do not wait for the page, reads not for a stuck one, commands
//! not for bookkeeping. And publishing waits for commands only briefly.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use status_update::core::answer::trouble::Trouble;
use status_update::service::Outcome;
use status_update::store::Container;
use status_update::store::memory::{Fault, Operation, OperationKind};
use tokio::time::{Instant, sleep};

use super::publishing::{Trap, hanging_site, writes_pages};
use super::restore::{BELIEVED_NO_LONGER, assert_as_the_log_says};
use super::{assert_recorded, history, key, say, service};
use crate::simulation::world::{now, runtime};
use crate::support::store::{failing_on, slow};

fn is_of_the_log(operation: &Operation) -> bool {
    operation.key.container == Container::Log
}

/// Only `status` reports the published revision, so no other question waits for the page, and
/// `status` not for long.
#[test]
fn questions_do_not_wait_for_the_page() {
    runtime().block_on(async {
        let (_memory, process) = hanging_site().await;
        for (id, text) in [
            (101, "oncall"),
            (102, "list"),
            (103, "help"),
            (104, "roles #3"),
            (105, "timeline #3"),
            (106, "actions"),
            (107, "deliveries"),
            (108, "questions #3"),
            (109, "stats"),
        ] {
            let begun = Instant::now();
            let outcome = say(&process, id, text).await;
            let is_answered = matches!(outcome, Outcome::Report { .. } | Outcome::Refused(_));
            assert!(is_answered, "{text}: {outcome:?}");
            assert_eq!(begun.elapsed(), Duration::ZERO, "{text}");
        }
        let begun = Instant::now();
        let outcome = say(&process, 110, "status").await;
        let Outcome::Report { state, published: Some(5), .. } = &outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(state.revision, 6);
        assert!(begun.elapsed() <= Duration::from_secs(1), "{:?}", begun.elapsed());
    });
}

/// A read that never ends, in a process that knows the log and in one that does not yet: others
/// read in parallel.
#[test]
fn a_read_that_hangs_holds_up_no_other() {
    for knows_the_log in [true, false] {
        for container in [Container::Log, Container::State] {
            if knows_the_log && container == Container::State {
                continue;
            }
            runtime().block_on(async {
                let label = format!("{container:?}, knows the log: {knows_the_log}");
                let memory = history().await;
                let hangs_once = Arc::new(AtomicBool::new(false));
                let armed = Arc::clone(&hangs_once);
                let process = service(&failing_on(&memory, move |operation| {
                    let is_chosen = operation.kind != OperationKind::Put
                        && operation.key.container == container;
                    let hangs = is_chosen && armed.swap(false, Ordering::Relaxed);
                    if hangs { Fault::Never } else { Fault::None }
                }));
                if knows_the_log {
                    process.reconcile(now()).await.unwrap();
                    // The next run is one that reads the log's end.
                    sleep(BELIEVED_NO_LONGER).await;
                }
                hangs_once.store(true, Ordering::Relaxed);
                let timer = {
                    let process = Arc::clone(&process);
                    tokio::spawn(async move { process.reconcile(now()).await.map(drop) })
                };
                sleep(Duration::from_millis(1)).await;
                for (id, text) in [(100, "status"), (101, "close #99")] {
                    let begun = Instant::now();
                    let outcome = say(&process, id, text).await;
                    let is_answered =
                        matches!(outcome, Outcome::Report { .. } | Outcome::Refused(_));
                    assert!(is_answered, "{label}: {text}: {outcome:?}");
                    assert!(begun.elapsed() <= Duration::from_secs(2), "{label}: {text}");
                }
                assert_recorded(&say(&process, 102, "open another Afterwards").await);
                assert!(!timer.is_finished(), "{label}: it hangs still");
                timer.abort();
                let _ = timer.await;
                process.reconcile(now()).await.unwrap();
                assert_eq!(process.problem(), None, "{label}");
                assert_as_the_log_says(&memory, &label).await;
            });
        }
    }
}

/// The clock has something to record, and storage hangs: commands have their turn all the same.
#[test]
fn records_of_the_clock_delay_no_command() {
    let tomorrow = now() + SignedDuration::from_hours(24);
    // Either the reads or the write of the clock's record.
    for kind in [OperationKind::Get, OperationKind::Put] {
        runtime().block_on(async {
            let memory = history().await;
            let count = Arc::new(AtomicUsize::new(usize::MAX));
            let counted = Arc::clone(&count);
            let process = service(&failing_on(&memory, move |operation| {
                let is_chosen = operation.kind == kind && is_of_the_log(operation);
                let left = counted.load(Ordering::Relaxed);
                if is_chosen && left < usize::MAX {
                    counted.store(left.saturating_sub(1), Ordering::Relaxed);
                }
                // The run's own look at the end of the log succeeds.
                let hangs =
                    is_chosen && if kind == OperationKind::Get { left == 0 } else { left == 1 };
                if hangs { Fault::Never } else { Fault::None }
            }));
            process.reconcile(now()).await.unwrap();
            count.store(1, Ordering::Relaxed);
            let timer = {
                let process = Arc::clone(&process);
                tokio::spawn(async move { process.reconcile(tomorrow).await.map(drop) })
            };
            sleep(Duration::from_millis(1)).await;
            count.store(if kind == OperationKind::Get { 0 } else { usize::MAX }, Ordering::Relaxed);
            let begun = Instant::now();
            let outcome = say(&process, 100, "open another While it hangs").await;
            assert!(matches!(outcome, Outcome::Recorded { .. }), "{kind:?}: {outcome:?}");
            assert!(begun.elapsed() <= Duration::from_secs(3), "{kind:?}: {:?}", begun.elapsed());
            count.store(usize::MAX, Ordering::Relaxed);
            timer.abort();
            let _ = timer.await;
            sleep(Duration::from_mins(2)).await;
            process.reconcile(tomorrow).await.unwrap();
            assert_eq!(process.problem(), None, "{kind:?}");
        });
    }
}

/// Twenty callers at once: their records follow one another at the speed of storage, and few
/// publications serve them all. A single command is published as usual.
#[test]
fn one_publication_serves_many_records() {
    runtime().block_on(async {
        let memory = history().await;
        let indexes = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&indexes);
        let process = service(&slow(&memory, move |operation| {
            let is_index = writes_pages(operation) && operation.key.name == "index.html";
            counted.fetch_add(usize::from(is_index), Ordering::Relaxed);
            Duration::from_millis(10)
        }));
        process.reconcile(now()).await.unwrap();
        assert_recorded(&say(&process, 100, "update #3 Alone").await);
        indexes.store(0, Ordering::Relaxed);
        let begun = Instant::now();
        assert_recorded(&say(&process, 101, "update #3 Alone").await);
        assert_eq!(begun.elapsed(), Duration::from_millis(30), "three round trips");
        assert_eq!(indexes.swap(0, Ordering::Relaxed), 1);
        let begun = Instant::now();
        let callers = (0..20).map(|caller| {
            let process = Arc::clone(&process);
            async move {
                for index in 0..5 {
                    let id = 1_000 + caller * 100 + index;
                    assert_recorded(&say(&process, id, "update #3 Among many").await);
                }
            }
        });
        futures::future::join_all(callers).await;
        let (elapsed, indexes) = (begun.elapsed(), indexes.load(Ordering::Relaxed));
        // A hundred commits of ten milliseconds take a second.
        assert!(elapsed <= Duration::from_millis(1_600), "{elapsed:?}, {indexes} publications");
        assert!(indexes <= 15, "{indexes} publications for a hundred records");
        process.reconcile(now()).await.unwrap();
        assert_as_the_log_says(&memory, "a hundred records").await;
    });
}

/// Stuck commits delay the publication of recorded commands by a quarter of a second.
#[test]
fn publishing_does_not_wait_for_a_commit_that_hangs() {
    runtime().block_on(async {
        let memory = history().await;
        let trap = Trap::new(Fault::Never, |operation| {
            operation.kind == OperationKind::Put
                && operation.key == key(Container::Log, "0000000007.json")
        });
        let process = service(&memory.with_faults(Arc::clone(&trap.hook)));
        process.reconcile(now()).await.unwrap();
        trap.arm(true);
        let first = say(&process, 100, "update #3 Recorded");
        let (first, second) = Box::pin(futures::future::join(
            async {
                let begun = Instant::now();
                (first.await, begun.elapsed())
            },
            say(&process, 101, "update #3 Hangs"),
        ))
        .await;
        assert_recorded(&first.0);
        assert!(first.1 <= Duration::from_millis(250), "{:?}", first.1);
        assert_eq!(second, Outcome::Trouble(Trouble::Unconfirmed));
    });
}
