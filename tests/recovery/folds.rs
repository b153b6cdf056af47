//! A record is folded once: when it is decided. The state after it is taken over with its commit.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use status_update::core::alerts::read::read_alert;
use status_update::core::log::counted::folds;
use status_update::service::record_key;
use status_update::store::memory::{Memory, OperationKind};
use tokio::time::{Instant, sleep};

use super::{assert_recorded, folded, say, service};
use crate::simulation::world::{now, runtime};
use crate::support::store::held;

#[test]
fn a_command_an_alert_and_a_run_of_the_clock_fold_once_each() {
    runtime().block_on(async {
        let memory = Memory::default();
        let process = service(&memory);
        process.reconcile(now()).await.unwrap();
        let mut id = 0;
        // More than the limit: each close evicts an older one.
        for number in 1..=60 {
            for text in
                ["open another Checkout fails", "note #{n} Looks like DNS", "close #{n} All good"]
            {
                id += 1;
                let before = folds();
                let text = text.replace("{n}", &number.to_string());
                assert_recorded(&say(&process, id, &text).await);
                assert_eq!(folds() - before, 1, "{text}");
            }
        }
        let before = folds();
        let alert = read_alert(br#"{"title": "Disk is full", "key": "disk"}"#).unwrap();
        let deadline = Instant::now() + Duration::from_secs(8);
        process.alert(&alert, now(), deadline).await.unwrap();
        assert_eq!(folds() - before, 1, "an alert");
        let before = folds();
        process.reconcile(now() + SignedDuration::from_hours(24)).await.unwrap();
        assert_eq!(folds() - before, 1, "a new day");
        // The installed state equals the log's.
        let elsewhere = service(&memory);
        assert_eq!(
            elsewhere.current_state().await.unwrap(),
            process.current_state().await.unwrap()
        );
        assert_eq!(*process.current_state().await.unwrap(), folded(&memory));
    });
}

/// Storage never waits for a decision that could be made meanwhile. If a different process takes the
/// place of the first record, both commands are decided again.
#[test]
fn the_next_command_decides_while_storage_takes_the_record_before_it() {
    for is_taken in [false, true] {
        runtime().block_on(async {
            let memory = Memory::default();
            let (store, gate) = held(&memory, |operation| {
                operation.kind == OperationKind::Put && operation.key == record_key(2)
            });
            let process = service(&store);
            assert_recorded(&say(&process, 1, "open Checkout fails").await);
            let before = folds();
            let notes = ["note Looks like DNS", "note It is the resolver"];
            let notes: Vec<_> = (2..)
                .zip(notes)
                .map(|(id, text)| {
                    let process = Arc::clone(&process);
                    tokio::spawn(async move { say(&process, id, text).await })
                })
                .collect();
            sleep(Duration::from_millis(100)).await;
            assert_eq!(folds() - before, 2, "both are decided while the first is being written");
            let mut expected = 2;
            if is_taken {
                assert_recorded(&say(&service(&memory), 9, "note I was faster").await);
                // That process decides its own record; this one reads it, and decides both again.
                expected += 1 + 1 + 2;
            }
            gate.notify_one();
            for note in notes {
                assert_recorded(&note.await.unwrap());
            }
            assert_eq!(folds() - before, expected, "taken: {is_taken}");
            assert_eq!(*process.current_state().await.unwrap(), folded(&memory));
        });
    }
}
