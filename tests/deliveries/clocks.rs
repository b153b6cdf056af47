//! The two clocks: the delay of reminders while either runs and while one takes over, and no
//! duplicates while both run.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use status_update::core::outbox::model::End;
use status_update::service::Service;
use status_update::store::memory::{Fault, Operation, OperationKind};
use tokio::task::JoinHandle;
use tokio::time::{interval, sleep};

use super::channel::{Channel, NUDGE_ALONE};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// Incidents are opened this far apart, so that their reminders meet a clock's period anywhere.
const APART: Duration = Duration::from_secs(17);
const INCIDENTS: usize = 24;

fn nothing_fails(_: &Operation) -> Fault {
    Fault::None
}

fn reading_the_timers_time_fails(operation: &Operation) -> Fault {
    let is_read = operation.kind != OperationKind::Put;
    if is_read && operation.key.name == "clock.json" { Fault::FailBefore } else { Fault::None }
}

/// The platform's timer, for a process: every minute.
fn timer(channel: &Channel, service: &Arc<Service>) -> JoinHandle<()> {
    let (service, clock) = (Arc::clone(service), channel.clock());
    tokio::spawn(async move {
        let mut minutes = interval(Duration::from_mins(1));
        loop {
            minutes.tick().await;
            service.timer_run(clock()).await.unwrap();
        }
    })
}

/// A process's own clock.
fn own_clock(channel: &Channel, service: &Arc<Service>) -> JoinHandle<()> {
    tokio::spawn(Arc::clone(service).keep_time(channel.clock()))
}

async fn open_incidents(channel: &mut Channel) {
    for number in 1..=INCIDENTS {
        channel.say(&format!("open another Number {number} is failing")).await;
        sleep(APART).await;
    }
}

/// The delay of each reminder, which was due an hour after its incident's opening.
fn lateness(channel: &Channel) -> Vec<SignedDuration> {
    let (state, _) = channel.history();
    let ended = state.deliveries.ended();
    assert_eq!(ended.len(), INCIDENTS, "each is sent");
    let late = ended.iter().map(|ended| {
        assert_eq!((&ended.end, ended.tries), (&End::Delivered, 1));
        let incident = state.status.incident(ended.about.unwrap()).unwrap();
        let due = incident.updates[0].at + SignedDuration::from_hours(1);
        ended.at.duration_since(due)
    });
    late.collect()
}

fn assert_nothing_twice(channel: &Channel) {
    let posted = channel.posted();
    let once: BTreeSet<&String> = posted.iter().collect();
    assert_eq!((posted.len(), once.len()), (INCIDENTS, INCIDENTS), "{posted:?}");
}

/// While either clock runs, each reminder is at most a minute late.
#[tokio::test(start_paused = true)]
async fn either_clock_alone_is_at_most_a_minute_late() {
    for is_timer in [true, false] {
        let mut channel = Channel::new(NUDGE_ALONE);
        let run = if is_timer { timer } else { own_clock };
        let clock = run(&channel, &channel.service);
        open_incidents(&mut channel).await;
        sleep(Duration::from_mins(70)).await;
        let late = lateness(&channel);
        let late_max = if is_timer { MINUTE } else { SignedDuration::from_secs(20) };
        assert!(late.iter().all(|late| *late <= late_max), "timer {is_timer}: {late:?}");
        let times = channel.service.tick_times();
        assert_eq!((times.timer.is_some(), times.process.is_some()), (is_timer, !is_timer));
        assert_nothing_twice(&channel);
        clock.abort();
    }
}

/// The timer stops at some second while reminders fall due, or comes back when the other process
/// is gone.
#[tokio::test(start_paused = true)]
async fn one_clock_takes_over_from_the_other_within_two_minutes() {
    for stops_at in (0..60).step_by(7) {
        for timer_first in [true, false] {
            let mut channel = Channel::new(NUDGE_ALONE);
            let (other, _) = channel.another(nothing_fails);
            let (first, second) = if timer_first {
                // The own clock is there all along, and has nothing to do.
                (timer(&channel, &channel.service), own_clock(&channel, &other))
            } else {
                (own_clock(&channel, &other), tokio::spawn(async {}))
            };
            open_incidents(&mut channel).await;
            sleep(Duration::from_mins(55) + Duration::from_secs(stops_at)).await;
            if timer_first {
                assert_eq!(other.tick_times().process, None, "it left all to the timer");
            }
            first.abort();
            let last = if timer_first { second } else { timer(&channel, &channel.service) };
            sleep(Duration::from_mins(15)).await;
            let late = lateness(&channel);
            let label = format!("timer first {timer_first}, at {stops_at}: {late:?}");
            assert!(late.iter().all(|late| *late <= MINUTE * 2), "{label}");
            let slow = late.iter().filter(|late| **late > MINUTE).count();
            assert!(slow <= 4, "only what was due during the change: {label}");
            assert_nothing_twice(&channel);
            last.abort();
        }
    }
}

/// A process that cannot know that the timer runs ticks as well: the log decides.
#[tokio::test(start_paused = true)]
async fn both_clocks_at_once_over_two_processes_do_nothing_twice() {
    let mut channel = Channel::new(NUDGE_ALONE);
    let (other, _) = channel.another(reading_the_timers_time_fails);
    let clocks = [timer(&channel, &channel.service), own_clock(&channel, &other)];
    open_incidents(&mut channel).await;
    sleep(Duration::from_mins(70)).await;
    assert!(other.tick_times().process.is_some() && channel.service.tick_times().timer.is_some());
    let late = lateness(&channel);
    assert!(late.iter().all(|late| *late <= MINUTE), "{late:?}");
    assert_nothing_twice(&channel);
    clocks.iter().for_each(JoinHandle::abort);
}

/// Requests tick as the process does, however many there are.
#[tokio::test(start_paused = true)]
async fn requests_tick_every_twenty_seconds_at_most() {
    let channel = Channel::new(NUDGE_ALONE);
    for second in 0..60 {
        for _ in 0..50 {
            channel.service.tick_in_background(channel.now());
        }
        sleep(Duration::from_secs(1)).await;
        let clock_reads = channel.operations.lock().unwrap().clone();
        let reads = clock_reads.iter().filter(|operation| operation.key.name == "clock.json");
        assert_eq!(reads.count(), 1 + second / 20, "at {second}");
    }
    let times = channel.service.tick_times();
    assert_eq!(times.request, Some(channel.now() - SignedDuration::from_secs(20)));
    assert_eq!((times.timer, times.process, times.succeeded), (None, None, times.request));
}

/// A request sends due messages at once, without a tick.
#[tokio::test(start_paused = true)]
async fn a_request_brings_the_reminder_that_no_clock_brought() {
    let mut channel = Channel::new(NUDGE_ALONE);
    channel.say("open Checkout is failing").await;
    sleep(Duration::from_mins(61)).await;
    assert_eq!(channel.posted().len(), 0);
    channel.service.tick_in_background(channel.now());
    sleep(Duration::from_secs(1)).await;
    assert_eq!(channel.posted().len(), 1);
}

/// The host can call the timer again while a run is in progress.
#[tokio::test(start_paused = true)]
async fn two_runs_of_the_timer_at_once_both_succeed() {
    let channel = Channel::new(NUDGE_ALONE);
    let (slow, operations) = channel.another(nothing_fails);
    let runs = [(); 2].map(|()| {
        let (service, now) = (Arc::clone(&slow), channel.now());
        tokio::spawn(async move { service.timer_run(now).await })
    });
    for run in runs {
        run.await.unwrap().unwrap();
    }
    let operations = operations.lock().unwrap();
    let writes = operations.iter().filter(|operation| operation.key.name == "clock.json");
    assert_eq!(writes.filter(|operation| operation.kind == OperationKind::Put).count(), 2);
}

/// A time that nobody can have stored is not believed for longer than one that is late.
#[tokio::test(start_paused = true)]
async fn a_timers_time_in_the_future_does_not_stop_the_own_clock() {
    let channel = Channel::new(NUDGE_ALONE);
    let ahead = channel.now() + SignedDuration::from_hours(24 * 365);
    channel.service.timer_run(ahead).await.unwrap();
    let (other, _) = channel.another(nothing_fails);
    let clock = own_clock(&channel, &other);
    sleep(Duration::from_secs(1)).await;
    assert!(other.tick_times().process.is_some());
    clock.abort();
}
