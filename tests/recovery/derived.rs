//! Derived data enters the log again only if it matches the log: a recalled document, and the
//! snapshot under the next record.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use status_update::core::config::Config;
use status_update::core::digest::sha256_hex;
use status_update::core::incident::events::StatusEvent;
use status_update::core::incident::severity::Severity;
use status_update::core::log::authentic::has_only_recorded_texts;
use status_update::core::log::record::{Event, Record};
use status_update::core::log::seal;
use status_update::core::response::document::IncidentDocument;
use status_update::core::response::events::ResponseEvent;
use status_update::core::text::Text;
use status_update::service::record_key;
use status_update::store::memory::Memory;
use status_update::store::{Condition, Container, Stamp, Store as _, Write};

use super::dossiers::{INTERNAL, PUBLIC, document, long_history};
use super::restore::assert_as_the_log_says;
use super::secrets::record;
use super::{assert_recorded, changed, document_key, folded, history, key, say, service};
use crate::cases::thread::{START, Thread};
use crate::simulation::world::{now, runtime};

/// The same store with other bytes in one blob, whose stamp fits them.
async fn forged(memory: &Memory, at: &status_update::store::Key, bytes: Bytes) -> Memory {
    let copy = changed(memory, |key, blob| (key != at).then_some(blob.bytes)).await;
    let revision = memory.entries()[at].head.stamp.as_ref().unwrap().revision;
    let stamp = Some(Stamp { revision, digest: sha256_hex(&bytes) });
    copy.put(at, Write { bytes, stamp, condition: Condition::Absent }).await.unwrap();
    copy
}

fn json_of(dossier: &IncidentDocument) -> Bytes {
    Bytes::from(serde_json::to_vec(dossier).unwrap())
}

/// Possible forgeries of a document: other words, another name, another fact, or an earlier
/// version.
fn forgeries(memory: &Memory, number: u32) -> Vec<(&'static str, Bytes)> {
    let whole = document(memory, number);
    let text = String::from_utf8(json_of(&whole).to_vec()).unwrap();
    let replaced = |from: &str, to: &str| {
        assert!(text.contains(from), "{from} is not in {text}");
        Bytes::from(text.replace(from, to))
    };
    let mut other_severity = whole.clone();
    let response = Arc::make_mut(other_severity.response.as_mut().unwrap());
    response.severity = Severity::ALL.into_iter().find(|s| Some(*s) != response.severity);
    let mut older = whole.clone();
    let response = Arc::make_mut(older.response.as_mut().unwrap());
    response.replies.pop();
    response.entries.pop();
    response.revision = response.entries.last().unwrap().1;
    let title = if number == PUBLIC { "The shop is down" } else { "A queue" };
    // Recorded as the answer to a question.
    let elsewhere = "The cache is being emptied";
    let mut other_title = whole.clone();
    if let Some(incident) = other_title.incident.as_mut() {
        elsewhere.clone_into(&mut Arc::make_mut(incident).title);
    }
    elsewhere.clone_into(&mut Arc::make_mut(other_title.response.as_mut().unwrap()).title);
    let via = |text: &str| format!("\"via\":{{\"sealed\":\"{text}\"}}");
    vec![
        ("other words", replaced("The cache is being emptied", "Nothing is done")),
        ("another title", replaced(title, "All is well")),
        (
            "two answers swapped",
            swapped(&text, "The team of the shop", "The cache is being emptied"),
        ),
        ("the title swapped with an answer", json_of(&other_title)),
        ("the source swapped with an answer", replaced(&via("customer"), &via(elsewhere))),
        ("another name", replaced("Someone", "Somebody else")),
        ("another severity", json_of(&other_severity)),
        ("older", json_of(&older)),
    ]
}

/// Both texts were recorded, each for a different place.
fn swapped(text: &str, one: &str, other: &str) -> Bytes {
    assert!(text.contains(one) && text.contains(other), "{one} or {other} is not in {text}");
    Bytes::from(text.replace(one, "\u{1}").replace(other, one).replace('\u{1}', other))
}

#[test]
fn an_edited_or_old_document_never_enters_the_log() {
    runtime().block_on(async {
        let before = long_history().await;
        for number in [PUBLIC, INTERNAL] {
            let whole = document(&before, number);
            for (what, bytes) in forgeries(&before, number) {
                let label = format!("#{number}, {what}");
                let memory = forged(&before, &document_key(number), bytes).await;
                let process = service(&memory);
                let revision = folded(&memory).revision;
                let acknowledge = format!("ack #{number} We are on it");
                assert_recorded(&say(&process, 900, &acknowledge).await);
                let blob = &memory.entries()[&record_key(revision + 1)];
                let record = seal::read(&blob.bytes).unwrap();
                let recalled = record.response().find_map(|event| match event {
                    ResponseEvent::Recalled { response } => Some(response.as_ref().clone()),
                    _ => None,
                });
                assert_eq!(recalled.as_ref(), whole.response.as_deref(), "{label}");
                process.reconcile(now()).await.unwrap();
                let found = process.verify(|_| {}).await.unwrap().differences;
                assert_eq!(found, Vec::<String>::new(), "{label}");
            }
        }
    });
}

/// The call and the reason of a withdrawal have to be recorded as such: another text of the same
/// incident in their place is a forgery.
#[test]
fn a_call_and_a_reason_have_to_be_recorded_as_such() {
    let mut thread = Thread::new(Config::default(), START);
    let (call, elsewhere) = ("https://meet.example.com/1", "https://evil.example.com/");
    for text in [
        "open The shop is down",
        &format!("channel {call}"),
        &format!("note {elsewhere}"),
        "note Somebody was paid for that",
        "close",
        "withdraw #1 Our monitoring was wrong",
    ] {
        thread.say(text).expect_record();
    }
    let whole = thread.state.dossier(1).unwrap();
    let is_recorded =
        |dossier: &IncidentDocument| has_only_recorded_texts(dossier, &thread.records);
    assert!(is_recorded(&whole));
    assert_eq!(whole.response.as_ref().unwrap().call.as_deref(), Some(call));
    let mut other_call = whole.clone();
    let response = Arc::make_mut(other_call.response.as_mut().unwrap());
    response.call = Some(elsewhere.to_owned());
    assert!(!is_recorded(&other_call));
    let mut other_reason = whole.clone();
    let incident = Arc::make_mut(other_reason.incident.as_mut().unwrap());
    let withdrawal = incident.withdrawal.as_mut().unwrap();
    assert_eq!(withdrawal.reason.to_plain(), "Our monitoring was wrong");
    withdrawal.reason = Text::plain("Somebody was paid for that");
    assert!(!is_recorded(&other_reason));
}

/// A document that was recalled with changes, by a version that trusted it, is found.
#[test]
fn a_changed_recall_is_found() {
    runtime().block_on(async {
        let before = long_history().await;
        let mut public = document(&before, PUBLIC).incident.unwrap().as_ref().clone();
        public.title = "All is well".to_owned();
        let mut internal = document(&before, INTERNAL).response.unwrap().as_ref().clone();
        internal.replies.clear();
        let incident = Box::new(public);
        let events = [
            (PUBLIC, Event::Status(StatusEvent::Recalled { incident, unlisted: true })),
            (INTERNAL, Event::Response(ResponseEvent::Recalled { response: Box::new(internal) })),
        ];
        for (number, event) in events {
            let memory = changed(&before, |_, blob| Some(blob.bytes)).await;
            record(&memory, &folded(&memory), event).await;
            let revision = folded(&memory).revision;
            let found = service(&memory).verify(|_| {}).await.unwrap().differences;
            let line =
                format!("log: record {revision} brought back #{number} other than the log had it");
            assert!(found.contains(&line), "{found:?}");
        }
    });
}

/// The digests in the log reveal neither texts nor people.
#[test]
fn evictions_keep_digests_and_no_words() {
    runtime().block_on(async {
        let memory = long_history().await;
        let records = memory.entries().into_iter();
        let records = records.filter(|(key, _)| key.container == Container::Log);
        let records: Vec<Record> =
            records.map(|(_, blob)| seal::read(&blob.bytes).unwrap()).collect();
        let digest =
            records.iter().flat_map(|record| &record.events).find_map(|event| match event {
                Event::Status(StatusEvent::Evicted { digests, .. }) => {
                    digests.iter().find(|(number, _)| *number == PUBLIC).cloned()
                }
                _ => None,
            });
        let (_, digest) = digest.expect("the eviction of a public incident has its digest");
        let whole = document(&memory, PUBLIC);
        let digest_of = status_update::core::log::authentic::digest;
        assert_eq!(digest_of(&whole), digest);
        let text = String::from_utf8(json_of(&whole).to_vec()).unwrap();
        for (from, to) in [
            ("The cache is being emptied", ""),
            ("The shop is down", ""),
            ("Someone", "Somebody else"),
            ("The team of the shop", "x"),
        ] {
            assert!(text.contains(from), "{from}");
            let erased: IncidentDocument = serde_json::from_str(&text.replace(from, to)).unwrap();
            assert_eq!(digest_of(&erased), digest, "{from}");
        }
    });
}

type Edit = fn(&mut Value);

#[test]
fn an_edited_snapshot_is_not_believed() {
    let edits: [(&str, Edit); 4] = [
        ("next number", |state| state["next_number"] = json!(9)),
        ("time", |state| state["at"] = json!("2035-01-01T00:00:00Z")),
        ("title", |state| state["status"]["open"]["3"]["title"] = json!("All is well")),
        ("messages", |state| state["messages"] = json!([])),
    ];
    for (what, edit) in edits {
        runtime().block_on(async {
            let before = history().await;
            let at = key(Container::State, "status.json");
            let mut snapshot: Value = serde_json::from_slice(&before.entries()[&at].bytes).unwrap();
            let state = snapshot["state"].clone();
            edit(&mut snapshot["state"]);
            assert_ne!(snapshot["state"], state, "{what}");
            let memory = forged(&before, &at, Bytes::from(snapshot.to_string())).await;
            let process = service(&memory);
            let found = process.verify(|_| {}).await.unwrap().differences;
            assert!(found.iter().any(|line| line.contains("state/status.json")), "{found:?}");
            assert_recorded(&say(&process, 50, "open another Fourth").await);
            let state = folded(&memory);
            assert_eq!((state.next_number, state.at), (5, now()), "{what}");
            process.reconcile(now()).await.unwrap();
            assert_eq!(process.problem(), None, "{what}");
            assert_as_the_log_says(&memory, what).await;
        });
    }
}
