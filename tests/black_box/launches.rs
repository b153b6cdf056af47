//! From an alert to its work item, channel, people and message: the real binary before services on
//! this machine, killed in between.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use status_update::store::Container;
use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};

use super::{Place, on_both_stores, start};
use crate::support::host::{FUNCTION_KEY, Host};
use crate::support::http::{self, Body};
use crate::support::local::run_with;
use crate::support::outbound::Fault;
use crate::support::services::{IDENTITY_HEADER, SIGNATURE, Servers, Services, TEAM};

/// Until a try that was killed counts as over, and some runs of the timer: a hang is longer.
const HANG: Duration = Duration::from_mins(5);

const ROSTERS: &str = r#"
[[people]]
name = "Ada"
email = "ada@example.com"
[[rosters]]
name = "Checkout"
[[rosters.layers]]
level = "primary"
zone = "UTC"
anchor = 2026-01-05T09:00:00
turn = "1 week"
members = ["Ada"]
"#;

/// The external services as servers, with the settings that lead to them.
pub struct Others {
    pub services: Arc<Mutex<Services>>,
    pub servers: Servers,
    folder: TempDir,
}

impl Others {
    pub async fn start() -> Self {
        let services = Arc::new(Mutex::new(Services::new()));
        let servers = Servers::start(Arc::clone(&services)).await;
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "[launch]\nalert_delay = 0\n[launch.boards]\norganization = \"contoso\"\nproject = \"Shop\"\n\
             [launch.teams]\nteam = \"{TEAM}\"\n"
        );
        std::fs::write(folder.path().join("status.toml"), config).unwrap();
        std::fs::write(folder.path().join("rosters.toml"), ROSTERS).unwrap();
        Self { services, servers, folder }
    }

    /// A handler that is led there.
    pub async fn host(&self, place: &Place) -> Host {
        let config = self.folder.path().join("status.toml").display().to_string();
        let boards = format!("http://{}", self.servers.boards);
        let graph = format!("http://{}", self.servers.graph);
        let identity = format!("http://{}/token", self.servers.identity);
        let workflow = self.servers.workflow_url();
        let settings = [
            ("STATUS_CONFIG", config.as_str()),
            ("STATUS_BOARDS_URL", &boards),
            ("STATUS_GRAPH_URL", &graph),
            ("STATUS_NOTIFY_URL", &workflow),
            ("IDENTITY_ENDPOINT", &identity),
            ("IDENTITY_HEADER", IDENTITY_HEADER),
        ];
        start(place, &settings).await.unwrap()
    }

    async fn set_rosters(&self, place: &Place) {
        let storage = place.setting();
        let settings = [("STATUS_STORAGE", storage.as_str())];
        let set = run_with(self.folder.path(), &settings, &["roster", "set", "rosters.toml"]).await;
        assert!(set.status.success(), "{set:?}");
    }

    /// Waits until `launches` launches have ended. The timer runs as usual, but more often.
    pub async fn wait_for(&self, place: &Place, host: &Host, launches: usize) {
        let done = async {
            while happened(place, "done").await + happened(place, "skipped").await < launches * 6 {
                host.fire_timer("Reconcile").await.unwrap();
                sleep(Duration::from_millis(500)).await;
            }
        };
        let is_done = timeout(HANG, done).await.is_ok();
        assert!(is_done, "{:#?}\n{}", place.records().await, host.log());
    }

    /// One of each for every launch.
    pub fn assert_once(&self, launches: usize) {
        let seen = self.services.lock().unwrap().seen();
        let items = seen["items"].as_array().unwrap();
        let titles: BTreeSet<String> =
            items.iter().map(|item| item["fields"]["System.Title"].to_string()).collect();
        assert_eq!((items.len(), titles.len()), (launches, launches), "{seen:#}");
        assert_eq!(seen["channels"].as_array().unwrap().len(), launches + 1, "{seen:#}");
        for item in items {
            assert_eq!(item["links"].as_array().unwrap().len(), 1, "{item:#}");
        }
        let services = self.services.lock().unwrap();
        let firsts = services.workflow.posted.iter().filter(|body| {
            let is_launch = body["key"].as_str().unwrap().ends_with("/message");
            is_launch && !body.to_string().contains("sent again")
        });
        let keys: Vec<&Value> = firsts.map(|body| &body["key"]).collect();
        let different: BTreeSet<String> = keys.iter().map(ToString::to_string).collect();
        assert_eq!(keys.len(), different.len(), "a repeat that does not say so");
    }
}

/// Number of events of this kind about steps.
async fn happened(place: &Place, kind: &str) -> usize {
    let records = place.records().await;
    let events = records.iter().flat_map(|record| record["events"].as_array().unwrap());
    let once = events.filter(|event| {
        event["launch"]["event"] == kind && event["launch"]["step"] != "work_item_sync"
    });
    once.count()
}

/// The alert's title and description.
const SAID: (&str, &str) = ("Checkout is failing", "Payments take eight seconds");

async fn alert(host: &Host) -> u16 {
    let url = host.url(&format!("/api/alerts?code={FUNCTION_KEY}"));
    let (title, description) = SAID;
    let body = json!({
        "title": title, "description": description, "severity": 2, "key": "checkout",
    });
    let body = body.to_string();
    http::send("POST", &url, &[], Body::Sized(body.as_bytes())).await.unwrap().status
}

on_both_stores!(an_alert_becomes_all_of_it);

async fn an_alert_becomes_all_of_it(place: Place) {
    let others = Others::start().await;
    others.set_rosters(&place).await;
    let host = others.host(&place).await;
    let begun = Instant::now();
    assert_eq!(alert(&host).await, 202);
    let done = async {
        while happened(&place, "done").await < 6 {
            sleep(Duration::from_millis(20)).await;
        }
    };
    let done = timeout(HANG, done).await;
    assert!(done.is_ok(), "{:#?}\n{}", place.records().await, host.log());
    println!("an alert is a work item, a channel, people and a message in {:?}", begun.elapsed());
    others.assert_once(1);
    {
        let services = others.services.lock().unwrap();
        let seen = services.seen();
        let item = &seen["items"][0]["fields"];
        assert!(item["System.AssignedTo"].to_string().contains("ada@example.com"), "{seen:#}");
        // There may also be a hand-over announcement.
        let is_launch = |body: &&Value| body["key"].as_str().unwrap().ends_with("/message");
        let posted: Vec<&Value> = services.workflow.posted.iter().filter(is_launch).collect();
        let [posted] = posted[..] else { panic!("one message: {posted:#?}") };
        for part in ["<at>Ada</at>", SAID.0, SAID.1] {
            assert!(posted.to_string().contains(part), "{part}: {posted:#}");
        }
        assert!(item["System.Description"].to_string().contains(SAID.1), "{seen:#}");
    }
    let page = place.read(Container::Web, "index.html").await.unwrap_or_default();
    assert!(!String::from_utf8(page).unwrap().contains("Checkout"), "it is on the page");
    let log = host.log();
    for secret in [SIGNATURE, FUNCTION_KEY, "token-for-", IDENTITY_HEADER] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

/// The tokens of the managed identity end before their time: each service refuses one, and the
/// program asks for a fresh one instead of trying again a minute later.
#[tokio::test]
async fn a_managed_identity_gets_fresh_tokens_where_the_first_are_refused() {
    let (place, others) = (Place::directory(), Others::start().await);
    others.set_rosters(&place).await;
    others.servers.begin_with_stale_tokens(2);
    let host = others.host(&place).await;
    assert_eq!(alert(&host).await, 202);
    let done = async {
        while happened(&place, "done").await < 6 {
            sleep(Duration::from_millis(20)).await;
        }
    };
    let done = timeout(HANG, done).await;
    assert!(done.is_ok(), "{:#?}\n{}", place.records().await, host.log());
    assert_eq!(others.servers.stale_tokens_left(), 0, "it asked for tokens");
    let records = place.records().await;
    let has_failed = records.iter().any(|record| record.to_string().contains("retry_at"));
    assert!(!has_failed, "a step waited for another try: {records:#?}");
    others.assert_once(1);
}

/// SIGKILL while a request hangs that may have succeeded.
#[tokio::test]
async fn killed_at_any_point_it_goes_on_and_does_nothing_twice() {
    let points = [0, 1, 2, 4, 6, 9].into_iter();
    let points = points.flat_map(|at| [(at, Fault::DoneButHangs), (at, Fault::Hangs)]);
    let killed = points.map(async |(at, fault)| {
        let (place, others) = (Place::directory(), Others::start().await);
        others.set_rosters(&place).await;
        let host = others.host(&place).await;
        others.servers.script((0..at).map(|_| None).chain([Some(fault)]));
        assert_eq!(alert(&host).await, 202);
        let reached = async {
            while others.servers.left() > 0 {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(HANG, reached).await.expect("so many requests");
        host.kill().await.unwrap();
        others.wait_for(&place, &host, 1).await;
        others.assert_once(1);
    });
    join_all(killed).await;
}
