//! Closed incidents live on in their documents, including the response, whether they were on the
//! page or not. The documents are derived, so the log restores them.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use status_update::core::digest::sha256_hex;
use status_update::core::log::evict::Limits;
use status_update::core::response::document::IncidentDocument;
use status_update::core::response::milestone::Milestone;
use status_update::core::response::model::{Response, Topic};
use status_update::service::{Outcome, Service};
use status_update::store::memory::{Fault, Memory, OperationKind};
use status_update::store::{Condition, Container, Stamp, Store as _, Write};

use super::secrets::{record, reminded};
use super::{assert_recorded, assert_same_site, changed, document_key, folded, say, service};
use crate::simulation::world::{now, runtime};
use crate::support::store::{self, Operations};

/// Of these two everything is known that there are commands for.
pub const PUBLIC: u32 = 1;
pub const INTERNAL: u32 = 2;

/// Messages about both incidents: the entries of a timeline.
const WORDS: &[&str] = &[
    "when started 09:40",
    "when detected 09:45 via customer",
    "sev 2",
    "know The team of the shop",
    "doing The cache is being emptied",
    "affects Everybody who pays by card",
];

pub fn document(memory: &Memory, number: u32) -> IncidentDocument {
    serde_json::from_slice(&memory.entries()[&document_key(number)].bytes).unwrap()
}

/// A store whose state has evicted a public incident and an internal one.
pub async fn long_history() -> Memory {
    let memory = Memory::default();
    let service = service(&memory);
    let mut texts = vec!["open The shop is down".to_owned(), "open internal A queue".to_owned()];
    for number in [PUBLIC, INTERNAL] {
        texts.extend(WORDS.iter().map(|words| {
            let (verb, rest) = words.split_once(' ').unwrap();
            format!("{verb} #{number} {rest}")
        }));
        texts.push(format!("close #{number} It is over"));
    }
    let limits = Limits::DEFAULT;
    for opening in
        vec!["open"; limits.closed].into_iter().chain(vec!["open internal"; limits.internal])
    {
        texts.extend([format!("{opening} One more"), "close".to_owned()]);
    }
    // Changed incidents stay: the next record evicts the ones beyond the limit.
    texts.extend(["open Last".to_owned(), "open internal Last".to_owned()]);
    for (id, text) in texts.iter().enumerate() {
        assert_recorded(&say(&service, id as u64, text).await);
    }
    service.reconcile(now()).await.unwrap();
    let state = folded(&memory);
    assert!([PUBLIC, INTERNAL].iter().all(|number| state.dossier(*number).is_none()));
    memory
}

/// Everything that was said is in it.
fn assert_whole(response: &Response) {
    let milestones = [
        Milestone::Started,
        Milestone::Detected,
        Milestone::Declared,
        Milestone::Resolved,
        Milestone::Closed,
    ];
    assert!(milestones.iter().all(|milestone| response.milestones.at(*milestone).is_some()));
    assert!(
        [Topic::Aware, Topic::Doing, Topic::Affected]
            .iter()
            .all(|topic| { response.reply(*topic).is_some() })
    );
    assert!(response.severity.is_some());
    let revisions: BTreeSet<u64> = response.entries.iter().map(|entry| entry.1).collect();
    assert_eq!(revisions.len(), WORDS.len() + 2, "opened, closed, and what was said");
}

#[test]
fn a_closed_incident_is_kept_whole_on_the_page_or_not() {
    runtime().block_on(async {
        let memory = long_history().await;
        for number in [PUBLIC, INTERNAL] {
            let dossier = document(&memory, number);
            assert_eq!(dossier.incident.is_some(), number == PUBLIC);
            assert_whole(dossier.response.as_deref().unwrap());
            let stamp = memory.entries()[&document_key(number)].head.stamp.clone();
            assert_eq!(stamp.map(|stamp| stamp.revision), Some(dossier.revision()));
        }
        assert!(!memory.entries().contains_key(&document_key(103)), "it is still open");
        let found = service(&memory).verify(|_| {}).await.unwrap();
        assert_eq!(found.differences, Vec::<String>::new());
    });
}

/// Possible damage to a document, by its number.
fn damages(memory: &Memory) -> Vec<(&'static str, Option<Bytes>)> {
    let json = |dossier: &IncidentDocument| Bytes::from(serde_json::to_vec(dossier).unwrap());
    let [public, internal] = [PUBLIC, INTERNAL].map(|number| document(memory, number));
    let half = IncidentDocument { incident: public.incident.clone(), response: None };
    let other = IncidentDocument { response: document(memory, 4).response, ..public.clone() };
    let old_format = serde_json::to_vec(public.incident.as_deref().unwrap()).unwrap();
    vec![
        ("missing", None),
        ("cut off", Some(Bytes::from_static(b"{"))),
        ("empty", Some(Bytes::from_static(b"{}"))),
        ("without its response", Some(json(&half))),
        ("half of another one", Some(json(&other))),
        ("as the version before wrote it", Some(Bytes::from(old_format))),
        ("exchanged", Some(json(if public.number() == 1 { &internal } else { &public }))),
    ]
}

/// A lost or damaged document is reported by `verify`, and restored byte for byte by a command that
/// needs it, and by `rebuild`.
#[test]
fn a_lost_document_is_reported_and_restored() {
    runtime().block_on(async {
        let before = long_history().await;
        for number in [PUBLIC, INTERNAL] {
            let whole = document(&before, number);
            for (damage, bytes) in damages(&before) {
                if damage == "exchanged" && number == INTERNAL {
                    continue;
                }
                let label = format!("#{number}, {damage}");
                let damaged = || {
                    changed(&before, |key, blob| {
                        if *key == document_key(number) { bytes.clone() } else { Some(blob.bytes) }
                    })
                };

                let memory = damaged().await;
                let operator = service(&memory);
                let found = operator.verify(|_| {}).await.unwrap().differences;
                let name = document_key(number).to_string();
                assert!(found.len() == 1 && found[0].contains(&name), "{label}: {found:?}");
                operator.rebuild(false, |_| {}).await.unwrap();
                assert_same_site(&before, &memory);

                let memory = damaged().await;
                let process = service(&memory);
                let reopen = format!("reopen #{number} It is back");
                assert_recorded(&say(&process, 900, &reopen).await);
                assert_eq!(document(&memory, number), whole, "{label}: rebuilt from the log");
                let reopened = folded(&memory).dossier(number).unwrap();
                assert_eq!(reopened.incident.is_some(), number == PUBLIC, "{label}");
                let reopened = reopened.response.unwrap();
                assert!(reopened.is_open(), "{label}");
                let mut entries = whole.response.as_ref().unwrap().entries.clone();
                entries.push(*reopened.entries.last().unwrap());
                assert_eq!(reopened.entries, entries, "{label}");
            }
        }
    });
}

/// The state keeps no digest of a drill, so its document cannot be verified. It is rebuilt from the
/// log, and the command continues.
#[test]
fn an_evicted_drill_is_reopened_with_one_message() {
    runtime().block_on(async {
        let before = Memory::default();
        let process = service(&before);
        let mut texts = vec!["open drill Fire".to_owned(), "doing #1 Everybody leaves".to_owned()];
        texts.push("close #1 It was a drill".to_owned());
        for _ in 0..Limits::DEFAULT.internal {
            texts.extend(["open internal One more".to_owned(), "close".to_owned()]);
        }
        texts.push("open internal Last".to_owned());
        for (id, text) in texts.iter().enumerate() {
            assert_recorded(&say(&process, id as u64, text).await);
        }
        let whole = document(&before, 1).response.unwrap();
        assert!(folded(&before).dossier(1).is_none());
        for (command, question) in
            [("reopen #1 Fire again", "status #1"), ("note #1 Late", "questions #1")]
        {
            let memory = changed(&before, |_, blob| Some(blob.bytes)).await;
            let process = service(&memory);
            let asked = say(&process, 800, question).await;
            assert!(matches!(asked, Outcome::Report { .. }), "{question}: {asked:?}");
            // A different process has rebuilt nothing yet.
            let process = service(&memory);
            assert_recorded(&say(&process, 900, command).await);
            let state = folded(&memory);
            let response = state.response(1).unwrap();
            let (before, now_told) = response.entries.split_at(whole.entries.len());
            assert_eq!((before, now_told.len()), (&whole.entries[..], 1), "{command}");
            assert_eq!(process.problem(), None, "{command}");
        }
    });
}

/// Questions and commands about an evicted internal incident find all of it.
#[test]
fn an_evicted_internal_incident_is_recalled_whole() {
    runtime().block_on(async {
        let before = long_history().await;
        let whole = document(&before, INTERNAL).response.unwrap();
        let process = service(&before);
        for (id, question) in ["status #2", "questions #2"].iter().enumerate() {
            let outcome = say(&process, 800 + id as u64, question).await;
            let Outcome::Report { asked, state, .. } = outcome else { panic!("{outcome:?}") };
            assert_eq!(asked.response(), Some(whole.as_ref()), "{question}");
            assert!(state.response(INTERNAL).is_none(), "a question brings nothing back");
        }
        for command in
            ["ack #2 We are on it", "sev #2 1", "reopen #2 Back", "doing #2 Other things"]
        {
            let memory = changed(&before, |_, blob| Some(blob.bytes)).await;
            let process = service(&memory);
            assert_recorded(&say(&process, 900, command).await);
            let state = folded(&memory);
            let now_known = state.response(INTERNAL).unwrap();
            let entries = whole.entries.len();
            assert_eq!(now_known.entries[..entries], whole.entries, "{command}");
            assert_eq!(now_known.entries.len(), entries + 1, "{command}");
            let milestones = [Milestone::Started, Milestone::Detected, Milestone::Declared];
            for milestone in milestones {
                let readings =
                    |response: &Response| response.milestones.readings(milestone).to_vec();
                assert_eq!(readings(now_known), readings(&whole), "{command}");
            }
            if command.starts_with("ack") {
                assert_eq!(document(&memory, INTERNAL).response.as_deref(), Some(now_known));
            }
            process.reconcile(now()).await.unwrap();
            let found = process.verify(|_| {}).await.unwrap();
            assert_eq!(found.differences, Vec::<String>::new(), "{command}");
        }
    });
}

/// The previous version kept only the public incident, and a snapshot in a different layout: the
/// first process of this version rebuilds everything, and a command meanwhile is not lost.
#[test]
fn derived_data_of_the_previous_version_is_rebuilt() {
    runtime().block_on(async {
        let before = long_history().await;
        let memory = Memory::default();
        for (key, blob) in before.entries() {
            let mut bytes = blob.bytes.clone();
            let mut stamp = blob.head.stamp.clone();
            if key.container == Container::State && key.name == "status.json" {
                let mut snapshot: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
                snapshot["format"] = 3.into();
                snapshot["state"].as_object_mut().unwrap().remove("responses");
                bytes = Bytes::from(snapshot.to_string());
            } else if key.name.starts_with("incidents/") && key.container == Container::State {
                let dossier: IncidentDocument = serde_json::from_slice(&bytes).unwrap();
                let Some(incident) = dossier.incident else { continue };
                bytes = Bytes::from(serde_json::to_vec(&*incident).unwrap());
                let (revision, digest) = (incident.revision, sha256_hex(&bytes));
                stamp = Some(Stamp { revision, digest });
            }
            let write = Write { bytes, stamp, condition: Condition::Absent };
            memory.put(&key, write).await.unwrap();
        }
        let process = service(&memory);
        assert_recorded(&say(&process, 900, "reopen #2 It is back").await);
        process.reconcile(now()).await.unwrap();
        let found = process.verify(|_| {}).await.unwrap().differences;
        assert_eq!(found, Vec::<String>::new());
    });
}

/// A document follows every event that changes its incident, including those of a different family.
#[test]
fn a_document_follows_an_event_of_another_family() {
    runtime().block_on(async {
        let memory = Memory::default();
        let process = service(&memory);
        for (id, text) in ["open internal A queue", "close #1"].iter().enumerate() {
            assert_recorded(&say(&process, id as u64, text).await);
        }
        record(&memory, &folded(&memory), reminded(1)).await;
        assert!(matches!(say(&process, 10, "status").await, Outcome::Report { .. }));
        let dossier = folded(&memory).dossier(1).unwrap();
        assert_eq!(dossier.revision(), 3);
        assert_eq!(document(&memory, 1), dossier);
    });
}

/// A command's operations on storage.
fn watched() -> (Arc<Service>, Operations) {
    let (store, operations) = store::watched(&Memory::default(), |_| Fault::None);
    (service(&store), operations)
}

/// An internal record is one write while the incident is open, and two afterwards. The site is not
/// even read.
#[test]
fn an_internal_record_writes_itself_and_the_document_of_a_closed_incident() {
    runtime().block_on(async {
        let (service, operations) = watched();
        assert_recorded(&say(&service, 0, "open The shop is down").await);
        service.reconcile(now()).await.unwrap();
        let (log, both) = (&["log"][..], &["log", "state"][..]);
        for (id, (text, expected)) in [
            ("ack #1 We are on it", log),
            ("doing #1 The cache is being emptied", log),
            ("open internal sev2 via=customer A queue", log),
            ("update #2 It grows", log),
            ("when #2 started 09:40", log),
            ("close #2 It is empty", both),
            ("affects #2 Nobody", both),
            ("reopen #2 It grows again", log),
            ("close #2", both),
            ("open drill Fire", log),
            ("close #3", both),
        ]
        .into_iter()
        .enumerate()
        {
            operations.lock().unwrap().clear();
            assert_recorded(&say(&service, 10 + id as u64, text).await);
            let seen = operations.lock().unwrap().clone();
            let writes = seen.iter().filter(|operation| operation.kind == OperationKind::Put);
            let writes: Vec<&str> = writes.map(|o| o.key.container.name()).collect();
            assert_eq!(writes, expected, "{text}");
            assert!(seen.iter().all(|o| o.key.container != Container::Web), "{text}: {seen:?}");
        }
        assert_recorded(&say(&service, 30, "close #1").await);
        operations.lock().unwrap().clear();
        assert_recorded(&say(&service, 31, "know #1 All of the team").await);
        let seen = operations.lock().unwrap().clone();
        let kinds: Vec<_> = seen.iter().map(|o| (o.kind, o.key.container.name())).collect();
        assert_eq!(kinds, [(OperationKind::Put, "log"), (OperationKind::Put, "state")]);
    });
}
