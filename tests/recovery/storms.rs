//! Storage in trouble is not made worse: failures pause with growing, spread waits, one replay
//! serves all who ask, and who knows what it needs waits for nobody.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use status_update::core::answer::trouble::Trouble;
use status_update::core::config::Config;
use status_update::core::site::renderer::Site;
use status_update::service::{Outcome, Service};
use status_update::store::memory::{Fault, Hook, Memory, Operation, OperationKind};
use status_update::store::{
    Blob, Container, ETag, Head, Key, Store, StoreError, StoreFuture, Write,
};
use tokio::time::{Instant, sleep};

use super::restore::{Log, assert_as_the_log_says, restore};
use super::{assert_recorded, changed, history, key, month_key, page, say, service};
use crate::simulation::world::{now, runtime};

/// Storage that does not take writes to one container, and says why.
struct Busy {
    memory: Memory,
    container: Container,
    error: StoreError,
    fails: AtomicBool,
    /// When which blob was to be written.
    tries: Mutex<Vec<(Instant, Key)>>,
}

impl Busy {
    fn new(memory: &Memory, container: Container, error: StoreError) -> Arc<Self> {
        Arc::new(Self {
            memory: memory.clone(),
            container,
            error,
            fails: AtomicBool::new(false),
            tries: Mutex::default(),
        })
    }

    fn service(self: &Arc<Self>, seed: u64) -> Arc<Service> {
        let site = Arc::new(Site::new(Config::default()).unwrap());
        Service::new(Arc::clone(self) as Arc<dyn Store>, site, seed)
    }

    /// The seconds between the tries to write a blob.
    fn waits(&self, name: &str) -> Vec<f64> {
        let tries = self.tries.lock().unwrap();
        let times: Vec<Instant> =
            tries.iter().filter(|(_, key)| key.name == name).map(|(at, _)| *at).collect();
        times.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64()).collect()
    }
}

impl Store for Busy {
    fn describe(&self) -> String {
        self.memory.describe()
    }

    fn clock(&self) -> Option<Timestamp> {
        None
    }

    fn get<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Blob>> {
        self.memory.get(key)
    }

    fn head<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Head>> {
        self.memory.head(key)
    }

    fn put<'a>(&'a self, key: &'a Key, write: Write) -> StoreFuture<'a, ETag> {
        Box::pin(async move {
            if key.container == self.container && self.fails.load(Ordering::Relaxed) {
                self.tries.lock().unwrap().push((Instant::now(), key.clone()));
                return Err(self.error.clone());
            }
            self.memory.put(key, write).await
        })
    }
}

const PAGE: &str = "incidents/3/index.html";

/// Turned away: certainly not done.
fn unavailable(retry_after: Option<Duration>) -> StoreError {
    StoreError::Unavailable { why: "429 ServerBusy".to_owned(), retry_after }
}

/// A failure that does not say whether the write was done.
fn unclear(retry_after: Option<Duration>) -> StoreError {
    StoreError::Unknown { why: "503 ServerBusy".to_owned(), retry_after }
}

/// Ten minutes of storage that takes no pages, with a command every other second, several at once
/// at times, and the timer every minute.
async fn ten_minutes_of_failure(error: StoreError, seed: u64) -> Vec<f64> {
    let memory = history().await;
    let retry_after = error.retry_after();
    let busy = Busy::new(&memory, Container::Web, error);
    let process = busy.service(seed);
    process.reconcile(now()).await.unwrap();
    busy.fails.store(true, Ordering::Relaxed);
    let mut id = 1_000;
    for second in (0..600).step_by(2) {
        let several = if second % 20 == 0 { 4 } else { 1 };
        let texts: Vec<(u64, String)> =
            (0..several).map(|n| (id + n, "correct #3 Words".to_owned())).collect();
        id += several;
        for outcome in join_all(texts.iter().map(|(id, text)| say(&process, *id, text))).await {
            let late = matches!(&outcome, Outcome::Recorded { published: false, .. });
            assert!(late, "recorded, and said to be late: {outcome:?}");
        }
        if second % 60 == 0 {
            process.reconcile(now()).await.unwrap_err();
        }
        assert!(process.problem().unwrap().text.contains("ServerBusy"));
        sleep(Duration::from_secs(2)).await;
    }
    let waits = busy.waits(PAGE);
    busy.fails.store(false, Ordering::Relaxed);
    // Nobody asks, and the timer does not run: the try that is due publishes.
    sleep(retry_after.unwrap_or_default() + Duration::from_mins(2)).await;
    assert_eq!(process.problem(), None);
    process.reconcile(now()).await.unwrap();
    assert_as_the_log_says(&memory, "once storage takes pages again").await;
    waits
}

#[test]
fn failing_page_writes_pause_with_growing_waits() {
    let waits = runtime().block_on(ten_minutes_of_failure(unavailable(None), 1));
    assert!((10..25).contains(&waits.len()), "{waits:?}");
    for (count, wait) in waits.iter().enumerate() {
        let least = (0.5 * 2_f64.powi(i32::try_from(count).unwrap())).min(60.0);
        // As much as is spread, and until somebody comes after it.
        assert!(*wait >= least && *wait <= 2.0 * least + 3.0, "wait {count} of {waits:?}");
    }
    let others = runtime().block_on(ten_minutes_of_failure(unavailable(None), 2));
    assert_ne!(waits, others, "two processes do not come at the same times");
}

#[test]
fn a_wait_that_storage_asks_for_is_kept() {
    for error in [unavailable, unclear] {
        let error = error(Some(Duration::from_secs(90)));
        let waits = runtime().block_on(ten_minutes_of_failure(error.clone(), 1));
        assert!((3..7).contains(&waits.len()), "{error}: {waits:?}");
        assert!(waits.iter().all(|wait| *wait >= 90.0), "{error}: {waits:?}");
    }
}

/// A wait of a day is a wait of a day, also for the timer and for later commands.
#[test]
fn a_wait_of_a_day_is_kept() {
    runtime().block_on(async {
        let day = Duration::from_hours(24);
        let memory = history().await;
        let busy = Busy::new(&memory, Container::Web, unclear(Some(day)));
        let process = busy.service(1);
        process.reconcile(now()).await.unwrap();
        busy.fails.store(true, Ordering::Relaxed);
        for hour in 0..30 {
            say(&process, 100 + hour, "correct #3 Words").await;
            let _ = process.reconcile(now()).await;
            sleep(Duration::from_hours(1)).await;
        }
        let waits = busy.waits(PAGE);
        assert_eq!(waits.len(), 1, "{waits:?}");
        assert!(waits[0] >= day.as_secs_f64(), "{waits:?}");
    });
}

/// A failing write is no conflict: a page is tried twice, and then publishing as a whole pauses and
/// says what storage said.
#[test]
fn a_write_without_a_clear_answer_is_not_repeated_at_once() {
    runtime().block_on(async {
        let memory = history().await;
        let busy = Busy::new(&memory, Container::Web, unclear(None));
        let process = busy.service(1);
        process.reconcile(now()).await.unwrap();
        busy.fails.store(true, Ordering::Relaxed);
        let begun = Instant::now();
        let outcome = say(&process, 100, "correct #3 Words").await;
        assert!(matches!(outcome, Outcome::Recorded { published: false, .. }), "{outcome:?}");
        let tries = busy.tries.lock().unwrap().clone();
        let of_page = tries.iter().filter(|(_, key)| key.name == PAGE).count();
        assert_eq!(of_page, 2, "within {:?}: {tries:?}", begun.elapsed());
        assert!(busy.waits(PAGE)[0] >= 0.05, "{:?}", busy.waits(PAGE));
        let problem = process.problem().unwrap();
        assert!(problem.text.contains("no clear answer: 503 ServerBusy"), "{problem:?}");
        sleep(Duration::from_secs(60)).await;
        let waits = busy.waits(PAGE);
        assert!((6..16).contains(&waits.len()), "{waits:?}");
    });
}

/// Where others really write the same blob all the time, pauses grow as well, and that is the cause.
#[test]
fn a_blob_that_others_write_is_tried_with_growing_pauses() {
    runtime().block_on(async {
        let memory = history().await;
        let busy = Busy::new(&memory, Container::Web, StoreError::Conflict);
        let process = busy.service(1);
        process.reconcile(now()).await.unwrap();
        busy.fails.store(true, Ordering::Relaxed);
        say(&process, 100, "correct #3 Words").await;
        sleep(Duration::from_secs(20)).await;
        let waits = busy.waits(PAGE);
        assert_eq!(waits[0], 0.0, "what was remembered may be out of date: {waits:?}");
        assert!(waits[1..5].is_sorted_by(|a, b| a < b), "they grow: {waits:?}");
        let within_a_second = waits.iter().scan(0.0, |at, wait| {
            *at += wait;
            Some(*at)
        });
        assert!(within_a_second.filter(|at| *at < 1.0).count() <= 5, "{waits:?}");
        let problem = process.problem().unwrap();
        assert!(problem.text.contains("written by too many at once"), "{problem:?}");
    });
}

/// The same for a commit: what storage asks for is waited for, or where that is too long, said.
#[test]
fn a_commit_keeps_the_wait_that_storage_asks_for() {
    for (seconds, tries) in [(1, 4), (10, 1)] {
        runtime().block_on(async {
            let memory = history().await;
            let busy =
                Busy::new(&memory, Container::Log, unavailable(Some(Duration::from_secs(seconds))));
            let process = busy.service(0);
            process.reconcile(now()).await.unwrap();
            busy.fails.store(true, Ordering::Relaxed);
            let outcome = say(&process, 100, "update Words").await;
            let is_trouble = matches!(outcome, Outcome::Trouble(Trouble::NotRecorded(_)));
            assert!(is_trouble, "{seconds}: {outcome:?}");
            let count = busy.tries.lock().unwrap().len();
            assert!((1..=tries).contains(&count), "{seconds}: {count} tries");
            let waits = busy.waits("0000000006.json");
            assert!(waits.iter().all(|wait| *wait >= 1.0), "{waits:?}");
        });
    }
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
                // Its answer comes after its deadline: it is what reads the log.
                while !matches!(say(&process, 1, "status").await, Outcome::Report { .. }) {}
            } else {
                // The list is found to be gone by whoever needs it.
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

/// What was wrong and is not any more is told no longer, whoever notices.
#[test]
fn a_read_that_failed_and_then_succeeded_clears_the_problem() {
    for by_the_timer in [false, true] {
        runtime().block_on(async {
            let memory = history().await;
            let fails = Arc::new(AtomicBool::new(false));
            let hook: Hook = {
                let fails = Arc::clone(&fails);
                Arc::new(move |operation| {
                    let fault =
                        if fails.load(Ordering::Relaxed) && operation.kind != OperationKind::Put {
                            Fault::FailBefore
                        } else {
                            Fault::None
                        };
                    Box::pin(async move { fault })
                })
            };
            let process = service(&memory.with_faults(hook));
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

/// A run of the timer that finds nothing to do costs two reads side by side: whether there is a next
/// record, and whether the last one is still there. Every fifth also looks behind the log's end and
/// at the theme.
#[test]
fn an_idle_timer_costs_two_reads() {
    runtime().block_on(async {
        let memory = history().await;
        let count = Arc::new(AtomicUsize::new(0));
        let hook: Hook = {
            let count = Arc::clone(&count);
            Arc::new(move |_| {
                count.fetch_add(1, Ordering::Relaxed);
                Box::pin(async { Fault::None })
            })
        };
        let process = service(&memory.with_faults(hook));
        let mut costs = Vec::new();
        for run in 0..55 {
            process.reconcile(now() + SignedDuration::from_mins(run)).await.unwrap();
            costs.push(count.swap(0, Ordering::Relaxed));
            sleep(Duration::from_mins(1)).await;
        }
        // The third run of a process looks at every page.
        for (run, cost) in costs.iter().enumerate().skip(3) {
            // After 45 minutes the next word about what is open is asked for: a record of its own.
            let expected = match run {
                45 => 6,
                // That record and the one before it are looked for again.
                46 => 3,
                run if run % 5 == 4 => 6,
                _ => 2,
            };
            assert_eq!(*cost, expected, "run {run} of {costs:?}");
        }
        assert!(page(&memory, "index.html").contains("Third"));
    });
}
