//! The real binary behind the stand-in host, from outside: answers to Teams, stored blobs,
//! published pages.

mod alert_file;
mod alert_storm;
mod alerts;
mod clocks;
mod commands;
mod crash;
mod demo;
mod encodings;
mod erasing;
mod first_hour;
mod formatted;
mod host_files;
mod incident;
mod launches;
mod memory;
mod newcomer;
mod notify;
mod old_hosts;
mod operate;
mod operations;
mod people;
mod place;
mod proxy;
mod refusals;
mod restored;
mod stand_in;
mod storage;
mod two_processes;
mod wrong_folder;
mod wrong_settings;

use std::time::Duration;

use serde_json::Value;
use status_update::store::Container;

use crate::support::host::{App, Host, Level};
use crate::support::http::{self, Body, HANG, Response};
use crate::support::teams::{self, Message, Reply, TOKEN};
use place::{Place, on_both_stores};

/// Far more than any test needs. Only tests about the deadline set a different one.
const NO_DEADLINE_MS: &str = "30000";

/// The health page with the token, and so with the numbers of records.
async fn health_of(host: &Host) -> Response {
    let token = [("x-functions-key", TOKEN)];
    http::send("GET", &host.url("/api/health"), &token, Body::None).await.unwrap()
}

/// A handler under its host, and where it keeps its blobs.
struct Scene {
    place: Place,
    host: Host,
}

impl Scene {
    async fn new(place: Place) -> Self {
        Self::with(place, &[]).await
    }

    /// Settings in addition to the usual ones, or instead of them.
    async fn with(place: Place, settings: &[(&str, &str)]) -> Self {
        let host = start(&place, settings).await.unwrap();
        Self { place, host }
    }

    fn webhook(&self) -> String {
        self.host.url("/api/status-update")
    }

    /// Says something in the channel and returns the reply.
    async fn say(&self, text: &str) -> Reply {
        self.send(&Message::new(text)).await
    }

    async fn send(&self, message: &Message) -> Reply {
        Reply::of(&teams::say(&self.webhook(), message).await)
    }

    async fn post(&self, authorization: Option<&str>, body: &[u8]) -> Response {
        teams::post(&self.webhook(), authorization, Body::Sized(body)).await
    }

    async fn ask_health(&self) -> Response {
        http::send("GET", &self.host.url("/api/health"), &[], Body::None).await.unwrap()
    }

    async fn health(&self) -> Value {
        let answer = health_of(&self.host).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Everything that the handler has logged by now, as whatever collects it reads it.
    fn lines(&self) -> Vec<(Level, Value)> {
        let lines = self.host.lines().into_iter();
        lines.map(|(level, line)| (level, serde_json::from_str(&line).expect(&line))).collect()
    }

    /// Waits for a line with this message, because lines are read with a delay.
    async fn wait_for_line(&self, message: &str) -> Value {
        let says = |line: &Value| line["message"].as_str().unwrap().contains(message);
        let found = async {
            loop {
                if let Some((_, line)) = self.lines().into_iter().find(|(_, line)| says(line)) {
                    return line;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let found = tokio::time::timeout(HANG, found).await;
        found.unwrap_or_else(|_| panic!("no line says {message}\n{}", self.host.log()))
    }

    /// Waits until the log has at least this many records.
    async fn wait_for_records(&self, count: usize) {
        let there = async {
            while self.place.records().await.len() < count {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let there = tokio::time::timeout(HANG, there).await;
        assert!(there.is_ok(), "there are never {count} records\n{}", self.host.log());
    }

    /// Waits until the published front page says this.
    async fn wait_for_page(&self, text: &str) {
        let shown = async {
            loop {
                let page = self.place.read(Container::Web, "index.html").await.unwrap_or_default();
                if String::from_utf8(page).unwrap().contains(text) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let shown = tokio::time::timeout(HANG, shown).await;
        assert!(shown.is_ok(), "the page never says {text:?}\n{}", self.host.log());
    }
}

/// Starts a handler on a store, with settings in addition to the usual ones or instead of them.
async fn start(place: &Place, settings: &[(&str, &str)]) -> Result<Host, String> {
    let storage = place.setting();
    let mut all = vec![
        ("STATUS_STORAGE", storage.as_str()),
        ("STATUS_WEBHOOK_TOKENS", teams::TOKEN),
        ("STATUS_DEADLINE_MS", NO_DEADLINE_MS),
    ];
    all.retain(|(name, _)| settings.iter().all(|(other, _)| other != name));
    all.extend(settings);
    Host::start(App::packaged(), &all).await
}

/// The claim of an answer about the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    Recorded,
    NotRecorded,
    /// It is unknown, and the answer says how to find out.
    Unknown,
}

impl Claim {
    fn of(reply: &Reply) -> Self {
        let Reply::Sentence(text) = reply else { return Self::Recorded };
        let not_recorded = ["Not recorded", "Nothing is recorded"];
        match (
            not_recorded.iter().any(|claim| text.contains(claim)),
            text.contains("Not confirmed"),
        ) {
            (true, false) => Self::NotRecorded,
            (false, true) => Self::Unknown,
            _ => panic!("this does not say what became of the record: {text}"),
        }
    }
}

/// The headline of a page: the CSS class that colours it, and its words.
fn headline(page: &str) -> (&str, &str) {
    let between = |start: &str, end: &str| {
        let (_, rest) = page.split_once(start).unwrap_or_else(|| panic!("no {start} in {page}"));
        rest.split_once(end).unwrap_or_else(|| panic!("no {end} in {page}")).0
    };
    let words = between("<h1>", "</h1>");
    let (_, words) = words.rsplit_once("</svg>").expect("the words");
    (between("<header class=\"", "\""), words)
}

const ALL_IS_WELL: (&str, &str) = ("good", "All systems operational");
