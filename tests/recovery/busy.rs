//! Busy storage is left alone: pauses after failures grow, have jitter, follow storage's requests,
//! and each cause is reported as such.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::join_all;
use jiff::Timestamp;
use status_update::core::answer::trouble::Trouble;
use status_update::core::config::Config;
use status_update::core::site::renderer::Site;
use status_update::service::{Outcome, Service};
use status_update::store::memory::Memory;
use status_update::store::{
    Blob, Container, ETag, Head, Key, Store, StoreError, StoreFuture, Write,
};
use tokio::time::{Instant, sleep};

use super::restore::assert_as_the_log_says;
use super::{history, say};
use crate::simulation::world::{now, runtime};

/// Storage that refuses writes to one container, with a reason.
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

    fn clock(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(None)
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

/// A failure with an unknown outcome.
fn unclear(retry_after: Option<Duration>) -> StoreError {
    StoreError::Unknown { why: "503 ServerBusy".to_owned(), retry_after }
}

/// Ten minutes of storage that refuses pages, with a command every other second, several at once at
/// times, and the timer every minute.
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

/// A failing write is not a conflict: a page is tried twice, and then publishing as a whole pauses
/// and reports storage's reason.
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
        sleep(Duration::from_mins(1)).await;
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
        assert!(waits[0] < 0.001, "what was remembered may be out of date: {waits:?}");
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

/// The same for a commit: it waits as storage asks, or reports a wait that is too long.
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
