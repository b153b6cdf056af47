//! Alerts about components under announced maintenance: noted there, and firing afterwards.

use jiff::SignedDuration;
use serde_json::json;
use status_update::core::alerts::firing::Condition;
use status_update::core::alerts::read::read_alert;
use status_update::core::answer::Answer;
use status_update::core::answer::report::report;
use status_update::core::config::Config;
use status_update::core::decide::Decision;
use status_update::core::decide::alert::AlertOutcome;
use status_update::core::incident::model::Number;

use crate::cases::thread::{START, Thread};

/// A maintenance of an hour, #1.
fn maintenance() -> Thread {
    let config = Config::parse(include_str!("../cases/shop.toml")).unwrap();
    let mut thread = Thread::new(config, START);
    thread.say("maintenance now for 1h on Checkout: New switches").expect_record();
    thread
}

fn post(thread: &mut Thread, key: &str, status: &str) -> (AlertOutcome, Option<Number>) {
    let body = json!({ "title": format!("{key} is slow"), "key": key, "status": status,
        "component": "Checkout", "severity": "P2", "description": "p95 is 4 s",
        "link": "https://grafana.example.com/d/1" });
    let alert = read_alert(body.to_string().as_bytes()).unwrap();
    let decided = thread.alert(&alert, 1).unwrap();
    (decided.fate, decided.number)
}

fn answered(thread: &mut Thread, line: &str) -> String {
    let said = thread.say(line);
    let Decision::Answer(asked) = said.decision() else { panic!("{said:?}") };
    let mut asked = asked.clone();
    let revisions = asked.revisions();
    let records = thread.records.iter().filter(|record| revisions.contains(&record.revision));
    asked.records = records.cloned().collect();
    let Answer::Sentence(told) = report(&asked, &thread.state, None, &thread.config) else {
        panic!("not a sentence")
    };
    told
}

fn ends(thread: &mut Thread) {
    let at = thread.now + SignedDuration::from_hours(2);
    while thread.clock(at).is_some() {}
}

#[test]
fn status_list_and_timeline_of_a_maintenance_show_noted_alerts() {
    let mut thread = maintenance();
    assert_eq!(post(&mut thread, "Payment", "firing"), (AlertOutcome::Noted, Some(1)));
    assert_eq!(post(&mut thread, "Basket", "firing"), (AlertOutcome::Noted, Some(1)));
    assert_eq!(thread.state.next_number, 2, "nothing is opened");
    for line in ["status #1", "list", "alerts"] {
        let told = answered(&mut thread, line);
        for part in ["Payment is slow", "Basket is slow", "p95 is 4 s", "grafana.example.com"] {
            assert!(told.contains(part), "{line}: {part}: {told}");
        }
    }
    assert_eq!(post(&mut thread, "Basket", "resolved"), (AlertOutcome::Noted, Some(1)));
    let told = answered(&mut thread, "status #1");
    assert!(told.contains("Payment is slow") && !told.contains("Basket is slow"), "{told}");
    let summary = answered(&mut thread, "timeline #1");
    assert!(summary.contains("timeline full #1"), "{summary}");
    let told = answered(&mut thread, "timeline full #1");
    let place = |what: &str| told.find(what).unwrap_or_else(|| panic!("{what}: {told}"));
    assert!(place("New switches") < place("Payment is slow"), "{told}");
    assert!(place("Payment is slow") < place("Basket is slow"), "{told}");
    assert!(told.contains("Resolved: Basket is slow"), "{told}");
}

#[test]
fn members_that_ended_with_it_are_over() {
    let mut thread = maintenance();
    post(&mut thread, "Payment", "firing");
    post(&mut thread, "Payment", "resolved");
    ends(&mut thread);
    assert_eq!(thread.state.next_number, 2, "nothing is opened");
    assert!(thread.state.alerts.of_maintenance(1).is_none());
    assert!(answered(&mut thread, "alerts").contains("No alert is firing."));
    assert_eq!(
        post(&mut thread, "Payment", "firing"),
        (AlertOutcome::Opened, Some(2)),
        "a new trouble"
    );
}

#[test]
fn alerts_that_outlast_it_open_an_incident_that_ends_with_its_members() {
    let mut thread = maintenance();
    for key in ["Payment", "Basket", "Voucher"] {
        post(&mut thread, key, "firing");
    }
    post(&mut thread, "Voucher", "resolved");
    ends(&mut thread);
    let response = thread.state.response(2).expect("it is opened").clone();
    assert_eq!(response.severity.unwrap().number(), 2);
    let alert = response.alert.as_ref().unwrap();
    assert_eq!((alert.condition, alert.firing().count()), (Condition::Fired, 2));
    let status = answered(&mut thread, "status #2");
    assert!(status.contains("Payment is slow") && status.contains("Basket is slow"), "{status}");
    assert!(!status.contains("Voucher"), "{status}");
    assert!(thread.state.alerts.of_maintenance(1).is_none());
    assert_eq!(post(&mut thread, "Payment", "firing").1, Some(2), "the same trouble");
    assert_eq!(post(&mut thread, "Payment", "resolved"), (AlertOutcome::Joined, Some(2)));
    assert_eq!(post(&mut thread, "Basket", "resolved"), (AlertOutcome::Resolved, Some(2)));
    assert_eq!(post(&mut thread, "Basket", "firing"), (AlertOutcome::Joined, Some(2)), "again");
    assert_eq!(thread.state.next_number, 3, "nothing else is opened");
}
