//! The stand-in host compared with observations of the real one. The handler's process is real, but
//! only tells its port; this test answers there.

mod calls;
mod ends;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{Place, Scene};
use crate::support::host::{App, FUNCTION_KEY, Host};
use crate::support::http::{self, Body, HANG, Head, read_body};
use crate::support::teams::{self, Message, Reply, TOKEN, sign};

/// Tells its port, and ends with the given code.
const SCRIPT: &str = r#"
echo "$FUNCTIONS_CUSTOMHANDLER_PORT" > port.new && mv port.new port
while [ ! -e code ]; do /bin/sleep 0.02; done
read code < code; rm code; exit "$code""#;

/// The handler's response to a request.
#[derive(Clone, Copy)]
enum Answer {
    /// Reads it whole and answers this: the text after `HTTP/1.1 `.
    Whole(&'static str),
    /// Says so before the body was read, and closes.
    Early,
    /// Reads it whole and does not answer.
    Never,
}

/// Which host a handler runs under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HostAge {
    New,
    /// From before 2025.
    Old,
}

/// A request as the handler got it; the body is empty where it was not read.
type Received = (Head, Vec<u8>);

struct Scripted {
    host: Host,
    folder: PathBuf,
    answer: Arc<Mutex<Answer>>,
    received: Arc<Mutex<Vec<Received>>>,
    listening: JoinSet<()>,
}

impl Scripted {
    async fn start(function_timeout: &str) -> Self {
        let app = App::scripted(SCRIPT);
        app.edit("host.json", |json| json["functionTimeout"] = function_timeout.into());
        Self::of(app, HostAge::New).await
    }

    async fn of(app: App, age: HostAge) -> Self {
        let folder = app.path().to_owned();
        let answer = Arc::new(Mutex::new(Answer::Whole("200 OK\r\nContent-Length: 0\r\n\r\n")));
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let mut listening = JoinSet::new();
        listening.spawn(listen(folder.clone(), answer.clone(), received.clone()));
        let host = match age {
            HostAge::New => Host::start(app, &[]).await,
            HostAge::Old => Host::start_old(app, &[]).await,
        };
        Self { host: host.unwrap(), folder, answer, received, listening }
    }

    /// Calls of functions so far, without the host's own `GET /`.
    fn received(&self) -> Vec<Received> {
        let received = self.received.lock().unwrap();
        received.iter().filter(|(head, _)| head.target() != "/").cloned().collect()
    }

    /// Waits until the handler has got this many calls.
    async fn wait_for_calls(&self, count: usize) {
        let there = async {
            while self.received().len() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        assert!(tokio::time::timeout(HANG, there).await.is_ok(), "{:?}", self.received());
    }

    fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    /// Ends the process with this code.
    fn exit(&self, code: u8) {
        std::fs::write(self.folder.join("code.new"), format!("{code}\n")).unwrap();
        std::fs::rename(self.folder.join("code.new"), self.folder.join("code")).unwrap();
    }

    /// The status and body that a caller of the health page gets.
    async fn call(&self, body: Body<'_>) -> (u16, String) {
        let answer = http::send("GET", &self.host.url("/api/health"), &[], body).await.unwrap();
        (answer.status, answer.text())
    }
}

/// Answers at every port that a process tells, until dropped.
async fn listen(folder: PathBuf, answer: Arc<Mutex<Answer>>, received: Arc<Mutex<Vec<Received>>>) {
    let mut accepting = JoinSet::new();
    loop {
        let port = told_port(&folder.join("port")).await;
        // The process before is gone, so nobody answers at its port.
        accepting.shutdown().await;
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let (answer, received) = (answer.clone(), received.clone());
        accepting.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let answer = *answer.lock().unwrap();
                // The host notices a failure here.
                let _ = respond(client, answer, &received).await;
            }
        });
    }
}

async fn told_port(file: &Path) -> u16 {
    loop {
        if let Ok(port) = std::fs::read_to_string(file) {
            std::fs::remove_file(file).unwrap();
            return port.trim().parse().unwrap();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn respond(
    client: TcpStream,
    answer: Answer,
    received: &Mutex<Vec<Received>>,
) -> std::io::Result<()> {
    let mut client = BufReader::new(client);
    let Some(head) = Head::read(&mut client).await? else { return Ok(()) };
    let is_ping = head.target() == "/";
    let index = {
        let mut received = received.lock().unwrap();
        received.push((head.clone(), Vec::new()));
        received.len() - 1
    };
    if !is_ping && !matches!(answer, Answer::Early) {
        let body = read_body(&head, &mut client).await?;
        received.lock().unwrap()[index].1 = body;
    }
    let text = match answer {
        Answer::Whole(text) if !is_ping => text,
        Answer::Never if !is_ping => return std::future::pending().await,
        Answer::Early if !is_ping => "413 Payload Too Large\r\nContent-Length: 0\r\n\r\n",
        _ => "200 OK\r\nContent-Length: 0\r\n\r\n",
    };
    client.write_all(format!("HTTP/1.1 {text}").as_bytes()).await
}

#[tokio::test]
async fn an_answer_before_the_bodys_end_is_a_500() {
    let scripted = Scripted::start("00:02:00").await;
    let large = vec![b' '; 8 << 20];
    scripted.answers(Answer::Early);
    for body in [Body::Sized(&large), Body::Chunked(&large, 64 << 10)] {
        assert_eq!(scripted.call(body).await, (500, String::new()));
    }
    scripted.answers(Answer::Whole("413 Payload Too Large\r\nContent-Length: 0\r\n\r\n"));
    for body in [Body::Sized(&large), Body::Chunked(&large, 64 << 10)] {
        assert_eq!(scripted.call(body).await, (413, String::new()));
    }
}

#[tokio::test]
async fn an_envelope_needs_an_answer_with_a_body() {
    let scripted = Scripted::start("00:00:01").await;
    let json = "200 OK\r\nContent-Type: application/json\r\n";
    for (answer, outcome) in [
        ("Content-Length: 2\r\n\r\n{}", None),
        ("Content-Length: 0\r\n\r\n", Some("time of 1s is up")),
        ("Content-Length: 4\r\n\r\nnull", Some("time of 1s is up")),
    ] {
        scripted.answers(Answer::Whole(format!("{json}{answer}").leak()));
        expect_timer(&scripted, outcome).await;
    }
    for (answer, outcome) in [
        ("204 No Content\r\n\r\n", "time of 1s is up"),
        ("200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", "not JSON"),
        ("500 Sorry\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", "failed"),
    ] {
        scripted.answers(Answer::Whole(answer));
        expect_timer(&scripted, Some(outcome)).await;
    }
    let (timer, _) = scripted.received().remove(0);
    assert_eq!((timer.method(), timer.target()), ("POST", "/Reconcile"));
    assert_eq!(timer.get("transfer-encoding"), Some("chunked"));
}

/// A function whose time is up costs the whole handler its life, and that is counted nowhere.
async fn expect_timer(scripted: &Scripted, problem: Option<&str>) {
    let starts = scripted.host.starts().await;
    let result = scripted.host.fire_timer("Reconcile").await;
    match (result, problem) {
        (Ok(_), None) => {}
        (Err(said), Some(problem)) => assert!(said.contains(problem), "{said}"),
        (result, problem) => panic!("{result:?}, not {problem:?}"),
    }
    if problem.is_some_and(|problem| problem.contains("time")) {
        scripted.host.restarted(starts).await.unwrap();
    }
}

#[tokio::test]
async fn an_exit_is_counted_passed_over_or_not_noticed() {
    let mut scripted = Scripted::start("00:02:00").await;
    for starts in 1..=4 {
        scripted.exit(200);
        scripted.host.restarted(starts).await.unwrap();
    }
    assert_eq!(scripted.call(Body::None).await.0, 200);
    scripted.exit(0);
    while scripted.folder.join("code").exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    scripted.listening.shutdown().await;
    assert_eq!(scripted.call(Body::None).await, (500, String::new()));
    assert_eq!(scripted.host.starts().await, 5, "it was started again");
}

#[tokio::test]
async fn the_third_crash_of_a_chain_stops_the_host() {
    let problem = Host::start(App::scripted("exit 3"), &[]).await.err().unwrap();
    assert!(problem.contains("failed 3 times, at last with exit status: 3"), "{problem}");

    let scene = Scene::new(Place::directory()).await;
    scene.health().await;
    for _ in 0..2 {
        scene.host.kill().await.unwrap();
        scene.health().await;
    }
    let problem = scene.host.kill().await.unwrap_err();
    assert!(problem.contains("failed 3 times"), "{problem}");
    let refused = async {
        let url = scene.host.url("/api/health");
        while http::send("GET", &url, &[], Body::None).await.is_ok() {}
    };
    assert!(tokio::time::timeout(HANG, refused).await.is_ok(), "it still listens");
}

#[tokio::test]
async fn calls_during_a_restart_are_held_and_answered() {
    let place = Place::directory();
    let slowly = format!("/bin/sleep 0.5; exec {}", env!("CARGO_BIN_EXE_status-update"));
    let storage = place.setting();
    let settings = [("STATUS_STORAGE", storage.as_str()), ("STATUS_WEBHOOK_TOKENS", TOKEN)];
    let host = Host::start(App::scripted(&slowly), &settings).await.unwrap();
    let scene = Scene { place, host };
    scene.host.strike().await;
    scene.say("open Checkout is failing").await.card();
    assert_eq!(scene.host.starts().await, 2);
}

#[tokio::test]
async fn stdout_is_information_and_stderr_is_what_it_says() {
    let script = r#"echo "ERROR: a warning"; echo "fatal" >&2; echo "a WARNing" >&2; exit 1"#;
    let problem = Host::start(App::scripted(script), &[]).await.err().unwrap();
    for line in ["Information: ERROR: a warning", "Error: fatal", "Warning: a WARNing"] {
        assert!(problem.contains(line), "{line}: {problem}");
    }
}

/// A function that requires a key: the host refuses callers without it and forwards the others. The
/// key must not be in the log.
#[tokio::test]
async fn a_function_key_opens_the_door_and_is_not_logged() {
    let place = Place::directory();
    let app = App::packaged();
    app.edit("StatusUpdate/function.json", |json| {
        json["bindings"][0]["authLevel"] = "function".into();
    });
    let storage = place.setting();
    let settings = [("STATUS_STORAGE", storage.as_str()), ("STATUS_WEBHOOK_TOKENS", TOKEN)];
    let host = Host::start(app, &settings).await.unwrap();
    let scene = Scene { place, host };
    let body = Message::new("open Checkout is failing").body();
    let signature = sign(TOKEN, &body);
    assert_eq!(scene.post(Some(&signature), &body).await.status, 401);
    let url = format!("{}?code={FUNCTION_KEY}", scene.webhook());
    let answer = teams::post(&url, Some(&signature), Body::Sized(&body)).await;
    Reply::of(&answer).card();
    let headers = [("x-functions-key", FUNCTION_KEY), ("Authorization", "HMAC c3RyYW5nZXI=")];
    let refused = http::send("POST", &scene.webhook(), &headers, Body::Sized(&body)).await;
    assert_eq!(refused.unwrap().status, 401);
    scene.wait_for_line("not signed with a known token").await;
    assert!(!scene.host.log().contains(FUNCTION_KEY), "{}", scene.host.log());
}

/// A request that was under way when the handler died fails after the host's ten tries; its body
/// cannot be sent again.
#[tokio::test]
async fn calls_in_progress_at_a_crash_get_a_500() {
    let scripted = Scripted::start("00:02:00").await;
    scripted.answers(Answer::Never);
    let crash = async {
        scripted.wait_for_calls(1).await;
        scripted.exit(1);
        scripted.host.restarted(1).await.unwrap();
        scripted.answers(Answer::Whole("200 OK\r\nContent-Length: 0\r\n\r\n"));
    };
    let (answer, ()) = tokio::join!(scripted.call(Body::Sized(b"a command")), crash);
    assert_eq!(answer, (500, String::new()));
    assert_eq!(scripted.received().len(), 1, "it was sent again");
    assert_eq!(scripted.call(Body::Sized(b"another")).await, (200, String::new()));
}
