//! Rosters in the log: set and read at a terminal, on a directory and on Azurite; hand-overs by the
//! timers of two processes.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, ToSpan as _};
use status_update::core::commands::{Change, Command};
use status_update::core::config::Config;
use status_update::core::log::record::Source;
use status_update::core::log::seal;
use status_update::core::rosters::events::{HandOver, RosterEvent};
use status_update::core::rosters::file;
use status_update::core::site::renderer::Site;
use status_update::service::{Outcome, Service};
use status_update::store::Container;
use status_update::store::memory::Memory;
use tokio::time::Instant;

use super::at;
use crate::simulation::world::{message, runtime};
use crate::support::azurite::{self, Azurite};
use crate::support::local::{run_with, text};
use crate::support::store::counting;

/// Whenever it is read, Grace is on call for payments, and nobody helps her at weekends.
const SHOP: &str = r#"# Kept with the code of the shop.
[[people]]
name = "Grace Hopper"
email = "grace@example.com"

[[people]]
name = "Mary Anning"

[[rosters]]
name = "Payments"

[[rosters.layers]]
level = "primary"
zone = "Europe/Berlin"
anchor = 2026-11-16T09:00:00
turn = "1 week"
members = ["Grace Hopper"]

[[rosters.layers]]
level = "secondary"
zone = "Europe/Berlin"
anchor = 2026-11-16T09:00:00
turn = "1 week"
members = ["Mary Anning"]
window = { days = ["mon", "tue", "wed", "thu", "fri"] }

[[rosters]]
name = "Databases"

[[rosters.layers]]
level = "expert"
zone = "UTC"
anchor = 2026-11-16T00:00:00
turn = "12 hours"
members = ["Mary Anning", "Grace Hopper"]  # day and night
"#;

/// Exit code, standard output and standard error.
async fn program(
    folder: &Path,
    settings: &[(&str, &str)],
    arguments: &[&str],
) -> (Option<i32>, String, String) {
    let output = run_with(folder, settings, arguments).await;
    let (out, error) = (text(&output.stdout).to_owned(), text(&output.stderr).to_owned());
    (output.status.code(), out, error)
}

async fn set_get_check_ics(settings: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("shop.toml"), SHOP).unwrap();
    fs::write(path("wrong.toml"), SHOP.replace("[\"Grace Hopper\"]", "[\"Grace Hoper\"]")).unwrap();
    let roster = async |arguments: &[&str]| {
        program(folder.path(), settings, &[&["roster"], arguments].concat()).await
    };
    let say = async |words: &str| {
        program(folder.path(), settings, &["say", "--as", "Mary Anning", words]).await
    };

    // Before: nothing to get.
    let nothing = if settings.is_empty() { "there is no log in" } else { "no rosters are set" };
    for bare in [&["get"][..], &["check"], &["ics"]] {
        let (code, out, error) = roster(bare).await;
        assert_eq!((code, out.as_str()), (Some(2), ""), "{bare:?}");
        assert!(error.contains(nothing), "{error}");
    }
    // A wrong file changes nothing.
    let (code, out, error) = roster(&["set", "wrong.toml"]).await;
    assert_eq!((code, out.as_str()), (Some(2), ""));
    let line = 1 + SHOP.lines().position(|line| line.starts_with("members")).unwrap();
    assert!(error.contains(&format!("wrong.toml:{line}: nobody is called")), "{error}");
    assert!(roster(&["get"]).await.2.contains(nothing));

    // A good one is kept as it was written, gaps or not.
    let (code, out, error) = roster(&["set", "--as", "Mary Anning", "shop.toml"]).await;
    // On a folder, it is the first record.
    let begun = format!("This starts a new log in {}.\n", path("local").display());
    let begun = if settings.is_empty() { begun.as_str() } else { "" };
    assert_eq!((code, error.as_str()), (Some(0), begun), "{out}");
    assert!(out.starts_with("Rosters set\n2 rosters, 2 people\n"), "{out}");
    assert!(out.contains("  gap  ") && out.contains(" gaps in the 400 days from "), "{out}");
    assert_eq!(roster(&["get"]).await, (Some(0), SHOP.to_owned(), String::new()));
    let (code, out, _) = roster(&["set", "shop.toml"]).await;
    assert_eq!(code, Some(0));
    assert!(out.contains("set already"), "{out}");

    // Changes from the channel count, and can be set again.
    let (code, out, error) = say("cover payments primary me for 20h: a \"quoted\" reason").await;
    assert_eq!(code, Some(0), "{out}{error}");
    let (_, printed, _) = roster(&["get"]).await;
    let covers = printed.strip_prefix(SHOP).expect("the file as it was set");
    assert!(covers.contains("# Cover 1\n[[overrides]]\nroster = \"Payments\"\n"), "{covers}");
    assert!(covers.contains("why = \"a \\\"quoted\\\" reason\""), "{covers}");
    assert!(file::parse(&printed).is_ok(), "{printed}");
    let (_, shifts, _) = roster(&["ics", "--person", "Mary Anning", "--days", "2"]).await;
    assert!(shifts.contains("SUMMARY:On call: Payments primary\r\n"), "{shifts}");
    let (code, out, _) = say("oncall payments").await;
    assert!(
        code == Some(0)
            && out.contains("primary: Mary Anning until ")
            && out.contains("; then Grace Hopper"),
        "{out}"
    );
    let (code, out, _) = roster(&["check"]).await;
    assert_eq!(code, Some(1), "there are gaps: {out}");
    assert!(out.contains("  gap  "), "{out}");

    // Set again, the channel's changes belong to the file, once.
    fs::write(path("whole.toml"), &printed).unwrap();
    let (code, out, _) = roster(&["set", "whole.toml"]).await;
    assert_eq!(code, Some(0), "{out}");
    assert_eq!(roster(&["get"]).await.1, printed);
    let (code, out, _) = say("uncover 1").await;
    assert!(code == Some(1) && out.contains("There is no cover 1"), "{out}");

    // Without Payments the cover of it counts no longer, which is said; it comes back with it.
    assert_eq!(say("cover payments primary Mary Anning in 30 hours for 1h").await.0, Some(0));
    let (before, rest) = printed.split_once("[[rosters]]\nname = \"Payments\"").unwrap();
    let behind = rest.split_once("[[rosters]]\nname = \"Databases\"").unwrap().1;
    let fewer = format!("{before}[[rosters]]\nname = \"Databases\"{behind}");
    let fewer = fewer.split("\n# Covers from").next().unwrap();
    fs::write(path("fewer.toml"), fewer).unwrap();
    // Somebody is on call there now, so it needs a confirmation.
    let (code, out, error) = roster(&["set", "fewer.toml"]).await;
    assert_eq!(code, Some(1), "{out}{error}");
    assert!(out.contains("Payments primary, on call now: nobody, instead of Mary Anning"), "{out}");
    assert!(out.contains("Nothing was changed") && out.contains("--yes"), "{out}");
    assert!(say("oncall payments").await.1.contains("Cover 2: Payments primary, Mary Anning"));
    let (code, out, error) = roster(&["set", "--yes", "fewer.toml"]).await;
    assert_eq!(code, Some(0), "{out}{error}");
    assert!(out.contains("Cover 2 no longer applies: its roster is gone."), "{out}");
    let (_, now, _) = roster(&["get"]).await;
    assert!(now.contains("# Cover 2 does not fit: its roster is gone.\n# # Cover 2\n"), "{now}");
    assert!(file::parse(&now).is_ok(), "{now}");
    assert_eq!(roster(&["set", "whole.toml"]).await.0, Some(0));
    assert!(say("oncall payments").await.1.contains("Cover 2: Payments primary, Mary Anning"));

    let (code, out, _) = program(folder.path(), settings, &["verify"]).await;
    assert_eq!(code, Some(0), "{out}");
}

#[tokio::test]
async fn set_get_check_ics_on_a_directory() {
    set_get_check_ics(&[]).await;
}

#[tokio::test]
async fn set_get_check_ics_on_azurite() {
    let Some(azurite) = Azurite::start() else { return };
    let storage = azurite::setting(azurite.address);
    let url = ("STATUS_PUBLIC_URL", "https://status.example.com");
    set_get_check_ics(&[("STATUS_STORAGE", &storage), url]).await;
}

/// An hour each.
const HOURLY: &str = "[[people]]\nname = \"Ada\"\n[[people]]\nname = \"Grace\"\n\
                      email = \"grace@example.com\"\n[[people]]\nname = \"Mary\"\n\
                      [[rosters]]\nname = \"Checkout\"\n[[rosters.layers]]\nlevel = \"primary\"\n\
                      zone = \"UTC\"\nanchor = 2026-11-21T10:00:00\nturn = \"1 hour\"\n\
                      members = [\"Ada\", \"Grace\", \"Mary\"]\n[[rosters.layers]]\n\
                      level = \"secondary\"\nzone = \"UTC\"\nanchor = 2026-11-21T10:00:00\n\
                      turn = \"24 hours\"\nmembers = [\"Grace\"]\n\
                      window = { from = 09:00:00, to = 17:00:00 }\n";

fn service(memory: &Memory) -> Arc<Service> {
    let site = Arc::new(Site::new(Config::default()).unwrap());
    Service::new(Arc::new(memory.clone()), site, 0)
}

async fn set(service: &Arc<Service>, id: u64, text: &str, now: Timestamp) {
    let mut cause = message(id, "").cause(now);
    cause.source = Source::Operator;
    let command = Ok(Command::Change(Change::Rosters(text.into())));
    let outcome = service.carry_out(&cause, command, Instant::now() + Duration::from_secs(4)).await;
    assert!(matches!(outcome, Outcome::Recorded { .. }), "{outcome:?}");
}

/// The hand-overs in the log, each with its record's time.
fn hand_overs(memory: &Memory) -> Vec<(Timestamp, HandOver)> {
    let log = memory.entries().into_iter().filter(|(key, _)| key.container == Container::Log);
    let records = log.map(|(_, blob)| seal::read(&blob.bytes).unwrap());
    let mut found = Vec::new();
    for record in records {
        let notices = record.events.iter().filter(|event| {
            serde_json::to_string(event).unwrap().contains("\"kind\":{\"on_call\"")
        });
        let told = record.roster().filter_map(|event| match event {
            RosterEvent::HandedOver { hand_over } => Some(hand_over.clone()),
            _ => None,
        });
        let told: Vec<HandOver> = told.collect();
        // One word to the channel for all of them.
        assert_eq!(notices.count(), usize::from(!told.is_empty()), "{record:?}");
        found.extend(told.into_iter().map(|hand_over| (record.at, hand_over)));
    }
    found
}

fn people(found: &[(Timestamp, HandOver)], level: &str) -> Vec<String> {
    let of = found.iter().filter(|(_, hand_over)| hand_over.level.level == level);
    of.map(|(_, hand_over)| hand_over.to.join("+")).collect()
}

#[test]
fn hand_overs_are_recorded_once_by_two_processes() {
    runtime().block_on(async {
        let memory = Memory::default();
        let (one, other) = (service(&memory), service(&memory));
        let begun = at("2026-11-21T10:00:30Z");
        set(&one, 1, HOURLY, begun).await;
        for minutes in (0..6 * 60).step_by(15) {
            let now = begun + SignedDuration::from_mins(minutes);
            let (first, second) = tokio::join!(one.reconcile(now), other.reconcile(now));
            first.unwrap();
            second.unwrap();
        }
        let found = hand_overs(&memory);
        assert_eq!(people(&found, "primary"), ["Ada", "Grace", "Mary", "Ada", "Grace", "Mary"]);
        // A night without anybody is no hand-over, and neither is its end.
        assert_eq!(people(&found, "secondary"), ["Grace"]);
        let (at_once, first) = &found[0];
        assert_eq!(
            (at_once, &first.from, first.until),
            (&begun, &vec![], Some(at("2026-11-21T11:00:00Z")))
        );
        let primary = found.iter().filter(|(_, h)| h.level.level == "primary");
        for (hours, (recorded, hand_over)) in (0_i64..).zip(primary) {
            assert_eq!(*recorded, begun + hours.hours());
            assert_eq!(hand_over.from.is_empty(), hours == 0);
        }
        // Both clocks were stopped for a week: the current people are announced, and nobody in
        // between.
        let later = begun + (24 * 7 + 6).hours();
        one.reconcile(later).await.unwrap();
        other.reconcile(later).await.unwrap();
        let after = hand_overs(&memory);
        assert_eq!(after.len(), found.len() + 1);
        let (_, last) = after.last().unwrap();
        assert_eq!((last.from.join("+"), last.to.join("+")), ("Mary".to_owned(), "Ada".to_owned()));
        // A new process knows what was announced.
        service(&memory).reconcile(later).await.unwrap();
        assert_eq!(hand_overs(&memory).len(), after.len());
        // A file in which somebody else is on call, and one level less.
        let alone = HOURLY.split("[[rosters.layers]]\nlevel = \"secondary\"").next().unwrap();
        set(&other, 2, &alone.replace("\"Ada\", \"Grace\", \"Mary\"]", "\"Grace\"]"), later).await;
        one.reconcile(later).await.unwrap();
        other.reconcile(later).await.unwrap();
        let last = hand_overs(&memory);
        assert_eq!(last.len(), after.len() + 1);
        assert_eq!(last.last().unwrap().1.to, ["Grace"]);
        let state = one.catch_up().await.unwrap();
        assert_eq!(state.rosters.told.len(), 1, "{:?}", state.rosters.told);
    });
}

/// With rosters or without, a run that finds nothing to do costs one read of storage.
#[test]
fn rosters_add_nothing_to_an_idle_run_of_the_timer() {
    runtime().block_on(async {
        let memory = Memory::default();
        let (store, count) = counting(&memory);
        let service = service(&store);
        let begun = at("2026-11-21T10:00:30Z");
        set(&service, 1, HOURLY, begun).await;
        let mut costs = Vec::new();
        for run in 0..30 {
            let before = count.load(Ordering::Relaxed);
            service.reconcile(begun + SignedDuration::from_secs(run * 60)).await.unwrap();
            costs.push(count.load(Ordering::Relaxed) - before);
        }
        assert_eq!(hand_overs(&memory).len(), 2);
        let idle = costs.iter().skip(3).filter(|cost| **cost == 2).count();
        // Every fifth run checks more.
        assert_eq!(idle, 21, "{costs:?}");
    });
}
