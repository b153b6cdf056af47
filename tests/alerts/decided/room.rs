//! Room for alerts, and alerts that get worse.

use status_update::core::alerts::members::MEMBERS_MAX;
use status_update::core::commands::context::Context;
use status_update::core::decide::alert::{NoDecision, RefusedAlert, refused};

use super::*;

/// A storm leaves room for people, and nothing of it is passed over in silence.
#[test]
fn a_storm_of_many_alerts_leaves_room() {
    let mut thread = thread("");
    let most = Number::try_from(ALERTED_MAX).unwrap();
    for number in 1..=most {
        let opened = fate(&mut thread, &fired(&format!("Key {number}")));
        assert_eq!(opened, (AlertOutcome::Opened, Some(number)));
    }
    let newest = Some(most);
    thread.now += BURST;
    let records = thread.records.len();
    assert_eq!(fate(&mut thread, &fired("One more")), (AlertOutcome::Crowded, newest));
    assert_eq!(thread.records.len(), records + 1);
    for number in 0..100 {
        assert_eq!(
            fate(&mut thread, &fired(&format!("More {number}"))),
            (AlertOutcome::Crowded, newest)
        );
        let heard = waiting(&thread).pop().unwrap();
        assert_eq!(heard, format!("No room for an incident of its own: More {number} is slow"));
    }
    assert_eq!(thread.records.len(), records + 101, "each of them is kept");
    let alert = response(&thread, most).alert.as_ref().unwrap();
    assert_eq!(alert.members.len(), 102);
    // The most severe ones get incidents of their own all the same.
    let mut critical = fired("Critical");
    critical.reading.grade = Some(Grade::Severity(Severity::Critical));
    assert_eq!(fate(&mut thread, &critical), (AlertOutcome::Opened, Some(most + 1)));
    let alert = response(&thread, most).alert.clone().unwrap();
    assert!(alert.key.as_str().ends_with(&format!("Key {most}")), "{alert:?}");
    for _ in ALERTED_MAX..OPEN_INCIDENTS_MAX {
        thread.say("open internal another A person's own").expect_record();
    }
    thread.say("close #1").expect_record();
    thread.say("close #2").expect_record();
    // There is room for an alert again.
    assert_eq!(fate(&mut thread, &fired("Another")).0, AlertOutcome::Opened);
}

#[test]
fn incidents_of_people_use_up_no_room_of_alerts() {
    let mut thread = thread("");
    for _ in 0..OPEN_INCIDENTS_MAX {
        thread.say("open internal another A person's own").expect_record();
    }
    assert_eq!(fate(&mut thread, &fired("Checkout")).0, AlertOutcome::Opened);
}

/// A resolved incident makes room automatically, unless somebody has acted on it.
#[test]
fn resolved_incidents_make_room() {
    let mut thread = thread("");
    let most = Number::try_from(ALERTED_MAX).unwrap();
    for number in 1..=most {
        let key = format!("Key {number}");
        told(&mut thread, &fired(&key));
        told(&mut thread, &resolved(&key));
    }
    thread.say("ack #1").expect_record();
    assert_eq!(fate(&mut thread, &fired("New")), (AlertOutcome::Opened, Some(most + 1)));
    assert!(response(&thread, 1).is_open(), "somebody works on it");
    assert!(!response(&thread, 2).is_open());
    let heard = waiting(&thread);
    assert!(heard.iter().any(|h| h == "Incident #2 is closed to make room: its alert resolved"));
    // It fires again so soon: it is the same trouble.
    assert_eq!(fate(&mut thread, &fired("Key 2")).0, AlertOutcome::Reopened);
}

#[test]
fn a_full_timeline_accepts_only_its_end() {
    let mut thread = thread("[[alerts]]\nmatch.source = \"plain\"\nclose_on_resolve = true");
    told(&mut thread, &fired("Checkout"));
    thread.now += BURST;
    assert_eq!(fate(&mut thread, &fired("Checkout")), (AlertOutcome::Joined, Some(1)));
    let entries = response(&thread, 1).entries.len();
    for _ in 0..10 {
        thread.now += BURST;
        assert_eq!(fate(&mut thread, &fired("Checkout")), (AlertOutcome::Joined, Some(1)));
    }
    assert_eq!(response(&thread, 1).entries.len(), entries, "one entry counts what is repeated");
    while response(&thread, 1).entries.len() < TIMELINE_MAX {
        thread.say("note #1 Still at it").expect_record();
    }
    assert_eq!(fate(&mut thread, &fired("Checkout")), (AlertOutcome::Repeated, Some(1)));
    assert_eq!(fate(&mut thread, &resolved("Checkout")), (AlertOutcome::Closed, Some(1)));
}

/// A full timeline grows no further, but the members and the message to the channel are there.
#[test]
fn an_alert_that_gets_worse_in_a_full_timeline_is_announced() {
    let mut thread = thread("");
    let group = |members: u8| {
        let member = |number: u8| json!({ "status": "firing", "fingerprint": number.to_string() });
        let members: Vec<_> = (0..members).map(member).collect();
        let body = json!({ "version": "4", "groupKey": "{}:{}", "alerts": members });
        read_alert(body.to_string().as_bytes()).unwrap()
    };
    told(&mut thread, &group(1));
    while response(&thread, 1).entries.len() < TIMELINE_MAX {
        thread.say("note #1 Still at it").expect_record();
    }
    assert_eq!(fate(&mut thread, &group(3)), (AlertOutcome::Joined, Some(1)));
    assert_eq!(response(&thread, 1).entries.len(), TIMELINE_MAX);
    assert_eq!(response(&thread, 1).alert.as_ref().unwrap().firing().count(), 3);
    assert_eq!(waiting(&thread).pop().unwrap(), "Incident #1 got worse: 2 more alerts fire");
}

#[test]
fn a_severity_from_a_rule_stays_when_the_alert_gets_worse() {
    let mut thread = thread("[[alerts]]\nmatch.source = \"plain\"\nseverity = 3");
    let mut alert = fired("Checkout");
    told(&mut thread, &alert);
    alert.reading.grade = Some(Grade::Severity(Severity::Critical));
    assert_eq!(fate(&mut thread, &alert), (AlertOutcome::Repeated, Some(1)));
    assert_eq!(response(&thread, 1).severity, Some(Severity::Medium));
}

/// The monitor gets 503 and sends it again later.
#[test]
fn an_alert_is_not_accepted_if_every_incident_is_full() {
    let mut thread = thread("");
    for group in 0..ALERTED_MAX {
        let member = |number: usize| json!({ "fingerprint": format!("{group} {number}") });
        let members: Vec<_> = (0..MEMBERS_MAX).map(member).collect();
        let body = json!({ "version": "4", "groupKey": group.to_string(), "alerts": members });
        let alert = read_alert(body.to_string().as_bytes()).unwrap();
        assert_eq!(fate(&mut thread, &alert).0, AlertOutcome::Opened);
    }
    assert_eq!(thread.alert(&fired("Checkout"), 1).unwrap_err(), NoDecision::NoRoom);
}

/// Possible events in a channel with monitors.
#[derive(Clone, Debug)]
enum Step {
    Fires(usize, i64),
    Resolves(usize, i64),
    Closes(usize),
    Waits(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..4usize, -20..20i64).prop_map(|(key, at)| Step::Fires(key, at)),
        3 => (0..4usize, -20..20i64).prop_map(|(key, at)| Step::Resolves(key, at)),
        1 => (0..4usize).prop_map(Step::Closes),
        2 => (0..20i64).prop_map(Step::Waits),
    ]
}

proptest! {
    #![proptest_config(settings(200))]

    /// For any order of deliveries: at most one open incident per key, every record folds, and an
    /// open incident of a firing key is announced at most once per burst.
    #[test]
    fn one_open_incident_a_key(steps in prop::collection::vec(step(), 1..60),
            closes: bool) {
        let rules = format!("[[alerts]]\nmatch.source = \"plain\"\nclose_on_resolve = {closes}");
        let mut thread = thread(&rules);
        let keys = ["A", "B", "C", "D"];
        for step in steps {
            let at = |minutes: i64| Some(thread.now + SignedDuration::from_mins(minutes));
            match step {
                Step::Fires(key, minutes) => {
                    let alert = plain(keys[key], Condition::Fired, at(minutes));
                    let decided = told(&mut thread, &alert);
                    // A start that is newer is kept without an entry.
                    prop_assert!(decided.record.is_some()
                        || matches!(decided.fate, AlertOutcome::Repeated | AlertOutcome::Over));
                }
                Step::Resolves(key, minutes) => {
                    let mut alert = plain(keys[key], Condition::Resolved, None);
                    ends(&mut alert, at(minutes));
                    let decided = told(&mut thread, &alert);
                    prop_assert!(closes || decided.fate != AlertOutcome::Closed);
                }
                Step::Closes(key) => {
                    let open = thread.state.open_internal().map(|r| r.number).nth(key);
                    if let Some(number) = open {
                        thread.say(&format!("close #{number}")).expect_record();
                    }
                }
                Step::Waits(minutes) => thread.now += SignedDuration::from_mins(minutes),
            }
            let open = || thread.state.open_internal().filter_map(|r| r.alert.as_ref());
            for alert in open() {
                prop_assert_eq!(open().filter(|other| other.key == alert.key).count(), 1);
            }
        }
    }
}

#[test]
fn a_higher_severity_is_announced_and_set_unless_a_person_set_it() {
    let mut thread = thread("");
    let graded = |severity| {
        let mut alert = fired("Checkout");
        alert.reading.grade = Some(Grade::Severity(severity));
        alert
    };
    told(&mut thread, &graded(Severity::Medium));
    assert_eq!(fate(&mut thread, &graded(Severity::High)), (AlertOutcome::Joined, Some(1)));
    assert_eq!(response(&thread, 1).severity, Some(Severity::High));
    let heard = waiting(&thread);
    assert_eq!(heard.last().unwrap(), "Incident #1 got worse: severity 2 now, was 3");
    assert_eq!(fate(&mut thread, &graded(Severity::Medium)), (AlertOutcome::Repeated, Some(1)));
    thread.say("sev #1 4").expect_record();
    assert_eq!(fate(&mut thread, &graded(Severity::Critical)), (AlertOutcome::Joined, Some(1)));
    let heard = waiting(&thread);
    assert_eq!(heard.last().unwrap(), "Incident #1 got worse: the alert has severity 1");
    assert_eq!(response(&thread, 1).severity, Some(Severity::Low));
}

#[test]
fn a_higher_severity_suggests_the_impact_and_leaves_the_page_alone() {
    let mut thread = thread("");
    let graded = |severity| {
        let mut alert = fired("Checkout");
        alert.reading.grade = Some(Grade::Severity(severity));
        alert
    };
    told(&mut thread, &graded(Severity::Medium));
    thread.say("publish #1 minor on none: Some payments fail").expect_record();
    told(&mut thread, &graded(Severity::Critical));
    assert_eq!(thread.state.status.incident(1).unwrap().impact, Impact::Minor);
    let last = thread.state.deliveries.waiting().last().unwrap();
    let Payload::Notice(notice) = &last.what else { panic!("{last:?}") };
    assert_eq!(notice.heading, "Incident #1 got worse: severity 1 now, was 3");
    assert!(notice.text.contains("`impact #1 critical`"), "{}", notice.text);
}

#[test]
fn a_mitigation_of_a_person_stays_and_that_of_the_alert_is_taken_back() {
    let mut thread = thread("");
    for (key, by_hand) in [("Shop", false), ("Mail", true)] {
        told(&mut thread, &fired(key));
        let number = thread.state.next_number - 1;
        if by_hand {
            thread.say(&format!("mitigated #{number}")).expect_record();
        }
        told(&mut thread, &resolved(key));
        assert!(response(&thread, number).milestones.at(Milestone::Mitigated).is_some());
        told(&mut thread, &fired(key));
        let stands = response(&thread, number).milestones.at(Milestone::Mitigated).is_some();
        assert_eq!(stands, by_hand, "{key}");
    }
}

#[test]
fn refused_alerts_are_announced_once_an_hour_for_each_sender_and_reason() {
    let mut thread = thread("");
    let announced = |thread: &mut Thread, sender: &str, reason: &str| {
        let (sender, reason) = (sender.to_owned(), reason.to_owned());
        let body = RefusedAlert { sender, reason, remedy: "Send less.".to_owned() };
        let Thread { state, config, limits, .. } = &*thread;
        let cause = &body.cause(thread.now);
        let context = Context { state, config, limits, cause, recalled: None };
        let record = refused(context, &body).unwrap();
        let is_announced = record.is_some();
        if let Some(record) = record {
            thread.take_in(record);
        }
        is_announced
    };
    let start = thread.now;
    for (minutes, sender, reason, is_announced) in [
        (0, "Datadog", "too large", true),
        (1, "Datadog", "too large", false),
        (2, "Datadog", "not JSON", true),
        (4, "Grafana", "too large", true),
        (59, "Datadog", "too large", false),
        (60, "Datadog", "too large", true),
    ] {
        thread.now = start + SignedDuration::from_mins(minutes);
        assert_eq!(announced(&mut thread, sender, reason), is_announced, "{minutes} {sender}");
    }
    let heard = waiting(&thread);
    assert_eq!(heard.last().unwrap(), "Alerts from Datadog are refused: too large");
}
