//! Reminders to a real receiver: their content, an unresponsive receiver, and the secrecy of its
//! address.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use status_update::core::config::Config;
use status_update::core::site::renderer::Site;
use status_update::service::{Outcome, Service};
use status_update::store::directory::Directory;
use status_update::store::memory::Memory;
use status_update::store::{Condition, Container, Store, Write};
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use super::{Place, Scene, on_both_stores};
use crate::simulation::world::message;
use crate::support::http::{HANG, Head, read_body};
use crate::support::local::{Local, run_with};

const SECRET: &str = "5gN-rVx3Qw-secret-of-the-workflow";

/// The receiver's answer; `None` never answers.
type Says = Arc<Mutex<Option<&'static str>>>;

/// A Teams workflow.
struct Receiver {
    url: String,
    says: Says,
    seen: Arc<Mutex<Vec<(Head, Value)>>>,
}

impl Receiver {
    async fn start(says: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let path = "/powerautomate/automations/direct/workflows/1/triggers/manual/paths/invoke";
        let query = format!("api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={SECRET}");
        let url = format!("http://127.0.0.1:{port}{path}?{query}");
        let receiver = Self { url, says: Arc::new(Mutex::new(says)), seen: Arc::default() };
        let (says, seen) = (Arc::clone(&receiver.says), Arc::clone(&receiver.seen));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&says), Arc::clone(&seen)));
            }
        });
        receiver
    }

    fn seen(&self) -> Vec<(Head, Value)> {
        self.seen.lock().unwrap().clone()
    }

    async fn wait_for(&self, count: usize) {
        let there = async {
            while self.seen().len() < count {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let there = tokio::time::timeout(HANG, there).await;
        assert!(there.is_ok(), "{count} never come: {:?}", self.seen());
    }
}

async fn answer(stream: TcpStream, says: Says, seen: Arc<Mutex<Vec<(Head, Value)>>>) {
    let mut stream = BufReader::new(stream);
    while let Ok(Some(head)) = Head::read(&mut stream).await {
        let body = read_body(&head, &mut stream).await.unwrap();
        seen.lock().unwrap().push((head, serde_json::from_slice(&body).unwrap()));
        let Some(status) = *says.lock().unwrap() else {
            return std::future::pending().await;
        };
        // An answer that repeats the secret, as an error page might.
        let body = format!("{{\"error\":{{\"code\":\"Bad\",\"message\":\"sig={SECRET}\"}}}}");
        let length = body.len();
        let text = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\n");
        let text = format!("{text}Content-Length: {length}\r\n\r\n{body}");
        stream.write_all(text.as_bytes()).await.unwrap();
    }
}

/// An incident was opened more than an hour ago, and nobody has said anything since.
async fn open_an_hour_ago(place: &Place) {
    open_before(place, SignedDuration::from_mins(65)).await;
}

/// An incident that was opened `before` ago, without any entry since. Returns the time of its
/// opening.
pub async fn open_before(place: &Place, before: SignedDuration) -> Timestamp {
    let memory = Memory::default();
    let site = Arc::new(Site::new(Config::default()).unwrap());
    let service = Service::new(Arc::new(memory.clone()), site, 0);
    let message = message(1, "open Checkout is failing");
    let then = Timestamp::now() - before;
    let deadline = Instant::now() + HANG;
    let outcome = service.command(&message.cause(then), &message.said, deadline).await;
    assert!(matches!(outcome, Outcome::Recorded { .. }), "{outcome:?}");
    let directory: Box<dyn Store>;
    let store: &dyn Store = match place {
        Place::Directory(folder) => {
            directory = Box::new(Directory::open(folder.path()).unwrap());
            directory.as_ref()
        }
        Place::Azurite { store, .. } => store.as_ref(),
    };
    for (key, blob) in memory.entries() {
        if key.container == Container::Log {
            let write = Write { bytes: blob.bytes, stamp: None, condition: Condition::Absent };
            store.put(&key, write).await.unwrap();
        }
    }
    then
}

/// The kinds of delivery events, in the log's order.
async fn happened(scene: &Scene) -> Vec<String> {
    let records = scene.place.records().await;
    let events = records.iter().flat_map(|record| record["events"].as_array().unwrap());
    let kinds = events.filter_map(|event| event["outbox"]["event"].as_str());
    kinds.map(str::to_owned).collect()
}

async fn wait_until_happened(scene: &Scene, kind: &str, count: usize) {
    let there = async {
        while happened(scene).await.iter().filter(|event| *event == kind).count() < count {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let there = tokio::time::timeout(HANG, there).await;
    assert!(there.is_ok(), "{kind} never happens {count} times\n{}", scene.host.log());
}

/// The secret is in no answer, line, record or page.
async fn assert_secret(scene: &Scene, answers: &[&str]) {
    for answer in answers {
        assert!(!answer.contains(SECRET) && !answer.contains("sig="), "{answer}");
    }
    let health = scene.ask_health().await.text();
    assert!(!health.contains(SECRET), "{health}");
    assert!(!scene.host.log().contains(SECRET), "{}", scene.host.log());
    let records = serde_json::to_string(&scene.place.records().await).unwrap();
    assert!(!records.contains(SECRET), "{records}");
    if let Place::Directory(folder) = &scene.place {
        for entry in walk(folder.path()) {
            let text = String::from_utf8_lossy(&std::fs::read(&entry).unwrap()).into_owned();
            assert!(!text.contains(SECRET), "{} has it", entry.display());
        }
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            files.extend(walk(&entry));
        } else {
            files.push(entry);
        }
    }
    files
}

on_both_stores!(people_are_reminded_once);

async fn people_are_reminded_once(place: Place) {
    let receiver = Receiver::start(Some("202 Accepted")).await;
    open_an_hour_ago(&place).await;
    let scene = Scene::with(place, &[("STATUS_NOTIFY_URL", receiver.url.as_str())]).await;
    // The start itself finds due messages.
    receiver.wait_for(1).await;
    wait_until_happened(&scene, "sent", 1).await;
    scene.wait_for_page("Checkout is failing").await;
    let page = scene.place.page("index.html").await;
    let seen = receiver.seen();
    let target = receiver.url.split_once("127.0.0.1").unwrap().1.split_once('/').unwrap().1;
    let mut headings = Vec::new();
    for (head, body) in &seen {
        assert_eq!((head.method(), head.target()), ("POST", format!("/{target}").as_str()));
        assert_eq!(head.get("authorization"), None);
        let card = &body["attachments"][0]["content"];
        headings.push(card["body"][0]["inlines"][0]["text"].as_str().unwrap().to_owned());
    }
    // One message for both, the silent timeline too.
    assert_eq!(headings, ["Incident #1: customer update overdue, none for 65 minutes"]);
    assert!(seen[0].1.to_string().contains("nothing in the timeline for 65 minutes"));
    // Neither a restart nor the timer says it again.
    scene.host.kill().await.unwrap();
    scene.host.fire_timer("Reconcile").await.unwrap();
    scene.host.fire_timer("Reconcile").await.unwrap();
    assert_eq!(happened(&scene).await, ["queued", "claimed", "sent"]);
    assert_eq!(receiver.seen().len(), 1);
    let answer = scene.say("deliveries").await.sentence();
    assert!(answer.contains("Nothing waits") && answer.contains("sent, tried once"), "{answer}");
    assert_eq!(scene.place.page("index.html").await, page, "nothing of it is public");
    assert_secret(&scene, &[&answer]).await;
}

on_both_stores!(a_receiver_that_refuses_is_named_and_its_secret_is_not);

async fn a_receiver_that_refuses_is_named_and_its_secret_is_not(place: Place) {
    let receiver = Receiver::start(Some("401 Unauthorized")).await;
    open_an_hour_ago(&place).await;
    let scene = Scene::with(place, &[("STATUS_NOTIFY_URL", receiver.url.as_str())]).await;
    wait_until_happened(&scene, "failed", 1).await;
    let list = scene.say("deliveries").await.sentence();
    assert!(list.contains("the Teams workflow answers 401 Bad: let its trigger be used"), "{list}");
    // Nothing else suffers.
    let (summary, _) = scene.say("update identified It is the gateway").await.card();
    assert!(summary.ends_with(" · identified"), "{summary}");
    scene.wait_for_page("It is the gateway").await;
    assert_secret(&scene, &[&list, &summary]).await;
}

on_both_stores!(a_try_whose_process_died_is_left_until_its_lease_is_over);

async fn a_try_whose_process_died_is_left_until_its_lease_is_over(place: Place) {
    let receiver = Receiver::start(None).await;
    open_an_hour_ago(&place).await;
    let scene = Scene::with(place, &[("STATUS_NOTIFY_URL", receiver.url.as_str())]).await;
    receiver.wait_for(1).await;
    scene.host.kill().await.unwrap();
    *receiver.says.lock().unwrap() = Some("202 Accepted");
    scene.host.fire_timer("Reconcile").await.unwrap();
    let list = scene.say("deliveries").await.sentence();
    assert!(list.contains("tried once; being sent; again from"), "{list}");
    assert_eq!(receiver.seen().len(), 1, "nobody knows yet that it failed");
    assert_secret(&scene, &[&list]).await;
}

#[tokio::test]
async fn without_the_setting_the_next_answer_says_it() {
    let place = Place::directory();
    open_an_hour_ago(&place).await;
    let scene = Scene::with(place, &[]).await;
    wait_until_happened(&scene, "queued", 1).await;
    let list = scene.say("deliveries").await.sentence();
    assert!(list.contains("One waits to be sent") && list.contains("is not set"), "{list}");
    let (_, card) = scene.say("doing The gateway is restarted").await.card();
    let card = card.to_string();
    assert!(card.contains("customer update overdue"), "{card}");
    let (_, card) = scene.say("know Everybody").await.card();
    assert!(!card.to_string().contains("overdue"), "once: {card}");
    assert_eq!(happened(&scene).await, ["queued", "shown_in_answer"]);
}

/// Standalone in a folder, reminders work the same, and the terminal's output contains no secret.
#[tokio::test]
async fn on_its_own_it_reminds_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(Some("202 Accepted")).await;
    let local = tempfile::tempdir_in(folder.path()).unwrap();
    let storage = format!("dir:{}", local.path().display());
    let place = Place::Directory(local);
    open_an_hour_ago(&place).await;
    let settings = [("STATUS_STORAGE", storage.as_str()), ("STATUS_NOTIFY_URL", &receiver.url)];
    let running = Local::start(folder.path(), &settings).await;
    receiver.wait_for(1).await;
    assert!(!running.printed.contains(SECRET), "{}", running.printed);
    let settings = [settings[0], settings[1], ("STATUS_PUBLIC_URL", "https://status.example.com")];
    let said = run_with(folder.path(), &settings, &["say", "deliveries"]).await;
    let said = format!("{said:?}");
    assert!(said.contains("customer update overdue") && !said.contains(SECRET), "{said}");
}
