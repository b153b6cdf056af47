//! The operator's view: log lines and the health page.

use std::fs::{self, File};
use std::time::Duration;

use serde_json::Value;

use super::proxy::{Fate, writes};
use super::{Place, Scene};
use crate::support::host::{App, Host, Level};
use crate::support::http::{HANG, Head};
use crate::support::local::run_with;
use crate::support::teams::{TOKEN, USER_NAME};

const ROSTERS: &str = "[[people]]\nname = \"Ottoline Keyholder\"\n[[rosters]]\nname = \"Vault\"\n\
                       [[rosters.layers]]\nlevel = \"primary\"\nzone = \"UTC\"\n\
                       anchor = 2026-11-23T09:00:00\nturn = \"1 week\"\n\
                       members = [\"Ottoline Keyholder\"]\n";

#[tokio::test]
async fn a_message_logs_one_line_without_its_text() {
    let scene = Scene::new(Place::directory()).await;
    scene.say("open Checkout is failing for Acme Corporation").await.card();
    scene.say("opne It is broken").await;
    scene.host.fire_timer("Reconcile").await.unwrap();
    let timer = scene.wait_for_line("reconciled").await;
    assert_eq!((&timer["recorded"], &timer["behind"]), (&Value::from(1), &Value::from(0)));
    let refused = scene.wait_for_line("not understood, or not possible").await;
    assert_eq!(refused["decided"], "refused");
    let line = scene.wait_for_line("recorded").await;
    assert_eq!(line["revision"], 1);
    assert_eq!(line["decided"], "opened");
    assert_eq!(line["published"], true);
    for figure in ["recorded_ms", "published_ms", "elapsed_ms"] {
        assert!(line[figure].is_u64(), "{figure}: {line}");
    }
    assert!(line["span"]["activity"].is_string(), "{line}");
    assert!(line["span"]["invocation"].is_string(), "{line}");
    // Above all not internal texts.
    scene.say("open internal via=Globex The cellar is open").await.card();
    scene.say("doing #2 Somebody looks for the key").await.card();
    scene.say("status #2").await;
    scene.wait_for_line("answered").await;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rosters.toml"), ROSTERS).unwrap();
    let storage = scene.place.setting();
    let set = ["roster", "set", "rosters.toml"];
    let set = run_with(folder.path(), &[("STATUS_STORAGE", &storage)], &set).await;
    assert!(set.status.success(), "{set:?}");
    let said = format!("{:?}", scene.say("oncall vault").await);
    assert!(said.contains("Ottoline Keyholder"), "{said}");
    let log = scene.host.log();
    let asked = log.matches("\"oncall\"").count();
    assert_eq!(asked, 1, "{log}");
    for private in [
        "vault",
        "Vault",
        "Keyholder",
        "Acme",
        "Checkout",
        "broken",
        "Globex",
        "cellar",
        "Somebody looks",
        USER_NAME,
        TOKEN,
    ] {
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
    let answer = scene.say("update We look into it").await.sentence().replace('\\', "");
    for part in ["Nothing is recorded", "STATUS_STORAGE", "403", "Storage Blob Data Contributor"] {
        assert!(answer.contains(part), "{part}: {answer}");
    }
    assert!(!answer.contains("end it again"), "it is of no use: {answer}");
    let asked = scene.say("status").await.sentence().replace('\\', "");
    assert!(asked.contains("STATUS_STORAGE") && !asked.contains("sk again"), "{asked}");
    let warnings = || {
        let warnings = scene.lines().into_iter().filter(|(level, _)| *level == Level::Warning);
        let of_commands = warnings.filter(|(_, line)| line["span"]["name"] == "message");
        of_commands.map(|(_, line)| line).collect::<Vec<_>>()
    };
    while warnings().len() < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let of_commands = warnings();
    assert_eq!(of_commands.len(), 2, "one each: {of_commands:#?}");
    for line in of_commands {
        assert!(line["error"].as_str().unwrap().contains("403"), "{line}");
    }
    let problem = scene.health().await["problem"].as_str().unwrap().to_owned();
    for part in
        ["STATUS_STORAGE", "403", "Storage Blob Data Contributor", "rights may still be arriving"]
    {
        assert!(problem.contains(part), "{part}: {problem}");
    }
    assert!(scene.host.fire_timer("Reconcile").await.is_err(), "the host counts a failure");
    let line = scene.wait_for_line("not reconciled; the timer tries again").await;
    assert!(line["error"].as_str().unwrap().contains("Storage Blob Data Contributor"), "{line}");

    scene.place.proxy().rule(|_| Fate::Passed);
    scene.say("update We look into it").await.card();
    assert_eq!(scene.health().await["problem"], Value::Null);
}

/// That pages can still be written does not hide that nothing can be recorded.
#[tokio::test]
async fn a_log_that_refuses_records_stays_a_problem() {
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
async fn an_unresolved_key_vault_reference_is_reported() {
    let place = Place::directory();
    let storage = place.setting();
    let reference = "@Microsoft.KeyVault(VaultName=kv-status;SecretName=webhook-token)";
    let settings = [("STATUS_STORAGE", storage.as_str()), ("STATUS_WEBHOOK_TOKENS", reference)];
    let host = Host::start(App::packaged(), &settings).await.unwrap();
    let scene = Scene { place, host };
    let health = scene.ask_health().await.text();
    for part in ["STATUS_WEBHOOK_TOKENS", "Key Vault Secrets User"] {
        assert!(health.contains(part), "{part}: {health}");
        assert!(scene.host.log().contains(part), "{}", scene.host.log());
    }
    assert!(!health.contains("kv-status"), "{health}");
}

/// Silent storage makes a timer run fail, and nothing else: the host's own limit would kill the
/// handler with all its work.
#[tokio::test]
async fn a_timer_run_is_bounded_even_if_storage_hangs() {
    let scene = Scene::new(Place::directory()).await;
    scene.say("open Checkout is failing").await.card();
    // So that the process does not tick by itself meanwhile.
    scene.host.fire_timer("Reconcile").await.unwrap();
    let Place::Directory(folder) = &scene.place else { unreachable!("it is one") };
    let lock = File::options().write(true).open(folder.path().join(".lock")).unwrap();
    lock.lock().unwrap();
    // Pages need the lock, so the run cannot end before it is released. Records do not.
    scene.say("update identified A certificate has expired").await.card();
    let late = scene.host.fire_timer("Reconcile").await.unwrap_err();
    assert!(late.contains("not done after 20 s"), "{late}");
    // The next run does not queue after it.
    let busy = scene.host.fire_timer("Reconcile").await.unwrap_err();
    assert!(busy.contains("the previous run is still waiting"), "{busy}");
    assert_eq!(scene.health().await["revision_recorded"], 2);
    lock.unlock().unwrap();
    // Work that has begun continues after the answers.
    let done = async {
        let is_run = |(_, line): &(_, Value)| line["message"] == "reconciled";
        while scene.lines().iter().filter(|line| is_run(line)).count() < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(HANG, done).await.expect("it ends");
    scene.wait_for_page("A certificate has expired").await;
    scene.host.fire_timer("Reconcile").await.unwrap();
    assert_eq!(scene.host.starts().await, 1, "the handler was killed");
}
