//! Members of groups from two senders in random histories, with silences, restarts and duplicates:
//! nothing is lost, an incident is over exactly when no member fires, and neither the order nor the
//! repetition of deliveries matters.
//!
//! A sender's rules bound what can be asked of silences (Alertmanager's, and Grafana's, which is
//! built on it):
//!
//! 1. A silenced member is missing from the notifications of its group. Nothing says that it is
//!    silenced: it may as well have been there when the body was cut.
//! 2. If it ends while it is silenced, its end is never told: the sender forgets what is resolved
//!    with its next notification, whether that named it or not.
//! 3. A notification says when its members began and ended, but not when it was sent. One that
//!    comes late, in which a member fires that was silenced afterwards, is the same, byte for byte,
//!    as the one that is sent when the member is heard again. It counts as firing, so that nothing
//!    is lost. A group that resolves without naming a member may come late in the same way.
//! 4. A sender repeats what fires and is not silenced after the repeat interval. That corrects what
//!    came late.
//!
//! So once the senders have repeated what fires: all that they name fires here, and whatever else
//! fires here fires in truth or has an end that was never told.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use status_update::core::alerts::firing::{AlertSource, Condition, Key};
use status_update::core::alerts::members::AlertDigest;
use status_update::core::alerts::read::read_alert;
use status_update::core::config::Config;
use status_update::core::decide::alert::AlertOutcome;
use status_update::core::log::fold::fold_bytes;
use status_update::core::log::state::State;

use crate::cases::thread::{START, Thread};
use crate::properties::inputs::settings;

/// Members of each group.
const MEMBERS: usize = 4;
const SENDERS: [&str; 2] = ["https://am.eu.example", "https://am.us.example"];

/// One second of a sender: a member turns, or is silenced or unsilenced.
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

/// The digest of a member in the log of a channel.
fn id(thread: &Thread, print: &str) -> Option<AlertDigest> {
    let key = Key::of_member(AlertSource::Alertmanager, print);
    thread.state.alerts.secret().map(|secret| secret.digest(&key))
}

/// A member as its sender knows it.
#[derive(Clone, Copy, Default)]
struct Truth {
    began: Option<Timestamp>,
    ended: Option<Timestamp>,
    /// Its end was delivered.
    is_reported: bool,
    /// True if it ended while it was silenced, so that its sender never reports the end.
    is_forgotten: bool,
    silenced: bool,
}

impl Truth {
    fn fires(&self) -> bool {
        self.began.is_some() && self.ended.is_none()
    }
}

/// A sender's notification about its group: firing members, and those resolved since the last one.
fn notification(sender: usize, group: &mut [Truth; MEMBERS]) -> Option<Vec<u8>> {
    let mut alerts: Vec<Value> = Vec::new();
    for (member, truth) in group.iter_mut().enumerate() {
        if truth.began.is_none()
            || truth.ended.is_some() && (truth.is_reported || truth.is_forgotten)
        {
            continue;
        }
        if truth.silenced {
            truth.is_forgotten = truth.ended.is_some();
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

/// The notifications of a history in sending order, and its final state.
fn sent(turns: &[Turn]) -> (Vec<Vec<u8>>, [[Truth; MEMBERS]; 2]) {
    let mut truth = [[Truth::default(); MEMBERS]; 2];
    let mut bodies = Vec::new();
    for (second, turn) in turns.iter().enumerate() {
        // Everything arrives while a copy may still be in flight.
        let now = START - SignedDuration::from_mins(2)
            + SignedDuration::from_secs(i64::try_from(second).unwrap());
        let sender = match *turn {
            Turn::Turns(sender, member) => {
                let known = &mut truth[sender][member];
                if known.fires() {
                    known.ended = Some(now);
                } else {
                    let silenced = known.silenced;
                    *known = Truth { began: Some(now), silenced, ..Truth::default() };
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
    let at = thread.now;
    let decided = thread.alert(&alert, 1).unwrap();
    thread.now = at + SignedDuration::from_secs(1);
    let is_known = |print: &str| {
        let Some(id) = id(thread, print) else { return false };
        let mut incidents = thread.state.responses.values().filter_map(|r| r.alert.as_ref());
        incidents.any(|known| known.members.contains_key(&id))
            || thread.state.alerts.resolved(id).is_some()
    };
    for member in alert.members.iter().filter(|member| member.condition == Condition::Fired) {
        assert!(is_known(&member.fingerprint), "lost: {:?} of {:?}", member, decided.fate);
    }
    assert!(!matches!(
        decided.fate,
        AlertOutcome::Muted | AlertOutcome::Test | AlertOutcome::Ignored
    ));
    assert_over_exactly_when_nothing_fires(thread);
}

fn assert_over_exactly_when_nothing_fires(thread: &Thread) {
    let mut homes: BTreeMap<AlertDigest, u32> = BTreeMap::new();
    for response in thread.state.responses.values() {
        let Some(known) = response.alert.as_ref() else { continue };
        let fires = known.firing().next().is_some();
        assert_eq!(known.condition == Condition::Fired, fires, "#{}", response.number);
        assert!(response.is_open() || !fires, "#{} is closed and fires", response.number);
        for (id, _) in known.firing() {
            let twice = homes.insert(*id, response.number);
            assert_eq!(twice, None, "{id} fires in #{} as well", response.number);
        }
    }
}

/// Events in the channel between two deliveries.
#[derive(Clone, Copy, Debug)]
enum Between {
    Nothing,
    /// The process dies: the next one reads a snapshot, or the whole log.
    Restart {
        from_log: bool,
    },
    /// Somebody says that the newest open incident is a duplicate of the oldest.
    Duplicate,
}

fn between() -> impl Strategy<Value = Between> {
    prop_oneof![
        8 => Just(Between::Nothing),
        2 => any::<bool>().prop_map(|from_log| Between::Restart { from_log }),
        1 => Just(Between::Duplicate),
    ]
}

fn happens(thread: &mut Thread, between: Between) {
    match between {
        Between::Nothing => {}
        Between::Restart { from_log } => {
            let state = if from_log {
                let mut state = State::default();
                for bytes in &thread.log {
                    fold_bytes(&mut state, bytes).unwrap();
                }
                state
            } else {
                serde_json::from_str(&serde_json::to_string(&thread.state).unwrap()).unwrap()
            };
            assert_eq!(state, thread.state);
            thread.state = state;
        }
        Between::Duplicate => {
            let open = thread.state.responses.values().filter(|response| response.is_open());
            let open: Vec<_> = open.map(|response| response.number).collect();
            if let [first, .., last] = open[..] {
                let before = firing(thread);
                let at = thread.now;
                thread.say(&format!("duplicate #{last} of #{first}")).expect_record();
                thread.now = at + SignedDuration::from_secs(1);
                assert_eq!(firing(thread), before, "the members that fire move");
                assert_over_exactly_when_nothing_fires(thread);
            }
        }
    }
}

/// Which members fire in open incidents.
fn firing(thread: &Thread) -> BTreeSet<AlertDigest> {
    let open = thread.state.responses.values().filter(|response| response.is_open());
    let known = open.filter_map(|response| response.alert.as_ref());
    known.flat_map(|alert| alert.firing().map(|(id, _)| *id)).collect()
}

fn channel(closes: bool) -> Thread {
    let rules =
        if closes { "[[alerts]]\nmatch.source = \"*\"\nclose_on_resolve = true" } else { "" };
    Thread::new(Config::parse(rules).unwrap(), START)
}

/// The same notification from the other Alertmanager of a cluster.
fn replica(body: &[u8]) -> Vec<u8> {
    let body = String::from_utf8(body.to_vec()).unwrap();
    body.replace("https://am.", "https://am-b.").into_bytes()
}

/// Arrivals, and the events in between.
struct Deliveries {
    /// A lower number arrives first: of each notification, then of each that comes again.
    order: Vec<u32>,
    /// Notifications that are delivered once more, some by the other Alertmanager of a cluster.
    again: Vec<(usize, bool)>,
    /// The event before each delivery.
    between: Vec<Between>,
    closes: bool,
}

fn deliveries(notifications: usize) -> impl Strategy<Value = Deliveries> {
    let again = prop::collection::vec(any::<(prop::sample::Index, bool)>(), 0..10);
    let order = prop::collection::vec(any::<u32>(), 60);
    let between = prop::collection::vec(between(), 60);
    (order, again, between, any::<bool>()).prop_map(move |(order, again, between, closes)| {
        let again = again.iter().map(|(index, replica)| (index.index(notifications), *replica));
        Deliveries { order, again: again.collect(), between, closes }
    })
}

impl fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { order, again, between, closes } = self;
        write!(f, "order {order:?}, again {again:?}, between {between:?}, closes {closes}")
    }
}

fn arrive(bodies: &[Vec<u8>], deliveries: &Deliveries) -> Thread {
    let again = deliveries.again.iter().copied().filter(|(place, _)| *place < bodies.len());
    let places = (0..bodies.len()).map(|place| (place, false)).chain(again);
    let order = deliveries.order.iter().cycle();
    let mut all: Vec<(&u32, (usize, bool))> = order.zip(places).collect();
    all.sort_by_key(|(order, _)| **order);
    let mut thread = channel(deliveries.closes);
    let between = deliveries.between.iter().chain(std::iter::repeat(&Between::Nothing));
    for ((_, (place, is_replica)), between) in all.into_iter().zip(between) {
        happens(&mut thread, *between);
        let body = &bodies[place];
        let body = if is_replica { replica(body) } else { body.clone() };
        deliver(&mut thread, &body);
    }
    thread
}

/// The members that fire as they are known here.
fn known(thread: &Thread) -> BTreeSet<(usize, usize)> {
    let firing = firing(thread);
    let is_known = |(sender, member): &(usize, usize)| {
        id(thread, &fingerprint(*sender, *member)).is_some_and(|id| firing.contains(&id))
    };
    members().filter(is_known).collect()
}

fn members() -> impl Iterator<Item = (usize, usize)> {
    (0..SENDERS.len()).flat_map(|sender| (0..MEMBERS).map(move |member| (sender, member)))
}

/// Asserts that without silences the same fires here as in truth.
fn assert_as_in_truth(turns: &[Turn], deliveries: &Deliveries) {
    let (bodies, truth) = sent(turns);
    let thread = arrive(&bodies, deliveries);
    let fires = members().filter(|(sender, member)| truth[*sender][*member].fires());
    assert_eq!(known(&thread), fires.collect());
}

/// Asserts the rules about silences.
fn assert_told_and_no_more(turns: &[Turn], deliveries: &Deliveries) {
    let (bodies, mut truth) = sent(turns);
    let mut thread = arrive(&bodies, deliveries);
    for (sender, group) in truth.iter_mut().enumerate() {
        if let Some(body) = notification(sender, group) {
            deliver(&mut thread, &body);
        }
    }
    let known = known(&thread);
    for (sender, member) in members() {
        let Truth { silenced, is_forgotten, .. } = truth[sender][member];
        let (fires, is_known) = (truth[sender][member].fires(), known.contains(&(sender, member)));
        assert!(is_known || !fires || silenced, "{member} of {sender} is told and not known");
        assert!(!is_known || fires || is_forgotten, "{member} of {sender} ended, and was told to");
    }
}

/// In this order, once.
fn in_order(order: impl IntoIterator<Item = u32>) -> Deliveries {
    let order = order.into_iter().collect();
    Deliveries { order, again: Vec::new(), between: Vec::new(), closes: true }
}

/// Member 0 may have been silenced when the rule closed the incident. Its end arrives next, then a
/// different member fires, and finally a notification in which member 0 still fires.
#[test]
fn an_end_counts_that_arrives_while_a_rule_has_the_incident_closed() {
    let turns = [0, 1, 0, 1, 2].map(|member| Turn::Turns(0, member));
    let again = vec![(1, false)];
    assert_as_in_truth(&turns, &Deliveries { again, ..in_order([0, 1, 3, 2, 4, 5]) });
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
    assert_as_in_truth(&turns, &in_order(order));
}

/// Member 0 ends, fires again and is silenced. When its group resolves without it, it counts as
/// silenced; only then the end of its first firing arrives.
#[test]
fn a_late_end_says_nothing_about_a_later_firing_that_is_silenced() {
    let turns = [
        Turn::Turns(0, 0),
        Turn::Turns(0, 0),
        Turn::Turns(0, 0),
        Turn::Turns(0, 1),
        Turn::Silences(0, 0),
        Turn::Turns(0, 1),
        Turn::Silences(0, 0),
    ];
    for closes in [false, true] {
        let deliveries = Deliveries { closes, ..in_order([0, 5, 1, 2, 3, 4, 6]) };
        assert_told_and_no_more(&turns, &deliveries);
    }
}

/// The first firing arrives late and is taken for the silenced one; its end does not end that.
#[test]
fn a_late_copy_of_an_earlier_firing_does_not_bring_back_its_start() {
    let turns = [0, 0, 0, 1].map(|member| Turn::Turns(0, member));
    let turns = [&turns[..], &[Turn::Silences(0, 0), Turn::Turns(0, 1)]].concat();
    let (bodies, truth) = sent(&turns);
    assert!(truth[0][0].fires() && truth[0][0].silenced);
    let mut thread = channel(false);
    for place in [2, 3, 4, 5] {
        deliver(&mut thread, &bodies[place]);
    }
    assert_eq!(known(&thread), BTreeSet::new());
    for place in [0, 1] {
        deliver(&mut thread, &bodies[place]);
        assert_eq!(known(&thread), [(0, 0)].into());
    }
}

/// A monitor that loses sight of an alert reports its end, and later the same firing with its old
/// start, as Alertmanager does when Prometheus was cut off from it. That is no late copy.
#[test]
fn a_firing_that_is_reported_again_long_after_its_end_goes_on() {
    let (bodies, _) = sent(&[Turn::Turns(0, 0), Turn::Turns(0, 0)]);
    for closes in [false, true] {
        let mut thread = channel(closes);
        for body in [&bodies[0], &bodies[1], &bodies[0]] {
            deliver(&mut thread, body);
        }
        assert_eq!(known(&thread), BTreeSet::new(), "a late copy");
        thread.now += SignedDuration::from_mins(5);
        for body in [&bodies[0], &bodies[0], &bodies[1]] {
            deliver(&mut thread, body);
            assert_eq!(
                known(&thread),
                [(0, 0)].into(),
                "heard again; its earlier end says nothing"
            );
        }
        assert_over_exactly_when_nothing_fires(&thread);
    }
}

/// In one history member 0 is silenced and ends; in the other it is heard again. The same bytes
/// arrive, so it counts as firing in both: an alert may fire too long, but is never lost.
#[test]
fn a_late_copy_of_a_silenced_member_counts_as_firing() {
    let until_silenced =
        [Turn::Turns(0, 0), Turn::Turns(0, 1), Turn::Silences(0, 0), Turn::Turns(0, 1)];
    let (ended, truth) = sent(&[&until_silenced[..], &[Turn::Turns(0, 0)]].concat());
    let (heard, _) = sent(&[&until_silenced[..], &[Turn::Silences(0, 0)]].concat());
    assert!(truth[0][0].ended.is_some());
    let late = [&ended[..], &ended[..1]].concat();
    assert_eq!(late, heard, "the first notification comes once more, or is sent again");

    let mut thread = channel(true);
    for body in &ended {
        deliver(&mut thread, body);
    }
    assert_eq!(known(&thread), BTreeSet::new());
    deliver(&mut thread, &late[ended.len()]);
    assert_eq!(known(&thread), [(0, 0)].into());
}

proptest! {
    #![proptest_config(settings(250))]

    #[test]
    fn neither_order_nor_repetition_matters(
        turns in prop::collection::vec(turn(false), 1..25),
        deliveries in deliveries(25),
    ) {
        assert_as_in_truth(&turns, &deliveries);
    }

    /// With silences.
    #[test]
    fn what_is_told_fires_and_what_ended_does_not(
        turns in prop::collection::vec(turn(true), 1..40),
        deliveries in deliveries(40),
    ) {
        assert_told_and_no_more(&turns, &deliveries);
    }

    /// With silences, in order, and with repetitions: the final state equals the sender's.
    #[test]
    fn silenced_members_come_back(
        turns in prop::collection::vec(turn(true), 1..40),
        times in prop::collection::vec(1..3usize, 40),
        between in prop::collection::vec(between(), 40),
        closes: bool,
    ) {
        let (bodies, _) = sent(&turns);
        let mut thread = channel(closes);
        for ((body, times), between) in bodies.iter().zip(times).zip(between) {
            happens(&mut thread, between);
            for _ in 0..times {
                deliver(&mut thread, body);
            }
            let body: Value = serde_json::from_slice(body).unwrap();
            let firing = firing(&thread);
            for member in body["alerts"].as_array().unwrap() {
                let print = member["fingerprint"].as_str().unwrap();
                let is_known = id(&thread, print).is_some_and(|id| firing.contains(&id));
                prop_assert_eq!(is_known, member["status"] == "firing");
            }
        }
    }
}

proptest! {
    #![proptest_config(settings(40))]

    /// More alerts than there is room for: each that is accepted fires in an open incident and has
    /// an entry in its timeline, or the answer is that there is no room.
    #[test]
    fn nothing_is_lost_in_a_crowd(
        steps in prop::collection::vec((0..70_usize, 0..5_u8, 1..5_u8), 1..200),
    ) {
        let mut thread = channel(false);
        for (key, turn, severity) in steps {
            let fires = turn > 0;
            let body = json!({ "title": format!("{key} is slow"), "key": key.to_string(),
                "severity": severity, "status": if fires { "firing" } else { "resolved" } });
            let alert = read_alert(body.to_string().as_bytes()).unwrap();
            let known = Key::of_member(alert.source, &alert.members[0].fingerprint);
            let Ok(decided) = thread.alert(&alert, 1) else { continue };
            assert_over_exactly_when_nothing_fires(&thread);
            let id = thread.state.alerts.secret().map(|secret| secret.digest(&known));
            if fires {
                prop_assert!(id.is_some_and(|id| firing(&thread).contains(&id)), "{:?}", decided.fate);
                let number = decided.number.unwrap();
                let response = thread.state.response(number).unwrap();
                let revision = thread.state.revision;
                let is_told = response.entries.iter().any(|entry| entry.1 == revision);
                let is_recorded = decided.record.is_some();
                prop_assert!(is_told || !is_recorded, "{:?}", decided.fate);
                prop_assert!(is_recorded || decided.fate == AlertOutcome::Repeated);
            }
        }
    }
}
