//! Storage operations of deliveries: see docs/performance.md.

use std::collections::BTreeMap;
use std::time::Duration;

use status_update::store::Container;
use status_update::store::memory::{Fault, Operation, OperationKind};
use tokio::time::sleep;

use super::channel::{Channel, NUDGE_ALONE};

fn writes(operations: &[Operation]) -> BTreeMap<String, usize> {
    let mut writes = BTreeMap::new();
    for operation in operations.iter().filter(|operation| operation.kind == OperationKind::Put) {
        *writes.entry(format!("{:?}", operation.key.container)).or_default() += 1;
    }
    writes
}

#[tokio::test(start_paused = true)]
async fn an_idle_timer_is_two_reads_and_a_reminder_three_records() {
    let mut channel = Channel::new(NUDGE_ALONE);
    channel.say("open Checkout is failing").await;
    channel.minutes(59).await;
    channel.take_operations();
    // Every fifth run looks at more.
    let mut idle = Vec::new();
    for _ in 0..30 {
        sleep(Duration::from_secs(1)).await;
        channel.service.reconcile(channel.now()).await.unwrap();
        sleep(Duration::from_millis(100)).await;
        idle.push(channel.take_operations());
    }
    let is_read = |operation: &Operation| operation.kind == OperationKind::Head;
    let cheap = |run: &&Vec<Operation>| run.len() == 2 && run.iter().all(is_read);
    let count = idle.iter().filter(cheap).count();
    assert_eq!(count, 23, "of 30 idle runs; the others check more, as every fifth does");
    let log = format!("{:?}", Container::Log);
    assert!(idle.iter().all(|run| !writes(run).contains_key(&log)), "nothing is recorded");
    // The reminder: queued by the clock, claimed, and said to be sent.
    let revision = channel.history().0.revision;
    channel.minutes(1).await;
    assert_eq!(channel.posted().len(), 1);
    let writes = writes(&channel.take_operations());
    assert_eq!(channel.history().0.revision, revision + 3);
    let public = format!("{:?}", Container::Web);
    assert_eq!(writes.get(&log), Some(&3), "{writes:?}");
    assert_eq!(writes.get(&public), None, "nothing of it is public: {writes:?}");
    // Finished and future messages cost an idle run nothing.
    channel.minutes(2).await;
    channel.take_operations();
    let mut idle = Vec::new();
    for _ in 0..10 {
        channel.service.reconcile(channel.now()).await.unwrap();
        idle.push(channel.take_operations());
    }
    assert_eq!(idle.iter().filter(cheap).count(), 8, "{idle:?}");
}

/// The timer's run stores its time, which is one write. The own clock of a second process reads it
/// when its knowledge is 90 seconds old.
#[tokio::test(start_paused = true)]
async fn a_healthy_timer_costs_another_process_one_read_a_minute() {
    let mut channel = Channel::new(NUDGE_ALONE);
    channel.say("open Checkout is failing").await;
    channel.service.timer_run(channel.now()).await.unwrap();
    let (other, operations) = channel.another(|_| Fault::None);
    let clock = tokio::spawn(other.keep_time(channel.clock()));
    let mut idle = Vec::new();
    for _ in 0..30 {
        channel.take_operations();
        channel.service.timer_run(channel.now()).await.unwrap();
        sleep(Duration::from_mins(1)).await;
        idle.push(channel.take_operations());
    }
    let kinds = |run: &Vec<Operation>| run.iter().map(|operation| operation.kind).collect();
    let cheap = vec![OperationKind::Head, OperationKind::Head, OperationKind::Put];
    assert_eq!(idle.iter().map(kinds).filter(|run: &Vec<_>| *run == cheap).count(), 23);
    let operations = operations.lock().unwrap();
    assert!(operations.iter().all(|operation| operation.key.name == "clock.json"));
    assert!(operations.iter().all(|operation| operation.kind == OperationKind::Get));
    assert_eq!(operations.len(), 30, "reads in 30 minutes");
    clock.abort();
}

/// While the timer is silent, a tick of an idle process is two reads: of the timer's time, and of
/// the log's end.
#[tokio::test(start_paused = true)]
async fn an_own_tick_is_two_reads() {
    let channel = Channel::new(NUDGE_ALONE);
    let clock = tokio::spawn(channel.service.clone().keep_time(channel.clock()));
    sleep(Duration::from_mins(5)).await;
    channel.take_operations();
    let mut cheap = 0;
    for _ in 0..30 {
        sleep(Duration::from_secs(20)).await;
        let operations = channel.take_operations();
        cheap += usize::from(operations.len() == 2);
        assert!(operations.iter().all(|operation| operation.kind != OperationKind::Put));
    }
    assert_eq!(cheap, 24, "of 30 cost two reads");
    clock.abort();
}
