//! Many requests at once: one replay serves all, it blocks no command, and counts are kept.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::join_all;
use jiff::SignedDuration;
use status_update::core::alerts::read::read_alert;
use status_update::core::answer::trouble::Trouble;
use status_update::core::decide::alert::{ALERTED_MAX, AlertOutcome};
use status_update::service::{Outcome, record_key};
use status_update::store::memory::{Fault, Hook, Memory, Operation, OperationKind};
use status_update::store::{Container, Store as _};
use tokio::time::{Instant, sleep};

use super::restore::{Log, assert_as_the_log_says, restore};
use super::{assert_recorded, changed, folded, history, key, month_key, page, say, service};
use crate::simulation::world::{now, runtime};
use crate::support::store::{counting, failing_on};

/// A flood of different alerts does not reset an alert's count.
#[test]
fn repeated_alerts_are_counted_after_a_flood_of_others() {
    runtime().block_on(async {
        let memory = Memory::default();
        let process = service(&memory);
        let alert = async |key: &str, seconds: i64| {
            let body = serde_json::json!({ "title": format!("{key} is slow"), "key": key });
            let alert = read_alert(body.to_string().as_bytes()).unwrap();
            let at = now() + SignedDuration::from_secs(seconds);
            let deadline = Instant::now() + Duration::from_secs(8);
            process.alert(&alert, at, deadline).await.unwrap()
        };
        for number in 0..ALERTED_MAX {
            assert_eq!(alert(&format!("first-{number}"), 0).await.fate, AlertOutcome::Opened);
        }
        // There is no room for these: each is recorded in the newest incident.
        for number in 0..100 {
            let before = process.revisions().recorded;
            assert_eq!(alert(&format!("flood-{number}"), 1).await.fate, AlertOutcome::Crowded);
            assert_eq!(process.revisions().recorded, before.map(|revision| revision + 1));
        }
        // More than the counters' limit; repetitions make no record and are still counted.
        for number in 100..1_100 {
            let key = format!("flood-{number}");
            alert(&key, 1).await;
            alert(&key, 1).await;
        }
        for _ in 0..3 {
            assert_eq!(alert("first-0", 2).await.fate, AlertOutcome::Repeated);
        }
        let decided = alert("first-0", 400).await;
        assert_eq!(decided.fate, AlertOutcome::Joined);
        let last = record_key(process.revisions().recorded.unwrap());
        let record = memory.get(&last).await.unwrap().unwrap().bytes;
        let record = String::from_utf8_lossy(&record);
        assert!(record.contains("\"deliveries\":4"), "{record}");
    });
}

/// Alerts, and what the clock and deliveries record, leave the room for ids to people's messages:
/// only those can come twice.
#[test]
fn no_storm_of_alerts_takes_the_room_of_messages() {
    runtime().block_on(async {
        let memory = Memory::default();
        let process = service(&memory);
        assert_recorded(&say(&process, 0, "open internal A queue").await);
        for number in 0..60 {
            let body =
                serde_json::json!({ "title": "It is slow", "key": format!("storm-{number}") });
            let alert = read_alert(body.to_string().as_bytes()).unwrap();
            let deadline = Instant::now() + Duration::from_secs(8);
            process.alert(&alert, now(), deadline).await.unwrap();
        }
        let state = folded(&memory);
        assert!(state.revision > 60, "each of them made a record");
        let remembered: Vec<u64> = state.messages.iter().map(|(_, revision)| *revision).collect();
        assert_eq!(remembered, [1]);
    });
}

/// A handle that counts its reads of each blob, and takes so long for each of a record.
fn counted(memory: &Memory, per_record: Duration) -> (Memory, Arc<Mutex<Vec<Operation>>>) {
    let seen: Arc<Mutex<Vec<Operation>>> = Arc::default();
    let noted = Arc::clone(&seen);
    let hook: Hook = Arc::new(move |operation| {
        let is_record =
            operation.key.container == Container::Log && operation.kind != OperationKind::Put;
        noted.lock().unwrap().push(operation);
        Box::pin(async move {
            if is_record {
                sleep(per_record).await;
            }
            Fault::None
        })
    });
    (memory.with_faults(hook), seen)
}

async fn many_closed() -> Memory {
    let memory = Memory::default();
    let first = service(&memory);
    for id in 0..60 {
        assert_recorded(&say(&first, 2 * id, &format!("open Number {}", id + 1)).await);
        assert_recorded(&say(&first, 2 * id + 1, "close").await);
    }
    first.reconcile(now()).await.unwrap();
    memory
}

#[test]
fn a_missing_document_starts_one_replay_for_many_questions() {
    runtime().block_on(async {
        let lost = ["incidents/0000000001.json", "incidents/0000000002.json"];
        let memory = changed(&many_closed().await, |key, blob| {
            (!lost.contains(&key.name.as_str())).then_some(blob.bytes)
        })
        .await;
        let (handle, seen) = counted(&memory, Duration::from_millis(300));
        let process = service(&handle);
        process.reconcile(now()).await.unwrap();
        seen.lock().unwrap().clear();
        let texts: Vec<String> =
            (0..20).map(|n| format!("reopen #{} It is back", 1 + n / 10)).collect();
        let asked = texts.iter().zip(300..).map(|(text, id)| say(&process, id, text));
        let outcomes = join_all(asked).await;
        let waited = |o: &&Outcome| matches!(o, Outcome::Trouble(Trouble::NotRecorded(_)));
        assert!(outcomes.iter().filter(waited).count() >= 3, "{outcomes:?}");
        sleep(Duration::from_secs(10)).await;
        let first = key(Container::Log, "0000000001.json");
        let replays = seen.lock().unwrap().iter().filter(|o| o.key == first).count();
        assert!((1..=2).contains(&replays), "{replays} replays for two documents");
        // Some of them came when the document was there again.
        for (id, text) in [(400, "update #1 Words"), (401, "update #2 Words")] {
            say(&process, id + 100, &text.replace("update", "reopen")).await;
            assert_recorded(&say(&process, id, text).await);
        }
        assert_eq!(process.problem(), None);
    });
}

/// A process knows the state; the timer replays a long log for a lost list, or after a restore.
#[test]
fn a_long_replay_holds_up_no_command() {
    for is_restored in [false, true] {
        runtime().block_on(async {
            let mut memory = many_closed().await;
            if !is_restored {
                memory =
                    changed(&memory, |key, blob| (*key != month_key()).then_some(blob.bytes)).await;
            }
            let (handle, _) = counted(&memory, Duration::from_millis(500));
            let process = service(&handle);
            if is_restored {
                restore(&memory, Log::ShorterBy(1)).await;
                // Its answer comes after its deadline, because it reads the log.
                while !matches!(say(&process, 1, "status").await, Outcome::Report { .. }) {}
            } else {
                // The first reader that needs the list finds it missing.
                assert!(matches!(say(&process, 1, "status").await, Outcome::Report { .. }));
                assert_recorded(&say(&process, 2, "open Found to be gone").await);
            }
            let timer = {
                let process = Arc::clone(&process);
                tokio::spawn(async move { process.reconcile(now()).await })
            };
            let mut commands = 0;
            while !timer.is_finished() {
                sleep(Duration::from_millis(100)).await;
                let begun = Instant::now();
                let text = format!("open another Number {commands}");
                assert_recorded(&say(&process, 500 + commands, &text).await);
                assert!(begun.elapsed() <= Duration::from_secs(4));
                commands += 1;
                if commands == 20 {
                    break;
                }
            }
            timer.await.unwrap().unwrap();
            assert!(commands >= 3, "only {commands} while the log was replayed");
            process.reconcile(now()).await.unwrap();
            assert_eq!(process.problem(), None);
            assert_as_the_log_says(&memory, &format!("{is_restored}")).await;
        });
    }
}

/// Lists that are published while everything is rebuilt have nothing of the log that is gone: not
/// an entry that only its records made, whenever they were written.
#[test]
fn a_list_that_is_published_during_a_rebuild_is_as_the_log_says() {
    runtime().block_on(async {
        let memory = many_closed().await;
        let (handle, _) = counted(&memory, Duration::from_millis(500));
        let process = service(&handle);
        // The lost record closed #60, of which the list says so.
        restore(&memory, Log::ShorterBy(1)).await;
        while !matches!(say(&process, 1, "status").await, Outcome::Report { .. }) {}
        let timer = {
            let process = Arc::clone(&process);
            tokio::spawn(async move { process.reconcile(now()).await })
        };
        let mut commands = 0;
        while !timer.is_finished() && commands < 300 {
            sleep(Duration::from_millis(100)).await;
            // Each changes the list.
            let last = folded(&memory).next_number - 1;
            let text = match commands % 2 {
                0 => format!("open another Number {commands}"),
                _ => format!("close #{last}"),
            };
            assert_recorded(&say(&process, 500 + commands, &text).await);
            commands += 1;
        }
        timer.await.unwrap().unwrap();
        assert!(commands >= 20, "only {commands} while everything was rebuilt");
        process.reconcile(now()).await.unwrap();
        assert_eq!(process.problem(), None);
        assert_as_the_log_says(&memory, "during a rebuild").await;
    });
}

/// A problem that is over is no longer reported, whether a command or the timer notices.
#[test]
fn a_read_that_failed_and_then_succeeded_clears_the_problem() {
    for by_the_timer in [false, true] {
        runtime().block_on(async {
            let memory = history().await;
            let fails = Arc::new(AtomicBool::new(false));
            let failing = Arc::clone(&fails);
            let store = failing_on(&memory, move |operation| {
                let is_read = operation.kind != OperationKind::Put;
                let fails = is_read && failing.load(Ordering::Relaxed);
                if fails { Fault::FailBefore } else { Fault::None }
            });
            let process = service(&store);
            process.reconcile(now()).await.unwrap();
            fails.store(true, Ordering::Relaxed);
            let outcome = say(&process, 100, "status").await;
            assert!(matches!(outcome, Outcome::Trouble(Trouble::NoAnswer(_))), "{outcome:?}");
            process.reconcile(now()).await.unwrap_err();
            assert!(process.problem().is_some());
            fails.store(false, Ordering::Relaxed);
            if by_the_timer {
                process.reconcile(now()).await.unwrap();
            } else {
                let outcome = say(&process, 101, "status").await;
                assert!(matches!(outcome, Outcome::Report { .. }), "{outcome:?}");
            }
            assert_eq!(process.problem(), None, "by the timer: {by_the_timer}");
        });
    }
}

/// A timer run without work costs two parallel reads: of the next record, and of the last one.
/// Every fifth run also checks for records after the log's end and the theme.
#[test]
fn an_idle_timer_costs_two_reads() {
    runtime().block_on(async {
        let memory = history().await;
        let (store, count) = counting(&memory);
        let process = service(&store);
        let mut costs = Vec::new();
        for run in 0..55 {
            process.reconcile(now() + SignedDuration::from_mins(run)).await.unwrap();
            costs.push(count.swap(0, Ordering::Relaxed));
            sleep(Duration::from_mins(1)).await;
        }
        // The third run of a process looks at every page.
        for (run, cost) in costs.iter().enumerate().skip(3) {
            // After 5 and 15 minutes a lead and a severity are asked for, after 45 the next update:
            // a record of its own each time.
            let expected = match run {
                5 | 15 | 45 => 4,
                // That record and the one before it are looked for again.
                6 | 16 | 46 => 3,
                run if run % 5 == 4 => 6,
                _ => 2,
            };
            assert_eq!(*cost, expected, "run {run} of {costs:?}");
        }
        assert!(page(&memory, "index.html").contains("Third"));
    });
}
