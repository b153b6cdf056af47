//! Members of groups from two senders in random histories: nothing is lost, an incident is over
//! exactly when no member fires, and neither the order nor the repetition of deliveries matters.

use std::collections::BTreeMap;

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

proptest! {
    #![proptest_config(settings(150))]

    #[test]
    fn neither_order_nor_repetition_matters(
        turns in prop::collection::vec(turn(false), 1..25),
        order in prop::collection::vec(any::<u32>(), 60),
        again in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
        closes: bool,
    ) {
        let (bodies, truth) = sent(&turns);
        let mut deliveries = bodies.clone();
        deliveries.extend(again.iter().map(|index| bodies[index.index(bodies.len())].clone()));
        let mut order: Vec<(u32, usize)> =
            order.into_iter().cycle().zip(0..deliveries.len()).collect();
        order.sort_unstable();
        let mut thread = channel(closes);
        for (_, place) in order {
            deliver(&mut thread, &deliveries[place]);
        }
        let firing = firing(&thread);
        for (sender, group) in truth.iter().enumerate() {
            for (member, truth) in group.iter().enumerate() {
                let fires = firing.contains_key(&id(sender, member));
                prop_assert_eq!(fires, truth.fires(), "member {} of {}", member, sender);
            }
        }
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
