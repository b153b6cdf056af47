//! The way of a command that is accepted, from the channel to the page and back.

use serde_json::Value;

use super::{ALL_IS_WELL, Place, Scene, headline, on_both_stores};
use crate::support::host::Level;
use crate::support::teams::Message;

on_both_stores!(an_incident_from_open_to_close, a_replay_is_answered_again, the_timer_answers);

async fn an_incident_from_open_to_close(place: Place) {
    let scene = Scene::with(place, &[("STATUS_PUBLIC_URL", "https://status.example")]).await;
    scene.wait_for_page("</html>").await;
    assert_eq!(headline(&scene.place.page("index.html").await), ALL_IS_WELL);
    assert_eq!(scene.health().await["revision_recorded"], 0);

    let message = Message::new("open Checkout is failing for card payments");
    let (summary, card) = scene.send(&message).await.card();
    assert!(summary.contains("#1"), "{summary}");
    assert!(!card.to_string().contains("delayed"), "it is published: {card}");
    assert_eq!(card["type"], "AdaptiveCard");
    assert_eq!(card["version"], "1.4");
    assert!(card.to_string().contains("Checkout is failing for card payments"), "{card}");
    let link = "https://status.example/incidents/1/";
    assert!(actions(&card).iter().any(|(kind, url)| kind == "Action.OpenUrl" && url == link));

    let records = scene.place.records().await;
    let [record] = &records[..] else { panic!("{records:?}") };
    assert_eq!(record["cause"]["message"]["id"], message.id);
    assert_eq!(record["cause"]["by"]["name"], crate::support::teams::USER_NAME);
    let page = scene.place.page("index.html").await;
    assert!(page.contains("Checkout is failing for card payments"), "{page}");
    assert_eq!(headline(&page), ("bad", "Partial outage"));
    let incident = scene.place.page("incidents/1/index.html").await;
    assert!(incident.contains("Checkout is failing for card payments"), "{incident}");
    let month = record["events"][1]["status"]["month"].as_str().unwrap();
    let month = scene.place.page(&format!("history/{month}/index.html")).await;
    assert!(month.contains("Checkout is failing for card payments"), "{month}");

    // Help depends on open incidents.
    let help = scene.say("help").await.sentence();
    assert!(help.contains("is open") && help.contains("update <text>"), "{help}");

    scene.say("update identified A certificate has expired").await.card();
    let page = scene.place.page("index.html").await;
    assert!(page.contains("A certificate has expired"), "{page}");
    assert!(page.contains("Identified"), "{page}");

    scene.say("close The certificate was renewed").await.card();
    let page = scene.place.page("index.html").await;
    assert_eq!(headline(&page), ALL_IS_WELL);
    assert!(page.contains("<meta name=\"edition\" content=\"3\">"), "{page}");
    assert!(scene.place.page("incidents/1/index.html").await.contains("Resolved"));
    assert_eq!(scene.place.records().await.len(), 3);

    let health = scene.health().await;
    assert_eq!(health["revision_recorded"], 3, "{health}");
    assert_eq!(health["revision_published"], 3, "{health}");
    let store = health["store"].as_str().unwrap();
    assert!(!store.contains("sig="), "the store's name shows a secret: {store}");
    // The host shows each line on stderr as an error.
    let lines = scene.host.lines();
    assert!(lines.iter().all(|(level, _)| *level == Level::Information), "{}", scene.host.log());
    assert!(!scene.host.log().contains(crate::support::teams::TOKEN));
}

/// All actions of a card: kind and address.
fn actions(card: &Value) -> Vec<(String, String)> {
    match card {
        Value::Object(fields) => {
            let own = match (fields.get("type"), fields.get("url")) {
                (Some(Value::String(kind)), Some(Value::String(url))) => {
                    vec![(kind.clone(), url.clone())]
                }
                _ => Vec::new(),
            };
            own.into_iter().chain(fields.values().flat_map(actions)).collect()
        }
        Value::Array(items) => items.iter().flat_map(actions).collect(),
        _ => Vec::new(),
    }
}

async fn a_replay_is_answered_again(place: Place) {
    let scene = Scene::new(place).await;
    let message = Message::new("open Search returns nothing");
    let (first, _) = scene.send(&message).await.card();
    let (again, _) = scene.send(&message).await.card();
    assert_eq!(first, again);
    assert_eq!(scene.place.records().await.len(), 1);
    // Also by a process that did not see the first, and after the incident has gone on.
    scene.say("close It returns everything again").await.card();
    scene.host.kill().await.unwrap();
    let (later, _) = scene.send(&message).await.card();
    assert_eq!(first, later);
    assert_eq!(scene.place.records().await.len(), 2);
}

/// A copy of a refused message is not run, even if it would be possible by then.
#[tokio::test]
async fn a_refused_message_stays_refused() {
    let scene = Scene::new(Place::directory()).await;
    let close = Message::new("close Nothing was wrong");
    let first = scene.send(&close).await.sentence();
    scene.say("open Search returns nothing").await.card();
    assert_eq!(scene.send(&close).await.sentence(), first);
    assert_eq!(scene.place.records().await.len(), 1);
}

async fn the_timer_answers(place: Place) {
    let scene = Scene::new(place).await;
    scene.host.fire_timer("Reconcile").await.unwrap();
    scene.say("open minor Exports are slow").await.card();
    let page = scene.place.page("index.html").await;
    scene.host.fire_timer("Reconcile").await.unwrap();
    assert_eq!(scene.place.page("index.html").await, page);
    assert_eq!(scene.place.records().await.len(), 1);
}

/// Each impact has its own words in the page's header.
#[tokio::test]
async fn each_impact_has_its_header() {
    let scene = Scene::new(Place::directory()).await;
    scene.wait_for_page("</html>").await;
    assert_eq!(headline(&scene.place.page("index.html").await), ALL_IS_WELL);
    for (command, tone, words) in [
        ("open another minor Payments are failing", "warn", "Degraded performance"),
        ("open another major Payments are failing", "bad", "Partial outage"),
        ("open another critical Payments are failing", "bad", "Major outage"),
        ("close #3", "bad", "Partial outage"),
        ("close #2", "warn", "Degraded performance"),
    ] {
        scene.say(command).await.card();
        let page = scene.place.page("index.html").await;
        assert_eq!(headline(&page), (tone, words), "after {command}");
    }
    scene.say("close #1").await.card();
    assert_eq!(headline(&scene.place.page("index.html").await), ALL_IS_WELL);
}
