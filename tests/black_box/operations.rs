//! What those who run it see: the log's lines and the health page.

use std::time::Duration;

use serde_json::Value;

use super::proxy::{Fate, writes};
use super::{Place, Scene};
use crate::support::host::{App, Host};
use crate::support::http::{HANG, Head};
use crate::support::teams::{TOKEN, USER_NAME};

/// The log's lines as whatever collects them reads them.
fn lines(scene: &Scene) -> Vec<Value> {
    let lines = scene.host.lines();
    lines.iter().map(|(_, line)| serde_json::from_str(line).expect(line)).collect()
}

/// Waits for the line: what a handler writes is read a moment later.
async fn line(scene: &Scene, message: &str) -> Value {
    let found = async {
        loop {
            if let Some(line) = lines(scene).into_iter().find(|line| line["message"] == message) {
                return line;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let found = tokio::time::timeout(HANG, found).await;
    found.unwrap_or_else(|_| panic!("no line says {message}"))
}

#[tokio::test]
async fn a_message_leaves_one_line_of_figures_and_none_of_its_words() {
    let scene = Scene::new(Place::directory()).await;
    scene.say("open Checkout is failing for Acme Corporation").await.card();
    scene.say("opne It is broken").await;
    scene.host.fire_timer("Reconcile").await.unwrap();
    let timer = line(&scene, "reconciled").await;
    assert_eq!((&timer["recorded"], &timer["behind"]), (&Value::from(1), &Value::from(0)));
    let refused = line(&scene, "not understood, or not possible").await;
    assert_eq!(refused["decided"], "refused");
    let line = line(&scene, "recorded").await;
    assert_eq!(line["revision"], 1);
    assert_eq!(line["decided"], "opened");
    assert_eq!(line["published"], true);
    for figure in ["recorded_ms", "published_ms", "elapsed_ms"] {
        assert!(line[figure].is_u64(), "{figure}: {line}");
    }
    assert!(line["span"]["activity"].is_string(), "{line}");
    assert!(line["span"]["invocation"].is_string(), "{line}");
    let log = scene.host.log();
    for private in ["Acme", "Checkout", "broken", USER_NAME, TOKEN] {
        assert!(!log.contains(private), "{private} is in the log");
    }
}

#[tokio::test]
async fn the_health_page_names_the_setting_and_the_remedy_until_all_is_well() {
    let Some(place) = Place::azurite().await else { return };
    let scene = Scene::new(place).await;
    scene.say("open Checkout is failing").await.card();
    assert_eq!(scene.health().await["problem"], Value::Null);

    scene.place.proxy().rule(|_| Fate::Forbidden);
    let answer = scene.say("update We look into it").await;
    assert!(format!("{answer:?}").contains("Not recorded"), "{answer:?}");
    let problem = scene.health().await["problem"].as_str().unwrap().to_owned();
    for part in ["STATUS_STORAGE", "403", "Storage Blob Data Contributor"] {
        assert!(problem.contains(part), "{part}: {problem}");
    }
    assert!(scene.host.fire_timer("Reconcile").await.is_err(), "the host counts a failure");
    let line = line(&scene, "not reconciled; the timer tries again").await;
    assert!(line["error"].as_str().unwrap().contains("Storage Blob Data Contributor"), "{line}");

    scene.place.proxy().rule(|_| Fate::Passed);
    scene.say("update We look into it").await.card();
    assert_eq!(scene.health().await["problem"], Value::Null);
}

/// That pages can still be written does not hide that nothing can be recorded.
#[tokio::test]
async fn a_log_that_takes_no_record_stays_a_problem() {
    let Some(place) = Place::azurite().await else { return };
    let scene = Scene::new(place).await;
    scene.say("open Checkout is failing").await.card();
    let into_the_log =
        |head: &Head| if writes(head, "log") { Fate::Forbidden } else { Fate::Passed };
    scene.place.proxy().rule(into_the_log);
    scene.say("update We look into it").await;
    scene.host.fire_timer("Reconcile").await.unwrap();
    let problem = scene.health().await["problem"].to_string();
    assert!(problem.contains("STATUS_STORAGE"), "{problem}");
}

#[tokio::test]
async fn a_key_vault_reference_that_the_platform_cannot_resolve_is_told() {
    let place = Place::directory();
    let storage = place.setting();
    let reference = "@Microsoft.KeyVault(VaultName=kv-status;SecretName=webhook-token)";
    let settings = [("STATUS_STORAGE", storage.as_str()), ("STATUS_WEBHOOK_TOKENS", reference)];
    let host = Host::start(App::packaged(), &settings).await.unwrap();
    let scene = Scene { place, host };
    let health = scene.health().await.to_string();
    for part in ["STATUS_WEBHOOK_TOKENS", "Key Vault Secrets User"] {
        assert!(health.contains(part), "{part}: {health}");
        assert!(scene.host.log().contains(part), "{}", scene.host.log());
    }
    assert!(!health.contains("kv-status"), "{health}");
}
