//! A component that is no longer configured, or was renamed without `id`, keeps its name and its
//! outages.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use status_update::core::answer::card;
use status_update::core::config::Config;
use status_update::core::log::evict::Limits;
use status_update::core::site::renderer::Site;
use status_update::service::Service;
use status_update::store::memory::Memory;
use tokio::time::Instant;

use super::{folded, record_key};
use crate::simulation::world::{message, now, runtime};

const SHOP: &str = "[[components]]\nname = \"Checkout\"\n[[components]]\nname = \"Search API\"\n";
const REMOVED: &str = "[[components]]\nname = \"Checkout\"\n";
const RENAMED: &str = "[[components]]\nname = \"Checkout\"\n[[components]]\nname = \"Find\"\n";
const SAME_ID: &str = "[[components]]\nname = \"Checkout\"\n\
                       [[components]]\nid = \"search-api\"\nname = \"Find\"\n";

/// A process with this configuration.
struct Process(Arc<Service>);

impl Process {
    fn start(memory: &Memory, config: &str) -> Self {
        let site = Site::new(Config::parse(config).unwrap()).unwrap();
        Self(Service::new(Arc::new(memory.clone()), Arc::new(site), 0))
    }

    async fn say(&self, minutes: i64, text: &str) -> String {
        let at = after(minutes);
        let mut message = message(u64::try_from(minutes).unwrap(), text);
        message.sent = at;
        let deadline = Instant::now() + Duration::from_mins(1);
        let outcome = self.0.command(&message.cause(at), &message.said, deadline).await;
        let answer = self.0.answer(&outcome, text);
        card::to_terminal(&card::activity(&answer)).unwrap()
    }
}

fn after(minutes: i64) -> Timestamp {
    now() + SignedDuration::from_mins(minutes)
}

/// A month with an outage of half an hour, an internal incident and a planned maintenance.
async fn history(config: &str) -> Memory {
    let memory = Memory::default();
    let process = Process::start(&memory, config);
    for (minutes, line) in [
        (0, "open major on Search API: Searching fails"),
        (5, "update on Search API, Checkout: Paying fails too"),
        (10, "correct #1 on Search API"),
        (30, "close All is well"),
        (40, "open internal on Search API: The index is old"),
        (50, "maintenance tomorrow 22:00 to 23:00 on Search API: New disks"),
        (60, "open on Checkout: Paying fails"),
    ] {
        let answer = process.say(minutes, line).await;
        assert!(!answer.contains("othing was"), "{line}: {answer}");
    }
    process.0.reconcile(after(60)).await.unwrap();
    memory
}

/// A page or file, without the line breaks of calendars.
fn page(memory: &Memory, name: &str) -> String {
    super::page(memory, name).replace("\r\n ", "")
}

/// Every page and file that named the component.
const NAMED: [&str; 9] = [
    "incidents/1/index.html",
    "history/2026-11/index.html",
    "reports/2026-11/index.html",
    "uptime/index.html",
    "api/v2/incidents.json",
    "api/v2/scheduled-maintenances.json",
    "feed.atom",
    "updates.atom",
    "maintenance.ics",
];

#[test]
fn a_component_keeps_its_name_and_outages_when_it_is_configured_no_longer() {
    runtime().block_on(async {
        for config in [REMOVED, RENAMED] {
            let memory = history(SHOP).await;
            for name in NAMED {
                assert!(page(&memory, name).contains("Search API"), "{name} before");
            }
            let process = Process::start(&memory, config);
            process.0.reconcile(after(70)).await.unwrap();
            for name in NAMED {
                assert!(page(&memory, name).contains("Search API"), "{name} with {config}");
            }
            for name in ["uptime/index.html", "reports/2026-11/index.html"] {
                let text = page(&memory, name);
                let (_, behind) = text.split_once("Search API").unwrap();
                let of_it = behind.split_once("</section>").map_or(behind, |(of_it, _)| of_it);
                assert!(of_it.contains("Partial outage 30"), "{name}: {behind}");
            }
            assert!(!page(&memory, "index.html").contains("search-api"));
            for (minutes, question) in [(71, "status verbose #1"), (72, "timeline #2")] {
                let answer = process.say(minutes, question).await;
                assert!(answer.contains("Search API"), "{question}: {answer}");
            }
            let answer = process.say(73, "timeline full #1").await;
            assert!(answer.contains("affected: Search API"), "{answer}");
            let found = process.0.verify(|_| {}).await.unwrap();
            assert!(found.differences.is_empty(), "{found:?}");
        }
    });
}

#[test]
fn a_component_with_the_same_id_has_its_new_name_everywhere() {
    runtime().block_on(async {
        let memory = history(SHOP).await;
        let process = Process::start(&memory, SAME_ID);
        process.0.reconcile(after(70)).await.unwrap();
        for name in NAMED {
            let text = page(&memory, name);
            assert!(text.contains("Find") && !text.contains("Search API"), "{name}");
        }
        // The log knows the new name once something public happens, and keeps that one.
        process.say(71, "update #4 We are on it").await;
        let process = Process::start(&memory, REMOVED);
        process.0.reconcile(after(80)).await.unwrap();
        assert!(page(&memory, "incidents/1/index.html").contains("Find"));
        let found = process.0.verify(|_| {}).await.unwrap();
        assert!(found.differences.is_empty(), "{found:?}");
    });
}

/// Only the first record about a component has its name, and no record of a log without
/// configured components.
#[test]
fn a_name_is_recorded_once() {
    runtime().block_on(async {
        let memory = history(SHOP).await;
        let entries = memory.entries();
        let named: Vec<u64> = (1..=folded(&memory).revision)
            .filter(|revision| {
                let bytes = &entries[&record_key(*revision)].bytes;
                String::from_utf8_lossy(bytes).contains("components_named")
            })
            .collect();
        assert_eq!(named, [1, 2]);
    });
}

/// An internal record may name a component for responders, but nothing that the page shows may
/// depend on it.
#[test]
fn an_internal_record_never_changes_a_name_that_the_page_shows() {
    runtime().block_on(async {
        let memory = history(SHOP).await;
        let process = Process::start(&memory, SAME_ID);
        process.say(70, "open internal on Find: The index is older").await;
        process.say(71, "note #2 We build it again").await;
        let process = Process::start(&memory, REMOVED);
        process.0.reconcile(after(80)).await.unwrap();
        assert!(page(&memory, "incidents/1/index.html").contains("Search API"));
    });
}

/// The state has evicted the incident: its document, its page and its month come from the log and
/// from storage.
#[test]
fn an_evicted_incident_keeps_the_names_of_its_components() {
    runtime().block_on(async {
        let memory = history(SHOP).await;
        let process = Process::start(&memory, SHOP);
        for pair in 0..i64::try_from(Limits::DEFAULT.closed).unwrap() {
            process.say(100 + 2 * pair, "open another minor on Checkout: Paying is slow").await;
            let newest = folded(&memory).next_number - 1;
            process.say(101 + 2 * pair, &format!("close #{newest}")).await;
        }
        assert!(folded(&memory).dossier(1).is_none());
        let process = Process::start(&memory, REMOVED);
        process.0.rebuild(false, |_| {}).await.unwrap();
        for name in ["incidents/1/index.html", "history/2026-11/index.html"] {
            assert!(page(&memory, name).contains("Search API"), "{name}");
        }
        let found = process.0.verify(|_| {}).await.unwrap();
        assert!(found.differences.is_empty(), "{found:?}");
        let answer = process.say(300, "correct #1 closed 10:20").await;
        assert!(answer.contains("#1 ended"), "{answer}");
        assert!(page(&memory, "incidents/1/index.html").contains("Search API"));
        let found = process.0.verify(|_| {}).await.unwrap();
        assert!(found.differences.is_empty(), "{found:?}");
    });
}
