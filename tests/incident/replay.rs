//! The pure replay: each message at its minute.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::Span;
use serde_json::Value;
use status_update::core::answer::card;
use status_update::core::commands::remarks::remarks;
use status_update::core::config::Config;
use status_update::core::decide::Decision;
use status_update::core::incident::history::MonthDocument;
use status_update::core::log::fold::fold_bytes;
use status_update::core::log::record::{Event, Record};
use status_update::core::log::state::State;
use status_update::core::site::page::Page;
use status_update::core::site::renderer::Site;

use super::redact::redacted;
use super::script::{Line, is_public, script, secrets, with_mentions};
use crate::cases;
use crate::cases::thread::{Content, Handled, Message, START, Sender, Thread};
use crate::follow_up::review;
use crate::support::records::plain;

/// The configuration of the page that the script is about.
pub const CONFIG: &str = include_str!("status.toml");

/// The page's address.
pub const ADDRESS: &str = "https://status.example.com";

/// Questions after the end, whose answers are compared.
pub const AFTERWARDS: [&str; 11] = [
    "timeline #1",
    "timeline full #1",
    "timeline full #1 page 2",
    "timeline full #1 page 3",
    "timeline full #1 page 4",
    "timeline full #1 page 5",
    "timeline full #1 page 6",
    "stats #1",
    "stats 90d",
    "status #1",
    "status",
];

/// A message with its outcome.
pub struct Said {
    pub line: Line,
    /// The body that was sent.
    pub body: Vec<u8>,
    /// The answer as a terminal shows it.
    pub answer: String,
    pub recorded: bool,
}

/// The whole script, and the questions after it.
pub struct Replay {
    pub thread: Thread,
    pub script: Vec<Said>,
    pub afterwards: Vec<Said>,
}

impl Replay {
    pub fn new() -> Self {
        let mut config = Config::parse(CONFIG).unwrap();
        config.public_url = Some(ADDRESS.to_owned());
        let mut thread = Thread::new(config, START);
        let lines = script();
        let last = lines.last().unwrap().minute;
        let script = lines.into_iter().map(|line| say(&mut thread, line)).collect();
        let question = |(place, text): (i64, &&str)| Line {
            minute: last + 1 + place,
            in_thread: false,
            who: "Ann Lee".to_owned(),
            text: (*text).to_owned(),
        };
        let afterwards = (0..).zip(&AFTERWARDS).map(question);
        let afterwards = afterwards.map(|line| say(&mut thread, line)).collect();
        Self { thread, script, afterwards }
    }
}

fn say(thread: &mut Thread, line: Line) -> Said {
    thread.now = START + Span::new().minutes(line.minute);
    let message = Message {
        content: Content::Plain(with_mentions(&line.text, |name| format!("{{@{name}}}"))),
        times: 1,
        reply_to: line.in_thread.then_some(0),
        from: Sender::Named(line.who.clone()),
    };
    let handled = thread.send(&message);
    let answer = shown(&handled, thread);
    let recorded = match handled.decision() {
        Decision::Record(_) => true,
        Decision::Answer(_) => false,
        _ => panic!("{line:?} is refused: {answer}"),
    };
    Said { line, body: thread.bodies.last().unwrap().clone(), answer, recorded }
}

/// The answer to a message, as a terminal shows it.
fn shown(handled: &Handled, thread: &Thread) -> String {
    let mut answer = cases::answer(handled.decision(), thread).expect("an answer");
    if let Handled::Decided { message, command, decision, .. } = handled
        && let (Decision::Record(record), Ok(command)) = (&**decision, &**command)
    {
        let remarks = remarks(&message.said, command, record, &thread.state, &thread.config);
        answer = answer.remarking(&remarks);
    }
    card::to_terminal(&card::activity(&answer)).unwrap()
}

/// Questions and their answers, for a person to read.
pub fn transcript<'a>(said: impl Iterator<Item = (&'a Line, &'a str)>) -> String {
    let mut transcript = String::new();
    for (line, answer) in said {
        writeln!(transcript, "== {}: {}\n{}\n", line.who, line.text, answer.trim_end()).unwrap();
    }
    transcript
}

/// The events of a record, without clock values and new days.
pub fn happened(record: &Value) -> Value {
    let mut events = record["events"].as_array().unwrap().clone();
    events.retain(|event| event["status"]["event"] != "day_started");
    for event in &mut events {
        without_times(event);
    }
    Value::Array(events)
}

fn without_times(value: &mut Value) {
    match value {
        Value::String(text) => *text = redacted(text),
        Value::Array(values) => values.iter_mut().for_each(without_times),
        Value::Object(fields) => {
            // An incident's part of the history is the month of its opening.
            fields.remove("month");
            fields.values_mut().for_each(without_times);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Compares with `incident/snapshots`, whichever test asks.
fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/incident/snapshots");
    settings.set_snapshot_path(folder);
    settings
}

pub fn compare(name: &str, content: &str) {
    settings().bind(|| insta::assert_snapshot!(name, content));
}

#[test]
fn everybody_is_answered() {
    let replay = Replay::new();
    let said = replay.script.iter().map(|said| (&said.line, said.answer.as_str()));
    compare("answers", &transcript(said));
    let recorded = replay.script.iter().filter(|said| said.recorded).count();
    assert_eq!(replay.thread.records.len(), recorded);
    assert!(replay.afterwards.iter().all(|said| !said.recorded));
}

#[test]
fn it_ends_in_timeline_statistics_and_review() {
    let replay = Replay::new();
    let said = replay.afterwards.iter().map(|said| (&said.line, said.answer.as_str()));
    let afterwards = transcript(said);
    assert!(afterwards.contains("page 6 of 6"), "these are not all pages: {afterwards}");
    compare("afterwards", &afterwards);
    compare("afterwards_without_times", &redacted(&afterwards));
    let review = review(&replay.thread, 1);
    compare("review", &review);
    compare("review_without_times", &redacted(&review));
}

/// All pages that there are now.
fn pages(site: &Site, state: &State, month: Option<&MonthDocument>) -> Vec<Page> {
    let status = &state.status;
    let mut pages = site.current(status).unwrap();
    pages.extend(site.static_pages().unwrap());
    pages.extend(site.all_files(status));
    pages.extend(
        status
            .incident(1)
            .map(|incident| site.incident(incident, &status.component_names).unwrap()),
    );
    pages.extend(month.map(|month| site.month(month, &status.component_names).unwrap()));
    pages
}

/// The month with the replay's incident.
fn month(state: &State) -> Option<MonthDocument> {
    let incident = state.status.incident(1)?;
    let mut month = MonthDocument::new(incident.month);
    month.merge(incident, &state.status);
    Some(month)
}

/// The names of all pages, had the incident been in that month: `2026-11`.
pub fn page_names(replay: &Replay, then: &str) -> BTreeSet<String> {
    let site = Site::new(replay.thread.config.clone()).unwrap();
    let state = &replay.thread.state;
    let pages = pages(&site, state, month(state).as_ref());
    pages.iter().map(|page| page.name.replace("2026-11", then)).collect()
}

/// Every page after each record, public or not.
#[test]
fn no_page_has_an_internal_word() {
    let replay = Replay::new();
    let site = Site::new(replay.thread.config.clone()).unwrap();
    let mut state = State::default();
    let secrets = secrets();
    let mut last = String::new();
    for bytes in &replay.thread.log {
        fold_bytes(&mut state, bytes).unwrap();
        let pages = pages(&site, &state, month(&state).as_ref());
        last.clear();
        for page in &pages {
            let text = String::from_utf8_lossy(&page.bytes);
            for secret in &secrets {
                assert!(!text.contains(secret), "{secret:?} in {}", page.name);
            }
            last.push_str(&text);
        }
    }
    for line in script().iter().filter(|line| is_public(line)) {
        let words = line.text.rsplitn(3, ' ').take(2).collect::<Vec<_>>();
        let shown = format!("{} {}", words[1], words[0]);
        let replaced = shown == "next 30m" || shown == "impact minor" || line.minute == 30;
        assert!(
            replaced || last.contains(&shown),
            "{shown:?} is on no page, so the search is blind"
        );
    }
}

/// The part of the records that the live replay compares.
pub fn sequence(records: &[Record]) -> Vec<Value> {
    let value = |record: &Record| happened(&plain(serde_json::to_value(record).unwrap()));
    records.iter().map(value).collect()
}

/// The script has something to say about every kind of thing that responders can say.
#[test]
fn the_script_goes_through_the_response() {
    let replay = Replay::new();
    let mut kinds: Vec<String> = Vec::new();
    for event in replay.thread.records.iter().flat_map(|record| &record.events) {
        if let Event::Response(event) = event {
            let event = serde_json::to_value(event).unwrap();
            kinds.push(event["event"].as_str().unwrap().to_owned());
        }
    }
    kinds.sort();
    kinds.dedup();
    let expected = [
        "action_added",
        "action_done",
        "declared",
        "milestone_recorded",
        "note_added",
        "published",
        "question_answered",
        "review_written",
        "role_assigned",
        "role_released",
        "severity_set",
        "task_added",
        "task_done",
        "tested",
        "told_elsewhere",
    ];
    assert_eq!(kinds, expected);
}
