//! Ends of the handler's process, and its survival of the host's.

use std::path::Path;
use std::time::Duration;

use tokio::process::Command;

use super::{Answer, HostAge, Scripted};
use crate::black_box::{Place, Scene, start};
use crate::support::host::{App, Level};
use crate::support::http::{self, Body, HANG};

const OK: &str = "200 OK\r\nContent-Length: 0\r\n\r\n";

async fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let there = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(HANG, there).await.is_ok(), "{what}");
}

/// True if a process runs; zombies do not count.
fn runs(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// Three timed-out calls at once cost three handlers, none of which counts as a crash.
#[tokio::test]
async fn each_call_whose_time_is_up_costs_a_handler() {
    let scripted = Scripted::start("00:00:01").await;
    scripted.answers(Answer::Never);
    let call = || scripted.call(Body::Sized(b"a command"));
    let (first, second, third) = tokio::join!(call(), call(), call());
    for answer in [first, second, third] {
        assert_eq!(answer, (500, String::new()));
    }
    scripted.host.restarted(3).await.unwrap();
    scripted.answers(Answer::Whole(OK));
    assert_eq!(call().await.0, 200);
    assert_eq!(scripted.host.starts().await, 4);
}

#[tokio::test]
async fn a_new_folder_restarts_the_handler_and_does_not_count() {
    let scripted = Scripted::start("00:02:00").await;
    for starts in 1..=3 {
        std::fs::write(scripted.folder.join(format!("a file {starts}")), "").unwrap();
        std::fs::create_dir(scripted.folder.join(format!("a folder {starts}"))).unwrap();
        scripted.host.restarted(starts).await.unwrap();
    }
    assert_eq!(scripted.call(Body::None).await.0, 200);
    assert_eq!(scripted.host.starts().await, 4);
}

/// One line says why; nothing is started again, and callers wait.
#[tokio::test]
async fn without_a_binary_callers_wait() {
    let scripted = Scripted::start("00:02:00").await;
    std::fs::remove_file(scripted.folder.join("status-update")).unwrap();
    scripted.exit(1);
    let errors = || {
        let lines = scripted.host.lines().into_iter();
        lines.filter(|(level, _)| *level == Level::Error).collect::<Vec<_>>()
    };
    wait_until("nothing says why", || !errors().is_empty()).await;
    // Longer than a call is held and tried for.
    let waiting = Duration::from_secs(8);
    let answer = tokio::time::timeout(waiting, scripted.call(Body::None)).await;
    assert!(answer.is_err(), "it was answered: {answer:?}");
    let errors = errors();
    assert!(errors.len() == 1 && errors[0].1.contains("status-update"), "{errors:?}");
}

/// SIGKILL of the host: its handler goes on, and so does the next host's, on the same storage.
#[tokio::test]
async fn a_host_that_dies_leaves_its_handler() {
    let scene = Scene::new(Place::directory()).await;
    scene.say("open Checkout is failing").await.card();
    let Scene { place, host } = scene;
    let outside = host.url("/api/health");
    let (mut handler, address) = host.die().await;
    let refused = async { while http::send("GET", &outside, &[], Body::None).await.is_ok() {} };
    assert!(tokio::time::timeout(HANG, refused).await.is_ok(), "it still listens");
    let health = format!("http://{address}/api/health");
    assert_eq!(http::send("GET", &health, &[], Body::None).await.unwrap().status, 200);
    assert!(handler.try_wait().unwrap().is_none(), "it ended");
    let host = start(&place, &[]).await.unwrap();
    let scene = Scene { place, host };
    scene.say("update Two handlers run").await.card();
    assert_eq!(scene.place.records().await.len(), 2);
    assert!(handler.try_wait().unwrap().is_none(), "it ended");
}

/// SIGTERM of the host: a call in progress is answered, then the handler is killed, but not its
/// children.
#[tokio::test]
async fn a_host_that_is_ended_ends_its_calls_first() {
    let script = format!(
        "/bin/sleep 1000 > /dev/null 2>&1 &\necho $! > inner\necho $$ > outer\n{}",
        super::SCRIPT
    );
    let scripted = Scripted::of(App::scripted(&script), HostAge::New).await;
    let pid = |name: &str| {
        let file = scripted.folder.join(Path::new(name));
        std::fs::read_to_string(file).unwrap().trim().to_owned()
    };
    let (outer, inner) = (pid("outer"), pid("inner"));
    assert!(runs(&outer) && runs(&inner));
    let url = scripted.host.url("/api/health");
    let slow = Body::Slow(b"a command", Duration::from_secs(1));
    let call = tokio::spawn(async move { http::send("GET", &url, &[], slow).await });
    wait_until("no call begins", || {
        !scripted.received.lock().unwrap().iter().all(|(head, _)| head.target() == "/")
    })
    .await;
    scripted.host.terminate().await;
    assert_eq!(call.await.unwrap().unwrap().status, 200);
    wait_until("the handler lives", || !runs(&outer)).await;
    assert!(runs(&inner), "the host killed what it did not start");
    assert!(Command::new("/bin/kill").arg(&inner).status().await.unwrap().success());
}

/// After the third crash of a chain nobody new is heard, while a call that waits for the handler
/// keeps the host, and is never answered.
#[tokio::test]
async fn a_call_that_waits_keeps_a_dying_host() {
    let scene = Scene::new(Place::directory()).await;
    for _ in 0..2 {
        scene.host.kill().await.unwrap();
    }
    // The handler has half of it when it dies.
    let url = scene.host.url("/api/status-update");
    let slow = Body::Slow(b"a command", Duration::from_secs(2));
    let call = tokio::spawn(async move { http::send("POST", &url, &[], slow).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    scene.host.kill().await.unwrap_err();
    let url = scene.host.url("/api/health");
    let refused = async { while http::send("GET", &url, &[], Body::None).await.is_ok() {} };
    assert!(tokio::time::timeout(HANG, refused).await.is_ok(), "it still listens");
    // Far longer than the ten tries of a host that lives.
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(!call.is_finished(), "it was answered");
    assert!(call.await.unwrap().is_err(), "it was answered");
}
