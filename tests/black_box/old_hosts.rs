//! Hosts from before 2025, which pass over `enableProxyingHttpRequest` without a word.

use std::time::Duration;

use serde_json::Value;

use super::{NO_DEADLINE_MS, Place, Scene};
use crate::support::host::{App, Host, Level};
use crate::support::http::{self, Body, HANG};
use crate::support::local;
use crate::support::teams::{self, Message, Reply, TOKEN, sign};

async fn scene(edit: impl FnOnce(&mut Value)) -> Scene {
    let place = Place::directory();
    let storage = place.setting();
    let settings = [
        ("STATUS_STORAGE", storage.as_str()),
        ("STATUS_WEBHOOK_TOKENS", TOKEN),
        ("STATUS_DEADLINE_MS", NO_DEADLINE_MS),
    ];
    let app = App::packaged();
    app.edit("host.json", edit);
    let host = Host::start_old(app, &settings).await.unwrap();
    Scene { place, host }
}

/// With both flags the host builds a new request, and everything works.
#[tokio::test]
async fn commands_health_and_timer_work_on_an_old_host() {
    let scene = scene(|_| {}).await;
    for (command, shown) in [
        ("open Checkout is failing", "investigating"),
        ("update identified Ünïcödé – “it” expired", "identified"),
        ("close", "Resolved"),
    ] {
        let (summary, _) = scene.say(command).await.card();
        assert!(summary.contains(shown), "{summary}");
    }
    assert_eq!(scene.health().await["revision_recorded"], 3);
    scene.host.fire_timer("Reconcile").await.unwrap();
    let url = scene.host.url("/API/Status-Update/");
    Reply::of(&teams::say(&url, &Message::new("status")).await).sentence();
    let stranger = Message::new("open Nobody may say this").body();
    assert_eq!(scene.post(None, &stranger).await.status, 401);
    // The invocation's id is in a different header there.
    let line = scene.wait_for_line("not signed with a known token").await;
    assert!(line["span"]["invocation"].is_string(), "{line}");
    // A caller's own value of that header comes first, and hides nothing.
    let body = Message::new("list").body();
    let signature = sign(TOKEN, &body);
    let headers =
        [("Authorization", &*signature), ("X-Azure-Functions-InvocationId", "a forged id, b")];
    http::send("POST", &scene.webhook(), &headers, Body::Sized(&body)).await.unwrap();
    let lists = |line: &Value| line["decided"] == "list";
    let answered = async {
        loop {
            if let Some((_, line)) = scene.lines().into_iter().find(|(_, line)| lists(line)) {
                return line;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let line = tokio::time::timeout(HANG, answered).await.expect("there is a line");
    assert_eq!(line["span"]["invocation"].as_str().unwrap().len(), 36, "{line}");
    // The old host's own 500 for an answer that it cannot forward.
    let body = Message::new("status").body();
    let chunked = Body::Chunked(&body, 100);
    let answer = teams::post(&scene.webhook(), Some(&sign(TOKEN, &body)), chunked).await;
    assert_eq!(answer.status, 500);
}

/// Without the older flag the host sends envelopes: caller and log get the reason and the remedy.
#[tokio::test]
async fn an_envelope_is_answered_with_the_reason() {
    let scene = scene(|json| {
        json["customHandler"].as_object_mut().unwrap().remove("enableForwardingHttpRequest");
    });
    let scene = scene.await;
    let body = Message::new("open Checkout is failing").body();
    let command = scene.post(Some(&sign(TOKEN, &body)), &body).await;
    let health = scene.ask_health().await;
    for answer in [&command, &health] {
        assert_eq!(answer.status, 503, "{}", answer.text());
        let problem = answer.json()["problem"].as_str().unwrap().to_owned();
        for part in ["older than 2025", "enableForwardingHttpRequest", "update the host"] {
            assert!(problem.contains(part), "{part}: {problem}");
        }
    }
    let send = ["send", "--to", &scene.host.url(""), "--token", TOKEN, "status"];
    let said = local::run(scene.host.folder(), &send).await;
    let said = local::text(&said.stderr).to_owned();
    assert!(said.contains("503: GET /api/health there says why"), "{said}");
    let line = scene.wait_for_line("the Functions host passes on envelopes").await;
    assert!(line["invocation"].is_string(), "{line}");
    scene.host.fire_timer("Reconcile").await.unwrap();
    let told = scene.host.lines().into_iter().filter(|(_, line)| line.contains("envelopes"));
    let levels: Vec<Level> = told.map(|(level, _)| level).collect();
    assert_eq!(levels, [Level::Error; 3], "a line for each");
    assert!(scene.place.records().await.is_empty());
}
