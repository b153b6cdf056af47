//! The scripted incident of six people through the program, which is killed repeatedly. Unanswered
//! messages are sent again. Records, answers and files at the end equal those of the pure replay,
//! except for times.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;
use status_update::core::answer::card;
use status_update::store::Container;

use super::crash::Hold;
use super::{Place, Scene, on_both_stores, start};
use crate::incident::redact::redacted;
use crate::incident::replay::{
    ADDRESS, CONFIG, Replay, Said, compare, happened, page_names, sequence, transcript,
};
use crate::incident::script::secrets;
use crate::support::http::{self, Body};
use crate::support::local::{run_with, text};
use crate::support::teams::{Reply, TOKEN, sign};

/// When the handler is killed around a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kill {
    /// Once it is answered; it is sent again all the same.
    Answered,
    /// Before it is recorded.
    BeforeCommit,
    /// As soon as it is recorded, whatever the handler is doing by then.
    Recorded,
    /// Between the record and the pages.
    BeforePages,
}

const KILLS: [(&str, Kill); 10] = [
    ("open internal ", Kill::Recorded),
    ("scribe me", Kill::Answered),
    ("task done 1", Kill::Recorded),
    ("publish #1 ", Kill::BeforePages),
    ("note Two of six nodes ", Kill::BeforeCommit),
    ("update monitoring Payments ", Kill::BeforePages),
    ("role commander ", Kill::Recorded),
    ("close All card payments have ", Kill::BeforePages),
    ("close All card payments work, ", Kill::BeforeCommit),
    ("review #1", Kill::Recorded),
];

on_both_stores!(an_incident_of_six_people_survives_every_kill);

async fn an_incident_of_six_people_survives_every_kill(place: Place) {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("status.toml");
    fs::write(&config, CONFIG).unwrap();
    let replay = Replay::new();
    let settings = [("STATUS_CONFIG", config.to_str().unwrap()), ("STATUS_PUBLIC_URL", ADDRESS)];
    let mut live = Live { scene: Scene::with(place, &settings).await, settings, records: 0 };
    let mut kills = 0;
    for said in &replay.script {
        let kill = KILLS.iter().find(|(text, _)| said.line.text.starts_with(text));
        if let Some((_, kill)) = kill {
            live.killed(*kill, said).await;
            kills += 1;
        }
        live.records += usize::from(said.recorded);
        let answer = live.say(said).await;
        assert_eq!(comparable(&answer), comparable(&said.answer), "{:?}", said.line);
        let health = live.scene.health().await;
        assert_eq!(health["revision_recorded"], live.records, "{:?}: {health}", said.line);
    }
    assert_eq!(kills, KILLS.len());
    live.scene.host.fire_timer("Reconcile").await.unwrap();

    let records = live.scene.place.records().await;
    let happened: Vec<_> = records.iter().map(happened).collect();
    assert_eq!(happened, sequence(&replay.thread.records));

    let mut answers = Vec::new();
    for said in &replay.afterwards {
        answers.push(live.say(said).await);
    }
    let said = replay.afterwards.iter().zip(&answers);
    let afterwards = transcript(said.map(|(said, answer)| (&said.line, answer.as_str())));
    compare("afterwards_without_times", &redacted(&afterwards));
    let name = "reviews/0000000001.md";
    let review = live.scene.place.read(Container::State, name).await.expect("no review");
    compare("review_without_times", &redacted(text(&review)));

    no_internal_word(&live.scene.place, &replay).await;
    let storage = live.scene.place.setting();
    let [config, address] = live.settings;
    let settings = [("STATUS_STORAGE", storage.as_str()), config, address];
    let verified = run_with(folder.path(), &settings, &["verify"]).await;
    let printed = text(&verified.stdout);
    assert!(
        verified.status.success() && printed.ends_with("everything matches the log.\n"),
        "{printed}"
    );
}

/// The handler, and the required number of records.
struct Live<'a> {
    scene: Scene,
    settings: [(&'a str, &'a str); 2],
    records: usize,
}

impl Live<'_> {
    /// Sends a message that has to be answered.
    async fn say(&self, said: &Said) -> String {
        let body = body(said);
        let answer = self.scene.post(Some(&sign(TOKEN, &body)), &body).await;
        Reply::of(&answer);
        card::to_terminal(&answer.json()).unwrap()
    }

    /// Sends a message around which the handler is killed, and starts a new one.
    async fn killed(&mut self, kill: Kill, said: &Said) {
        assert!(said.recorded, "{:?} leaves nothing", said.line);
        let hold = match kill {
            Kill::BeforePages => Some(Hold::pages(&self.scene.place)),
            Kill::BeforeCommit => Hold::records(&self.scene.place),
            Kill::Answered | Kill::Recorded => None,
        };
        let (url, body) = (self.scene.webhook(), body(said));
        let call = tokio::spawn(async move {
            let signature = sign(TOKEN, &body);
            let headers = [("Authorization", signature.as_str())];
            http::send("POST", &url, &headers, Body::Sized(&body)).await.unwrap().status
        });
        match kill {
            Kill::Answered | Kill::BeforeCommit => {}
            Kill::Recorded | Kill::BeforePages => {
                self.scene.wait_for_records(self.records + 1).await;
            }
        }
        if let Some(hold) = &hold {
            hold.reached(&self.scene.place).await;
        }
        let status = if kill == Kill::Answered {
            let status = call.await.unwrap();
            self.scene.host.strike().await;
            status
        } else {
            self.scene.host.strike().await;
            call.await.unwrap()
        };
        match kill {
            Kill::Answered => assert_eq!(status, 200),
            Kill::BeforePages => assert_eq!(status, 500, "it answered before it was killed"),
            // A directory accepts a record too quickly for a kill in between.
            Kill::BeforeCommit | Kill::Recorded => assert!([200, 500].contains(&status)),
        }
        if let Some(hold) = hold {
            hold.release(&self.scene.place);
        }
        let count = self.scene.place.records().await.len();
        match (kill, &self.scene.place) {
            (Kill::BeforeCommit, Place::Azurite { .. }) => assert_eq!(count, self.records),
            (Kill::BeforeCommit, Place::Directory(_)) => {}
            _ => assert_eq!(count, self.records + 1),
        }
        // The host gives up at the third crash, so each host is new.
        self.scene.host = start(&self.scene.place, &self.settings).await.unwrap();
    }
}

/// The message of the pure replay, sent now: an old one is turned away.
fn body(said: &Said) -> Vec<u8> {
    let mut body: Value = serde_json::from_slice(&said.body).unwrap();
    body["timestamp"] = Timestamp::now().to_string().into();
    body.to_string().into_bytes()
}

/// An answer without the parts that depend on a clock or on the store's speed.
fn comparable(answer: &str) -> String {
    let published = |line: &str| {
        // A duration appears only once, and not when a message is repeated.
        line.strip_suffix(" in LENGTH").unwrap_or(line).trim_end().to_owned()
    };
    redacted(answer).lines().map(published).collect::<Vec<_>>().join("\n")
}

/// Nothing that visitors can get has a word of the responders.
async fn no_internal_word(place: &Place, replay: &Replay) {
    let zone = replay.thread.config.time_zone.clone();
    let month = Timestamp::now().to_zoned(zone).strftime("%Y-%m").to_string();
    let names = page_names(replay, &month);
    if let Place::Directory(folder) = place {
        let mut files = BTreeSet::new();
        let web = folder.path().join("web");
        walk(&web, &web, &mut files);
        assert_eq!(files, names, "what Azurite is asked for is not all that there is");
    }
    for name in names {
        let page = place.read(Container::Web, &name).await.unwrap_or_else(|| panic!("no {name}"));
        let page = String::from_utf8_lossy(&page);
        for secret in secrets() {
            assert!(!page.contains(&secret), "{secret:?} is in {name}");
        }
    }
}

fn walk(root: &Path, folder: &Path, files: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(root, &path, files);
        } else {
            files.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
}
