//! The log is empty, and a snapshot knows of records: more likely a mistake than a restore, so
//! nothing happens until somebody says that the log is to begin again.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use status_update::core::answer::trouble::Trouble;
use status_update::service::{Outcome, Service, ServiceError};
use status_update::store::Key;
use status_update::store::memory::Memory;
use tokio::time::sleep;

use super::restore::{BELIEVED_NO_LONGER, Log, assert_as_the_log_says, restore};
use super::{assert_recorded, history, page, say, service};
use crate::simulation::world::{now, runtime};

fn content(memory: &Memory) -> BTreeMap<Key, Bytes> {
    memory.entries().into_iter().map(|(key, blob)| (key, blob.bytes)).collect()
}

fn assert_reported(service: &Arc<Service>, label: &str) {
    let problem = service.problem().unwrap_or_else(|| panic!("{label}: nobody is told"));
    assert!(problem.is_storage, "{label}: {problem:?}");
    for part in ["the log is empty", "knows 5 records", "rebuild --accept-empty-log"] {
        assert!(problem.text.contains(part), "{label}: {}", problem.text);
    }
}

/// Nothing is recorded and no page changes, whatever is asked for, however often the timer runs.
async fn assert_nothing_happens(process: &Arc<Service>, memory: &Memory, label: &str) {
    let before = content(memory);
    for round in 0..7 {
        for text in ["open Something", "update Words", "close", "reopen #1 Back"] {
            let outcome = say(process, 700 + round, text).await;
            let Outcome::Trouble(Trouble::NeedsAPerson(why)) = &outcome else {
                panic!("{label}: {outcome:?}");
            };
            assert!(why.contains("the log is empty"), "{label}: {why}");
        }
        for text in ["status", "list"] {
            let outcome = say(process, 800, text).await;
            let Outcome::Trouble(Trouble::NeedsAPerson(why)) = &outcome else {
                panic!("{label}: {outcome:?}");
            };
            assert!(why.contains("the log is empty"), "{label}: {why}");
        }
        assert_reported(process, label);
        // Days later much would be due.
        let error = process.reconcile(now() + jiff::SignedDuration::from_hours(50)).await;
        assert!(matches!(error, Err(ServiceError::LogEmpty { revision: 5 })), "{label}: {error:?}");
        assert_reported(process, label);
    }
    let error = process.rebuild(false, |_| {}).await.unwrap_err();
    assert!(matches!(error, ServiceError::LogEmpty { revision: 5 }), "{label}: {error}");
    assert!(content(memory) == before, "{label}: something was written");
}

#[test]
fn an_empty_log_under_a_snapshot_stops_everything_until_it_is_accepted() {
    for is_living in [false, true] {
        for accepted_by_another in [false, true] {
            runtime().block_on(async {
                let label = format!("living: {is_living}, by another: {accepted_by_another}");
                let memory = history().await;
                let mut process = service(&memory);
                process.reconcile(now()).await.unwrap();
                restore(&memory, Log::ShorterBy(5)).await;
                if is_living {
                    sleep(BELIEVED_NO_LONGER).await;
                } else {
                    process = service(&memory);
                }
                assert_nothing_happens(&process, &memory, &label).await;
                let operator =
                    if accepted_by_another { service(&memory) } else { Arc::clone(&process) };
                operator.rebuild(true, |_| {}).await.unwrap();
                assert!(!page(&memory, "index.html").contains("Third"), "{label}");
                let outcome = say(&process, 900, "open Anew").await;
                assert_recorded(&outcome);
                assert!(
                    matches!(&outcome, Outcome::Recorded { record, .. } if record.revision == 1)
                );
                assert!(page(&memory, "index.html").contains("Anew"), "{label}");
                assert!(page(&memory, "incidents/1/index.html").contains("Anew"), "{label}");
                process.reconcile(now()).await.unwrap();
                assert_eq!(process.problem(), None, "{label}");
                assert_recorded(&say(&process, 901, "close").await);
                process.reconcile(now()).await.unwrap();
                assert_as_the_log_says(&memory, &label).await;
            });
        }
    }
}

/// With neither records nor a snapshot, a page is only beginning.
#[test]
fn an_empty_store_is_no_mistake() {
    runtime().block_on(async {
        let memory = Memory::default();
        let process = service(&memory);
        process.reconcile(now()).await.unwrap();
        assert_eq!(process.problem(), None);
        service(&memory).reconcile(now()).await.unwrap();
        assert_recorded(&say(&service(&memory), 1, "open First").await);
        assert_as_the_log_says(&memory, "the first record").await;
    });
}
