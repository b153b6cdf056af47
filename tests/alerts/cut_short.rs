//! Groups that the sender cuts short with `max_alerts`: the members that it leaves out are only
//! counted, and an incident is not over while any of them fires.

use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::{Value, json};
use status_update::core::alerts::course::Firing;
use status_update::core::alerts::firing::Condition;
use status_update::core::alerts::members::MEMBERS_MAX;
use status_update::core::alerts::read::read_alert;
use status_update::core::config::Config;
use status_update::core::decide::alert::{ALERTED_MAX, AlertOutcome};
use status_update::core::incident::model::Number;
use status_update::core::log::fold::fold_bytes;
use status_update::core::log::state::State;

use crate::cases::thread::{START, Thread};
use crate::properties::inputs::settings;

fn channel() -> Thread {
    Thread::new(Config::parse("").unwrap(), START)
}

/// A member's name, and in which seconds it fired and resolved.
type Named<'a> = (&'a str, i64, Option<i64>);

fn body(group: &str, members: &[Named<'_>], left_out: usize, status: &str) -> Value {
    // Everything arrives while a copy may still be in flight.
    let at = |second: i64| {
        (START - SignedDuration::from_mins(2) + SignedDuration::from_secs(second)).to_string()
    };
    let member = |(name, fired, resolved): &Named<'_>| {
        json!({
            "status": if resolved.is_some() { "resolved" } else { "firing" },
            "fingerprint": format!("{group}-{name}"),
            "labels": { "alertname": group, "instance": name },
            "startsAt": at(*fired),
            "endsAt": resolved.map(at),
        })
    };
    json!({
        "version": "4", "groupKey": group, "status": status, "truncatedAlerts": left_out,
        "externalURL": "https://am.example.com", "commonLabels": { "alertname": group },
        "alerts": members.iter().map(member).collect::<Vec<_>>(),
    })
}

fn post(thread: &mut Thread, body: &Value) -> (AlertOutcome, Option<Number>) {
    let alert = read_alert(body.to_string().as_bytes()).unwrap();
    let at = thread.now;
    let decided = thread.alert(&alert, 1).unwrap();
    thread.now = at + SignedDuration::from_secs(1);
    (decided.fate, decided.number)
}

fn alert(thread: &Thread, number: Number) -> &Firing {
    thread.state.response(number).unwrap().alert.as_ref().unwrap()
}

fn fires(thread: &Thread, number: Number) -> bool {
    alert(thread, number).condition == Condition::Fired
}

/// The messages that wait for the channel.
fn heard(thread: &Thread) -> Vec<String> {
    thread.state.deliveries.waiting().map(|delivery| delivery.what.heading()).collect()
}

#[test]
fn an_end_of_before_that_comes_again_ends_nothing() {
    let mut thread = channel();
    let before = body("Pods", &[("a", 1, Some(2))], 0, "resolved");
    post(&mut thread, &body("Pods", &[("a", 1, None)], 0, "firing"));
    post(&mut thread, &before);
    let all = [("a", 5, None), ("b", 5, None)];
    assert_eq!(post(&mut thread, &body("Pods", &all, 2, "firing")).1, Some(1));
    let named = [("a", 5, Some(7)), ("b", 5, Some(7))];
    post(&mut thread, &body("Pods", &named, 2, "firing"));
    assert!(fires(&thread, 1) && alert(&thread, 1).left_out == 2);
    assert_eq!(post(&mut thread, &before), (AlertOutcome::Repeated, Some(1)));
    assert!(fires(&thread, 1), "two members that are not named still fire");
    post(&mut thread, &body("Pods", &[("c", 5, Some(9))], 1, "resolved"));
    assert!(!fires(&thread, 1) && alert(&thread, 1).left_out == 0);
}

#[test]
fn a_firing_of_before_that_comes_again_fires_nothing() {
    let mut thread = channel();
    let before = body("Pods", &[("a", 1, None)], 50, "firing");
    post(&mut thread, &before);
    post(&mut thread, &body("Pods", &[("a", 1, Some(4))], 50, "resolved"));
    assert!(!fires(&thread, 1));
    assert_eq!(post(&mut thread, &before), (AlertOutcome::Repeated, Some(1)));
    assert!(!fires(&thread, 1));
}

/// The original's group does not count what the duplicate's leaves out.
#[test]
fn a_group_counts_in_the_original_of_its_duplicate_until_it_is_over() {
    let mut thread = channel();
    post(&mut thread, &body("Nodes", &[("n", 1, None)], 0, "firing"));
    post(&mut thread, &body("Pods", &[("a", 2, None)], 50, "firing"));
    thread.say("duplicate #2 of #1").expect_record();
    assert_eq!(post(&mut thread, &body("Nodes", &[("n", 1, Some(5))], 0, "resolved")).1, Some(1));
    assert!(fires(&thread, 1) && alert(&thread, 1).left_out == 50);
    post(&mut thread, &body("Pods", &[("a", 2, Some(6))], 50, "firing"));
    assert!(fires(&thread, 1), "50 pods are not named");
    assert_eq!(firing_from_log(&thread, 1), *alert(&thread, 1));
    let over = body("Pods", &[("z", 2, Some(7))], 49, "resolved");
    assert_eq!(post(&mut thread, &over), (AlertOutcome::Resolved, Some(1)));
    assert_eq!(alert(&thread, 1).left_out, 0);
}

fn firing_from_log(thread: &Thread, number: Number) -> Firing {
    let mut state = State::default();
    for bytes in &thread.log {
        fold_bytes(&mut state, bytes).unwrap();
    }
    state.response(number).unwrap().alert.clone().unwrap()
}

#[test]
fn more_that_are_not_named_are_told() {
    let mut thread = channel();
    post(&mut thread, &body("Pods", &[("a", 1, None)], 0, "firing"));
    let more = body("Pods", &[("a", 1, None)], 7, "firing");
    assert_eq!(post(&mut thread, &more), (AlertOutcome::Joined, Some(1)));
    assert_eq!(heard(&thread).last().unwrap(), "Incident #1 got worse: 7 more alerts fire");
    assert_eq!(post(&mut thread, &more), (AlertOutcome::Repeated, Some(1)));
}

/// Alertmanager's status is that of the members it names, and so is "resolved" while others fire.
/// Its newer versions give a reason, which is that of the whole group.
#[test]
fn the_reason_tells_of_members_that_are_not_named() {
    let mut thread = channel();
    let mut named = [("a", 1, None), ("b", 1, None)];
    post(&mut thread, &body("Pods", &named, 50, "firing"));
    for member in &mut named {
        member.2 = Some(3);
    }
    let mut some = body("Pods", &named, 50, "resolved");
    some["notification_reason"] = json!("some alerts resolved");
    assert_eq!(post(&mut thread, &some), (AlertOutcome::Joined, Some(1)));
    assert!(fires(&thread, 1));
    assert_eq!(thread.state.response(1).unwrap().title, "Pods: 50 firing");
    let mut all = body("Pods", &[("c", 1, Some(5))], 49, "resolved");
    all["notification_reason"] = json!("all alerts resolved");
    assert_eq!(post(&mut thread, &all), (AlertOutcome::Resolved, Some(1)));
    assert!(!fires(&thread, 1));
}

/// An alert without room counts where it is recorded, with the members that it leaves out.
#[test]
fn members_that_are_not_named_count_where_there_is_no_room() {
    let mut thread = channel();
    for other in 0..ALERTED_MAX {
        post(&mut thread, &body(&format!("Other{other}"), &[("n", 1, None)], 0, "firing"));
    }
    let (fate, number) = post(&mut thread, &body("Pods", &[("a", 1, None)], 50, "firing"));
    let number = number.unwrap();
    assert_eq!(fate, AlertOutcome::Crowded);
    post(&mut thread, &body("Pods", &[("a", 1, Some(2))], 50, "firing"));
    let own = format!("Other{}", number - 1);
    post(&mut thread, &body(&own, &[("n", 1, Some(3))], 0, "resolved"));
    assert!(fires(&thread, number), "50 pods are not named");
    post(&mut thread, &body("Pods", &[("z", 1, Some(4))], 49, "resolved"));
    assert!(!fires(&thread, number));
}

/// A repetition of a group with more members than are kept is no news.
#[test]
fn members_beyond_the_limit_are_counted_once() {
    let mut thread = channel();
    let names: Vec<String> = (0..MEMBERS_MAX + 200).map(|member| member.to_string()).collect();
    let of = |count: usize| names.iter().take(count).map(|name| (name.as_str(), 1, None));
    let all: Vec<Named<'_>> = of(MEMBERS_MAX + 200).collect();
    let body = body("Pods", &all, 0, "firing");
    assert_eq!(post(&mut thread, &body), (AlertOutcome::Opened, Some(1)));
    let known = alert(&thread, 1).clone();
    assert_eq!((known.members.len(), known.left_out), (MEMBERS_MAX, 200));
    assert_eq!(post(&mut thread, &body), (AlertOutcome::Repeated, Some(1)));
    let mut ended = body.clone();
    ended["alerts"][0]["status"] = json!("resolved");
    ended["alerts"][0]["endsAt"] = json!((START - SignedDuration::from_secs(9)).to_string());
    assert_eq!(post(&mut thread, &ended), (AlertOutcome::Joined, Some(1)));
    let known = alert(&thread, 1);
    assert_eq!(known.firing().count() + usize::try_from(known.left_out).unwrap(), names.len() - 1);
}

/// Members of a group, of which the sender names the first one.
const MEMBERS: usize = 6;
const NAMED: usize = 1;

/// The notifications of a history in which a member turns each second, and whether any fires at its
/// end. The status is that of the whole group, as Alertmanager's reason is.
fn sent(turns: &[usize]) -> (Vec<Value>, bool) {
    let names: Vec<String> = (0..MEMBERS).map(|member| format!("m{member}")).collect();
    let mut known: [Option<(i64, Option<i64>)>; MEMBERS] = [None; MEMBERS];
    let mut bodies = Vec::new();
    for (second, turn) in (0..).zip(turns) {
        let member = &mut known[*turn];
        *member = match *member {
            Some((began, None)) => Some((began, Some(second))),
            _ => Some((second, None)),
        };
        let told: Vec<Named<'_>> = names
            .iter()
            .zip(&known)
            .filter_map(|(name, known)| known.map(|(began, ended)| (name.as_str(), began, ended)))
            .collect();
        let any = told.iter().any(|member| member.2.is_none());
        let status = if any { "firing" } else { "resolved" };
        let (first, rest) = told.split_at(told.len().min(NAMED));
        bodies.push(body("Pods", first, rest.len(), status));
        // A sender reports an end once.
        for known in known.iter_mut().filter(|known| known.is_some_and(|(_, end)| end.is_some())) {
            *known = None;
        }
    }
    let any = known.iter().flatten().any(|(_, ended)| ended.is_none());
    (bodies, any)
}

fn any_fires(thread: &Thread) -> bool {
    let open = thread.state.responses.values().filter(|response| response.is_open());
    let mut alerts = open.filter_map(|response| response.alert.as_ref());
    alerts.any(|alert| alert.condition == Condition::Fired)
}

proptest! {
    #![proptest_config(settings(200))]

    /// In order, with repetitions of what was delivered before in between. A repetition ends
    /// nothing, and what the next notification says holds. A member that was not seen to resolve
    /// may fire again with a repetition, as one does that was silenced (see `members`).
    #[test]
    fn repetitions_neither_end_nor_lose_members_that_are_not_named(
        turns in prop::collection::vec(0..MEMBERS, 1..30),
        again in prop::collection::vec(any::<Option<prop::sample::Index>>(), 30),
    ) {
        let (bodies, fires) = sent(&turns);
        let mut thread = channel();
        for (place, (body, again)) in bodies.iter().zip(again).enumerate() {
            post(&mut thread, body);
            let says_firing = body["status"] == "firing";
            prop_assert_eq!(any_fires(&thread), says_firing);
            if let Some(again) = again {
                post(&mut thread, &bodies[again.index(place + 1)]);
                prop_assert!(any_fires(&thread) || !says_firing, "a repetition ended it");
            }
        }
        post(&mut thread, bodies.last().unwrap());
        prop_assert!(any_fires(&thread) || !fires);
    }
}
