//! Ends, restarts and plans, as senders report them.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use status_update::core::alerts::firing::Condition;
use status_update::core::alerts::read::read_alert;
use status_update::core::config::Config;
use status_update::core::decide::alert::AlertOutcome;
use status_update::core::incident::model::{Number, Stage};
use status_update::core::response::model::Response;
use status_update::core::response::overview::overview;

use crate::cases::thread::{START, Thread};

fn channel() -> Thread {
    Thread::new(Config::parse("").unwrap(), START)
}

fn post(thread: &mut Thread, body: &Value) -> (AlertOutcome, Option<Number>) {
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

/// A time, some minutes before the messages.
fn before(minutes: i64) -> String {
    (START - SignedDuration::from_mins(minutes)).to_string()
}

fn grafana(status: &str, starts: &str, ends: Option<&str>) -> Value {
    json!({
        "version": "1", "orgId": 1, "status": status, "groupKey": "{}:{alertname=\"Disk\"}",
        "alerts": [{ "status": status, "fingerprint": "c6eadffa33fcdf37",
            "labels": { "alertname": "Disk" }, "startsAt": starts, "endsAt": ends }],
    })
}

/// Grafana 12 tells an end with `startsAt` the same as `endsAt`.
#[test]
fn an_end_that_starts_when_it_ends_counts() {
    let mut thread = channel();
    post(&mut thread, &grafana("firing", &before(60), None));
    let (end, again) = (before(30), before(10));
    assert_eq!(post(&mut thread, &grafana("resolved", &end, Some(&end))).0, AlertOutcome::Resolved);
    assert!(!fires(&thread, 1));
    assert_eq!(
        post(&mut thread, &grafana("firing", &again, None)),
        (AlertOutcome::Joined, Some(1))
    );
    assert!(fires(&thread, 1));
}

/// Editing a rule starts its alert again, without an end in between.
#[test]
fn a_rule_that_was_edited_while_it_fires_is_one_incident_and_ends() {
    let mut thread = channel();
    post(&mut thread, &grafana("firing", &before(60), None));
    assert_eq!(
        post(&mut thread, &grafana("firing", &before(20), None)),
        (AlertOutcome::Repeated, Some(1))
    );
    let end = grafana("resolved", &before(20), Some(&before(5)));
    assert_eq!(post(&mut thread, &end), (AlertOutcome::Resolved, Some(1)));
    assert_eq!(thread.state.next_number, 2);
}

/// A communication of Azure's about one of its own troubles.
fn health(kind: &str, stage: &str, title: &str, minutes: i64) -> Value {
    let (from, until) =
        (START + SignedDuration::from_hours(24), START + SignedDuration::from_hours(26));
    let mut properties = json!({ "title": title, "service": "Storage", "region": "West Europe",
        "incidentType": kind, "trackingId": "7K0X-PQ8", "stage": stage,
        "communication": format!("<p>{title} in words</p>"), "impactStartTime": before(120) });
    if kind == "Maintenance" {
        properties["impactStartTime"] = json!(from.to_string());
        properties["impactMitigationTime"] = json!(until.to_string());
    }
    json!({ "schemaId": "azureMonitorCommonAlertSchema", "data": {
        "essentials": { "alertRule": "Azure", "severity": "Sev4", "signalType": "Activity Log",
            "monitorCondition": "Fired", "monitoringService": "ServiceHealth",
            "alertTargetIDs": ["/subscriptions/9d2b0c1e-5a4f-4c3d-8b7a-0123abcd4567"],
            "firedDateTime": before(minutes) },
        "alertContext": { "channels": 1, "eventSource": 2, "level": 2,
            "operationName": "Microsoft.ServiceHealth/incident/action",
            "eventTimestamp": before(minutes), "properties": properties },
    }})
}

fn timeline(thread: &Thread) -> String {
    String::from_utf8_lossy(&thread.log.concat()).into_owned()
}

/// Reports afterwards are notes on the incident, open or closed, and never open one.
#[test]
fn reports_after_the_end_are_notes_on_the_old_incident() {
    let mut thread = channel();
    for early in ["RCA", "PIR"] {
        let nowhere = post(&mut thread, &health("Incident", early, "Of before", 110));
        assert_eq!(nowhere, (AlertOutcome::NothingOpen, None));
    }
    post(&mut thread, &health("Incident", "Active", "Blobs time out", 100));
    let update = health("Incident", "Active", "We have found the cause", 90);
    assert_eq!(post(&mut thread, &update), (AlertOutcome::Joined, Some(1)));
    let end = health("Incident", "Resolved", "Blobs are well", 60);
    assert_eq!(post(&mut thread, &end), (AlertOutcome::Resolved, Some(1)));
    assert_eq!(
        post(&mut thread, &health("Incident", "RCA", "A bad cable", 50)),
        (AlertOutcome::Joined, Some(1))
    );
    thread.say("close #1").expect_record();
    assert_eq!(
        post(&mut thread, &health("Incident", "PIR", "A worse cable", 40)),
        (AlertOutcome::Joined, Some(1))
    );
    assert!(!response(&thread, 1).is_open() && !fires(&thread, 1));
    assert_eq!(thread.state.next_number, 2);
    for words in
        ["We have found the cause in words", "A bad cable in words", "A worse cable in words"]
    {
        assert!(timeline(&thread).contains(words), "{words}");
    }
}

#[test]
fn announced_work_is_scheduled_then_in_progress_and_over() {
    for (end, title) in [("Complete", "Done"), ("Canceled", "Called off")] {
        let mut thread = channel();
        let planned = health("Maintenance", "Planned", "Maintenance of storage", 100);
        assert_eq!(post(&mut thread, &planned), (AlertOutcome::Opened, Some(1)));
        assert_eq!(response(&thread, 1).stage, Stage::Scheduled);
        let begins = health("Maintenance", "InProgress", "It has begun", 50);
        assert_eq!(post(&mut thread, &begins), (AlertOutcome::Joined, Some(1)));
        assert!(timeline(&thread).contains("It has begun in words"));
        let over = health("Maintenance", end, title, 20);
        assert_eq!(post(&mut thread, &over), (AlertOutcome::Resolved, Some(1)), "{end}");
        assert_eq!(response(&thread, 1).stage, Stage::Monitoring);
        assert!(!fires(&thread, 1), "{end}");
    }
}

fn operation(status: &str, id: &str, minutes: i64) -> Value {
    json!({ "schemaId": "azureMonitorCommonAlertSchema", "data": {
        "essentials": { "alertRule": "VM restarts", "severity": "Sev4",
            "alertId": format!("/subscriptions/x/providers/Microsoft.AlertsManagement/alerts/{status}{id}"),
            "monitorCondition": "Fired", "monitoringService": "Activity Log - Administrative",
            "configurationItems": ["cart-1"], "firedDateTime": before(minutes) },
        "alertContext": { "correlationId": id, "eventSource": "Administrative", "status": status,
            "operationName": "Microsoft.Compute/virtualMachines/restart/action" },
    }})
}

/// Each state of an operation is an alert of its own. A failure is news.
#[test]
fn the_states_of_an_operation_are_one_alert() {
    let mut thread = channel();
    assert_eq!(
        post(&mut thread, &operation("Started", "one", 30)),
        (AlertOutcome::Opened, Some(1))
    );
    assert_eq!(
        post(&mut thread, &operation("Succeeded", "one", 29)),
        (AlertOutcome::Repeated, Some(1))
    );
    assert_eq!(
        post(&mut thread, &operation("Started", "two", 20)),
        (AlertOutcome::Opened, Some(2))
    );
    assert_eq!(post(&mut thread, &operation("Failed", "two", 19)), (AlertOutcome::Joined, Some(2)));
    assert!(timeline(&thread).contains("restart/action: Failed"));
    assert_eq!(
        post(&mut thread, &operation("Failed", "two", 19)),
        (AlertOutcome::Repeated, Some(2))
    );
}

/// A rule of Azure's may fire at each evaluation, with a new start each time.
#[test]
fn evaluations_of_a_rule_are_recorded_once_in_five_minutes() {
    let mut thread = channel();
    let mut evaluation: Value =
        serde_json::from_str(include_str!("azure/prometheus_evaluation_0.json")).unwrap();
    let mut records = Vec::new();
    for minute in (0..12).rev() {
        evaluation["data"]["essentials"]["firedDateTime"] = before(minute).into();
        thread.now = START - SignedDuration::from_mins(minute);
        post(&mut thread, &evaluation);
        records.push(thread.records.len());
    }
    assert_eq!(records, [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3]);
}

/// An alert never reopens an incident that a person ended: a new one names it.
#[test]
fn what_a_person_closed_or_withdrew_stays_so() {
    for end in ["close #1", "withdraw #1 Not ours"] {
        let mut thread = channel();
        let fires_at = |at: Timestamp| json!({ "title": "Disk is full", "key": "disk", "fired_at": at.to_string() });
        let first = fires_at(START - SignedDuration::from_mins(10));
        post(&mut thread, &first);
        thread.say(end).expect_record();
        assert_eq!(post(&mut thread, &first), (AlertOutcome::Over, Some(1)), "{end}");
        let again = fires_at(thread.now);
        assert_eq!(post(&mut thread, &again), (AlertOutcome::Opened, Some(2)), "{end}");
        let response = response(&thread, 2);
        assert!(!response.is_public());
        assert_eq!(response.alert.as_ref().unwrap().course.follows, Some(1), "{end}");
        assert!(timeline(&thread).contains("See #1, which was closed."), "{end}");
    }
}

/// The end is noted in the closed incident. So it says so if it is reopened, and the next firing is
/// new, even without a start.
#[test]
fn an_alert_that_ends_after_a_person_closed_its_incident_has_ended() {
    let mut thread = channel();
    let plain = |status| json!({ "title": "Disk is full", "key": "disk", "status": status });
    assert_eq!(post(&mut thread, &plain("firing")), (AlertOutcome::Opened, Some(1)));
    thread.say("close #1").expect_record();
    assert_eq!(post(&mut thread, &plain("resolved")), (AlertOutcome::NothingOpen, None));
    assert!(!fires(&thread, 1));
    let told = thread.records.len();
    assert_eq!(post(&mut thread, &plain("resolved")), (AlertOutcome::NothingOpen, None));
    assert_eq!(thread.records.len(), told, "it is noted once");
    assert_eq!(post(&mut thread, &plain("firing")), (AlertOutcome::Opened, Some(2)));
    thread.say("reopen #1 It was not the cable").expect_record();
    assert!(!fires(&thread, 1) && fires(&thread, 2));
}

/// A closed incident keeps its title, and one that is reopened shows what still fires.
#[test]
fn a_closed_incident_keeps_its_title_when_a_part_of_its_alert_ends() {
    let mut thread = channel();
    let member = |number: u8, status: &str| {
        json!({ "status": status, "fingerprint": number.to_string(), "startsAt": before(20),
            "endsAt": (status == "resolved").then(|| before(5)),
            "labels": { "alertname": "Down", "instance": format!("n{number}") },
            "annotations": { "summary": format!("n{number} is down") } })
    };
    let group = |first: &str| {
        json!({ "version": "4", "groupKey": "{}:{}", "status": "firing",
            "alerts": [member(1, first), member(2, "firing")] })
    };
    assert_eq!(post(&mut thread, &group("firing")), (AlertOutcome::Opened, Some(1)));
    let title = response(&thread, 1).title.clone();
    thread.say("close #1").expect_record();
    assert_eq!(post(&mut thread, &group("resolved")), (AlertOutcome::Over, Some(1)));
    assert_eq!(response(&thread, 1).title, title);
    assert!(fires(&thread, 1));
    assert_eq!(response(&thread, 1).alert.as_ref().unwrap().firing().count(), 1);
}

/// Nobody has said when it started. The time at which the monitor noticed it is earlier than that
/// of the incident.
#[test]
fn the_review_begins_when_the_monitor_noticed_it() {
    let mut thread = channel();
    let mut body = json!({ "title": "Disk is full", "key": "disk", "fired_at": before(90) });
    post(&mut thread, &body);
    let said = |thread: &Thread| overview(response(thread, 1), None, &[], &TimeZone::UTC).join(" ");
    let noticed = (START - SignedDuration::from_mins(90)).strftime("%Y-%m-%d %H:%M UTC");
    let told = format!(
        "Since {noticed}, there has been an incident: Disk is full. Monitoring detected it."
    );
    assert_eq!(said(&thread), told);
    body["status"] = "resolved".into();
    post(&mut thread, &body);
    assert!(said(&thread).ends_with("It was mitigated 1 h 31 min after it was noticed."));
}
