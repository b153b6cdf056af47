//! Members of groups from two senders in random histories: nothing is lost, an incident is over
//! exactly when no member fires, and neither the order nor the repetition of deliveries matters.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use status_update::core::alerts::firing::{AlertSource, Condition, Key};
use status_update::core::alerts::members::AlertDigest;
use status_update::core::alerts::read::read_alert;
use status_update::core::config::Config;
use status_update::core::decide::alert::Fate;

use crate::cases::thread::{START, Thread};
use crate::properties::inputs::settings;

/// Members of each group.
const MEMBERS: usize = 4;
const SENDERS: [&str; 2] = ["https://am.eu.example", "https://am.us.example"];

/// What happens in a minute of a sender: a member turns, or is silenced or heard again.
#[derive(Clone, Copy, Debug)]
enum Turn {
    Turns(usize, usize),
    Silences(usize, usize),
}

fn turn(silences: bool) -> impl Strategy<Value = Turn> {
    let place = (0..SENDERS.len(), 0..MEMBERS);
    let turns = place.clone().prop_map(|(sender, member)| Turn::Turns(sender, member));
    let muted = place.prop_map(|(sender, member)| Turn::Silences(sender, member));
    if silences { prop_oneof![3 => turns, 1 => muted].boxed() } else { turns.boxed() }
}

fn fingerprint(sender: usize, member: usize) -> String {
    format!("{sender}{member}00000000000000")
}

fn id(sender: usize, member: usize) -> AlertDigest {
    let print = fingerprint(sender, member);
    AlertDigest::of(&Key::of(AlertSource::Alertmanager, &["member", &print]))
}

/// A member as its sender knows it.
#[derive(Clone, Copy, Default)]
struct Truth {
    began: Option<Timestamp>,
    ended: Option<Timestamp>,
    /// Whether its end was reported.
    is_reported: bool,
    silenced: bool,
}

impl Truth {
    fn fires(&self) -> bool {
        self.began.is_some() && self.ended.is_none()
    }
}

/// A sender's notification about its group: what fires, and what has resolved since the last one.
fn notification(sender: usize, group: &mut [Truth; MEMBERS]) -> Option<Vec<u8>> {
    let mut alerts: Vec<Value> = Vec::new();
    for (member, truth) in group.iter_mut().enumerate() {
        if truth.silenced || truth.began.is_none() || truth.ended.is_some() && truth.is_reported {
            continue;
        }
        truth.is_reported = truth.ended.is_some();
        alerts.push(json!({
            "status": if truth.fires() { "firing" } else { "resolved" },
            "fingerprint": fingerprint(sender, member),
            "labels": { "alertname": "NodeDown", "instance": format!("node-{member}") },
            "annotations": {},
            "startsAt": truth.began,
            "endsAt": truth.ended,
        }));
    }
    let any_fires = alerts.iter().any(|alert| alert["status"] == "firing");
    let body = json!({
        "version": "4",
        "groupKey": "{}:{alertname=\"NodeDown\"}",
        "status": if any_fires { "firing" } else { "resolved" },
        "externalURL": SENDERS[sender],
        "commonLabels": { "alertname": "NodeDown" },
        "alerts": alerts,
    });
    (!alerts.is_empty()).then(|| body.to_string().into_bytes())
}

/// The notifications of a history in the order in which they were sent, and how it ends.
fn sent(turns: &[Turn]) -> (Vec<Vec<u8>>, [[Truth; MEMBERS]; 2]) {
    let mut truth = [[Truth::default(); MEMBERS]; 2];
    let mut bodies = Vec::new();
    for (minute, turn) in turns.iter().enumerate() {
        let now = START - SignedDuration::from_hours(10)
            + SignedDuration::from_mins(i64::try_from(minute).unwrap());
        let sender = match *turn {
            Turn::Turns(sender, member) => {
                let known = &mut truth[sender][member];
                if known.fires() {
                    known.ended = Some(now);
                } else {
                    (known.began, known.ended, known.is_reported) = (Some(now), None, false);
                }
                sender
            }
            Turn::Silences(sender, member) => {
                truth[sender][member].silenced ^= true;
                sender
            }
        };
        bodies.extend(notification(sender, &mut truth[sender]));
    }
    (bodies, truth)
}

fn deliver(thread: &mut Thread, body: &[u8]) {
    let alert = read_alert(body).unwrap();
    let decided = thread.alert(&alert, 1).unwrap();
    let is_known = |print: &str| {
        let id = AlertDigest::of(&Key::of(alert.source, &["member", print]));
        let mut incidents = thread.state.responses.values().filter_map(|r| r.alert.as_ref());
        incidents.any(|known| known.members.contains_key(&id))
            || thread.state.alerts.resolved(id).is_some()
    };
    for member in alert.members.iter().filter(|member| member.condition == Condition::Fired) {
        assert!(is_known(&member.fingerprint), "lost: {:?} of {:?}", member, decided.fate);
    }
    assert!(!matches!(decided.fate, Fate::Muted | Fate::Test | Fate::Ignored));
    for response in thread.state.responses.values() {
        let known = response.alert.as_ref().unwrap();
        let fires = known.firing().next().is_some();
        assert_eq!(known.condition == Condition::Fired, fires, "#{}", response.number);
        assert!(response.is_open() || !fires, "#{} is closed and fires", response.number);
    }
}

/// Which members fire in open incidents.
fn firing(thread: &Thread) -> BTreeMap<AlertDigest, bool> {
    let open = thread.state.responses.values().filter(|response| response.is_open());
    let known = open.filter_map(|response| response.alert.as_ref());
    let members = known.flat_map(|alert| alert.firing().map(|(id, _)| (*id, true)));
    members.collect()
}

fn channel(closes: bool) -> Thread {
    let rules =
        if closes { "[[alerts]]\nmatch.source = \"*\"\nclose_on_resolve = true" } else { "" };
    Thread::new(Config::parse(rules).unwrap(), START)
}

/// Which members of which sender fire at the end of a history, in truth and as they are known. The
/// notifications in `again` are delivered once more; a lower number in `order` arrives first.
fn settled(
    turns: &[Turn],
    order: impl IntoIterator<Item = u32>,
    again: &[usize],
    closes: bool,
) -> [BTreeSet<(usize, usize)>; 2] {
    let (bodies, truth) = sent(turns);
    let places = (0..bodies.len()).chain(again.iter().copied());
    let mut deliveries: Vec<(u32, usize)> = order.into_iter().zip(places).collect();
    deliveries.sort_by_key(|(order, _)| *order);
    let mut thread = channel(closes);
    for (_, place) in deliveries {
        deliver(&mut thread, &bodies[place]);
    }
    let known = firing(&thread);
    let members = (0..SENDERS.len()).flat_map(|sender| (0..MEMBERS).map(move |m| (sender, m)));
    let fires = |(sender, member): &(usize, usize)| truth[*sender][*member].fires();
    let is_known = |(sender, member): &(usize, usize)| known.contains_key(&id(*sender, *member));
    [members.clone().filter(fires).collect(), members.filter(is_known).collect()]
}

/// Member 0 may have been silenced when the rule closed the incident. Its end arrives next, then
/// another member fires, and at last comes a notification in which member 0 still fires.
#[test]
fn an_end_counts_that_arrives_while_a_rule_has_the_incident_closed() {
    let turns = [0, 1, 0, 1, 2].map(|member| Turn::Turns(0, member));
    let [fires, known] = settled(&turns, [0, 1, 3, 2, 4, 5], &[1], true);
    assert_eq!(fires, known);
}

/// The same among many others, as it was found.
#[test]
fn an_end_counts_in_a_long_history() {
    let turns = "10 11 00 13 10 00 00 12 13 13 00 00 00 11 00 11 12 13 11";
    let place = |turn: &str| {
        let number: usize = turn.parse().unwrap();
        Turn::Turns(number / 10, number % 10)
    };
    let turns: Vec<Turn> = turns.split(' ').map(place).collect();
    let mut order = [0; 19];
    (order[16], order[8], order[13], order[17]) = (1, 2, 3, 4);
    let [fires, known] = settled(&turns, order, &[], true);
    assert_eq!(fires, known);
}

proptest! {
    #![proptest_config(settings(150))]

    #[test]
    fn neither_order_nor_repetition_matters(
        turns in prop::collection::vec(turn(false), 1..25),
        order in prop::collection::vec(any::<u32>(), 60),
        again in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
        closes: bool,
    ) {
        let order = order.into_iter().cycle();
        let again: Vec<usize> = again.iter().map(|index| index.index(turns.len())).collect();
        let [fires, known] = settled(&turns, order, &again, closes);
        prop_assert_eq!(fires, known);
    }

    /// With silences, in order, each notification some times: what was reported as firing last
    /// fires, and a group that is over is over here.
    #[test]
    fn silenced_members_come_back(
        turns in prop::collection::vec(turn(true), 1..40),
        times in prop::collection::vec(1..3usize, 40),
        closes: bool,
    ) {
        let (bodies, _) = sent(&turns);
        let mut thread = channel(closes);
        for (body, times) in bodies.iter().zip(times.into_iter().cycle()) {
            for _ in 0..times {
                deliver(&mut thread, body);
            }
            let body: Value = serde_json::from_slice(body).unwrap();
            let firing = firing(&thread);
            for member in body["alerts"].as_array().unwrap() {
                let print = member["fingerprint"].as_str().unwrap();
                let id = AlertDigest::of(&Key::of(AlertSource::Alertmanager, &["member", print]));
                prop_assert_eq!(firing.contains_key(&id), member["status"] == "firing");
            }
        }
    }
}
