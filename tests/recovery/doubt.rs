//! A commit whose request was swallowed: the answer says so at the deadline, and nothing else waits
//! for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use status_update::core::answer::trouble::Trouble;
use status_update::core::log::record::Record;
use status_update::core::log::seal;
use status_update::service::{Outcome, Service, record_key};
use status_update::store::memory::{Fault, Memory, OperationKind};
use status_update::store::{Condition, Container, Key, Store as _, Write};
use tokio::time::{Instant, sleep};

use super::{assert_recorded, history, say, service};
use crate::simulation::world::{message, now, runtime};
use crate::support::store::failing_on;

/// The fate of the request without an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Lost,
    Landed,
    /// It arrives after this many seconds.
    Lands(u64),
}

const FATES: [Fate; 5] =
    [Fate::Lost, Fate::Landed, Fate::Lands(5), Fate::Lands(30), Fate::Lands(100)];

/// A process whose next write of a record is swallowed, once armed.
struct Doubtful {
    memory: Memory,
    process: Arc<Service>,
    armed: Arc<AtomicBool>,
}

impl Doubtful {
    async fn new(fate: Fate) -> Self {
        let memory = history().await;
        let armed = Arc::new(AtomicBool::new(false));
        let is_armed = Arc::clone(&armed);
        let process = service(&failing_on(&memory, move |operation| {
            let is_record =
                operation.kind == OperationKind::Put && operation.key.container == Container::Log;
            let swallowed = is_record && is_armed.swap(false, Ordering::Relaxed);
            match fate {
                _ if !swallowed => Fault::None,
                Fate::Landed => Fault::AppliedNever,
                Fate::Lost | Fate::Lands(_) => Fault::Never,
            }
        }));
        process.reconcile(now()).await.unwrap();
        Self { memory, process, armed }
    }

    /// Sends a command whose record is swallowed; it is answered at the deadline, and the write
    /// arrives later.
    async fn doubt(&self, fate: Fate) {
        self.armed.store(true, Ordering::Relaxed);
        if let Fate::Lands(seconds) = fate {
            let (memory, bytes) = (self.memory.clone(), self.would_be_record().await);
            tokio::spawn(async move {
                sleep(Duration::from_secs(seconds)).await;
                let write = Write { bytes, stamp: None, condition: Condition::Absent };
                // Fails if its place is taken.
                let _ = memory.put(&record_key(6), write).await;
            });
        }
        let begun = Instant::now();
        let outcome = say(&self.process, 100, "update #3 Doubted").await;
        assert_eq!(outcome, Outcome::Trouble(Trouble::Unconfirmed), "{fate:?}");
        assert_eq!(begun.elapsed().as_millis(), 4_000, "{fate:?}: at the deadline");
    }

    /// The record of the command: the same bytes as a different process would write.
    async fn would_be_record(&self) -> bytes::Bytes {
        let elsewhere = super::changed(&self.memory, |_, blob| Some(blob.bytes)).await;
        assert_recorded(&say(&service(&elsewhere), 100, "update #3 Doubted").await);
        elsewhere.get(&record_key(6)).await.unwrap().unwrap().bytes
    }

    fn records_of(&self, id: u64) -> Vec<Record> {
        let entries = self.memory.entries().into_iter();
        let log = entries.filter(|(key, _)| key.container == Container::Log);
        let records = log.map(|(_, blob)| seal::read(&blob.bytes).unwrap());
        records.filter(|record| record.cause.message.id == id.to_string()).collect()
    }

    /// Whatever happened, in the end everything is there once and the site is right.
    async fn settles(&self, label: &str) {
        sleep(Duration::from_mins(3)).await;
        assert_recorded(&say(&self.process, 100, "update #3 Doubted").await);
        assert_eq!(self.records_of(100).len(), 1, "{label}: once, whatever was tried");
        self.process.reconcile(now()).await.unwrap();
        assert_eq!(self.process.problem(), None, "{label}");
        super::restore::assert_as_the_log_says(&self.memory, label).await;
    }
}

fn revision_of_report(outcome: &Outcome) -> u64 {
    match outcome {
        Outcome::Report { state, .. } => state.revision,
        other => panic!("{other:?}"),
    }
}

#[test]
fn right_after_a_doubt_questions_and_commands_go_on_from_the_log() {
    for fate in FATES {
        runtime().block_on(async {
            let label = format!("{fate:?}");
            let doubtful = Doubtful::new(fate).await;
            doubtful.doubt(fate).await;
            let end = if fate == Fate::Landed { 6 } else { 5 };
            let begun = Instant::now();
            for (id, text) in [(101, "status"), (102, "list")] {
                let outcome = say(&doubtful.process, id, text).await;
                assert_eq!(revision_of_report(&outcome), end, "{label}: {text}");
            }
            let outcome = say(&doubtful.process, 103, "open another Next").await;
            let Outcome::Recorded { record, published: true, .. } = &outcome else {
                panic!("{label}: {outcome:?}");
            };
            assert_eq!(record.revision, end + 1, "{label}");
            assert!(begun.elapsed() < Duration::from_secs(1), "{label}: nobody waited");
            doubtful.settles(&label).await;
        });
    }
}

/// The same message arrives again while its outcome is unknown.
#[test]
fn a_message_in_doubt_that_comes_again_is_recorded_once() {
    for fate in FATES {
        runtime().block_on(async {
            let label = format!("{fate:?}");
            let doubtful = Doubtful::new(fate).await;
            doubtful.doubt(fate).await;
            let outcome = say(&doubtful.process, 100, "update #3 Doubted").await;
            let Outcome::Recorded { replayed, published: true, .. } = &outcome else {
                panic!("{label}: {outcome:?}");
            };
            assert_eq!(*replayed, fate == Fate::Landed, "{label}");
            doubtful.settles(&label).await;
        });
    }
}

/// Nothing else happens: the late record is found and published automatically.
#[test]
fn a_late_commit_is_published_automatically() {
    for fate in [Fate::Landed, Fate::Lands(5), Fate::Lands(30)] {
        runtime().block_on(async {
            let doubtful = Doubtful::new(fate).await;
            doubtful.doubt(fate).await;
            sleep(Duration::from_mins(1)).await;
            let page = super::page(&doubtful.memory, "incidents/3/index.html");
            assert!(page.contains("Doubted"), "{fate:?}");
            doubtful.settles(&format!("{fate:?}")).await;
        });
    }
}

/// The turn ends at the deadline: a waiting command has the rest of its own time.
#[test]
fn a_command_that_waits_for_its_turn_is_not_held_up_beyond_the_deadline() {
    runtime().block_on(async {
        for fate in FATES {
            let doubtful = Arc::new(Doubtful::new(fate).await);
            let first = {
                let doubtful = Arc::clone(&doubtful);
                tokio::spawn(async move { doubtful.doubt(fate).await })
            };
            sleep(Duration::from_secs(1)).await;
            let outcomes = Arc::new(Mutex::new(Vec::new()));
            let waiting: Vec<_> = (0..3)
                .map(|number| {
                    let (doubtful, outcomes) = (Arc::clone(&doubtful), Arc::clone(&outcomes));
                    tokio::spawn(async move {
                        let text = format!("open another Waiting {number}");
                        let message = message(200 + number, &text);
                        let deadline = Instant::now() + Duration::from_secs(4);
                        let cause = message.cause(now());
                        let outcome =
                            doubtful.process.command(&cause, &message.said, deadline).await;
                        outcomes.lock().unwrap().push(outcome);
                    })
                })
                .collect();
            let begun = Instant::now();
            let outcome = say(&doubtful.process, 300, "status").await;
            assert!(revision_of_report(&outcome) >= 5, "{fate:?}");
            assert_eq!(begun.elapsed(), Duration::ZERO, "{fate:?}: a question waits for no turn");
            first.await.unwrap();
            for task in waiting {
                task.await.unwrap();
            }
            outcomes.lock().unwrap().iter().for_each(assert_recorded);
            doubtful.settles(&format!("{fate:?}")).await;
        }
    });
}

/// With two processes: the other one's decision in the meantime counts.
#[test]
fn the_place_of_a_record_in_doubt_may_be_taken_by_another_process() {
    for fate in FATES {
        runtime().block_on(async {
            let doubtful = Doubtful::new(fate).await;
            doubtful.doubt(fate).await;
            let other = service(&doubtful.memory);
            assert_recorded(&say(&other, 400, "close Done").await);
            let outcome = say(&doubtful.process, 401, "status").await;
            let Outcome::Report { state, .. } = &outcome else { panic!("{outcome:?}") };
            assert!(state.status.open.is_empty(), "{fate:?}: it was closed by the other one");
            let key = Key::new(Container::State, "incidents/0000000003.json");
            assert!(doubtful.memory.entries().contains_key(&key));
            sleep(Duration::from_mins(3)).await;
            assert!(doubtful.records_of(100).len() <= 1, "{fate:?}");
            doubtful.process.reconcile(now()).await.unwrap();
            super::restore::assert_as_the_log_says(&doubtful.memory, &format!("{fate:?}")).await;
        });
    }
}
