//! Brief alerts: one that flaps for a day, one too short for a channel, and rules about both.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use status_update::core::alerts::read::read_alert;
use status_update::core::config::Config;
use status_update::core::decide::alert::AlertOutcome;
use status_update::core::incident::model::Number;
use status_update::core::incident::status::NO_NAMES;
use status_update::core::launch::events::LaunchEvent;
use status_update::core::log::record::{Event, Record};
use status_update::core::outbox::events::DeliveryEvent;
use status_update::core::outbox::model::{NoticeKind, Payload};
use status_update::core::timeline::entries_of;

use crate::cases::thread::{START, Thread};

fn channel(config: &str) -> Thread {
    Thread::new(Config::parse(config).unwrap(), START)
}

fn post(
    thread: &mut Thread,
    severity: u8,
    status: &str,
    at: Timestamp,
) -> (AlertOutcome, Option<Number>) {
    let body = json!({ "title": "The link is down", "key": "link", "status": status,
        "severity": severity, "fired_at": at });
    let alert = read_alert(body.to_string().as_bytes()).unwrap();
    let decided = thread.alert(&alert, 1).unwrap();
    (decided.fate, decided.number)
}

/// The timer runs every minute up to a time.
fn passes(thread: &mut Thread, until: Timestamp) {
    while thread.now + SignedDuration::from_mins(1) <= until {
        let now = thread.now + SignedDuration::from_mins(1);
        thread.clock(now);
        thread.now = now;
    }
    thread.now = until;
}

fn headings(records: &[Record]) -> Vec<String> {
    let events = records.iter().flat_map(|record| &record.events);
    let notices = events.filter_map(|event| match event {
        // Reminders to people are something else.
        Event::Delivery(DeliveryEvent::Queued { what: Payload::Notice(notice), .. })
            if notice.kind == NoticeKind::Announcement =>
        {
            Some(notice.heading.clone())
        }
        _ => None,
    });
    notices.collect()
}

/// It fires and resolves every five minutes for a day: one incident, three messages, and one when it
/// is quiet again.
#[test]
fn a_day_of_flapping_is_one_incident_and_three_messages() {
    let mut thread = channel("");
    for minute in (0..24 * 60).step_by(10) {
        let at = START + SignedDuration::from_mins(minute);
        passes(&mut thread, at);
        post(&mut thread, 3, "firing", at);
        passes(&mut thread, at + SignedDuration::from_mins(5));
        post(&mut thread, 3, "resolved", at);
    }
    assert_eq!(thread.state.next_number, 2, "one incident");
    let day = headings(&thread.records);
    assert_eq!(day.len(), 3, "{day:#?}");
    assert!(day[0].contains("opened by an alert"), "{day:#?}");
    assert!(day[1].contains("resolved"), "{day:#?}");
    assert!(day[2].contains("flaps"), "{day:#?}");
    let response = thread.state.response(1).unwrap();
    let told: Vec<String> = response
        .timeline()
        .iter()
        .flat_map(|entry| {
            let record = &thread.records[usize::try_from(entry.1 - 1).unwrap()];
            let told = entries_of(record, response, &thread.config, &NO_NAMES).into_iter();
            told.filter(|told| told.at == entry.0).map(|told| told.said.what).collect::<Vec<_>>()
        })
        .collect();
    let counted: Vec<&String> = told.iter().filter(|what| what.contains("fired 14")).collect();
    assert_eq!(counted.len(), 1, "one entry counts the firings: {told:#?}");
    let whole = "fired 144 times since 2026-11-21 09:45 UTC, last 2026-11-22 09:35 UTC";
    assert!(counted[0].contains(whole), "{counted:?}");
    assert!(response.entries.len() < 15, "{told:#?}");

    // A rise in severity is announced nevertheless.
    let heard = thread.records.len();
    let at = START + SignedDuration::from_hours(24);
    passes(&mut thread, at);
    post(&mut thread, 1, "firing", at);
    assert_eq!(headings(&thread.records[heard..]).len(), 1);
    post(&mut thread, 1, "resolved", at);
    let heard = thread.records.len();
    let quiet = thread.now + SignedDuration::from_mins(45);
    passes(&mut thread, quiet);
    let end = headings(&thread.records[heard..]);
    assert!(end.len() == 1 && end[0].contains("has stopped flapping"), "{end:?}");
}

fn launches(thread: &Thread) -> usize {
    let events = thread.records.iter().flat_map(|record| &record.events);
    events.filter(|event| matches!(event, Event::Launch(LaunchEvent::Started { .. }))).count()
}

const LAUNCH: &str = "[launch.boards]\norganization = \"contoso\"\nproject = \"Shop\"\n";

#[test]
fn a_brief_alert_creates_no_channel() {
    let mut thread = channel(LAUNCH);
    post(&mut thread, 3, "firing", START);
    thread.now = START + SignedDuration::from_secs(40);
    post(&mut thread, 3, "resolved", START);
    passes(&mut thread, START + SignedDuration::from_mins(10));
    assert_eq!(launches(&thread), 0);

    let mut thread = channel(LAUNCH);
    post(&mut thread, 3, "firing", START);
    let soon = START + SignedDuration::from_secs(59);
    thread.clock(soon);
    assert_eq!(launches(&thread), 0);
    thread.clock(START + SignedDuration::from_secs(61));
    assert_eq!(launches(&thread), 1);
    passes(&mut thread, START + SignedDuration::from_mins(10));
    assert_eq!(launches(&thread), 1);

    let mut thread = channel(&format!("[launch]\nalert_delay = 0\n{LAUNCH}"));
    post(&mut thread, 3, "firing", START);
    assert_eq!(launches(&thread), 1);
}

#[test]
fn rules_say_for_how_long_an_alert_reopens_its_incident() {
    let rule = |reopen: &str| {
        format!("[[alerts]]\nmatch.key = \"link\"\nclose_on_resolve = true\n{reopen}")
    };
    for (reopen, minutes, fate) in [
        ("", 14, AlertOutcome::Reopened),
        ("", 40, AlertOutcome::Opened),
        ("reopen_within = \"1h\"", 50, AlertOutcome::Reopened),
        ("reopen_within = \"1m\"", 5, AlertOutcome::Opened),
    ] {
        let mut thread = channel(&rule(reopen));
        post(&mut thread, 3, "firing", START);
        let closed = thread.now;
        assert_eq!(post(&mut thread, 3, "resolved", START).0, AlertOutcome::Closed);
        thread.now = closed + SignedDuration::from_mins(minutes);
        let now = thread.now;
        assert_eq!(post(&mut thread, 3, "firing", now).0, fate, "{reopen} after {minutes}");
    }
}

#[test]
fn a_rule_opens_incidents_during_maintenance_all_the_same() {
    let mut thread = channel(
        "[[components]]\nname = \"Checkout\"\n[[alerts]]\nmatch.key = \"link\"\n\
         component = \"Checkout\"\nduring_maintenance = true",
    );
    thread.say("maintenance now for 1h on Checkout: New switches").expect_record();
    let now = thread.now;
    assert_eq!(post(&mut thread, 3, "firing", now), (AlertOutcome::Opened, Some(2)));
}

/// A title that a person gave stays, whatever fires next.
#[test]
fn a_title_of_a_person_stays() {
    for line in ["title #1 The line to the bank is down", "note #1 We know"] {
        let mut thread = channel("");
        let group = |nodes: &[&str]| {
            let alerts: Vec<_> = nodes
                .iter()
                .map(|node| {
                    json!({ "status": "firing", "fingerprint": node,
                        "labels": { "alertname": "Link", "instance": node },
                        "annotations": { "summary": format!("The link of {node} is down") } })
                })
                .collect();
            let body = json!({ "version": "4", "groupKey": "links", "alerts": alerts });
            read_alert(body.to_string().as_bytes()).unwrap()
        };
        thread.alert(&group(&["db-1"]), 1).unwrap();
        assert_eq!(thread.state.response(1).unwrap().title, "The link of db-1 is down");
        thread.say(line).expect_record();
        thread.alert(&group(&["db-1", "db-2"]), 1).unwrap();
        let title = &thread.state.response(1).unwrap().title;
        let is_persons = title == "The line to the bank is down";
        assert_eq!(is_persons, line.starts_with("title"), "{title}");
        assert_ne!(title, "The link of db-1 is down");
    }
}
