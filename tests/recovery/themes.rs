//! A different theme: work is announced before it is done, so that any process that finds it
//! unfinished completes it, and two versions in parallel leave no old pages once one of them is
//! gone.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use status_update::core::config::Config;
use status_update::core::site::renderer::Site;
use status_update::service::Service;
use status_update::store::memory::{Fault, Hook, Memory, OperationKind};
use status_update::store::{Container, Key};
use tokio::time::{sleep, timeout};

use super::{assert_recorded, changed, history, say};
use crate::simulation::world::{now, runtime};
use crate::support::store::failing_on;

/// As often as the timer runs until everything has been looked at.
const RUNS: usize = 6;

fn site(title: &str) -> Arc<Site> {
    let config = Config { title: title.to_owned(), ..Config::default() };
    Arc::new(Site::new(config).unwrap())
}

fn new_theme() -> Arc<Site> {
    static SITE: LazyLock<Arc<Site>> = LazyLock::new(|| site("New title"));
    Arc::clone(&SITE)
}

fn old_theme() -> Arc<Site> {
    static SITE: LazyLock<Arc<Site>> =
        LazyLock::new(|| Arc::new(Site::new(Config::default()).unwrap()));
    Arc::clone(&SITE)
}

fn process(memory: &Memory, site: Arc<Site>) -> Arc<Service> {
    Service::new(Arc::new(memory.clone()), site, 0)
}

/// A handle that answers this many operations: then its process is killed.
fn dying(memory: &Memory, operations: usize) -> Memory {
    let count = AtomicUsize::new(0);
    failing_on(memory, move |_| match count.fetch_add(1, Ordering::Relaxed) {
        number if number < operations => Fault::None,
        number if number == operations => Fault::AppliedNever,
        _ => Fault::Never,
    })
}

/// Lets a process run its timer until it is dead, or done; says which.
async fn run_until_dead(memory: &Memory, site: Arc<Site>, operations: usize) -> bool {
    let process = process(&dying(memory, operations), site);
    let run = tokio::spawn(async move { process.reconcile(now()).await });
    let abort = run.abort_handle();
    let ended = timeout(Duration::from_secs(30), run).await.is_ok();
    abort.abort();
    ended
}

/// Every file equals the rendering of the log in this theme.
async fn assert_in_theme(memory: &Memory, site: Arc<Site>, label: &str) {
    let found = process(memory, site).verify(|_| {}).await.unwrap();
    assert!(found.differences.is_empty(), "{label}: {found:?}");
}

/// A process that is long past its first runs, which look at every page.
async fn long_running(memory: &Memory, site: Arc<Site>) -> Arc<Service> {
    let process = process(memory, site);
    run_the_timer(&process, "at first").await;
    process
}

async fn run_the_timer(process: &Arc<Service>, label: &str) {
    for _ in 0..RUNS {
        sleep(Duration::from_mins(1)).await;
        process.reconcile(now()).await.unwrap_or_else(|error| panic!("{label}: {error}"));
    }
}

async fn copy(memory: &Memory) -> Memory {
    changed(memory, |_, blob| Some(blob.bytes)).await
}

fn settled(memory: &Memory) -> bool {
    let entries = memory.entries();
    let snapshot = &entries[&Key::new(Container::State, "status.json")];
    serde_json::from_slice::<serde_json::Value>(&snapshot.bytes).unwrap()["settled"] == true
}

#[test]
fn a_change_of_theme_that_was_killed_halfway_is_finished_by_the_next_process() {
    runtime().block_on(async {
        let before = history().await;
        let (mut halfway, mut operations) = (0, 0);
        loop {
            let memory = copy(&before).await;
            if run_until_dead(&memory, new_theme(), operations).await {
                break;
            }
            halfway += usize::from(!settled(&memory));
            let label = format!("killed at operation {operations}");
            process(&memory, new_theme()).reconcile(now()).await.unwrap();
            assert_in_theme(&memory, new_theme(), &label).await;
            assert!(settled(&memory), "{label}");
            operations += 1;
        }
        assert!(halfway > 5, "only {halfway} of {operations} were told to be halfway");
    });
}

/// The process that is there all along thinks that everything is in its theme, and in the old one
/// that everything is in that.
#[test]
fn a_theme_change_that_was_killed_halfway_is_finished_by_a_living_process() {
    runtime().block_on(async {
        for operations in (0..90).step_by(4) {
            for (theme, other) in [(new_theme(), old_theme()), (old_theme(), new_theme())] {
                let memory = history().await;
                let living = long_running(&memory, Arc::clone(&theme)).await;
                run_until_dead(&memory, other, operations).await;
                let label = format!("killed at operation {operations}");
                run_the_timer(&living, &label).await;
                assert_in_theme(&memory, theme, &label).await;
            }
        }
    });
}

/// A process in the middle of its change meets a second one, which is killed in the middle of its
/// own: both have announced their work, and one of them remains.
#[test]
fn two_changes_of_theme_at_once_leave_the_one_of_the_process_that_is_left() {
    runtime().block_on(async {
        let before = history().await;
        for at in (1..60).step_by(5) {
            for operations in [5, 8, 12, 20, 30, 45, 1_000] {
                let memory = copy(&before).await;
                let count = Arc::new(AtomicUsize::new(usize::MAX / 2));
                let hook: Hook = {
                    let (memory, count) = (memory.clone(), Arc::clone(&count));
                    Arc::new(move |_| {
                        let is_now = count.fetch_add(1, Ordering::Relaxed) == at;
                        let memory = memory.clone();
                        Box::pin(async move {
                            if is_now {
                                run_until_dead(&memory, old_theme(), operations).await;
                            }
                            Fault::None
                        })
                    })
                };
                let left = long_running(&memory.with_faults(hook), new_theme()).await;
                process(&memory, old_theme()).rebuild(false, |_| {}).await.unwrap();
                count.store(0, Ordering::Relaxed);
                let label = format!("at {at}, killed after {operations}");
                run_the_timer(&left, &label).await;
                assert_in_theme(&memory, new_theme(), &label).await;
            }
        }
    });
}

/// An older version continues for a while: its records and publications are in the newer one's
/// theme soon after it is gone.
#[test]
fn an_older_version_that_goes_on_for_a_while_leaves_nothing_behind() {
    for republishes in [false, true] {
        runtime().block_on(async {
            let memory = history().await;
            let old = long_running(&memory, old_theme()).await;
            let new = long_running(&memory, new_theme()).await;
            for round in 0..4 {
                assert_recorded(&say(&old, 800 + round, "update #3 By the old one").await);
                assert_recorded(&say(&new, 900 + round, "update #3 By the new one").await);
                new.reconcile(now()).await.unwrap();
                old.reconcile(now()).await.unwrap();
            }
            if republishes {
                old.rebuild(false, |_| {}).await.unwrap();
                assert_in_theme(&memory, old_theme(), "the old one has the last word").await;
            }
            drop(old);
            run_the_timer(&new, "the new one").await;
            assert_in_theme(&memory, new_theme(), &format!("{republishes}")).await;
            assert_eq!(new.problem(), None);
        });
    }
}

/// Storage fails at the very end of a change of theme: it is finished all the same.
#[test]
fn a_change_of_theme_whose_last_write_failed_is_settled_by_the_same_process() {
    runtime().block_on(async {
        let memory = history().await;
        let puts = AtomicUsize::new(0);
        let store = failing_on(&memory, move |operation| {
            let is_snapshot =
                operation.key.name == "status.json" && operation.kind == OperationKind::Put;
            // The first one announces the work, the second one its end.
            let fails = is_snapshot && puts.fetch_add(1, Ordering::Relaxed) == 1;
            if fails { Fault::FailBefore } else { Fault::None }
        });
        let process = process(&store, new_theme());
        process.reconcile(now()).await.unwrap_err();
        assert!(!settled(&memory));
        sleep(Duration::from_secs(5)).await;
        assert!(settled(&memory), "the next try says so");
        assert_eq!(process.problem(), None);
        assert_in_theme(&memory, new_theme(), "settled").await;
    });
}
