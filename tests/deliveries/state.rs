//! Consequences of events alone: mentioned people, evictions, and the adherence to a cadence.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use status_update::core::config::Config;
use status_update::core::decide::clock;
use status_update::core::decide::delivery::{claims, outcome, record};
use status_update::core::http::{Failure, Receiver};
use status_update::core::log::evict::Limits;
use status_update::core::log::fold::fold_bytes;
use status_update::core::log::record::{Event, Record};
use status_update::core::log::state::State;
use status_update::core::outbox::events::DeliveryEvent;
use status_update::core::outbox::model::{Notice, NoticeKind, Payload};
use status_update::core::response::cadence::intervals;
use status_update::core::response::events::ResponseEvent;
use status_update::core::response::person::Person;
use status_update::core::response::role::Role;

use crate::cases::thread::{START, Thread};

fn at(minutes: i64) -> Timestamp {
    START + SignedDuration::from_mins(minutes)
}

fn take(state: &mut State, record: &Record) {
    fold_bytes(state, &serde_json::to_vec(record).unwrap()).unwrap();
}

fn notice(heading: &str) -> DeliveryEvent {
    let (heading, text) = (heading.to_owned(), "Words".to_owned());
    let kind = NoticeKind::Announcement;
    let notice = Notice { kind, to: Vec::new(), heading, text, facts: Vec::new(), link: None };
    DeliveryEvent::notice(None, notice)
}

fn add(state: &mut State, events: Vec<DeliveryEvent>, minutes: i64) {
    let events = events.into_iter().map(Event::Delivery).collect();
    let made = record(state, &Config::default(), &Limits::DEFAULT, events, at(minutes)).unwrap();
    take(state, &made);
}

/// The people whom each reminder mentions, given some roles.
fn called(roles: &[(Role, &str)]) -> Vec<(String, Vec<String>)> {
    let mut thread = Thread::new(Config::default(), START);
    thread.say("open Checkout is failing").expect_record();
    let mut state = thread.state;
    for (role, name) in roles {
        let person = Person { id: (*name).to_owned(), name: (*name).to_owned(), teams_id: None };
        let event =
            ResponseEvent::Assigned { number: 1, role: *role, topic: None, person, from: None };
        let mut made = thread.records[0].clone();
        made.revision = state.revision + 1;
        made.previous.clone_from(&state.head);
        made.events = vec![Event::Response(event)];
        take(&mut state, &made);
    }
    let config = Config::default();
    let due = |state: &State, minutes| {
        clock::due(state, &config, &Limits::DEFAULT, at(minutes)).unwrap().unwrap()
    };
    let first = due(&state, 45);
    take(&mut state, &first);
    let second = due(&state, 60);
    let notices = [first, second].into_iter().flat_map(|due| due.record.events);
    let notices = notices.filter_map(|event| match event {
        Event::Delivery(DeliveryEvent::Queued { what: Payload::Notice(notice), .. }) => {
            Some(notice)
        }
        _ => None,
    });
    let named = |notice: Notice| {
        let NoticeKind::Reminder { reminder, .. } = notice.kind else { panic!("{notice:?}") };
        let names = notice.to.into_iter().map(|person| person.name).collect();
        (format!("{reminder:?}"), names)
    };
    notices.map(named).collect()
}

#[test]
fn each_reminder_mentions_the_person_who_can_act() {
    let [nudge, overdue] = ["Nudge", "Overdue"].map(str::to_owned);
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let all = [
        (Role::Commander, "Ada"),
        (Role::Comms, "Bo"),
        (Role::Scribe, "Cy"),
        (Role::Secondary, "Di"),
    ];
    // A silent timeline is part of the message, and of the one that replaces it.
    let expected =
        vec![(nudge.clone(), names(&["Bo", "Cy"])), (overdue.clone(), names(&["Ada", "Bo", "Cy"]))];
    assert_eq!(called(&all), expected);
    let expected = vec![(nudge.clone(), names(&["Ada"])), (overdue.clone(), names(&["Ada"]))];
    assert_eq!(called(&all[..1]), expected, "the commander, where nobody else is there");
    let nobody = vec![(nudge, names(&[])), (overdue, names(&[]))];
    assert_eq!(called(&[]), nobody, "the channel, where nobody is");
    let both = called(&[(Role::Commander, "Ada"), (Role::Comms, "Ada")]);
    assert_eq!(both[1].1, ["Ada"], "nobody is called twice");
}

#[test]
fn each_delivery_has_a_key_of_its_own() {
    let mut state = State::default();
    add(&mut state, vec![notice("One"), notice("Two")], 0);
    add(&mut state, vec![notice("One")], 1);
    let keys: BTreeSet<&String> = state.deliveries.waiting().map(|d| &d.key).collect();
    assert_eq!(keys.len(), 3);
    assert!(keys.iter().all(|key| key.len() == 32), "{keys:?}");
    // A log that was restored and goes on otherwise has others.
    let mut other = State::default();
    add(&mut other, vec![notice("One"), notice("Two")], 1);
    assert!(other.deliveries.waiting().all(|delivery| !keys.contains(&delivery.key)));
}

#[test]
fn a_try_is_taken_once_until_its_lease_is_over() {
    let mut state = State::default();
    add(&mut state, vec![notice("One")], 0);
    let first = claims(&state, (Receiver::Workflows, true), "a", at(0));
    assert!(matches!(first[..], [DeliveryEvent::Claimed { attempt: 1, .. }]), "{first:?}");
    assert_eq!(claims(&state, (Receiver::Boards, true), "a", at(0)), [], "it is not for them");
    add(&mut state, first, 0);
    assert_eq!(claims(&state, (Receiver::Workflows, true), "b", at(0)), []);
    let again = claims(&state, (Receiver::Workflows, true), "b", at(1));
    assert!(matches!(again[..], [DeliveryEvent::Claimed { attempt: 2, .. }]), "{again:?}");
    add(&mut state, again, 1);
    let failed = Err(Failure::Unknown("no answer".to_owned()));
    assert_eq!(outcome(&state, (1, 1), &failed, at(1)), None, "another try is going on");
    let delivered = outcome(&state, (1, 1), &Ok(()), at(1)).unwrap();
    add(&mut state, vec![delivered], 1);
    assert_eq!(outcome(&state, (1, 2), &Ok(()), at(1)), None, "it is over");
    // An event that does not fit is not folded: the same try cannot be claimed twice.
    let twice = DeliveryEvent::Claimed { id: 1, attempt: 1, by: "c".to_owned(), until: at(2) };
    let refused =
        record(&state, &Config::default(), &Limits::DEFAULT, vec![Event::Delivery(twice)], at(2));
    assert!(refused.is_err(), "{refused:?}");
}

#[test]
fn waiting_and_finished_messages_are_bounded() {
    let limits = Limits { waiting: 5, delivered: 5, ..Limits::DEFAULT };
    let mut state = State::default();
    for round in 0..100 {
        let events = vec![notice("One"), notice("Two")];
        let events = events.into_iter().map(Event::Delivery).collect();
        let made = record(&state, &Config::default(), &limits, events, at(round)).unwrap();
        take(&mut state, &made);
        let (waiting, ended) = (state.deliveries.waiting().count(), state.deliveries.ended().len());
        assert!(waiting <= 5 && ended <= 5 + 10 + 2, "{waiting} wait, {ended} are over");
    }
    let newest = state.deliveries.waiting().next_back().unwrap();
    assert_eq!(newest.id, 200, "the oldest go first");
}

#[test]
fn how_well_a_cadence_was_kept() {
    let mut thread = Thread::new(Config::default(), START);
    let mut say = |text: &str, minutes| {
        thread.now = at(minutes);
        thread.say(text).expect_record();
        thread.state.response(1).unwrap().clone()
    };
    let hour = SignedDuration::from_hours(1);
    let opened = say("open Checkout is failing", 0);
    let early = intervals(&opened, hour, at(0));
    assert_eq!((early.count, early.share_percent()), (0, None), "nobody has waited yet");
    let open = intervals(&opened, hour, at(90));
    assert_eq!((open.count, open.over, open.longest.as_mins()), (1, 1, 90), "the last gap is open");
    say("update Still looking", 30);
    // To the minute of the bound it is kept.
    say("update identified Found it", 90);
    say("impact minor", 100);
    let closed = say("close Done", 165);
    let all = intervals(&closed, hour, at(1_000));
    assert_eq!((all.count, all.over, all.longest.as_mins()), (3, 1, 75), "30, 60 and 75 minutes");
    assert_eq!(all.share_percent(), Some(66));
    // While it was closed nobody waited.
    let reopened = say("reopen #1 It is back", 1_000);
    assert_eq!(intervals(&reopened, hour, at(1_010)).count, 4, "one more of ten minutes");
    assert_eq!(intervals(&reopened, hour, at(1_010)).over, 1);
    let after = say("close #1 Done", 1_020);
    let again = intervals(&after, hour, at(5_000));
    assert_eq!((again.count, again.over, again.longest.as_mins()), (4, 1, 75));
    let learned = say("postmortem #1 It was the disk", 9_000);
    assert_eq!(intervals(&learned, hour, at(9_000)), again, "what comes afterwards is no gap");
}
