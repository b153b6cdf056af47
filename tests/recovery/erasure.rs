//! A text is erased for ever, wherever a process dies on the way.

use std::sync::atomic::{AtomicUsize, Ordering};

use status_update::core::log::seal;
use status_update::store::memory::{Fault, Memory};

use super::{Arc, Outcome, Service, assert_recorded, folded, now, say, service};
use crate::support::store::failing_on;

const SECRET: &str = "hunter2 is the password";

/// An incident with the secret in its title, an update, a note and a customer update made
/// elsewhere, and a second one that is closed.
async fn history() -> Memory {
    let memory = Memory::default();
    let process = service(&memory);
    let lines = [
        format!("open {SECRET} of the shop"),
        format!("update identified We know: {SECRET}"),
        format!("note {SECRET}, says the log"),
        format!("told key customers via mail: {SECRET}"),
        "update We are on it".to_owned(),
        "close All is well".to_owned(),
    ];
    for (id, line) in lines.iter().enumerate() {
        let outcome = say(&process, id as u64, line).await;
        assert!(matches!(outcome, Outcome::Recorded { .. }), "{line}: {outcome:?}");
    }
    process.reconcile(now()).await.unwrap();
    assert!(!holders(&memory).is_empty());
    memory
}

/// The blobs that hold the secret.
fn holders(memory: &Memory) -> Vec<String> {
    let entries = memory.entries();
    let holds = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("hunter2");
    let found = entries.iter().filter(|(_, blob)| holds(&blob.bytes));
    found.map(|(key, _)| key.to_string()).collect()
}

const ORDERS: [&str; 4] = [
    "redact #1 note 1 yes",
    "redact #1 title yes",
    "redact #1 told 1 yes",
    "redact #1 update 2 yes because it is private",
];

async fn finish(process: &Arc<Service>) {
    for _ in 0..3 {
        process.reconcile(now()).await.unwrap();
    }
}

#[test]
fn nothing_holds_a_text_after_it_was_erased() {
    super::runtime().block_on(async {
        let memory = history().await;
        let process = service(&memory);
        let before = folded(&memory);
        for (id, line) in (100..).zip(ORDERS) {
            assert_recorded(&say(&process, id, line).await);
        }
        finish(&process).await;
        assert_eq!(holders(&memory), Vec::<String>::new());
        let state = folded(&memory);
        assert!(state.erasures.is_empty(), "{:?}", state.erasures);
        assert_eq!(state.next_number, before.next_number);
        let updates = |state: &super::State| -> Vec<u32> {
            state.status.incident(1).unwrap().updates.iter().map(|update| update.number).collect()
        };
        assert_eq!(updates(&state), updates(&before));
        let findings = process.verify(|_| ()).await.unwrap();
        assert_eq!(findings.differences, Vec::<String>::new());
        // Somebody empties one more text, and no record says so.
        let key = super::key(super::Container::Log, "0000000005.json");
        let emptied = super::changed(&memory, |name, blob| {
            let bytes = seal::without(&blob.bytes, &[0]).filter(|_| *name == key);
            Some(bytes.map_or(blob.bytes, Into::into))
        });
        let findings = service(&emptied.await).verify(|_| ()).await.unwrap();
        let said = findings.differences.join("\n");
        assert!(said.contains("text 0 of record 5 is missing, and no record says why"), "{said}");
    });
}

#[test]
fn a_kill_at_any_request_leaves_nothing_undone() {
    super::runtime().block_on(async {
        for dies_after in 0..40 {
            let memory = history().await;
            let requests = AtomicUsize::new(0);
            let dying = service(&failing_on(&memory, move |_| {
                let is_dead = requests.fetch_add(1, Ordering::SeqCst) >= dies_after;
                if is_dead { Fault::FailBefore } else { Fault::None }
            }));
            say(&dying, 100, "redact #1 update 2 yes").await;
            let _ = dying.reconcile(now()).await;
            drop(dying);
            let process = service(&memory);
            let outcome = say(&process, 100, "redact #1 update 2 yes").await;
            assert!(matches!(outcome, Outcome::Recorded { .. }), "{dies_after}: {outcome:?}");
            finish(&process).await;
            let left = holders(&memory);
            let log: Vec<&String> = left.iter().filter(|key| key.starts_with("log/")).collect();
            // Title, note and customer update were not erased.
            assert_eq!(log.len(), 3, "{dies_after}: {left:?}");
            assert!(folded(&memory).erasures.is_empty(), "{dies_after}");
        }
    });
}
