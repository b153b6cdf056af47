//! The dead man's switch: called after each run that leaves nothing overdue.

use std::time::Duration;

use status_update::core::http::{Method, Receiver};
use tokio::time::sleep;

use super::channel::{Channel, NUDGE_ALONE};
use crate::support::outbound::Fault;

fn beats(channel: &Channel) -> usize {
    let sent = channel.receiver.sent();
    let beats: Vec<_> = sent.iter().filter(|r| r.to == Receiver::Heartbeat).collect();
    assert!(
        beats.iter().all(|r| (r.method, &r.path, &r.body) == (Method::Get, &String::new(), &None))
    );
    beats.len()
}

/// Runs the timer once, and waits a second for its background work.
async fn run(channel: &Channel) {
    let _ = channel.service.timer_run(channel.now()).await;
    sleep(Duration::from_secs(1)).await;
}

#[tokio::test(start_paused = true)]
async fn each_run_that_leaves_nothing_overdue_calls_once() {
    let mut channel = Channel::new(NUDGE_ALONE);
    channel.say("open Checkout is failing").await;
    for count in 1..=70 {
        run(&channel).await;
        assert_eq!(beats(&channel), count, "a reminder that is sent in time is no delay");
        sleep(Duration::from_secs(59)).await;
    }
    assert_eq!(channel.posted().len(), 1);
}

/// A receiver that never answers gets only a few messages a minute. The others become overdue, so
/// the heartbeat has to stop.
#[tokio::test(start_paused = true)]
async fn overdue_messages_stop_the_heartbeat() {
    let mut channel = Channel::new(NUDGE_ALONE);
    for number in 1..=25 {
        channel.say(&format!("open another Number {number} is failing")).await;
    }
    channel.receiver.always(Some((Receiver::Workflows, Fault::Hangs)));
    sleep(Duration::from_hours(1)).await;
    for (minute, calls) in [(0, 1), (1, 2), (2, 2), (3, 2)] {
        run(&channel).await;
        assert_eq!(beats(&channel), calls, "minute {minute}");
        sleep(Duration::from_secs(59)).await;
    }
    channel.receiver.always(None);
    for _ in 0..5 {
        run(&channel).await;
        sleep(Duration::from_secs(59)).await;
    }
    assert_eq!(channel.posted().len(), 25);
    let before = beats(&channel);
    run(&channel).await;
    assert_eq!(beats(&channel), before + 1);
}

#[tokio::test(start_paused = true)]
async fn a_switch_that_fails_costs_a_run_nothing() {
    for fault in [Fault::Hangs, Fault::Answers(500), Fault::Unreachable, Fault::Lost] {
        let channel = Channel::new(NUDGE_ALONE);
        channel.receiver.always(Some((Receiver::Heartbeat, fault)));
        let begun = tokio::time::Instant::now();
        channel.service.timer_run(channel.now()).await.unwrap();
        assert_eq!(begun.elapsed().as_secs(), 0, "{fault:?}: the run does not wait");
        sleep(Duration::from_mins(1)).await;
        channel.service.timer_run(channel.now()).await.unwrap();
        sleep(Duration::from_secs(1)).await;
        assert_eq!(beats(&channel), 2, "{fault:?}");
    }
}
