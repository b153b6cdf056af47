//! The golden log: records as every released format wrote them, kept for good, with the state that
//! they fold to. A version that folds them otherwise has changed what old logs mean.
//!
//! `tests/golden/v1/log.jsonl` has a record in each line, byte for byte, and `state.json` the state
//! behind the last one: both are frozen. `GOLDEN_LOG=write cargo test golden` made them; a new
//! format gets a folder of its own, beside this one. `pages.txt` has the digests of the pages, which
//! change with every template: `GOLDEN_PAGES=write cargo test golden` writes it again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::{env, fs};

use jiff::{Span, Timestamp};
use status_update::core::config::Config;
use status_update::core::digest::sha256_hex;
use status_update::core::incident::events::StatusEvent;
use status_update::core::incident::history::MonthDocument;
use status_update::core::incident::model::Incident;
use status_update::core::log::evict::Limits;
use status_update::core::log::fold::{FoldError, fold_bytes};
use status_update::core::log::record::{Event, MessageEvent, RECORD_FORMAT, Record, Source};
use status_update::core::log::state::State;
use status_update::core::site::page::Page;
use status_update::core::site::renderer::Site;

use crate::cases::thread::{START, Thread};

/// Tight, so that everything there is to let go of is let go of.
const TIGHT: Limits = Limits {
    closed: 2,
    internal: 2,
    covers: 2,
    closed_bytes: 400,
    months: 3,
    days: 20,
    components: 3,
    messages: 8,
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
    summaries: 10_000,
    people: 10_000,
    waiting: 10_000,
    delivered: 10_000,
};

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1").join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap()
}

fn writes(variable: &str) -> bool {
    env::var(variable).is_ok_and(|value| value == "write")
}

fn config() -> Config {
    Config::parse(&read("status.toml")).unwrap()
}

/// Lets days pass, with the timer at work.
fn later(thread: &mut Thread, hours: i64) {
    let at = thread.now + Span::new().hours(hours);
    thread.clock(at);
    thread.now = at;
}

/// How the log was made: every kind of event, under tight limits.
fn made() -> Thread {
    let mut thread = Thread::new(config(), START);
    thread.limits = TIGHT;
    let mut opened = Vec::new();
    for round in 0..9 {
        let number = thread.state.next_number;
        opened.push(number);
        let on = ["Checkout", "Search", "API", "Café finder"][round % 4];
        for text in [
            format!("open critical on {on}: Number {number} is failing next 30m"),
            format!(
                "update #{number} identified A <b>certificate</b> has expired, see https://example.com/?a=1&b=2"
            ),
            format!("update #{number} monitoring on API, Checkout: Fix is out"),
            format!("correct #{number} The fix is out"),
        ] {
            thread.say(&text).expect_record();
        }
        thread
            .say_html(&format!(
                "update #{number} <b>Bold</b>, <i>slanted</i> and <code>code</code>"
            ))
            .expect_record();
        thread.say(&format!("update #{number} next 30m We are watching it")).expect_record();
        later(&mut thread, 1);
        thread.say(&format!("close #{number} All is well")).expect_record();
        thread
            .say(&format!("postmortem #{number} We renew certificates a month ahead now"))
            .expect_record();
        if round >= 3 {
            // These are let go of by now, and are brought back.
            let old = opened[round - 3];
            thread.say(&format!("reopen #{old} It is back next 1h")).expect_record();
            thread.say(&format!("close #{old}")).expect_record();
            thread.say(&format!("correct #{old} Better words")).expect_record();
        }
        if round % 3 == 0 {
            let number = thread.state.next_number;
            thread.say("maintenance now for 1h on Card payments: New switches").expect_record();
            thread
                .say(&format!("maintenance #{number} extend 30m It takes longer"))
                .expect_record();
            thread
                .say("maintenance tomorrow 22:00 to 23:30 on Search: More switches")
                .expect_record();
            thread.say(&format!("maintenance #{} cancel Not needed", number + 1)).expect_record();
            later(&mut thread, 3);
        }
        later(&mut thread, 24 * 13);
    }
    let number = thread.state.next_number;
    thread.say("open minor on Search: Slow next 30m").expect_record();
    thread.say("maintenance tomorrow 9:00 for 2h on API: Still to come").expect_record();
    thread.say(&format!("update #{number} Words")).expect_record();
    thread
}

/// The log as it is kept, and each state behind a record.
fn golden() -> (Vec<Vec<u8>>, Vec<State>) {
    let log: Vec<Vec<u8>> = read("log.jsonl").lines().map(|l| l.as_bytes().to_vec()).collect();
    let mut states = vec![State::default()];
    for bytes in &log {
        let mut state = states.last().unwrap().clone();
        fold_bytes(&mut state, bytes).unwrap();
        states.push(state);
    }
    (log, states)
}

fn records(log: &[Vec<u8>]) -> Vec<Record> {
    log.iter().map(|bytes| serde_json::from_slice(bytes).unwrap()).collect()
}

/// Every page of the whole history: its name, its revision and its digest.
fn pages(log: &[Vec<u8>]) -> String {
    let site = Site::new(config()).unwrap();
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
    let mut pages: Vec<Page> = vec![site.index(&state.status).unwrap()];
    pages.extend(site.static_pages().unwrap());
    pages.extend(site.all_files(&state.status));
    pages.extend(incidents.values().map(|incident| site.incident(incident).unwrap()));
    pages.extend(months.values().map(|month| site.month(month).unwrap()));
    let mut lines: Vec<String> = pages
        .iter()
        .map(|page| {
            let digest = sha256_hex(&page.bytes);
            format!("{} {} {digest}\n", page.name, page.revision)
        })
        .collect();
    lines.sort();
    lines.concat()
}

/// Without the variable nothing is written, and what would be is not even looked at: the log is
/// what it is, whatever today's commands would make.
#[test]
fn golden_log_is_written_by_hand() {
    if writes("GOLDEN_LOG") {
        let thread = made();
        let lines = thread.log.iter().map(|bytes| std::str::from_utf8(bytes).unwrap());
        let log: String = lines.flat_map(|line| [line, "\n"]).collect();
        fs::write(path("log.jsonl"), log).unwrap();
        let mut state = serde_json::to_string_pretty(&thread.state).unwrap();
        state.push('\n');
        fs::write(path("state.json"), state).unwrap();
    }
    let (log, _) = golden();
    if writes("GOLDEN_PAGES") {
        fs::write(path("pages.txt"), pages(&log)).unwrap();
    }
    assert!(log.len() > 100, "{} records", log.len());
}

#[test]
fn golden_log_folds_to_the_state_that_it_folded_to() {
    let (_, states) = golden();
    let kept: serde_json::Value = serde_json::from_str(&read("state.json")).unwrap();
    let state = serde_json::to_value(states.last().unwrap()).unwrap();
    // A later version may derive more, and nothing otherwise.
    for (name, value) in kept.as_object().unwrap() {
        assert_eq!(&state[name], value, "{name}");
    }
}

#[test]
fn golden_log_makes_the_pages_that_it_made() {
    let (log, _) = golden();
    let (made, kept) = (pages(&log), read("pages.txt"));
    let differ = made.lines().zip(kept.lines()).find(|(made, kept)| made != kept);
    let how = "if pages were meant to change: GOLDEN_PAGES=write cargo test golden";
    assert!(made == kept, "{differ:?}: {how}");
}

/// What is decided on the log under other limits changes nothing of what it says, and goes on from
/// every state that it ever had.
#[test]
fn golden_log_means_the_same_under_other_limits() {
    let (log, states) = golden();
    let records = records(&log);
    for limits in [TIGHT, Limits::DEFAULT, WIDE, Limits { closed: 0, closed_bytes: 0, ..TIGHT }] {
        for revision in (0..log.len()).step_by(7).chain([log.len()]) {
            let at = records.get(revision.wrapping_sub(1)).map_or(START, |record| record.at);
            let mut thread = Thread::new(config(), at + Span::new().hours(30));
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

/// The name of an event's kind. A new kind does not compile until it stands here, and then not
/// until the golden log, in a folder of its own, has one.
fn kind(event: &Event) -> &'static str {
    match event {
        Event::Response(_) => "response",
        Event::People(_) => "people",
        Event::Delivery(_) => "delivery",
        Event::Launch(_) => "launch",
        Event::Roster(_) => "roster",
        Event::Message(MessageEvent::Evicted { .. }) => "messages evicted",
        Event::Status(event) => match event {
            StatusEvent::Day { .. } => "day",
            StatusEvent::Opened { .. } => "opened",
            StatusEvent::Updated { .. } => "updated",
            StatusEvent::Overdue { .. } => "overdue",
            StatusEvent::Reopened { .. } => "reopened",
            StatusEvent::PostMortem { .. } => "post-mortem",
            StatusEvent::Scheduled { .. } => "scheduled",
            StatusEvent::Extended { .. } => "extended",
            StatusEvent::Corrected { .. } => "corrected",
            StatusEvent::Recalled { .. } => "recalled",
            StatusEvent::Evicted { .. } => "evicted",
        },
    }
}

const KINDS: [&str; 12] = [
    "corrected",
    "day",
    "evicted",
    "extended",
    "messages evicted",
    "opened",
    "overdue",
    "post-mortem",
    "recalled",
    "reopened",
    "scheduled",
    "updated",
];

#[test]
fn golden_log_has_every_kind_of_event() {
    let (log, _) = golden();
    let records = records(&log);
    let events = || records.iter().flat_map(|record| &record.events);
    let kinds: BTreeSet<&str> = events().map(kind).collect();
    assert!(kinds.iter().eq(&KINDS), "{kinds:?}");
    assert!(records.iter().all(|record| record.format == 1));
    assert!(records.iter().any(|record| record.cause.source == Source::Clock));
    let mut parts = BTreeSet::new();
    for event in events() {
        if let Event::Status(StatusEvent::Evicted {
            incidents,
            months_through,
            days_through,
            components,
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
    let (log, states) = golden();
    let last = String::from_utf8(log.last().unwrap().clone()).unwrap();
    let newer = RECORD_FORMAT + 1;
    let newer_record = last.replacen("\"format\":1", &format!("\"format\":{newer}"), 1);
    let mut state = states[log.len() - 1].clone();
    let error = fold_bytes(&mut state, newer_record.as_bytes()).unwrap_err();
    assert_eq!(error, FoldError::Format { revision: log.len() as u64, found: newer });
    assert!(error.is_of_the_record());
    assert_eq!(state, states[log.len() - 1], "nothing is half done");
    let none = last.replacen("\"format\":1,", "", 1);
    assert!(fold_bytes(&mut state, none.as_bytes()).is_err());
    let far: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
    assert!(states.last().unwrap().at > far, "the history is a long one");
}
