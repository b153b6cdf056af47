//! A record is folded once: when it is decided. The state after it is taken over with its commit.

use std::time::Duration;

use jiff::SignedDuration;
use status_update::core::alerts::read::read_alert;
use status_update::core::log::counted::folds;
use status_update::store::memory::Memory;
use tokio::time::Instant;

use super::{assert_recorded, folded, say, service};
use crate::simulation::world::{now, runtime};

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
