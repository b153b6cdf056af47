//! Alerts over HTTP: access, answers, and a storm over two processes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use status_update::core::alerts::firing::BURST;
use status_update::store::Container;

use super::launches::Others;
use super::proxy::Fate;
use super::{Place, Scene, health_of, on_both_stores, start};
use crate::support::host::{FUNCTION_KEY, Host, Level};
use crate::support::http::{self, Body, Response};
use crate::support::local::Local;

/// A word that no answer, page or log line may have.
const SECRET: &str = "quibberwock";

async fn post(url: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
    http::send("POST", url, headers, Body::Sized(body)).await.unwrap()
}

impl Scene {
    /// Posts as a monitor does that has the key.
    pub(super) async fn alert(&self, body: &Value) -> Response {
        let url = self.host.url(&format!("/api/alerts?code={FUNCTION_KEY}"));
        post(&url, &[], body.to_string().as_bytes()).await
    }

    #[track_caller]
    fn assert_no_secret(&self) {
        let log = self.host.log();
        assert!(!log.contains(FUNCTION_KEY) && !log.contains(SECRET), "{log}");
    }
}

fn sample(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/alerts");
    fs::read(folder.join(name).with_extension("json")).unwrap()
}

on_both_stores!(an_alert_is_an_incident);

async fn an_alert_is_an_incident(place: Place) {
    let scene = Scene::new(place).await;
    let url = scene.host.url("/api/alerts");
    let body = sample("azure/metric_availability");
    assert_eq!(post(&url, &[], &body).await.status, 401, "the host lets nobody in without a key");
    let answer = post(&format!("{url}?code={FUNCTION_KEY}"), &[], &body).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let opened = json!({ "incident": 1, "alerts": [{ "incident": 1, "outcome": "opened" }] });
    assert_eq!(answer.json(), opened);
    let record = &scene.place.records().await[0];
    assert_eq!(record["cause"]["source"], "alert", "{record}");

    let again = post(&url, &[("x-functions-key", FUNCTION_KEY)], &body).await;
    assert_eq!(again.json()["alerts"][0], json!({ "incident": 1, "outcome": "repeated" }));
    assert_eq!(scene.place.records().await.len(), 1);
    let mut over: Value = serde_json::from_slice(&body).unwrap();
    over["data"]["essentials"]["monitorCondition"] = "Resolved".into();
    let over = scene.alert(&over).await.json();
    assert_eq!(over["alerts"][0], json!({ "incident": 1, "outcome": "resolved" }));

    let status = format!("{:?}", scene.say("status #1").await);
    assert!(status.contains("Checkout cannot be reached"), "{status}");
    assert!(status.contains("monitoring") && status.contains("severity 1"), "{status}");
    // It is nobody's business outside.
    scene.host.fire_timer("Reconcile").await.unwrap();
    let page = scene.place.read(Container::Web, "index.html").await.unwrap_or_default();
    assert!(!String::from_utf8(page).unwrap().contains("Checkout cannot"), "it is on the page");
    let line = scene.wait_for_line("alert").await;
    assert_eq!(line["fate"], "opened", "{line}");
    assert!(!scene.host.log().contains("Checkout"), "{}", scene.host.log());
    scene.assert_no_secret();
}

#[tokio::test]
async fn every_body_has_its_answer() {
    let scene = Scene::new(Place::directory()).await;
    let several = serde_json::from_slice(&sample("grafana/mixed")).unwrap();
    let answer = scene.alert(&several).await;
    assert_eq!(answer.status, 202);
    assert_eq!(answer.json()["alerts"][0]["outcome"], "opened", "a group is one alert");
    let test = serde_json::from_slice(&sample("azure/test_metric_static")).unwrap();
    let test = scene.alert(&test).await;
    assert_eq!(test.status, 202);
    let nothing = json!({ "incident": null, "alerts": [{ "incident": null, "outcome": "test" }] });
    assert_eq!(test.json(), nothing);

    let url = scene.host.url(&format!("/api/alerts?code={FUNCTION_KEY}"));
    let wrong = sample("refused/azure_metric_schema");
    let wrong = post(&url, &[], &wrong).await;
    assert_eq!(wrong.status, 400);
    let why = wrong.json()["error"].as_str().unwrap().to_owned();
    assert!(why.contains("Switch on the common alert schema"), "{why}");
    let large = vec![b' '; 2 * 1024 * 1024 + 1];
    let large = post(&url, &[], &large).await;
    assert_eq!(large.status, 413);
    assert_eq!(
        large.json()["error"],
        "The body has more than 2097152 bytes. Limit how much is sent at once."
    );
    let wrong = sample("refused/azure_metric_schema");
    assert_eq!(post(&url, &[], &wrong).await.status, 400, "it is announced once");
    scene.wait_for_records(4).await;
    let records = scene.place.records().await;
    assert!(records[1].to_string().contains("test alert"), "{}", records[1]);
    let refused: String = records[2..].iter().map(Value::to_string).collect();
    assert!(refused.contains("Alerts from a monitor are refused: too large"), "{refused}");
    assert!(refused.contains("Switch on the common alert schema"), "{refused}");
    assert_eq!(records.len(), 4);
    let health = health_of(&scene.host).await.json();
    assert_eq!(health["alerts_refused"].as_array().unwrap().len(), 2, "{health}");
    let read = http::send("GET", &url, &[], Body::None).await.unwrap();
    assert_eq!(read.status, 404, "the host knows no such function");
    scene.wait_for_line("refused: not an alert that can be read").await;
    scene.assert_no_secret();
    let lines = scene.lines();
    assert!(lines.iter().all(|(level, _)| *level != Level::Error), "{}", scene.host.log());
}

/// Trouble of ours is 503 with a time to come back, after which monitors send again.
#[tokio::test]
async fn trouble_of_ours_is_for_later() {
    let Some(place) = Place::azurite().await else { return };
    let scene = Scene::with(place, &[("STATUS_DEADLINE_MS", "500")]).await;
    scene.alert(&json!({ "title": "First", "key": "first" })).await;
    scene.place.proxy().rule(|_| Fate::Cut);
    let alert = json!({ "title": "Disk is full", "key": "disk" });
    let answer = scene.alert(&alert).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert_eq!(answer.head.get("retry-after"), Some("10"));
    assert!(answer.json()["error"].as_str().unwrap().contains("storage"), "{}", answer.text());
    scene.place.proxy().rule(|_| Fate::Passed);
    let answer = scene.alert(&alert).await;
    assert_eq!((answer.status, &answer.json()["incident"]), (202, &json!(2)));
    scene.wait_for_line("alert not recorded").await;
}

#[tokio::test]
async fn a_wrong_setting_is_for_later_too() {
    let place = Place::directory();
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "[[alerts]]\nmatch = { rule = \"x\" }\nseverity = 9\n").unwrap();
    let config = [("STATUS_CONFIG", file.path().to_str().unwrap())];
    let scene = Scene::with(place, &config).await;
    let answer = scene.alert(&json!({ "title": "Disk is full" })).await;
    assert_eq!(answer.status, 503);
    let why = answer.json()["error"].as_str().unwrap().to_owned();
    assert!(why.contains("line 3: alerts: severity = 9 is not a severity from 1 to 4"), "{why}");
    assert!(answer.head.get("retry-after").is_some());
    assert!(scene.place.records().await.is_empty());
}

/// On its own there is no host to ask for a key: the development token is the lock.
#[tokio::test]
async fn the_development_token_is_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    let local = Local::start(folder.path(), &[]).await;
    let url = format!("{}/api/alerts", local.url);
    let token = fs::read_to_string(folder.path().join("local/development-token")).unwrap();
    let token = token.trim();
    let body = json!({ "title": "Disk is full" }).to_string();
    let encoded = token.replace('+', "%2B").replace('/', "%2f").replace('=', "%3D");
    let other = "c29tZWJvZHktZWxzZSdzLXRva2VuLWFsdG9nZXRoZXI=";
    for (url, header, status) in [
        (url.clone(), None, 401),
        (url.clone(), Some(other), 401),
        (url.clone(), Some(""), 401),
        (format!("{url}?code={other}"), None, 401),
        (format!("{url}?code="), None, 401),
        (format!("{url}?code=%"), None, 401),
        (format!("{url}?key={encoded}"), None, 401),
        // The head counts, as with Azure.
        (format!("{url}?code={encoded}"), Some(other), 401),
        (url.clone(), Some(token), 202),
        (format!("{url}?code={encoded}"), None, 202),
        (format!("{url}?a=b&code={token}"), None, 202),
        (format!("{url}?code={other}"), Some(token), 202),
    ] {
        let headers: Vec<(&str, &str)> =
            header.iter().map(|key| ("x-functions-key", *key)).collect();
        let answer = post(&url, &headers, body.as_bytes()).await;
        assert_eq!(answer.status, status, "{url} {header:?}: {}", answer.text());
        assert!(status == 202 || answer.body.is_empty(), "{}", answer.text());
    }
    let log = folder.path().join("local/log");
    assert_eq!(fs::read_dir(log).unwrap().count(), 1, "one incident, and its copies");
    let other_method = http::send("GET", &url, &[], Body::None).await.unwrap();
    assert_eq!(other_method.status, 405);
}

const STORM: usize = 1_000;
const KEYS: usize = 20;

on_both_stores!(
    a_storm_over_two_processes_with_kills,
    a_storm_with_launches,
    a_storm_of_groups_keeps_every_member
);

/// Retries like a monitor until the alert is accepted.
pub async fn send_until_accepted(host: &Host, body: &[u8]) -> u64 {
    let url = host.url("/api/alerts");
    loop {
        let headers = [("x-functions-key", FUNCTION_KEY)];
        if let Ok(answer) = http::send("POST", &url, &headers, Body::Sized(body)).await {
            match answer.status {
                202 => return answer.json()["incident"].as_u64().expect("an incident"),
                500 | 503 => {}
                other => panic!("{other}: {}", answer.text()),
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

async fn a_storm_over_two_processes_with_kills(place: Place) {
    let hosts = [start(&place, &[]).await.unwrap(), start(&place, &[]).await.unwrap()];
    storm(&place, &hosts).await;
}

async fn a_storm_with_launches(place: Place) {
    let others = Others::start().await;
    let hosts = [others.host(&place).await, others.host(&place).await];
    storm(&place, &hosts).await;
    others.wait_for(&place, &hosts[0], KEYS).await;
    others.assert_once(KEYS);
}

async fn storm(place: &Place, hosts: &[Host; 2]) {
    let template: Value = serde_json::from_slice(&sample("azure/metric_static")).unwrap();
    let bodies: Vec<Vec<u8>> = (0..STORM)
        .map(|number| {
            let mut body = template.clone();
            let essentials = &mut body["data"]["essentials"];
            let id = essentials["alertId"].as_str().unwrap();
            let id = format!("{}{:02}", &id[..id.len() - 2], number % KEYS);
            essentials["alertId"] = id.into();
            essentials["alertRule"] = format!("{SECRET} {}", number % KEYS).into();
            body.to_string().into_bytes()
        })
        .collect();
    let storm = bodies.chunks(100).enumerate().map(async |(lane, bodies)| {
        let mut numbers = Vec::new();
        for (place, body) in bodies.iter().enumerate() {
            let number = send_until_accepted(&hosts[(lane + place) % 2], body).await;
            numbers.push(((lane * 100 + place) % KEYS, number));
        }
        numbers
    });
    let kills = async {
        for records in [2, 9, 15, 18] {
            while place.records().await.len() < records {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            hosts[records % 2].kill().await.unwrap();
        }
    };
    let (numbers, ()) = tokio::join!(join_all(storm), kills);

    let mut of_key = BTreeMap::<usize, BTreeSet<u64>>::new();
    for (key, number) in numbers.into_iter().flatten() {
        of_key.entry(key).or_default().insert(number);
    }
    assert_eq!(of_key.len(), KEYS);
    assert!(of_key.values().all(|numbers| numbers.len() == 1), "{of_key:?}");
    let numbers: BTreeSet<u64> = of_key.values().flatten().copied().collect();
    assert_eq!(numbers, (1..=KEYS as u64).collect(), "one incident a key");

    let records = place.records().await;
    let mut told = BTreeMap::<String, Vec<Timestamp>>::new();
    for record in &records {
        let events = record["events"].as_array().unwrap();
        let is_of_alert = record["cause"]["source"] == "alert";
        let alerted = events.iter().find(|event| event["response"]["event"] == "alert_received");
        let Some(alerted) = alerted.filter(|_| is_of_alert) else {
            assert!(!is_of_alert, "{record}");
            continue;
        };
        let key = alerted["response"]["key"].to_string();
        told.entry(key).or_default().push(record["at"].as_str().unwrap().parse().unwrap());
    }
    assert_eq!(told.len(), KEYS);
    for (key, times) in told {
        let apart = times.windows(2).map(|pair| pair[1].duration_since(pair[0]));
        assert!(apart.min().unwrap_or(SignedDuration::MAX) >= BURST, "{key}: {times:?}");
    }
    for host in hosts {
        assert!(host.starts().await >= 3, "it was killed twice");
        host.fire_timer("Reconcile").await.unwrap();
        let health = health_of(host).await;
        let known = health.json()["revision_recorded"].as_u64().unwrap();
        assert!(known >= records.len() as u64, "{}", health.text());
        assert!(!host.log().contains(SECRET) && !host.log().contains(FUNCTION_KEY));
    }
    let page = place.read(Container::Web, "index.html").await.unwrap_or_default();
    assert!(!String::from_utf8(page).unwrap().contains(SECRET), "it is on the page");
}

/// Groups that grow to 400 members each, over two processes that are killed.
async fn a_storm_of_groups_keeps_every_member(place: Place) {
    const GROUPS: usize = 10;
    const STEPS: [usize; 5] = [80, 160, 240, 320, 400];
    let hosts = [start(&place, &[]).await.unwrap(), start(&place, &[]).await.unwrap()];
    let body = |group: usize, members: usize| {
        let labels = json!({ "alertname": format!("Storm{group}"), "severity": "warning" });
        let member = |member: usize| {
            json!({ "status": "firing", "labels": labels, "startsAt": "2026-11-20T09:00:00Z",
                "fingerprint": format!("{group:04x}{member:012x}") })
        };
        let alerts: Vec<Value> = (0..members).map(member).collect();
        json!({ "version": "4", "status": "firing", "groupKey": format!("storm {group}"),
            "externalURL": "https://am.example.com", "commonLabels": labels, "alerts": alerts })
        .to_string()
        .into_bytes()
    };
    let groups = (0..GROUPS).map(async |group| {
        for (step, members) in STEPS.into_iter().enumerate() {
            send_until_accepted(&hosts[(group + step) % 2], &body(group, members)).await;
        }
    });
    let kills = async {
        for records in [3, 12, 25] {
            while place.records().await.len() < records {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            hosts[records % 2].kill().await.unwrap();
        }
    };
    let (_, ()) = tokio::join!(join_all(groups), kills);
    let mut kept = BTreeMap::<u64, BTreeSet<String>>::new();
    for record in place.records().await {
        for event in record["events"].as_array().unwrap() {
            let event = &event["response"];
            let fired = event["change"]["fired"].as_array().into_iter().flatten();
            let ids = fired.map(|member| member[0].as_str().unwrap().to_owned());
            if event["event"] == "alert_received" {
                kept.entry(event["number"].as_u64().unwrap()).or_default().extend(ids);
            }
        }
    }
    assert_eq!(kept.len(), GROUPS);
    assert!(kept.values().all(|members| members.len() == 400), "{kept:?}");
}

/// Without a workflow every answer announces an alert until one records something.
#[tokio::test]
async fn without_a_workflow_questions_announce_it_until_an_answer_records() {
    let scene = Scene::new(Place::directory()).await;
    let address = "https://grafana.example.com/d/1";
    scene.alert(&json!({ "title": "Disk is full", "key": "disk", "link": address })).await;
    let records = scene.place.records().await.len();
    let answer = scene.say("opne It is broken").await.sentence();
    assert_eq!(answer.matches("opened by an alert").count(), 1, "{answer}");
    assert!(answer.contains(&format!("[Open the alert]({address})")), "{answer}");
    for asked in ["list", "help", "status"] {
        let answer = scene.say(asked).await.sentence();
        assert!(!answer.contains("opened by an alert"), "not again within minutes: {answer}");
    }
    assert_eq!(scene.place.records().await.len(), records, "a question records nothing");
    let (_, card) = scene.say("ack").await.card();
    assert!(card.to_string().contains("opened by an alert"), "{card}");
    let button = json!({ "type": "Action.OpenUrl", "title": "Open the alert", "url": address });
    let actions = card["actions"].as_array().unwrap();
    assert!(actions.contains(&button), "{card}");
    let answer = scene.say("status").await.sentence();
    assert!(!answer.contains("opened by an alert"), "it is over: {answer}");
}
