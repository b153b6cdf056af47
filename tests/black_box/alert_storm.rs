//! A storm of 1,000 alerts of 400 members each over two processes that are killed again and again.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use serde_json::{Value, json};

use status_update::store::Container;

use super::alerts::send_until_accepted;
use super::place::on_both_stores;
use super::{Place, start};

const GROUPS: usize = 20;
const ALERTS_EACH: usize = 50;
const MEMBERS: usize = 400;
/// Members that join with each alert of a group, while as many are no longer named.
const MOVE_ON: usize = 8;

/// An alert of a group: 400 members fire, most of which the one before had as well.
fn alert(group: usize, place: usize) -> Vec<u8> {
    let name = format!("Storm{group}");
    let member = |member: usize| {
        json!({ "status": "firing", "labels": { "alertname": name },
            "fingerprint": format!("{group:04x}{member:012x}") })
    };
    let alerts: Vec<Value> = (place * MOVE_ON..place * MOVE_ON + MEMBERS).map(member).collect();
    json!({ "version": "4", "status": "firing", "groupKey": name,
        "externalURL": "https://am.example.com",
        "commonLabels": { "alertname": name, "severity": "warning" }, "alerts": alerts })
    .to_string()
    .into_bytes()
}

on_both_stores!(a_storm_of_a_thousand_alerts_of_400_members_keeps_them_all);

/// Every member of every alert that was accepted is known in the incident of its group. Members are
/// counted by their digests, of which no two are the same.
async fn a_storm_of_a_thousand_alerts_of_400_members_keeps_them_all(place: Place) {
    let hosts = [start(&place, &[]).await.unwrap(), start(&place, &[]).await.unwrap()];
    let groups = (0..GROUPS).map(async |group| {
        let mut numbers = BTreeSet::new();
        for place in 0..ALERTS_EACH {
            let host = &hosts[(group + place) % 2];
            numbers.insert(send_until_accepted(host, &alert(group, place)).await);
        }
        numbers
    });
    let kills = async {
        // A host gives up on a handler that crashes for the third time.
        for (records, host) in [(5, 0), (150, 1), (400, 0), (700, 1)] {
            let last = format!("{records:010}.json");
            while place.read(Container::Log, &last).await.is_none() {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            hosts[host].kill().await.unwrap();
        }
    };
    let (numbers, ()) = tokio::join!(join_all(groups), kills);
    let each: BTreeSet<u64> = numbers.iter().flatten().copied().collect();
    assert!(numbers.iter().all(|numbers| numbers.len() == 1), "an incident a group: {numbers:?}");
    assert_eq!(each.len(), GROUPS, "{numbers:?}");
    let mut kept = BTreeMap::<u64, BTreeSet<String>>::new();
    for record in place.records().await {
        for event in record["events"].as_array().unwrap() {
            let event = &event["response"];
            if event["event"] != "alert_received" {
                continue;
            }
            let of = kept.entry(event["number"].as_u64().unwrap()).or_default();
            let fired = event["change"]["fired"].as_array().into_iter().flatten();
            of.extend(fired.map(|member| member[0].as_str().unwrap().to_owned()));
            let over = event["change"]["forgotten"].as_array().map_or(0, Vec::len);
            assert_eq!(over, 0, "nothing was forgotten");
        }
    }
    let all = MEMBERS + (ALERTS_EACH - 1) * MOVE_ON;
    let counts: Vec<usize> = kept.values().map(BTreeSet::len).collect();
    assert_eq!(counts, vec![all; GROUPS]);
}
