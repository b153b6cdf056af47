//! The two clocks and the heartbeat in the real program. `deliveries::clocks` proves their timing
//! in simulated time; this proves that everything is connected.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use status_update::core::config::Config;
use status_update::core::site::renderer::Site;
use status_update::service::Service;
use status_update::settings::Gate;
use status_update::store::memory::Memory;
use status_update::web::{self, Work};
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::notify::open_before;
use super::{Place, Scene, on_both_stores, start};
use crate::support::host::{App, Host};
use crate::support::http::{self, Body, HANG, Head};
use crate::support::teams;

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str().map(|time| time.parse().unwrap())
}

/// Waits until health shows this.
async fn wait_for_health(scene: &Scene, what: &str, shows: impl Fn(&Value) -> bool) -> Value {
    let there = async {
        loop {
            let health = scene.health().await;
            if shows(&health) {
                return health;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let there = tokio::time::timeout(HANG, there).await;
    there.unwrap_or_else(|_| panic!("health never shows {what}\n{}", scene.host.log()))
}

/// The app as packaged, but for the timer's function, which somebody deleted.
fn without_timer() -> App {
    let app = App::packaged();
    fs::remove_dir_all(app.path().join("Reconcile")).unwrap();
    app
}

on_both_stores!(without_its_timer_the_program_ticks_itself);

async fn without_its_timer_the_program_ticks_itself(place: Place) {
    // An hour later a customer update is overdue, which is seconds after the start.
    let opened = open_before(&place, SignedDuration::from_secs(60 * 60 - 8)).await;
    let storage = place.setting();
    let settings = [("STATUS_STORAGE", storage.as_str()), ("STATUS_WEBHOOK_TOKENS", teams::TOKEN)];
    let host = Host::start(without_timer(), &settings).await.unwrap();
    assert!(host.fire_timer("Reconcile").await.is_err(), "it is deleted");
    let scene = Scene { place, host };
    let queued_at = |records: &[Value]| {
        let overdue =
            records.iter().find(|record| record.to_string().contains("\"update_overdue\""));
        overdue.and_then(|record| time(&record["cause"]["at"]))
    };
    let queued = async {
        loop {
            if let Some(at) = queued_at(&scene.place.records().await) {
                return at;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let queued = tokio::time::timeout(HANG, queued).await.expect("it never comes");
    let late = queued.duration_since(opened + SignedDuration::from_hours(1));
    assert!(!late.is_negative() && late <= SignedDuration::from_mins(1), "{late:?} late");
    let health = wait_for_health(&scene, "the run", |health| {
        time(&health["clocks"]["succeeded"]) >= Some(queued - SignedDuration::from_secs(1))
    });
    let clocks = health.await["clocks"].clone();
    assert_eq!(clocks["timer"], Value::Null, "{clocks}");
}

on_both_stores!(an_instance_without_the_timer_leaves_the_work_to_it);

async fn an_instance_without_the_timer_leaves_the_work_to_it(place: Place) {
    let timers = start(&place, &[]).await.unwrap();
    timers.fire_timer("Reconcile").await.unwrap();
    let scene = Scene::with(place, &[]).await;
    let clocks = |health: &Value| health["clocks"].clone();
    let started =
        wait_for_health(&scene, "the start", |health| !clocks(health)["succeeded"].is_null()).await;
    // Its first tick of its own finds the timer's time, and that there is nothing to do.
    let later =
        wait_for_health(&scene, "the timer", |health| !clocks(health)["timer"].is_null()).await;
    for kind in ["process", "request", "succeeded"] {
        assert_eq!(clocks(&started)[kind], clocks(&later)[kind], "{kind}: {later}");
    }
}

#[tokio::test]
async fn two_runs_of_the_timer_at_once_both_succeed() {
    let scene = Scene::new(Place::directory()).await;
    scene.say("open Checkout is failing").await.card();
    let fire = || scene.host.fire_timer("Reconcile");
    let (first, second, third) = tokio::join!(fire(), fire(), fire());
    for run in [first, second, third] {
        let lines = run.unwrap();
        assert!(lines[0].contains("revision 1"), "{lines:?}");
    }
}

/// A command, an alert and health each start a tick, and so does a stranger's call: it is bounded.
#[tokio::test]
async fn every_kind_of_request_ticks() {
    for (method, path) in
        [("GET", "/api/health"), ("POST", "/api/status-update"), ("POST", "/api/alerts")]
    {
        let site = Arc::new(Site::new(Config::default()).unwrap());
        let service = Service::new(Arc::new(Memory::default()), site, 0);
        let gate = Gate::usable(|_| None);
        let app = web::App::new(Work::Running(Arc::clone(&service)), gate, Vec::new(), true);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}{path}", listener.local_addr().unwrap());
        tokio::spawn(web::serve(listener, app));
        http::send(method, &url, &[], Body::Sized(b"{}")).await.unwrap();
        let ticked = async {
            while service.tick_times().request.is_none() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        assert!(tokio::time::timeout(HANG, ticked).await.is_ok(), "{method} {path}");
    }
}

const SECRET: &str = "0a1b2c3d-secret-of-the-check";
/// The switch's answer, which quotes a secret.
const ECHO: &str = r#"{"error":{"code":"0a1b2c3d-secret-of-the-check"}}"#;

#[tokio::test]
async fn the_heartbeat_is_called_and_its_failure_is_logged_once_without_its_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/ping/{SECRET}?rid=1", listener.local_addr().unwrap());
    let status = Arc::new(Mutex::new("200 OK"));
    let calls: Arc<Mutex<Vec<String>>> = Arc::default();
    let (says, seen) = (Arc::clone(&status), Arc::clone(&calls));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            while let Ok(Some(head)) = Head::read(&mut stream).await {
                let status = *says.lock().unwrap();
                seen.lock().unwrap().push(head.start);
                if status.is_empty() {
                    break;
                }
                let answer = format!(
                    "HTTP/1.1 {status}\r\nLocation: /ping/{SECRET}?moved\r\n\
                     Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{ECHO}",
                    ECHO.len()
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    });
    let wait_for_calls = async |count: usize| {
        let there = async {
            while calls.lock().unwrap().len() < count {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        assert!(tokio::time::timeout(HANG, there).await.is_ok(), "{:?}", calls.lock().unwrap());
    };
    let scene = Scene::with(Place::directory(), &[("STATUS_HEARTBEAT_URL", &url)]).await;
    wait_for_calls(1).await;
    let expected = format!("GET /ping/{SECRET}?rid=1 HTTP/1.1");
    assert_eq!(calls.lock().unwrap()[0], expected, "the start is a run");
    let logged = async |line: &str, count: usize| {
        let there = async {
            while scene.host.log().matches(line).count() < count {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let there = tokio::time::timeout(HANG, there).await;
        assert!(there.is_ok(), "{count} times {line:?}: {}", scene.host.log());
    };
    // Each way to fail, twice in a row; the empty one closes the connection.
    let failures = ["500 No", "404 Gone", "302 Found", ""];
    for (index, failure) in failures.into_iter().enumerate() {
        for (nth, says) in [failure, failure, "200 OK"].into_iter().enumerate() {
            *status.lock().unwrap() = says;
            let before = calls.lock().unwrap().len();
            // A run makes no call while the previous one is in progress.
            while calls.lock().unwrap().len() == before {
                scene.host.fire_timer("Reconcile").await.unwrap();
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            match nth {
                0 => logged("the heartbeat fails", index + 1).await,
                1 => {}
                _ => logged("the heartbeat succeeds again", index + 1).await,
            }
        }
    }
    let log = scene.host.log();
    assert_eq!(log.matches("the heartbeat fails").count(), failures.len(), "{log}");
    for status in ["500", "404", "302"] {
        assert!(log.contains(&format!("answers {status}")), "{status}: {log}");
    }
    assert!(!log.contains("/ping"), "{log}");
    assert!(!log.contains(SECRET), "{log}");
    let health = scene.ask_health().await.text();
    assert!(!health.contains(SECRET), "{health}");
}
