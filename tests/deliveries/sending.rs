//! Faults on the way, and their consequences.

use std::sync::Arc;
use std::time::Duration;

use status_update::core::decide::alert::RefusedAlert;
use status_update::core::http::Receiver;
use status_update::core::outbox::model::End;
use tokio::time::{Instant, sleep};

use super::channel::{Channel, NUDGE_ALONE};
use crate::support::outbound::Fault;

#[tokio::test(start_paused = true)]
async fn due_messages_are_sent_once_and_recorded() {
    let mut channel = Channel::new(NUDGE_ALONE);
    channel.say("open Checkout is failing").await;
    assert_eq!(channel.minutes(180).await, [61], "an hour after the word, by the minute's timer");
    assert_eq!(channel.posted().len(), 1);
    let list = channel.say("deliveries").await;
    assert!(list.starts_with("Nothing waits to be sent."), "{list}");
    assert!(
        list.contains("no customer update for 60 minutes") && list.contains("sent, tried once"),
        "{list}"
    );
}

/// Whatever happens to the first try, in the end the channel has the message, with one key.
#[tokio::test(start_paused = true)]
async fn every_fault_is_repaired_by_a_retry() {
    let once = [
        Fault::Unreachable,
        Fault::NoToken,
        Fault::Hangs,
        Fault::Lost,
        Fault::Answers(400),
        Fault::Answers(429),
        Fault::Answers(500),
        Fault::Answers(503),
        Fault::Throttled(90),
    ];
    // Nobody can know that it arrived: it comes again, and its key says that it is the same.
    let twice = [Fault::DoneButHangs, Fault::DoneButLost, Fault::DoneThenKilled];
    let cases = once.map(|fault| (fault, 1)).into_iter().chain(twice.map(|fault| (fault, 2)));
    for (fault, times) in cases {
        let mut channel = Channel::new(NUDGE_ALONE);
        channel.receiver.script([Some(fault)]);
        channel.say("open Checkout is failing").await;
        let sent = channel.minutes(120).await;
        let (tries, posted) = (channel.tries(), channel.posted());
        assert_eq!(tries.len(), 2, "{fault:?}: {sent:?}");
        assert_eq!(tries[0], tries[1], "{fault:?}: the same key");
        assert_eq!(posted.len(), times, "{fault:?}");
        // A message that may have arrived says that it is a repeat, and no other does.
        let may_be_there =
            times == 2 || [Fault::Hangs, Fault::Lost, Fault::Answers(500)].contains(&fault);
        let sent = channel.receiver.sent();
        let says = |body: &Option<_>| format!("{body:?}").contains("sent again");
        let says: Vec<bool> = sent.iter().map(|request| says(&request.body)).collect();
        assert_eq!(says, [false, may_be_there], "{fault:?}");
        let (state, _) = channel.history();
        assert_eq!(state.deliveries.waiting().count(), 0, "{fault:?}");
        let ended = state.deliveries.ended().back().unwrap();
        assert_eq!((&ended.end, ended.tries), (&End::Delivered, 2), "{fault:?}");
    }
}

/// A receiver's acceptance is trusted: a workflow confirms nothing more.
#[tokio::test(start_paused = true)]
async fn a_receiver_that_lies_is_believed() {
    let mut channel = Channel::new(NUDGE_ALONE);
    channel.receiver.script([Some(Fault::SaidButNotDone)]);
    channel.say("open Checkout is failing").await;
    channel.minutes(180).await;
    assert_eq!((channel.tries().len(), channel.posted().len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn pauses_grow_and_after_a_day_the_next_answer_tells_it() {
    let mut channel = Channel::new(NUDGE_ALONE);
    channel.receiver.always(Some((Receiver::Workflows, Fault::Answers(500))));
    channel.say("open Checkout is failing").await;
    let minutes = channel.minutes(60 + 26 * 60).await;
    let pauses: Vec<u64> = minutes.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(pauses[..6], [1, 2, 4, 8, 16, 32], "{pauses:?}");
    assert!(pauses[6..].iter().all(|pause| (60..=61).contains(pause)), "{pauses:?}");
    let tried_for = minutes.last().unwrap() - minutes[0];
    assert!((23 * 60..=25 * 60).contains(&tried_for), "tried for {tried_for} minutes");
    let tries = channel.tries();
    assert!(tries.iter().all(|key| *key == tries[0]), "every try has the same key");
    let list = channel.say("deliveries").await;
    assert!(
        list.contains("given up, the next answer says so: the Teams workflow answers 500"),
        "{list}"
    );
    // Also an answer about something else.
    let answer = channel.say("open another Search is slow").await;
    let told = "This could not be sent to the channel (the Teams workflow answers 500). Incident #1: \
                no customer update for 60 minutes";
    assert!(answer.contains(told), "{answer}");
    let answer = channel.say("update #2 identified Found it").await;
    assert!(!answer.contains("could not be sent"), "it is said once: {answer}");
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_respected_for_all_that_goes_to_the_receiver() {
    let mut channel = Channel::new(NUDGE_ALONE);
    channel.receiver.script([Some(Fault::Throttled(1_800))]);
    channel.say("open Checkout is failing").await;
    assert_eq!(channel.minutes(5).await, [0; 0]);
    channel.say("open another Search is slow").await;
    let minutes = channel.minutes(120).await;
    assert_eq!(minutes.len(), 2, "{minutes:?}");
    assert!(minutes[0] == 61 && (91..=93).contains(&minutes[1]), "{minutes:?}");
    assert_eq!(channel.posted().len(), 2, "both, once it may be");
}

/// A pause that the receiver asked for does not count as failing, neither for the message nor for
/// those after it.
#[tokio::test(start_paused = true)]
async fn a_receiver_that_asks_for_a_day_gets_everything_after_it() {
    for fault in [Fault::Throttled(86_400), Fault::Later(86_400)] {
        let mut channel = Channel::new(NUDGE_ALONE);
        channel.receiver.always(Some((Receiver::Workflows, fault)));
        for number in 1..=6 {
            channel.say(&format!("open another Shop {number} is failing")).await;
        }
        channel.minutes(70).await;
        let asked = channel.tries().len();
        assert!((1..=4).contains(&asked), "{asked} tries side by side, and then none");
        channel.receiver.always(None);
        assert_eq!(channel.minutes(22 * 60).await, [0; 0], "{fault:?}");
        channel.minutes(3 * 60).await;
        let mut posted = channel.posted();
        posted.sort();
        posted.dedup();
        assert_eq!(posted.len(), 6, "{fault:?}: each of them, once it may be");
        let (state, _) = channel.history();
        assert_eq!(state.deliveries.waiting().count(), 0, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn obsolete_messages_are_not_sent() {
    let mut channel = Channel::new(NUDGE_ALONE);
    channel.receiver.always(Some((Receiver::Workflows, Fault::Answers(500))));
    channel.say("open Checkout is failing").await;
    assert!(channel.minutes(64).await.len() > 1, "it was tried");
    let tried = channel.tries().len();
    channel.receiver.always(None);
    channel.say("close").await;
    assert_eq!(channel.minutes(120).await, [0; 0]);
    assert_eq!((channel.tries().len(), channel.posted().len()), (tried, 0));
    let list = channel.say("deliveries").await;
    assert!(list.contains("not sent: it was done, or the incident is over"), "{list}");
}

/// Nothing that is due waits because a run before it is held up at its end, by pages that cannot be
/// written.
#[tokio::test(start_paused = true)]
async fn due_messages_are_sent_while_pages_hang() {
    let mut channel = Channel::new(NUDGE_ALONE);
    channel.say("open Checkout is failing").await;
    sleep(Duration::from_mins(10)).await;
    channel.say("open another Search is slow").await;
    channel.pages_hang(true);
    channel.say("update #2 Still slow").await;
    let mut sent = Vec::new();
    for minute in 11..=80 {
        let before = channel.tries().len();
        let (service, now) = (Arc::clone(&channel.service), channel.now());
        tokio::spawn(async move { service.reconcile(now).await.map(drop) });
        sleep(Duration::from_mins(1)).await;
        sent.extend((channel.tries().len() > before).then_some(minute));
    }
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert!(sent[0] <= 61 && sent[1] <= 71, "each in its minute: {sent:?}");
}

/// A run that waits for its pages has finished with the receiver: messages that become due are sent
/// at once, not with the timer's next run.
#[tokio::test(start_paused = true)]
async fn messages_due_while_a_run_publishes_are_sent_at_once() {
    let mut channel = Channel::new(NUDGE_ALONE);
    channel.say("open Checkout is failing").await;
    channel.pages_hang(true);
    channel.say("update #1 Still failing").await;
    for number in 1..=3 {
        channel.service.announce_refused_alert(
            RefusedAlert {
                sender: "Grafana".to_owned(),
                reason: format!("reason {number}"),
                remedy: "Repair it.".to_owned(),
            },
            channel.now(),
        );
        sleep(Duration::from_secs(1)).await;
        assert_eq!(channel.tries().len(), number, "sent without the timer");
    }
}

/// Due messages are found by the clock that dates claims: storage's, which may be minutes ahead of
/// this machine's.
#[tokio::test(start_paused = true)]
async fn messages_due_by_storages_clock_do_not_wait_for_ours() {
    let mut channel = Channel::new(NUDGE_ALONE);
    channel.receiver.script([Some(Fault::Answers(500))]);
    channel.say("open Checkout is failing").await;
    let mut tried_at = Vec::new();
    for minute in 1..=70 {
        sleep(Duration::from_mins(1)).await;
        let ahead = jiff::SignedDuration::from_mins(4);
        channel.memory.set_clock(Some(channel.now() + ahead));
        let before = channel.tries().len();
        channel.service.reconcile(channel.now()).await.unwrap();
        sleep(Duration::from_millis(1)).await;
        tried_at.extend((channel.tries().len() > before).then_some(minute));
    }
    let [first, second] = tried_at[..] else { panic!("{tried_at:?}") };
    assert!(second - first <= 2, "a pause of a minute: {tried_at:?}");
}

/// A receiver that never answers holds up neither answers nor the timer; and of many that wait, so
/// many are tried at once and no more.
#[tokio::test(start_paused = true)]
async fn a_receiver_that_hangs_holds_up_nothing() {
    let mut channel = Channel::new(NUDGE_ALONE);
    channel.receiver.always(Some((Receiver::Workflows, Fault::Hangs)));
    for number in 1..=25 {
        channel.say(&format!("open another Number {number} is failing")).await;
    }
    channel.minutes(59).await;
    sleep(Duration::from_secs(90)).await;
    let begun = Instant::now();
    channel.service.reconcile(channel.now()).await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 0, "the timer does not wait");
    sleep(Duration::from_secs(1)).await;
    let waiting = channel.history().0.deliveries.waiting().count();
    assert_eq!((waiting, channel.tries().len()), (25, 4));
    let begun = Instant::now();
    channel.say("update #3 identified Found it").await;
    assert_eq!(begun.elapsed().as_secs(), 0, "the answer does not wait");
    sleep(Duration::from_secs(20)).await;
    assert_eq!(channel.tries().len(), 4, "the rest waits for the next minute");
    channel.receiver.always(None);
    channel.minutes(5).await;
    assert_eq!(channel.posted().len(), 24, "all but the one that was given a word meanwhile");
}

/// A process that is killed while it sends leaves a try whose outcome nobody knows.
#[tokio::test(start_paused = true)]
async fn another_process_tries_again_where_one_died() {
    let mut channel = Channel::new(NUDGE_ALONE);
    channel.receiver.script([Some(Fault::DoneThenKilled)]);
    channel.say("open Checkout is failing").await;
    // The answer never comes, and neither does the record of it.
    let _ = channel.minutes(59).await;
    sleep(Duration::from_secs(61)).await;
    channel.service.reconcile(channel.now()).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    let (state, _) = channel.history();
    let delivery = state.deliveries.waiting().next().unwrap();
    assert_eq!(delivery.tries, 1);
    let until = delivery.claim.as_ref().unwrap().until;
    assert!(until > channel.now(), "its lease runs");
    let due = |at| state.deliveries.due(Receiver::Workflows, at).count();
    assert_eq!((due(channel.now()), due(until)), (0, 1));
}
