//! The host files, as the stand-in host reads them: valid as they are, and rejected when wrong.

use std::path::Path;

use serde_json::{Value, json};
use status_update::web::RUN_TIME_MAX;

use super::{NO_DEADLINE_MS, Place, Scene};
use crate::support::azurite::{self, Azurite};
use crate::support::host::{App, Host, Package};
use crate::support::http::{self, Body};
use crate::support::teams::{self, Message, Reply};

#[tokio::test]
async fn outside_there_are_two_addresses() {
    let scene = Scene::new(Place::directory()).await;
    for (method, path, status) in [
        ("GET", "/api/health", 200),
        ("POST", "/api/status-update", 401),
        ("POST", "/api/health", 404),
        ("GET", "/api/status-update", 404),
        // Azure's own page, unless a setting removes it.
        ("GET", "/", 200),
        ("POST", "/", 404),
        // Routes match as the host has them.
        ("GET", "/API/Health", 200),
        ("GET", "/api/health/", 200),
        ("HEAD", "/Api/HEALTH/", 404),
        ("POST", "/API/Status-Update", 401),
        ("POST", "/api/status-update/", 401),
        ("GET", "/api/health//", 404),
        // A timer's function is the host's to call.
        ("POST", "/Reconcile", 404),
        ("POST", "/api/Reconcile", 404),
        ("POST", "/StatusUpdate", 404),
    ] {
        let url = scene.host.url(path);
        let answer = http::send(method, &url, &[], Body::Sized(b"{}")).await.unwrap();
        assert_eq!(answer.status, status, "{method} {path}");
    }
}

/// `local.settings.json.example` unchanged, except that the emulator uses a different port.
#[tokio::test]
async fn the_example_settings_work() {
    let Some(azurite) = Azurite::start() else { return };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("local.settings.json.example");
    let example: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(example["IsEncrypted"], false);
    let values = example["Values"].as_object().unwrap();
    assert_eq!(values["FUNCTIONS_WORKER_RUNTIME"], "custom");
    assert_eq!(values["STATUS_STORAGE"], "UseDevelopmentStorage=true");
    let settings = values.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
    let mut settings = settings.filter(|(name, _)| *name != "STATUS_STORAGE").collect::<Vec<_>>();
    // Somebody's own emulator is not for tests.
    let storage = azurite::setting(azurite.address);
    settings.push(("STATUS_STORAGE", &storage));
    settings.push(("STATUS_DEADLINE_MS", NO_DEADLINE_MS));
    let host = Host::start(App::packaged(), &settings).await.unwrap();
    let url = host.url("/api/status-update");
    let message = Message::new("open The example works");
    assert_eq!(teams::say(&url, &message).await.status, 401, "the tests' own token");
    let body = message.body();
    let signature = teams::sign(values["STATUS_WEBHOOK_TOKENS"].as_str().unwrap(), &body);
    let answer = teams::post(&url, Some(&signature), Body::Sized(&body)).await;
    Reply::of(&answer).card();
}

#[test]
fn the_stand_in_refuses_what_the_real_host_refuses() {
    type Edit = fn(&mut Value);
    let edits: [(&str, &str, Edit); 10] = [
        ("host.json", "version", |json| json["version"] = "1.0".into()),
        ("host.json", "functionTimeout", |json| json["functionTimeout"] = "2 minutes".into()),
        ("host.json", "\"handler\"", |json| {
            json["customHandler"]["description"]["defaultExecutablePath"] = "handler".into();
        }),
        ("host.json", "./status-update", |json| {
            json["customHandler"]["description"]["defaultExecutablePath"] =
                "./status-update".into();
        }),
        ("host.json", "routes", |json| {
            json["customHandler"]["http"] = json!({ "routes": [{ "route": "{*path}" }] });
        }),
        ("StatusUpdate/function.json", "2 triggers", |json| {
            let timer = json!({ "type": "timerTrigger", "direction": "in", "name": "timer" });
            json["bindings"].as_array_mut().unwrap().push(timer);
        }),
        ("StatusUpdate/function.json", "envelope", |json| {
            json["bindings"].as_array_mut().unwrap().pop();
        }),
        ("StatusUpdate/function.json", "name", |json| {
            json["bindings"][0]["name"] = Value::Null;
        }),
        ("Health/function.json", "share", |json| {
            json["bindings"][0]["route"] = "status-update".into();
        }),
        ("Reconcile/function.json", "six fields", |json| {
            json["bindings"][0]["schedule"] = "*/5 * * * *".into();
        }),
    ];
    Package::read(App::packaged().path()).unwrap();
    for (file, hint, edit) in edits {
        let app = App::packaged();
        app.edit(file, edit);
        let problem = Package::read(app.path()).unwrap_err();
        assert!(problem.contains(hint), "{file}: {problem}");
    }
}

/// Addresses in capitals or with a trailing slash work too.
#[tokio::test]
async fn a_command_is_heard_wherever_the_host_hears_it() {
    let scene = Scene::new(Place::directory()).await;
    for (number, path) in [(1, "/API/Status-Update"), (2, "/api/status-update/")] {
        let message = Message::new("open another one");
        let answer = teams::say(&scene.host.url(path), &message).await;
        let (summary, _) = Reply::of(&answer).card();
        assert!(summary.contains(&format!("#{number}")), "{path}: {summary}");
    }
}

/// Half of the host's time at most: it would kill the handler with whatever else it is doing.
#[test]
fn a_run_of_the_timer_ends_well_before_the_host_ends_it() {
    let host = Package::read(App::packaged().path()).unwrap();
    assert!(RUN_TIME_MAX * 2 <= host.function_timeout, "{:?}", host.function_timeout);
    assert!(host.proxies && host.forwards, "hosts from before 2025 know the one, later ones both");
}
