//! Under the host an invalid setting does not end the program, because three exits would stop the
//! host, health and log included. The program stays up, reports the problem, and does nothing else.

use super::{Place, Scene, start};
use crate::support::host::{App, Host, Level};
use crate::support::http::HANG;
use crate::support::teams::{self, Message, OTHER_TOKEN, Reply, TOKEN, sign};

/// Health, signed commands and the log say this sentence; strangers learn nothing of it, and
/// nothing is recorded or published.
async fn stays_up_and_says(scene: &Scene, sentence: &str) {
    let health = scene.ask_health().await;
    assert_eq!(health.status, 503, "{}", health.text());
    let problem = health.json()["problem"].as_str().unwrap().to_owned();
    assert!(problem.contains(sentence), "{sentence}: {problem}");

    let open = Message::new("open Checkout is failing");
    let said = scene.send(&open).await.sentence().replace('\\', "");
    assert!(said.contains("Not recorded") && said.contains(sentence), "{sentence}: {said}");
    for authorization in [None, Some(sign(OTHER_TOKEN, &open.body()))] {
        let answer = scene.post(authorization.as_deref(), &open.body()).await;
        assert_eq!((answer.status, answer.text()), (401, String::new()));
    }
    // The timer counts as failed, and the log says it at each of its runs.
    for _ in 0..2 {
        let failed = scene.host.fire_timer("Reconcile").await.unwrap_err();
        assert!(failed.contains("500"), "{failed}");
    }
    let told = async {
        loop {
            let lines = scene.host.lines().into_iter();
            let told = lines.filter(|(level, line)| {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                let message = line["message"].as_str().unwrap();
                *level == Level::Error && message.contains(sentence)
            });
            if told.count() >= 3 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let told = tokio::time::timeout(HANG, told).await;
    assert!(told.is_ok(), "not said again: {sentence}\n{}", scene.host.log());
    assert_eq!(scene.host.starts().await, 1, "it was started again");
    if let Place::Directory(folder) = &scene.place {
        let made = folder.path().join("log/0000000001.json");
        assert!(!made.exists(), "a record was made");
        assert!(!folder.path().join("web/index.html").exists(), "a page was made");
    }
}

#[tokio::test]
async fn each_wrong_setting_is_reported_and_the_host_stays() {
    for (setting, value, sentence) in [
        ("STATUS_DEADLINE_MS", "soon", "STATUS_DEADLINE_MS: \"soon\" is not a whole number"),
        // An error is one, whatever the value says.
        ("STATUS_DEADLINE_MS", "Warnings", "STATUS_DEADLINE_MS: \"Warnings\" is not a whole"),
        ("STATUS_DEADLINE_MS", "30001", "STATUS_DEADLINE_MS: \"30001\" is not a whole number"),
        ("STATUS_MAX_SKEW_SECONDS", "-1", "STATUS_MAX_SKEW_SECONDS: \"-1\" is not"),
        ("STATUS_PUBLIC_URL", "status.example.org", "STATUS_PUBLIC_URL: \"status.example.org\""),
        (
            "STATUS_PUBLIC_URL",
            "https://me@status.example.org",
            "without a user, a password, ? and #",
        ),
        ("STATUS_BOARDS_URL", "dev.azure.com", "STATUS_BOARDS_URL: \"dev.azure.com\": it is no"),
        ("STATUS_CONFIG", "no-such-file.toml", "STATUS_CONFIG: no-such-file.toml: cannot be read"),
        ("STATUS_STORAGE", "ftp://x", "STATUS_STORAGE: the address has to begin with https://"),
        ("STATUS_STORAGE", "dir:/proc/nowhere", "/proc/nowhere: No such file"),
    ] {
        let place = Place::directory();
        let host = start(&place, &[(setting, value)]).await.unwrap();
        stays_up_and_says(&Scene { place, host }, sentence).await;
    }
}

/// The health page is public, and an invalid setting may contain a key.
#[tokio::test]
async fn possible_secrets_are_not_repeated() {
    for (setting, value) in [
        ("STATUS_PUBLIC_URL", "https://a.example/?sig=c2VjcmV0"),
        ("STATUS_PUBLIC_URL", "ftp://c2VjcmV0@a.example"),
        ("STATUS_PUBLIC_URL", "https://user:c2VjcmV0@a.example"),
        ("STATUS_PUBLIC_URL", "https:user:c2VjcmV0@a.example"),
        ("STATUS_STORAGE", "DefaultEndpointsProtocol=https;AccountKey=c2VjcmV0"),
        ("STATUS_DEADLINE_MS", "abcdefghijklmnopqrstuvwxyz1234567890c2VjcmV0"),
    ] {
        let place = Place::directory();
        let host = start(&place, &[(setting, value)]).await.unwrap();
        let scene = Scene { place, host };
        let health = scene.ask_health().await.text();
        assert!(health.contains(setting) && !health.contains("c2VjcmV0"), "{health}");
        assert!(!scene.host.log().contains("c2VjcmV0"), "{}", scene.host.log());
    }
}

#[tokio::test]
async fn wrong_files_of_the_package_are_reported_as_well() {
    for (name, content, sentence) in [
        ("status.toml", "titel = \"Ours\"", "STATUS_CONFIG: ./status.toml: "),
        ("status.toml", "templates = \"theirs\"", "templates = \"theirs\" cannot be read"),
        ("theirs/incident.html", "{% if %}", "incident.html"),
        (
            "site/duties.toml",
            "[commander]\npurpose = \"leads\"\nduties = [\"One\", \"Two\"]",
            "duties = \"site/duties.toml\" line 1: missing field `primary`",
        ),
    ] {
        let place = Place::directory();
        let app = App::packaged();
        if let Some((folder, _)) = name.split_once('/') {
            std::fs::create_dir(app.path().join(folder)).unwrap();
            let key = if folder == "theirs" {
                "templates = \"theirs\""
            } else {
                "duties = \"site/duties.toml\""
            };
            std::fs::write(app.path().join("status.toml"), key).unwrap();
        }
        std::fs::write(app.path().join(name), content).unwrap();
        let storage = place.setting();
        let settings = [("STATUS_STORAGE", storage.as_str()), ("STATUS_WEBHOOK_TOKENS", TOKEN)];
        let host = Host::start(app, &settings).await.unwrap();
        stays_up_and_says(&Scene { place, host }, sentence).await;
    }
}

/// A sender who may not run commands does not learn the problem either.
#[tokio::test]
async fn the_lists_count_all_the_same() {
    let settings = [("STATUS_DEADLINE_MS", "soon"), ("STATUS_ALLOWED_USERS", "someone-else")];
    let scene = Scene::with(Place::directory(), &settings).await;
    let said = scene.say("open Checkout is failing").await.sentence();
    assert!(!said.contains("DEADLINE"), "{said}");
}

/// Without a readable token only health can report the problem.
#[tokio::test]
async fn without_a_token_health_alone_tells() {
    let settings = [("STATUS_DEADLINE_MS", "soon"), ("STATUS_WEBHOOK_TOKENS", "not-base64!")];
    let scene = Scene::with(Place::directory(), &settings).await;
    let body = Message::new("open Checkout is failing").body();
    assert_eq!(scene.post(Some(&sign(TOKEN, &body)), &body).await.status, 401);
    let health = scene.ask_health().await;
    assert_eq!(health.status, 503);
    for setting in ["STATUS_DEADLINE_MS", "STATUS_WEBHOOK_TOKENS"] {
        assert!(health.text().contains(setting), "{}", health.text());
    }
}

/// It costs its messages and nothing else: the page is published, and health has the remedy.
#[tokio::test]
async fn a_wrong_workflow_does_not_stop_the_page() {
    for (value, sentence) in [
        ("https://a.webhook.office.com/c2VjcmV0", "connectors no longer work"),
        ("@Microsoft.KeyVault(SecretUri=https://v/c2VjcmV0)", "could not resolve"),
    ] {
        let settings = [("STATUS_NOTIFY_URL", value)];
        let scene = Scene::with(Place::directory(), &settings).await;
        scene.say("open Checkout is failing").await.card();
        let health = scene.ask_health().await;
        let said = health.json()["not_configured"].to_string();
        assert!(said.contains("STATUS_NOTIFY_URL: ") && !said.contains("c2VjcmV0"), "{said}");
        assert!(said.contains(sentence), "{said}");
        assert!(!scene.host.log().contains("c2VjcmV0"), "{}", scene.host.log());
    }
}

#[tokio::test]
async fn a_wrong_heartbeat_does_not_stop_the_page() {
    for value in ["http://hc.example/c2VjcmV0", "@Microsoft.KeyVault(SecretUri=https://v/c2VjcmV0)"]
    {
        let scene = Scene::with(Place::directory(), &[("STATUS_HEARTBEAT_URL", value)]).await;
        scene.say("open Checkout is failing").await.card();
        let said = scene.ask_health().await.json()["not_configured"].to_string();
        assert!(said.contains("STATUS_HEARTBEAT_URL: ") && !said.contains("c2VjcmV0"), "{said}");
        assert!(!scene.host.log().contains("c2VjcmV0"), "{}", scene.host.log());
    }
}

/// A setting that was put right is enough: the next start works.
#[tokio::test]
async fn once_it_is_right_everything_goes_on() {
    let place = Place::directory();
    let wrong = start(&place, &[("STATUS_DEADLINE_MS", "soon")]).await.unwrap();
    let message = Message::new("open Checkout is failing");
    let url = wrong.url("/api/status-update");
    Reply::of(&teams::say(&url, &message).await).sentence();
    drop(wrong);
    let scene = Scene::new(place).await;
    scene.send(&message).await.card();
    assert_eq!(scene.health().await["revision_recorded"], 1);
}

/// On Azure the disk is thrown away with the instance, and the log with it.
#[tokio::test]
async fn storage_that_is_not_set_is_a_wrong_setting_on_azure() {
    for (variable, value) in [
        ("WEBSITE_SITE_NAME", "func-status"),
        ("WEBSITE_INSTANCE_ID", "0123"),
        ("IDENTITY_ENDPOINT", "http://169.254.0.1/msi"),
    ] {
        let home = tempfile::tempdir().unwrap();
        let home_path = home.path().to_str().unwrap();
        let settings = [("STATUS_STORAGE", ""), (variable, value), ("HOME", home_path)];
        let place = Place::directory();
        let host = start(&place, &settings).await.unwrap();
        let sentence = "STATUS_STORAGE: it is not set, and Azure does not keep this machine's disk";
        stays_up_and_says(&Scene { place, host }, sentence).await;
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "something is kept");
    }
}

/// The host watches the app's folder, and restarts for every new folder in it.
#[tokio::test]
async fn nothing_is_kept_in_the_folder_that_the_host_watches() {
    let names = |folder: &std::path::Path| {
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        names.collect::<std::collections::BTreeSet<_>>()
    };
    let home = tempfile::tempdir().unwrap();
    let settings = [("STATUS_STORAGE", ""), ("HOME", home.path().to_str().unwrap())];
    let app = App::packaged();
    let before = names(app.path());
    let mut all = settings.to_vec();
    all.push(("STATUS_WEBHOOK_TOKENS", TOKEN));
    let host = Host::start(app, &all).await.unwrap();
    let scene = Scene { place: Place::directory(), host };
    scene.say("open Checkout is failing").await.card();
    assert_eq!(names(scene.host.folder()), before);
    assert!(home.path().join(".status-update/log/0000000001.json").exists());
    let said = scene.health().await["not_configured"].to_string();
    assert!(
        said.contains("STATUS_STORAGE is not set") && said.contains(".status-update"),
        "{said}"
    );

    for inside in ["dir:local", "dir:./a/../local", "dir:."] {
        let place = Place::directory();
        let host = start(&place, &[("STATUS_STORAGE", inside)]).await.unwrap();
        stays_up_and_says(&Scene { place, host }, "is inside the app's own folder").await;
    }
    let (folder, app) = (tempfile::tempdir().unwrap(), App::packaged());
    // Next to the app's folder, by a path that begins in it.
    let beside = folder.path().file_name().unwrap().to_str().unwrap();
    let beside = format!("dir:../{beside}/data");
    let settings = [("STATUS_STORAGE", beside.as_str()), ("STATUS_WEBHOOK_TOKENS", TOKEN)];
    let host = Host::start(app, &settings).await.unwrap();
    Scene { place: Place::directory(), host }.say("open It works").await.card();
    assert!(folder.path().join("data/log/0000000001.json").exists());

    let settings = [("STATUS_STORAGE", ""), ("HOME", "")];
    let place = Place::directory();
    let host = start(&place, &settings).await.unwrap();
    stays_up_and_says(&Scene { place, host }, "there is no home folder").await;
}
