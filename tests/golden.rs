//! The golden log: records as every released format wrote them, kept for ever, with the state that
//! they fold to. A version that folds them differently has changed what old logs mean.
//!
//! A folder is named after the format of its records: `v2-page` has what happens on the page,
//! `v2-everything` every kind of event of every other family. `log.jsonl` has the records one after
//! another, byte for byte, and `state.json` is the state after the last one: both are frozen.
//! `GOLDEN_LOG=v2-page cargo test golden` wrote those of `v2-page`; a new kind of event gets a folder
//! of its own, next to these. `pages/` has some of the pages and files to read, `pages.txt` the
//! digests of all of them, which change with every template; `GOLDEN_PAGES=write cargo test golden`
//! writes both again, and
//! `GOLDEN_STATE=write` the states, where a version derives more from the same log.

mod alerts;
mod kinds;
mod made;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::{env, fs};

use jiff::{SignedDuration, Span, Timestamp};
use status_update::core::config::Config;
use status_update::core::digest::sha256_hex;
use status_update::core::incident::events::StatusEvent;
use status_update::core::incident::history::MonthDocument;
use status_update::core::incident::model::Incident;
use status_update::core::log::evict::Limits;
use status_update::core::log::fold::{FoldError, fold_bytes};
use status_update::core::log::record::{Event, RECORD_FORMAT, Record, Source};
use status_update::core::log::seal;
use status_update::core::log::state::State;
use status_update::core::site::page::Page;
use status_update::core::site::renderer::Site;

use crate::cases::thread::{START, Thread};
use kinds::{KINDS, kind};

/// No message counts as young, so only the number limits the memory.
pub const NO_TIME: SignedDuration = SignedDuration::from_secs(-1);

/// Tight, so that everything is evicted that can be.
const TIGHT: Limits = Limits {
    closed: 2,
    internal: 2,
    covers: 2,
    closed_bytes: 400,
    months: 3,
    days: 20,
    components: 3,
    messages: 8,
    remembered: NO_TIME,
    summaries: 3,
    people: 8,
    waiting: 3,
    delivered: 3,
};

const WIDE: Limits = Limits {
    closed: 10_000,
    internal: 10_000,
    covers: 10_000,
    closed_bytes: usize::MAX,
    months: 10_000,
    days: 10_000,
    components: 10_000,
    messages: 10_000,
    remembered: NO_TIME,
    summaries: 10_000,
    people: 10_000,
    waiting: 10_000,
    delivered: 10_000,
};

/// A folder with a log, and the function that wrote it.
struct Golden {
    folder: &'static str,
    made: fn(Config) -> Thread,
}

/// The page's own events; then everything in the response, and messages to external services.
const GOLDEN: [Golden; 9] = [
    Golden { folder: "v2-page", made: made::page },
    Golden { folder: "v2-everything", made: made::everything },
    Golden { folder: "v2-corrections", made: made::corrections },
    Golden { folder: "v2-channel", made: made::channel },
    Golden { folder: "v2-removals", made: made::removals },
    Golden { folder: "v2-alerts", made: alerts::alerts },
    Golden { folder: "v2-erasures", made: made::erasures },
    Golden { folder: "v2-components", made: made::components },
    Golden { folder: "v2-fields", made: made::optional_fields },
];

impl Golden {
    fn path(&self, name: &str) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(self.folder).join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn config(&self) -> Config {
        Config::parse(&self.read("status.toml")).unwrap()
    }

    /// The stored log, and the state after each record.
    fn log(&self) -> (Vec<Vec<u8>>, Vec<State>) {
        let log = golden_log(self.folder);
        let mut states = vec![State::default()];
        for bytes in &log {
            let mut state = states.last().unwrap().clone();
            fold_bytes(&mut state, bytes).unwrap();
            states.push(state);
        }
        (log, states)
    }

    /// Every page of the whole history.
    fn pages(&self, log: &[Vec<u8>]) -> Vec<Page> {
        let site = Site::new(self.config()).unwrap();
        let mut state = State::default();
        let mut incidents: BTreeMap<u32, Incident> = BTreeMap::new();
        let mut months: BTreeMap<_, MonthDocument> = BTreeMap::new();
        for bytes in log {
            let record = fold_bytes(&mut state, bytes).unwrap();
            for number in record.status().filter_map(StatusEvent::number) {
                let incident = state.status.incident(number).expect("what it changed is kept");
                let month = months.entry(incident.month);
                month
                    .or_insert_with(|| MonthDocument::new(incident.month))
                    .merge(incident, &state.status);
                incidents.insert(number, incident.clone());
            }
        }
        for month in months.values_mut() {
            month.link(&state.status);
        }
        let names = &state.status.component_names;
        let mut pages: Vec<Page> = site.current(&state.status).unwrap();
        pages.extend(site.static_pages().unwrap());
        pages.extend(site.all_files(&state.status));
        pages.extend(incidents.values().map(|it| site.incident(it, names).unwrap()));
        pages.extend(months.values().map(|month| site.month(month, names).unwrap()));
        pages
    }

    /// Their names, editions and digests.
    fn digests(pages: &[Page]) -> String {
        let line = |page: &Page| {
            let digest = sha256_hex(&page.bytes);
            format!("{} {} {digest}\n", page.name, page.edition)
        };
        let mut lines: Vec<String> = pages.iter().map(line).collect();
        lines.sort();
        lines.concat()
    }

    /// Readable pages with their files: one of each kind.
    fn readable(&self, pages: &[Page]) -> Vec<(PathBuf, String)> {
        let first = |folder: &str| {
            let names = pages.iter().map(|page| page.name.as_str());
            names.filter(|name| name.starts_with(folder)).min().map(str::to_owned)
        };
        let each = ["incidents/", "history/2", "reports/"].into_iter().map(first);
        let all = ["index.html", "uptime/index.html", "feed.atom", "api/v2/summary.json"];
        let names = each.flatten().chain(all.map(str::to_owned));
        let read = |name: String| {
            let page = pages.iter().find(|page| page.name == name).unwrap();
            let text = String::from_utf8(page.bytes.to_vec()).unwrap();
            // A file of text ends with a line.
            (self.path("pages").join(name.replace('/', "-")), text.trim_end().to_owned() + "\n")
        };
        names.map(read).collect()
    }
}

/// The records of a golden log.
pub fn golden_log(folder: &str) -> Vec<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(folder);
    split(&fs::read_to_string(path.join("log.jsonl")).unwrap())
}

/// The records of a file: only a head begins with a brace.
fn split(log: &str) -> Vec<Vec<u8>> {
    let mut records: Vec<Vec<&str>> = Vec::new();
    for line in log.lines() {
        if line.starts_with('{') {
            records.push(Vec::new());
        }
        records.last_mut().unwrap().push(line);
    }
    records.iter().map(|lines| lines.join("\n").into_bytes()).collect()
}

fn records(log: &[Vec<u8>]) -> Vec<Record> {
    log.iter().map(|bytes| seal::read(bytes).unwrap()).collect()
}

/// Without the variable nothing is written or compared: the logs are frozen, whatever today's
/// commands would produce.
#[test]
fn golden_log_is_written_on_request_only() {
    for golden in GOLDEN {
        if env::var("GOLDEN_LOG").is_ok_and(|folder| folder == golden.folder) {
            let thread = (golden.made)(golden.config());
            let lines = thread.log.iter().map(|bytes| std::str::from_utf8(bytes).unwrap());
            let log: String = lines.flat_map(|line| [line, "\n"]).collect();
            fs::write(golden.path("log.jsonl"), log).unwrap();
            let mut state = serde_json::to_string_pretty(&thread.state).unwrap();
            state.push('\n');
            fs::write(golden.path("state.json"), state).unwrap();
        }
        let (log, states) = golden.log();
        if env::var("GOLDEN_STATE").is_ok_and(|value| value == "write") {
            let state = serde_json::to_string_pretty(states.last().unwrap()).unwrap() + "\n";
            fs::write(golden.path("state.json"), state).unwrap();
        }
        if env::var("GOLDEN_PAGES").is_ok_and(|value| value == "write") {
            let pages = golden.pages(&log);
            fs::write(golden.path("pages.txt"), Golden::digests(&pages)).unwrap();
            let folder = golden.path("pages");
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir(&folder).unwrap();
            for (file, text) in golden.readable(&pages) {
                fs::write(file, text).unwrap();
            }
        }
        assert!(log.len() > 100, "{} records", log.len());
    }
}

#[test]
fn golden_log_folds_to_the_state_that_it_folded_to() {
    for golden in GOLDEN {
        let (_, states) = golden.log();
        let kept: serde_json::Value = serde_json::from_str(&golden.read("state.json")).unwrap();
        let state = serde_json::to_value(states.last().unwrap()).unwrap();
        // A later version may derive more, and nothing otherwise.
        assert_derives(&state, &kept, golden.folder);
        // The stored state is read, and unless it lacks something it is the whole state.
        let is_whole = kept == state;
        let read: State = serde_json::from_value(kept).unwrap();
        assert!(!is_whole || read == *states.last().unwrap(), "{}", golden.folder);
        assert!(is_whole, "{} lacks a part", golden.folder);
    }
}

/// All derived data is the same as before; additions are allowed.
fn assert_derives(now: &serde_json::Value, before: &serde_json::Value, at: &str) {
    use serde_json::Value;
    match (now, before) {
        (Value::Object(now), Value::Object(before)) => {
            for (name, before) in before {
                let at = format!("{at}/{name}");
                assert_derives(now.get(name).unwrap_or(&Value::Null), before, &at);
            }
        }
        (Value::Array(now), Value::Array(before)) => {
            assert_eq!(now.len(), before.len(), "{at}");
            for (place, (now, before)) in now.iter().zip(before).enumerate() {
                assert_derives(now, before, &format!("{at}/{place}"));
            }
        }
        (now, before) => assert_eq!(now, before, "{at}"),
    }
}

#[test]
fn golden_log_renders_the_same_pages() {
    for golden in GOLDEN {
        let (log, _) = golden.log();
        let pages = golden.pages(&log);
        let how = "if pages were meant to change: GOLDEN_PAGES=write cargo test golden";
        let compare = |what: String, made: &str, kept: &str| {
            let differ = made.lines().zip(kept.lines()).find(|(made, kept)| made != kept);
            assert!(made == kept, "{what}: {differ:?}: {how}");
        };
        // Readable pages come first, because they say more.
        for (file, made) in golden.readable(&pages) {
            compare(file.display().to_string(), &made, &fs::read_to_string(file).unwrap());
        }
        let (made, kept) = (Golden::digests(&pages), golden.read("pages.txt"));
        compare(golden.folder.to_owned(), &made, &kept);
    }
}

/// Decisions on the log under different limits change nothing about its meaning, and continue from
/// every state that it ever had.
#[test]
fn golden_log_means_the_same_under_other_limits() {
    GOLDEN.iter().for_each(means_the_same_under_other_limits);
}

fn means_the_same_under_other_limits(golden: &Golden) {
    let (log, states) = golden.log();
    let records = records(&log);
    for limits in [TIGHT, Limits::DEFAULT, WIDE, Limits { closed: 0, closed_bytes: 0, ..TIGHT }] {
        for revision in (0..log.len()).step_by(7).chain([log.len()]) {
            let at = records.get(revision.wrapping_sub(1)).map_or(START, |record| record.at);
            let mut thread = Thread::new(golden.config(), at + Span::new().hours(30));
            thread.limits = limits;
            thread.first_id += 1_000_000;
            thread.state = states[revision].clone();
            let before = thread.state.clone();
            thread.clock(thread.now);
            thread.say("open another critical on Checkout: Something else");
            let number = thread.state.next_number - 1;
            thread.say(&format!("close #{number}"));
            thread.say(&format!("reopen #{number} Again"));
            thread.say(&format!("correct #{number} Better"));
            assert!(thread.state.revision >= before.revision + 4, "{limits:?} at {revision}");
            // The whole log, the old part and the new one, from its start.
            let mut state = State::default();
            for bytes in log[..revision].iter().chain(&thread.log) {
                fold_bytes(&mut state, bytes).unwrap();
            }
            assert_eq!(state, thread.state, "{limits:?} at {revision}");
        }
    }
}

#[test]
fn golden_logs_have_every_kind_of_event() {
    let mut missing: BTreeSet<&str> = KINDS.into();
    missing.extend(["ComponentsNamed", "RemovalOrdered", "Redacted", "ErasureHindered", "Erased"]);
    for golden in GOLDEN {
        let (log, _) = golden.log();
        let records = records(&log);
        assert!(records.iter().all(|record| record.format == RECORD_FORMAT));
        assert!(records.iter().any(|record| record.cause.source == Source::Clock));
        for event in records.iter().flat_map(|record| &record.events) {
            missing.remove(kind(event));
        }
    }
    assert!(missing.is_empty(), "no golden log has {missing:?}");
}

#[test]
fn golden_log_lets_go_of_all_parts() {
    let (log, _) = GOLDEN[0].log();
    let records = records(&log);
    let mut parts = BTreeSet::new();
    for event in records.iter().flat_map(|record| &record.events) {
        if let Event::Status(StatusEvent::Evicted {
            incidents,
            months_through,
            days_through,
            components,
            ..
        }) = event
        {
            parts.extend((!incidents.is_empty()).then_some("incidents"));
            parts.extend(months_through.map(|_| "months"));
            parts.extend(days_through.map(|_| "days"));
            parts.extend((!components.is_empty()).then_some("components"));
        }
    }
    assert_eq!(parts.len(), 4, "only {parts:?} are let go of");
}

/// A format that this version does not know stops it, however much of the rest it could read.
#[test]
fn a_record_of_another_format_stops_the_fold() {
    let (log, states) = GOLDEN[0].log();
    let last = String::from_utf8(log.last().unwrap().clone()).unwrap();
    let newer = RECORD_FORMAT + 1;
    let newer_record = last.replacen("\"format\":2", &format!("\"format\":{newer}"), 1);
    let mut state = states[log.len() - 1].clone();
    let error = fold_bytes(&mut state, newer_record.as_bytes()).unwrap_err();
    assert_eq!(error, FoldError::Format { revision: log.len() as u64, found: newer });
    assert!(error.is_of_the_record());
    assert_eq!(state, states[log.len() - 1], "nothing is half done");
    let none = last.replacen("\"format\":2,", "", 1);
    assert!(fold_bytes(&mut state, none.as_bytes()).is_err());
    let far: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
    assert!(states.last().unwrap().at > far, "the history is a long one");
}

fn owned((before, after): (&str, &str)) -> (String, String) {
    (before.to_owned(), after.to_owned())
}

/// A version that does not know a kind says so and stops, whatever the family: so a new kind needs
/// no other format.
#[test]
fn an_event_of_an_unknown_kind_stops_the_fold() {
    let (log, states) = GOLDEN[1].log();
    for family in ["status", "response", "launch", "outbox", "roster", "message", "people"] {
        let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).unwrap();
        let begins = format!("{{\"{family}\":{{");
        let place = log.iter().position(|bytes| text(bytes).contains(&begins)).expect(family);
        let (before, event) = text(&log[place]).split_once(&begins).map(owned).unwrap();
        let event = event.replacen("\"event\":\"", "\"event\":\"newly_", 1);
        let newer = format!("{before}{begins}{event}");
        let mut state = states[place].clone();
        let error = fold_bytes(&mut state, newer.as_bytes()).unwrap_err();
        assert!(error.is_of_the_record(), "{family}: {error}");
        let said = error.to_string();
        assert!(said.contains("newer version") && said.contains("newly_"), "{family}: {said}");
        assert_eq!(state, states[place], "nothing is half done");
    }
}
