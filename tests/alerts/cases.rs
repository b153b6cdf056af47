//! Sequences of alerts from practice, a file each: the outcome of every body, the messages to the
//! channel, and the incidents at the end.
//!
//! A file is one body, or `{"steps": [{"what", "body" | "say", "wait_before_s"}]}`; a step with
//! `clock: true` lets the timer run after its wait.

use std::fmt::Write as _;
use std::fs;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use status_update::core::alerts::course::Firing;
use status_update::core::alerts::firing::Condition;
use status_update::core::alerts::read::read_alert;
use status_update::core::config::Config;
use status_update::core::incident::severity::Severity;
use status_update::core::incident::status::NO_NAMES;
use status_update::core::log::record::{Event, Record};
use status_update::core::outbox::events::DeliveryEvent;
use status_update::core::outbox::model::Payload;
use status_update::core::response::milestone::Milestone;
use status_update::core::response::model::Response;
use status_update::core::timeline::entries_of;

use crate::cases::thread::Thread;

const SHOP: &str = include_str!("../cases/shop.toml");

/// 2026-11-30T12:00:00Z, after all times of the cases except those of a wrong clock.
const NOW: Timestamp = Timestamp::constant(1_796_040_000, 0);

/// The messages of a record to the channel, a line each.
fn heard(record: &Record) -> Vec<String> {
    let notices = record.events.iter().filter_map(|event| match event {
        Event::Delivery(DeliveryEvent::Queued { what: Payload::Notice(notice), .. }) => {
            Some(notice)
        }
        _ => None,
    });
    let told = notices.map(|notice| {
        let facts = notice.facts.iter().map(|(name, value)| format!(" [{name} {value}]"));
        let text = notice.text.lines().map(|line| format!("\n  | {line}"));
        let link = notice.link.iter().map(|(name, address)| format!("\n  > {name}: {address}"));
        let parts: [String; 3] = [facts.collect(), text.collect(), link.collect()];
        format!("{}{}", notice.heading, parts.concat())
    });
    told.collect()
}

fn step(thread: &mut Thread, step: &Value, told: &mut String) {
    let wait = step["wait_before_s"].as_i64().unwrap_or(0);
    thread.now += SignedDuration::from_secs(wait);
    writeln!(told, "{}", step["what"].as_str().unwrap_or("the body")).unwrap();
    let before = thread.records.len();
    if let Some(said) = step["say"].as_str() {
        thread.say(said).expect_record();
        return;
    }
    if step["clock"] == true {
        let now = thread.now;
        thread.clock(now);
    } else {
        body(thread, step["body"].to_string().as_bytes(), told);
    }
    channel(&thread.records[before..], told);
}

fn channel(records: &[Record], told: &mut String) {
    for line in records.iter().flat_map(heard) {
        writeln!(told, "  channel: {line}").unwrap();
    }
}

fn body(thread: &mut Thread, body: &[u8], told: &mut String) {
    let alert = match read_alert(body) {
        Ok(alert) => alert,
        Err(error) => {
            writeln!(told, "  refused: {error}").unwrap();
            return;
        }
    };
    let decided = thread.alert(&alert, 1).unwrap();
    let number = decided.number.map_or(String::new(), |number| format!(" #{number}"));
    writeln!(told, "  {}{number}", decided.fate.word()).unwrap();
    for noted in &alert.not_understood {
        writeln!(told, "  not understood: {noted}").unwrap();
    }
}

fn incident(response: &Response, thread: &Thread, told: &mut String) {
    let Response { number, title, stage, .. } = response;
    let open = if response.is_open() { "open" } else { "closed" };
    let severity = response.severity.map_or(0, Severity::number);
    let phase = response.phase().word();
    writeln!(told, "#{number} {title}").unwrap();
    writeln!(told, "  {open}, {}, severity {severity}, phase {phase}", stage.word()).unwrap();
    if let Some(at) = response.milestones.at(Milestone::Mitigated) {
        writeln!(told, "  mitigated {at}").unwrap();
    }
    if let Some(Firing { condition, members, left_out, .. }) = &response.alert {
        let fires = members.values().filter(|member| member.condition == Condition::Fired);
        let (fires, all) = (fires.count(), members.len());
        writeln!(told, "  {condition:?}: {fires} of {all} fire, {left_out} left out").unwrap();
    }
    for entry in response.timeline() {
        let record = &thread.records[usize::try_from(entry.1 - 1).unwrap()];
        let entries = entries_of(record, response, &thread.config, &NO_NAMES).into_iter();
        for entry in entries.filter(|told| told.at == entry.0) {
            writeln!(told, "  - {}", entry.said.what).unwrap();
            for line in entry.said.text.lines() {
                writeln!(told, "    | {line}").unwrap();
            }
        }
    }
}

/// The result of a file's steps.
fn story(bytes: &[u8]) -> String {
    let config = Config::parse(SHOP).unwrap();
    let mut thread = Thread::new(config, NOW);
    let mut told = String::new();
    let parsed: Option<Value> = serde_json::from_slice(bytes).ok();
    if let Some(steps) = parsed.as_ref().and_then(|file| file["steps"].as_array()) {
        for one in steps {
            step(&mut thread, one, &mut told);
        }
    } else {
        body(&mut thread, bytes, &mut told);
        channel(&thread.records, &mut told);
    }
    told.push('\n');
    for response in thread.state.responses.values() {
        incident(response, &thread, &mut told);
    }
    told
}

#[test]
fn every_sequence_ends_as_its_snapshot_shows() {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| {
        insta::glob!("cases/*.json", |path| {
            insta::assert_snapshot!("sequence", story(&fs::read(path).unwrap()));
        });
    });
}
