//! The review in the store: written with the record that asks for it, or soon after, whatever
//! storage does.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use status_update::core::config::Config;
use status_update::core::decide::Decision;
use status_update::core::response::model::TIMELINE_MAX;
use status_update::service::{Outcome, Service};
use status_update::store::memory::{Fault, Hook, Memory};
use status_update::store::{Container, Key};
use tokio::time::Instant;

use crate::cases::thread::{START, Thread};
use crate::simulation::world::{message, now, runtime, site};
use crate::support::store::failing_on;

fn key(number: u32) -> Key {
    Key::new(Container::State, format!("reviews/{number:010}.md"))
}

fn kept(memory: &Memory, number: u32) -> Option<String> {
    let entries = memory.entries();
    entries.get(&key(number)).map(|blob| String::from_utf8(blob.bytes.to_vec()).unwrap())
}

/// A process on a store in which writes of reviews go wrong as `fault` says, while it is armed.
fn process(memory: &Memory, fault: Fault, armed: &Arc<AtomicBool>) -> Arc<Service> {
    let armed = Arc::clone(armed);
    let store = failing_on(memory, move |operation| {
        let hits = operation.key.name.starts_with("reviews/") && armed.load(Ordering::SeqCst);
        if hits { fault } else { Fault::None }
    });
    Service::new(Arc::new(store), site(), 0)
}

async fn say(service: &Arc<Service>, id: u64, text: &str) -> Outcome {
    let message = message(id, text);
    let deadline = Instant::now() + Duration::from_secs(4);
    service.command(&message.cause(now()), &message.said, deadline).await
}

async fn recorded(service: &Arc<Service>, id: u64, text: &str) {
    let outcome = say(service, id, text).await;
    assert!(matches!(outcome, Outcome::Recorded { published: true, .. }), "{text}: {outcome:?}");
}

async fn closed(service: &Arc<Service>) {
    recorded(service, 1, "open Checkout is failing").await;
    recorded(service, 2, "doing A word of the backstage").await;
    recorded(service, 3, "close").await;
}

fn words(service: &Service, outcome: &Outcome) -> String {
    let answer = service.answer(outcome, "somebody");
    let activity = status_update::core::answer::card::activity(&answer);
    status_update::core::answer::card::to_terminal(&activity).unwrap()
}

#[test]
fn it_is_written_with_the_record_and_is_in_no_public_file() {
    runtime().block_on(async {
        let memory = Memory::default();
        let service = process(&memory, Fault::None, &Arc::default());
        closed(&service).await;
        recorded(&service, 4, "review #1").await;
        let document = kept(&memory, 1).unwrap();
        assert!(document.starts_with("# Review: incident 1, Checkout is failing\n"), "{document}");
        assert!(document.contains("A word of the backstage"), "{document}");
        for (key, blob) in memory.entries() {
            let public = key.container == Container::Web;
            let text = String::from_utf8_lossy(&blob.bytes);
            assert!(!public || !text.contains("backstage"), "{key}");
        }
        // Asked for once more, it is the same.
        recorded(&service, 5, "review #1").await;
        assert_eq!(kept(&memory, 1).unwrap(), document);
        assert_eq!(service.review(1).await.unwrap().unwrap().markdown, document);
        assert!(service.review(2).await.unwrap().is_none());
    });
}

/// The fault that prevents writing, with `true` if storage answers at all.
#[test]
fn unwritten_reviews_are_written_later() {
    for fault in [Fault::FailBefore, Fault::Never, Fault::AppliedUnknown] {
        runtime().block_on(async {
            let memory = Memory::default();
            let armed = Arc::new(AtomicBool::new(false));
            let service = process(&memory, fault, &armed);
            closed(&service).await;
            armed.store(true, Ordering::SeqCst);
            let begun = Instant::now();
            let outcome = say(&service, 4, "review #1").await;
            assert!(begun.elapsed() <= Duration::from_secs(4), "the answer comes in time");
            let Outcome::Recorded { published, .. } = &outcome else { panic!("{outcome:?}") };
            let said = words(&service, &outcome);
            assert_eq!(said.contains("The review is not written yet"), !published, "{said}");
            armed.store(false, Ordering::SeqCst);
            // The process is gone; a second one checks within three runs of its timer.
            drop(service);
            let service = process(&memory, Fault::None, &Arc::default());
            for _ in 0..3 {
                service.reconcile(now()).await.unwrap();
            }
            let document = kept(&memory, 1).unwrap_or_else(|| panic!("{fault:?}"));
            assert!(document.starts_with("# Review: incident 1"), "{document}");
        });
    }
}

#[test]
fn it_follows_facts_learned_later() {
    runtime().block_on(async {
        let memory = Memory::default();
        let service = process(&memory, Fault::None, &Arc::default());
        closed(&service).await;
        recorded(&service, 4, "review #1").await;
        recorded(&service, 5, "action #1 Renew certificates").await;
        assert!(!kept(&memory, 1).unwrap().contains("Renew certificates"));
        for _ in 0..3 {
            service.reconcile(now()).await.unwrap();
        }
        assert!(
            kept(&memory, 1)
                .unwrap()
                .contains("| 1 | – | Renew certificates | nobody | – | open |\n")
        );
    });
}

/// Of an incident that the state keeps no longer.
#[test]
fn reviews_are_written_for_evicted_incidents() {
    runtime().block_on(async {
        let memory = Memory::default();
        let service = process(&memory, Fault::None, &Arc::default());
        closed(&service).await;
        for round in 0..52 {
            recorded(&service, 100 + 2 * round, "open Something else").await;
            recorded(&service, 101 + 2 * round, "close").await;
        }
        let before = service.review(1).await.unwrap().unwrap().markdown;
        assert!(before.contains("A word of the backstage"), "{before}");
        recorded(&service, 1_000, "review #1").await;
        assert_eq!(kept(&memory, 1).unwrap(), before);
    });
}

/// A timeline of two thousand entries needs its review most.
#[test]
fn a_full_timeline_is_reviewed() {
    let mut thread = Thread::new(Config::default(), START);
    thread.say("open Checkout is failing").expect_record();
    for _ in 1..TIMELINE_MAX {
        thread.say("doing More").expect_record();
    }
    assert!(matches!(thread.say("doing Too much").decision(), Decision::Refuse(_)));
    thread.say("close").expect_record();
    thread.say("action #1 Write less").expect_record();
    thread.say("action #1 done 1").expect_record();
    thread.say("review #1").expect_record();
    let document = super::review(&thread, 1);
    let timeline = document.split_once("## Timeline\n").unwrap().1.split_once("\n## ").unwrap().0;
    // Action items have a table of their own.
    assert_eq!(timeline.lines().filter(|line| line.starts_with("- ")).count(), TIMELINE_MAX + 1);
}

/// Each review reads every record of its incident; only one review's records are in memory at a
/// time.
#[test]
fn reviews_are_written_one_at_a_time() {
    runtime().block_on(async {
        let memory = Memory::default();
        let (reading, most) = (Arc::new(Mutex::new(BTreeMap::new())), Arc::new(Mutex::new(0)));
        let (counted, seen) = (Arc::clone(&reading), Arc::clone(&most));
        let incidents = Arc::new(Mutex::new(BTreeMap::new()));
        let known: Arc<Mutex<BTreeMap<String, u32>>> = Arc::clone(&incidents);
        let hook: Hook = Arc::new(move |operation| {
            let incident = known.lock().unwrap().get(&operation.key.name).copied();
            let (counted, seen) = (Arc::clone(&counted), Arc::clone(&seen));
            Box::pin(async move {
                let Some(incident) = incident else { return Fault::None };
                *counted.lock().unwrap().entry(incident).or_insert(0) += 1;
                tokio::time::sleep(Duration::from_millis(10)).await;
                let mut reading = counted.lock().unwrap();
                // A single one checks that the state is current.
                let at_once = reading.values().filter(|count| **count > 1).count();
                let mut seen = seen.lock().unwrap();
                *seen = at_once.max(*seen);
                *reading.get_mut(&incident).unwrap() -= 1;
                Fault::None
            })
        });
        let service = Service::new(Arc::new(memory.with_faults(hook)), site(), 0);
        for number in 1..=8_u32 {
            let id = 1_000 * u64::from(number);
            recorded(&service, id, "open another internal It is failing").await;
            for index in 1..20 {
                recorded(&service, id + index, &format!("doing #{number} More")).await;
                let revision = service.revisions().recorded.unwrap();
                let name = status_update::service::record_key(revision).name;
                incidents.lock().unwrap().insert(name, number);
            }
        }
        *most.lock().unwrap() = 0;
        let reviews = (1..=8).map(|number| service.review(number));
        let reviews = futures::future::join_all(reviews).await;
        assert!(reviews.into_iter().all(|review| review.unwrap().is_some()));
        assert_eq!(*most.lock().unwrap(), 1, "reviews at once");
    });
}
