//! `alerts` in the channel.

use jiff::SignedDuration;
use serde_json::json;
use status_update::core::alerts::read::read_alert;
use status_update::core::answer::Answer;
use status_update::core::answer::report::report;
use status_update::core::config::Config;
use status_update::core::decide::Decision;

use crate::cases::thread::{START, Thread};

fn post(thread: &mut Thread, body: &serde_json::Value) {
    let alert = read_alert(body.to_string().as_bytes()).unwrap();
    thread.alert(&alert, 1).unwrap();
}

fn asked(thread: &mut Thread) -> String {
    let asked = thread.say("alerts");
    let Decision::Answer(asked) = asked.decision() else { panic!("{asked:?}") };
    format!("{:?}", report(asked, &thread.state, None, &thread.config))
}

#[test]
fn firing_alerts_are_listed_most_severe_first() {
    let config = Config::parse(include_str!("../cases/shop.toml")).unwrap();
    let mut thread = Thread::new(config, START);
    assert!(asked(&mut thread).contains("No alert is firing."));
    let since = (START - SignedDuration::from_mins(23)).to_string();
    post(
        &mut thread,
        &json!({"title": "Queue grows", "key": "queue", "severity": "P3",
        "link": "https://grafana.example.com/d/1_(a)", "fired_at": since}),
    );
    post(&mut thread, &json!({"title": "Checkout fails", "key": "checkout", "severity": "P1"}));
    post(&mut thread, &json!({"title": "Disk is full", "key": "disk"}));
    post(&mut thread, &json!({"title": "Disk is full", "key": "disk", "status": "ok"}));
    thread.say("open Search is slow").expect_record();
    let told = asked(&mut thread);
    let (first, second) = (told.find("Checkout fails").unwrap(), told.find("Queue grows").unwrap());
    assert!(first < second, "{told}");
    assert!(!told.contains("Disk") && !told.contains("Search"), "{told}");
    let line = "[Queue grows](https://grafana.example.com/d/1_%28a%29) · severity 3 · firing for";
    assert!(told.contains(line), "{told}");
}

/// A notification of a group with these firing and resolved members.
fn group(fires: &[&str], over: &[&str]) -> serde_json::Value {
    let member = |status: &str, node: &str| {
        json!({ "status": status, "fingerprint": node, "startsAt": "2026-11-21T09:00:00Z",
            "labels": { "alertname": "DiskFull", "instance": node },
            "annotations": { "summary": "The disk is full", "description": "No space is left" } })
    };
    let fires = fires.iter().map(|node| member("firing", node));
    let alerts: Vec<_> = fires.chain(over.iter().map(|node| member("resolved", node))).collect();
    json!({ "version": "4", "groupKey": "disks", "externalURL": "https://am.example.com/x",
        "commonLabels": { "alertname": "DiskFull" }, "alerts": alerts })
}

fn answered(thread: &mut Thread, line: &str) -> String {
    let said = thread.say(line);
    let Decision::Answer(asked) = said.decision() else { panic!("{said:?}") };
    let Answer::Sentence(told) = report(asked, &thread.state, None, &thread.config) else {
        panic!("not a sentence")
    };
    told
}

/// `alerts`, `list` and `status` name the members that fire; the last two have the description and
/// the link as well.
#[test]
fn firing_members_are_named_with_description_and_link() {
    let config = Config::parse(include_str!("../cases/shop.toml")).unwrap();
    let mut thread = Thread::new(config, START);
    post(&mut thread, &group(&["db-1", "db-2"], &[]));
    let names = "The disk is full (instance=db-1); The disk is full (instance=db-2)";
    for line in ["alerts", "list", "status", "status #1"] {
        let told = answered(&mut thread, line);
        let unescaped = told.replace('\\', "");
        assert!(unescaped.contains(names), "{line}: {told}");
        assert!(told.contains("https://am.example.com/x"), "{line}: {told}");
        assert!(line == "alerts" || told.contains("No space is left"), "{line}: {told}");
    }
    post(&mut thread, &group(&["db-2"], &["db-1"]));
    let told = answered(&mut thread, "status #1");
    assert!(!told.contains("db-1") && told.contains("db-2"), "it follows: {told}");
    let nodes: Vec<String> = (2..32).map(|node| format!("db-{node}")).collect();
    post(&mut thread, &group(&nodes.iter().map(String::as_str).collect::<Vec<_>>(), &[]));
    let told = answered(&mut thread, "alerts");
    assert!(told.contains("and 20 more"), "ten are named: {told}");
    post(&mut thread, &group(&[], &nodes.iter().map(String::as_str).collect::<Vec<_>>()));
    assert!(answered(&mut thread, "list").contains("alert resolved"));
}
