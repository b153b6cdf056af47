//! The golden log of alerts: duplicates, members with names, and the secret behind their digests,
//! before and after an erasure.

use jiff::SignedDuration;
use serde_json::{Value, json};
use status_update::core::alerts::read::read_alert;
use status_update::core::config::Config;
use status_update::core::decide::Decision;
use status_update::core::log::record::{Erased, Event};

use super::made::records;
use crate::cases::thread::{START, Thread};

fn says(thread: &mut Thread, text: &str) {
    let said = thread.say(text);
    assert!(matches!(said.decision(), Decision::Record(_)), "{text}: {said:?}");
}

fn posts(thread: &mut Thread, body: &Value) {
    let alert = read_alert(body.to_string().as_bytes()).unwrap();
    thread.alert(&alert, 1).unwrap();
}

/// A notification of a group with these firing and resolved members.
fn group(name: &str, fires: &[&str], over: &[&str]) -> Value {
    let member = |status: &str, node: &str| {
        json!({ "status": status, "fingerprint": format!("{name}-{node}"),
            "labels": { "alertname": name, "instance": node },
            "annotations": { "summary": format!("{name} on {node}"), "description": "It is slow" } })
    };
    let fires = fires.iter().map(|node| member("firing", node));
    let over = over.iter().map(|node| member("resolved", node));
    let alerts: Vec<Value> = fires.chain(over).collect();
    json!({ "version": "4", "groupKey": name, "externalURL": "https://am.example.com",
        "commonLabels": { "alertname": name, "severity": "P2" }, "alerts": alerts })
}

pub fn alerts(config: Config) -> Thread {
    let mut thread = Thread::new(config, START);
    for round in 0..7 {
        let (disks, nodes) = (format!("DiskFull{round}"), format!("NodeDown{round}"));
        posts(&mut thread, &group(&disks, &["db-1", "db-2"], &[]));
        let first = thread.state.next_number - 1;
        posts(&mut thread, &group(&nodes, &["web-1"], &[]));
        let second = first + 1;
        says(&mut thread, &format!("title #{first} The databases are full"));
        says(&mut thread, &format!("duplicate #{second} of #{first}"));
        posts(&mut thread, &group(&nodes, &["web-1", "web-2"], &[]));
        posts(&mut thread, &group(&disks, &[], &["db-1", "db-2"]));
        posts(&mut thread, &group(&nodes, &[], &["web-1", "web-2"]));
        says(&mut thread, &format!("close #{first}"));
        says(&mut thread, &format!("open another minor on Search: Number {round} is slow"));
        let public = thread.state.next_number - 1;
        let queue = json!({ "title": "The queue of Jane Doe grows", "key": "jane", "link":
            "https://grafana.example.com/d/1", "severity": "P3", "description": "So many" });
        posts(&mut thread, &queue);
        says(&mut thread, &format!("duplicate #{} of #{public}", public + 1));
        says(&mut thread, &format!("redact #{public} update 1 yes"));
        let order = thread.state.erasures.last().unwrap().order;
        records(&mut thread, vec![Event::Erased(Erased { order })]);
        posts(&mut thread, &queue);
        says(&mut thread, &format!("close #{}", public + 2));
        says(&mut thread, &format!("close #{public}"));
        thread.now += SignedDuration::from_hours(20);
        let now = thread.now;
        thread.clock(now);
    }
    thread
}
