//! The alert of a duplicate counts in its original.

use serde_json::json;
use status_update::core::alerts::firing::Condition;
use status_update::core::alerts::read::read_alert;
use status_update::core::config::Config;
use status_update::core::decide::Decision;
use status_update::core::decide::alert::AlertOutcome;
use status_update::core::incident::model::Number;
use status_update::core::incident::status::NO_NAMES;
use status_update::core::response::lifecycle::Phase;
use status_update::core::response::milestone::Milestone;
use status_update::core::response::model::Response;
use status_update::core::timeline::entries_of;

use crate::cases::thread::{START, Thread};

const CLOSES: &str = "[[alerts]]\nmatch.source = \"*\"\nclose_on_resolve = true";

fn channel(rules: &str) -> Thread {
    Thread::new(Config::parse(rules).unwrap(), START)
}

fn post(thread: &mut Thread, key: &str, status: &str) -> (AlertOutcome, Option<Number>) {
    let body = json!({ "title": format!("{key} is slow"), "key": key, "status": status });
    let alert = read_alert(body.to_string().as_bytes()).unwrap();
    let decided = thread.alert(&alert, 1).unwrap();
    (decided.fate, decided.number)
}

fn response(thread: &Thread, number: Number) -> &Response {
    thread.state.response(number).unwrap()
}

fn fires(thread: &Thread, number: Number) -> bool {
    response(thread, number).alert.as_ref().unwrap().condition == Condition::Fired
}

/// Two alerts, the second of which is a duplicate of the first.
fn duplicate(rules: &str) -> Thread {
    let mut thread = channel(rules);
    assert_eq!(post(&mut thread, "checkout", "firing"), (AlertOutcome::Opened, Some(1)));
    assert_eq!(post(&mut thread, "payments", "firing"), (AlertOutcome::Opened, Some(2)));
    thread.say("duplicate #2 of #1").expect_record();
    thread
}

#[test]
fn the_original_is_over_only_when_all_have_ended() {
    let mut thread = duplicate("");
    assert!(!response(&thread, 2).is_open() && !fires(&thread, 2), "it has given them away");
    assert_eq!(post(&mut thread, "checkout", "resolved"), (AlertOutcome::Joined, Some(1)));
    assert!(fires(&thread, 1), "the duplicate's still fires");
    assert_eq!(post(&mut thread, "payments", "firing"), (AlertOutcome::Repeated, Some(1)));
    assert_eq!(post(&mut thread, "payments", "resolved"), (AlertOutcome::Resolved, Some(1)));
    assert!(!fires(&thread, 1));
    assert!(response(&thread, 1).milestones.at(Milestone::Mitigated).is_some());
    assert_eq!(post(&mut thread, "payments", "firing"), (AlertOutcome::Joined, Some(1)), "again");
    assert!(response(&thread, 1).milestones.at(Milestone::Mitigated).is_none());
    assert_eq!(response(&thread, 1).phase(), Phase::Response);
    assert_eq!(thread.state.next_number, 3, "nothing else was opened");
}

#[test]
fn a_rule_closes_the_original_when_all_have_ended() {
    let mut thread = duplicate(CLOSES);
    assert_eq!(post(&mut thread, "checkout", "resolved"), (AlertOutcome::Joined, Some(1)));
    assert_eq!(post(&mut thread, "payments", "resolved"), (AlertOutcome::Closed, Some(1)));
    assert!(!response(&thread, 1).is_open());
}

/// The original was mitigated, but the duplicate's alert still fires.
#[test]
fn an_original_that_was_over_fires_again() {
    let mut thread = channel("");
    post(&mut thread, "checkout", "firing");
    post(&mut thread, "checkout", "resolved");
    post(&mut thread, "payments", "firing");
    assert!(response(&thread, 1).milestones.at(Milestone::Mitigated).is_some());
    thread.say("duplicate #2 of #1").expect_record();
    assert!(fires(&thread, 1));
    assert!(response(&thread, 1).milestones.at(Milestone::Mitigated).is_none());
}

/// A person names and closes an incident that a person opened, whatever rules say.
#[test]
fn an_incident_of_a_person_takes_the_alert_of_its_duplicate() {
    for open in ["open internal: Customers cannot pay", "open Customers cannot pay"] {
        let mut thread = channel(CLOSES);
        thread.say(open).expect_record();
        post(&mut thread, "payments", "firing");
        thread.say("duplicate #2 of #1").expect_record();
        assert!(fires(&thread, 1));
        assert_eq!(post(&mut thread, "payments", "resolved"), (AlertOutcome::Resolved, Some(1)));
        assert!(response(&thread, 1).is_open(), "a person closes it");
        assert_eq!(post(&mut thread, "payments", "firing"), (AlertOutcome::Joined, Some(1)));
        assert_eq!(response(&thread, 1).title, "Customers cannot pay");
    }
}

#[test]
fn a_duplicate_of_a_duplicate_counts_in_the_last_one() {
    let mut thread = duplicate("");
    post(&mut thread, "mail", "firing");
    thread.say("duplicate #1 of #3").expect_record();
    assert_eq!(post(&mut thread, "mail", "resolved"), (AlertOutcome::Joined, Some(3)));
    assert_eq!(post(&mut thread, "checkout", "resolved"), (AlertOutcome::Joined, Some(3)));
    assert!(fires(&thread, 3));
    assert_eq!(post(&mut thread, "payments", "resolved"), (AlertOutcome::Resolved, Some(3)));
}

#[test]
fn undo_returns_the_members_unless_one_has_changed_since() {
    let mut thread = duplicate("");
    thread.say("undo").expect_record();
    assert!(response(&thread, 2).is_open() && fires(&thread, 2));
    assert_eq!(post(&mut thread, "checkout", "resolved"), (AlertOutcome::Resolved, Some(1)));
    assert_eq!(post(&mut thread, "payments", "resolved"), (AlertOutcome::Resolved, Some(2)));

    let mut thread = duplicate("");
    post(&mut thread, "payments", "resolved");
    let undone = thread.say("undo");
    assert!(matches!(undone.decision(), Decision::Refuse(_)), "its end would be lost: {undone:?}");
}

#[test]
fn the_timeline_of_the_original_says_so() {
    let thread = duplicate("");
    let original = response(&thread, 1);
    let revision = original.timeline().last().unwrap().1;
    let record = &thread.records[usize::try_from(revision - 1).unwrap()];
    let told = entries_of(record, original, &thread.config, &NO_NAMES);
    assert_eq!(told[0].said.what, "alerts of #2 count in #1 from now on");
}
