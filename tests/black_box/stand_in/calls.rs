//! The form in which calls reach the handler, and which calls never reach it.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Answer, HostAge, Scripted};
use crate::black_box::{Place, Scene};
use crate::support::host::App;
use crate::support::http::{self, BODY_BYTES_MAX, Body, Head};

/// Claims of a caller in headers.
const CLAIMS: [(&str, &str); 6] = [
    ("Host", "status.example.com"),
    ("User-Agent", "Teams"),
    ("X-Azure-Functions-InvocationId", "spoof"),
    ("X-Azure-Functions-HostVersion", "9"),
    ("x-ms-invocation-id", "spoof"),
    ("X-Forwarded-For", "10.0.0.1"),
];

async fn scripted(age: HostAge) -> Scripted {
    Scripted::of(App::scripted(super::SCRIPT), age).await
}

/// A host from before 2025 whose package lacks the older flag, too: it sends envelopes.
async fn with_envelopes() -> Scripted {
    let app = App::scripted(super::SCRIPT);
    app.edit("host.json", |json| {
        json["customHandler"].as_object_mut().unwrap().remove("enableForwardingHttpRequest");
    });
    Scripted::of(app, HostAge::Old).await
}

/// The head that the handler gets of a call with [`CLAIMS`].
async fn claimed(scripted: &Scripted) -> Head {
    let url = scripted.host.url("/api/health");
    let answer = http::send("GET", &url, &CLAIMS, Body::None).await.unwrap();
    assert_eq!(answer.status, 200);
    scripted.received().remove(0).0
}

fn is_id(id: &str) -> bool {
    id.len() == 36 && id.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}

#[tokio::test]
async fn a_proxying_host_overwrites_what_a_caller_claims() {
    let head = claimed(&scripted(HostAge::New).await).await;
    let get = |name| head.get(name).unwrap();
    assert!(is_id(get("X-Azure-Functions-InvocationId")), "{head:?}");
    assert_eq!(get("x-ms-invocation-id"), get("X-Azure-Functions-InvocationId"));
    assert_ne!(get("X-Azure-Functions-HostVersion"), "9");
    assert!(get("Host").starts_with("127.0.0.1:"), "{head:?}");
    assert_eq!(get("X-Forwarded-Host"), "status.example.com");
    assert_eq!(get("X-Forwarded-For"), "127.0.0.1");
    assert_eq!(get("User-Agent"), "Teams");
}

#[tokio::test]
async fn a_forwarding_host_appends_to_a_callers_claims() {
    let head = claimed(&scripted(HostAge::Old).await).await;
    let get = |name| head.get(name).unwrap();
    let id = get("X-Azure-Functions-InvocationId").strip_prefix("spoof, ");
    assert!(id.is_some_and(is_id), "{head:?}");
    assert!(get("X-Azure-Functions-HostVersion").starts_with("9, 4."), "{head:?}");
    assert!(get("User-Agent").starts_with("Teams Azure-Functions-Host/4."), "{head:?}");
    for (name, value) in [
        ("x-ms-invocation-id", "spoof"),
        ("Host", "status.example.com"),
        ("X-Forwarded-For", "10.0.0.1"),
    ] {
        assert_eq!(get(name), value, "{head:?}");
    }
    for absent in ["X-Forwarded-Host", "X-Forwarded-Proto"] {
        assert_eq!(head.get(absent), None, "{head:?}");
    }
}

/// The bytes arrive as they are, or, within an envelope, as text without the mark.
#[tokio::test]
async fn only_an_envelope_loses_a_byte_order_mark() {
    const BODY: &[u8] = b"\xef\xbb\xbf{\"text\":\"status\"}";
    for scripted in [scripted(HostAge::New).await, scripted(HostAge::Old).await] {
        let url = scripted.host.url("/api/status-update");
        http::send("POST", &url, &[], Body::Sized(BODY)).await.unwrap();
        assert_eq!(scripted.received()[0].1, BODY);
    }
    let scripted = with_envelopes().await;
    scripted.answers(Answer::Whole(
        "200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    ));
    let url = scripted.host.url("/api/status-update");
    http::send("POST", &url, &[], Body::Sized(BODY)).await.unwrap();
    let (head, body) = scripted.received().remove(0);
    assert_eq!(head.target(), "/StatusUpdate");
    let envelope: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(envelope["Data"]["req"]["Body"], "{\"text\":\"status\"}", "{envelope}");
}

/// The host itself answers, and the handler gets at most the beginning.
#[tokio::test]
async fn a_body_that_stalls_is_the_hosts_own_500() {
    for age in [HostAge::New, HostAge::Old] {
        let scripted = scripted(age).await;
        scripted.answers(Answer::Whole("200 OK\r\nContent-Length: 0\r\n\r\n"));
        let call = async |pause| scripted.call(Body::Slow(b"a command", pause)).await.0;
        let stalls = tokio::join!(call(Duration::from_secs(7)), call(Duration::from_secs(1)));
        assert_eq!(stalls, (500, 200), "{age:?}");
        let whole = scripted.received().into_iter().filter(|(_, body)| body == b"a command");
        assert_eq!(whole.count(), 1, "{age:?}");
    }
}

#[tokio::test]
async fn a_body_over_the_hosts_limit_never_reaches_the_handler() {
    let scripted = scripted(HostAge::New).await;
    let begin = async |length: u64| {
        let address = scripted.host.url("").replace("http://", "");
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head =
            format!("GET /api/health HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    };
    let mut answer = String::new();
    begin(BODY_BYTES_MAX + 1).await.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
    assert!(scripted.received().is_empty());
    let _open = begin(BODY_BYTES_MAX).await;
    scripted.wait_for_calls(1).await;
}

#[tokio::test]
async fn the_homepage_is_azures_unless_a_setting_removes_it() {
    for (setting, status) in [("false", 200), ("true", 204)] {
        let settings = [("AzureWebJobsDisableHomepage", setting)];
        let scene = Scene::with(Place::directory(), &settings).await;
        let answer = http::send("GET", &scene.host.url("/"), &[], Body::None).await.unwrap();
        assert_eq!(answer.status, status, "{setting}");
        assert_eq!(answer.text().contains("up and running"), status == 200, "{setting}");
    }
}

/// The differences between a timer's first run, its next ones, and those of an administrator.
#[tokio::test]
async fn a_timers_first_call_has_no_status_and_an_administrators_has_its_input() {
    let scripted = scripted(HostAge::New).await;
    scripted.answers(Answer::Whole(
        "200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    ));
    scripted.host.fire_timer("Reconcile").await.unwrap();
    scripted.host.fire_timer("Reconcile").await.unwrap();
    scripted.host.start_timer("Reconcile", "by hand").await.unwrap();
    let received = scripted.received();
    let envelopes = received.iter().map(|(_, body)| serde_json::from_slice::<Value>(body).unwrap());
    let envelopes: Vec<Value> = envelopes.collect();
    let has_status =
        envelopes.iter().map(|envelope| !envelope["Data"]["timer"]["ScheduleStatus"].is_null());
    assert_eq!(has_status.collect::<Vec<_>>(), [false, true, true]);
    let inputs: Vec<&Value> =
        envelopes.iter().map(|envelope| &envelope["Metadata"]["timer"]).collect();
    assert_eq!(inputs, [&Value::Null, &Value::Null, &Value::from("by hand")]);
}

/// The program runs whatever the envelope holds.
#[tokio::test]
async fn an_administrator_can_start_the_timer() {
    let scene = Scene::new(Place::directory()).await;
    scene.say("open Checkout is failing").await.card();
    for input in ["", "by hand", "{\"a\":"] {
        let lines = scene.host.start_timer("Reconcile", input).await.unwrap();
        assert!(lines[0].contains("revision 1"), "{input:?}: {lines:?}");
    }
}
