//! A storm of 1,000 alerts of 400 members each over two processes that are killed again and again.
//!
//! Azurite gets 200 of them. It is one Node.js process that slows down with the blobs it holds: with
//! both storms on two busy cores it took 10 minutes for 480 records before its answers timed out,
//! and that is its limit, not the program's. What the stores differ in is how a record is created
//! and read back, and 200 alerts do that as often per record as 1,000: each is raced for by two
//! processes, and the same four kills fall between. How many records there are before it changes
//! nothing, because a process reads a record once and never lists them.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use serde_json::{Value, json};
use status_update::store::Container;

use super::alerts::send_until_accepted;
use super::{Place, start};

/// The size of a storm.
struct Size {
    groups: usize,
    /// Alerts of each group.
    alerts: usize,
    /// Number of records before each kill. A host gives up a handler that dies for the third time.
    kills: [usize; 4],
}

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

#[tokio::test]
async fn a_storm_of_a_thousand_alerts_of_400_members_keeps_them_all() {
    let size = Size { groups: 20, alerts: 50, kills: [5, 150, 400, 700] };
    storm(&Place::directory(), &size).await;
}

#[tokio::test]
async fn a_storm_of_200_alerts_of_400_members_keeps_them_all_on_azurite() {
    let Some(place) = Place::azurite().await else { return };
    storm(&place, &Size { groups: 10, alerts: 20, kills: [5, 40, 80, 140] }).await;
}

/// Every member of every alert that was accepted is known in the incident of its group. Members are
/// counted by their digests, of which no two are the same.
async fn storm(place: &Place, size: &Size) {
    let hosts = [start(place, &[]).await.unwrap(), start(place, &[]).await.unwrap()];
    let groups = (0..size.groups).map(async |group| {
        let mut numbers = BTreeSet::new();
        for place in 0..size.alerts {
            let host = &hosts[(group + place) % 2];
            numbers.insert(send_until_accepted(host, &alert(group, place)).await);
        }
        numbers
    });
    let kills = async {
        for (kill, records) in size.kills.into_iter().enumerate() {
            let last = format!("{records:010}.json");
            while place.read(Container::Log, &last).await.is_none() {
                tokio::time::sleep(std::time::Duration::from_millis(250)).await;
            }
            hosts[kill % 2].kill().await.unwrap();
        }
    };
    let (numbers, ()) = tokio::join!(join_all(groups), kills);
    let each: BTreeSet<u64> = numbers.iter().flatten().copied().collect();
    assert!(numbers.iter().all(|numbers| numbers.len() == 1), "an incident a group: {numbers:?}");
    assert_eq!(each.len(), size.groups, "{numbers:?}");
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
    let all = MEMBERS + (size.alerts - 1) * MOVE_ON;
    let counts: Vec<usize> = kept.values().map(BTreeSet::len).collect();
    assert_eq!(counts, vec![all; size.groups]);
}
