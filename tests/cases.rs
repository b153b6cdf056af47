//! Cases as files: earlier messages, the tested message, and a snapshot of the result.
//!
//! A test is a file in `tests/cases/*/`; `cases/README.md` explains its format. A changed snapshot
//! is reviewed like code, with `cargo insta review` or by moving the `.snap.new` file.

pub mod file;
pub mod thread;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;
use status_update::core::answer::Answer;
use status_update::core::answer::card;
use status_update::core::answer::recorded::{Publication, main_event, recorded};
use status_update::core::answer::report::report;
use status_update::core::answer::response::main_response;
use status_update::core::commands::help::{HELP, HelpTopic};
use status_update::core::commands::maintenance::MAINTENANCE;
use status_update::core::commands::opening::OPEN;
use status_update::core::commands::refusal::Refusal;
use status_update::core::commands::{Change, Command, Question, Subject};
use status_update::core::config::Config;
use status_update::core::decide::{Asked, Decision};
use status_update::core::incident::events::StatusEvent;
use status_update::core::incident::model::Incident;
use status_update::core::incident::status::NO_NAMES;
use status_update::core::log::record::{Event, Record};
use status_update::core::log::state::State;
use status_update::core::response::events::ResponseEvent;
use status_update::core::response::model::{Entry, Response};
use status_update::core::site::page::Page;
use status_update::core::site::renderer::Site;
use status_update::core::text::markup::text_html;

use crate::support::records::plain;
use file::Case;
use thread::{Content, Handled, Message, Thread};

#[test]
fn every_case_is_answered_as_its_snapshot_says() {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| {
        insta::glob!("cases/*/*.txt", |path| {
            insta::assert_snapshot!("case", outcome(&Case::read(path)));
        });
    });
}

#[test]
fn every_snapshot_has_its_case() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut cases = BTreeSet::new();
    for folder in fs::read_dir(tests.join("cases")).unwrap().map(|entry| entry.unwrap()) {
        for file in fs::read_dir(folder.path()).into_iter().flatten() {
            let (folder, file) = (folder.file_name(), file.unwrap().file_name());
            let name = format!("case@{}__{}.snap", folder.display(), file.display());
            cases.insert(name);
        }
    }
    let snapshots: BTreeSet<String> = fs::read_dir(tests.join("snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "snap"))
        .collect();
    let alone: Vec<&String> = snapshots.symmetric_difference(&cases).collect();
    assert!(alone.is_empty(), "a case without a snapshot, or a snapshot without a case: {alone:?}");
}

/// Everything that a case is judged by, as a text that a reviewer can read.
fn outcome(case: &Case) -> String {
    let mut thread = Thread::new(case.config.clone(), case.start);
    for _ in 0..case.incidents {
        thread.say("open Something was failing").expect_record();
        thread.say("close").expect_record();
    }
    if let Some(text) = &case.rosters {
        assert!(matches!(thread.set_rosters(text), Decision::Record(_)), "{text}");
    }
    let mut handled = None;
    let mut first_of = Vec::new();
    for message in &case.messages {
        first_of.push(thread.sent());
        let reply_to = message.reply_to.map(|place| first_of[place]);
        let message = Message { reply_to, ..message.clone() };
        for _ in 0..message.times {
            if let Some(before) = handled.replace(thread.send(&message))
                && !matches!(message.content, Content::Again)
            {
                before.expect_effect();
            }
        }
    }
    describe(&handled.expect("a case has a message"), &thread, case.json)
}

fn describe(handled: &Handled, thread: &Thread, json: bool) -> String {
    let mut page = String::new();
    let (command, decision, recalled) = match handled {
        Handled::Ignored => return "not for this bot: nothing is answered\n".to_owned(),
        Handled::Due(None) => return "nothing is due\n".to_owned(),
        Handled::Due(Some(record)) => {
            section(&mut page, "due", &recorded_as(record));
            let numbers = record.status().filter_map(StatusEvent::number);
            for number in numbers {
                let incident = thread.state.status.incident(number).unwrap();
                section(&mut page, "then on the page", &standing(incident, &thread.config));
            }
            return page;
        }
        Handled::Decided { command, decision, recalled, .. } => (command, decision, recalled),
    };
    section(&mut page, "understood", &understood(command));
    if let Some(number) = recalled {
        section(&mut page, "asked for first", &format!("the document of #{number}"));
    }
    section(&mut page, "decided", &decided(decision));
    if let Some(answer) = answer(decision, thread) {
        let activity = card::activity(&answer);
        section(&mut page, "read in a terminal", &card::to_terminal(&activity).unwrap());
        if json {
            section(&mut page, "posted", &activity.to_string());
        }
    }
    if let Decision::Record(record) = decision.as_ref() {
        if record.roster().next().is_some() {
            section(&mut page, "then in the rosters", &covers(thread));
        }
        if let Some(number) = main_event(record).and_then(StatusEvent::number) {
            let incident = thread.state.status.incident(number).unwrap();
            section(&mut page, "then on the page", &standing(incident, &thread.config));
        }
        if let Some(number) = main_response(record).and_then(ResponseEvent::number) {
            let response = thread.state.response(number).unwrap();
            section(&mut page, "then among the responders", &known(response));
        }
    }
    page
}

fn section(page: &mut String, heading: &str, content: &str) {
    let gap = if page.is_empty() { "" } else { "\n" };
    writeln!(page, "{gap}== {heading}\n{}", shorten(content.trim_end())).unwrap();
}

/// Long runs of one letter as the cases write them, such as `{4000 x}`.
fn shorten(text: &str) -> String {
    let mut short = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("xxxxxxxxxxxxxxxxxxxx") {
        let (before, run) = rest.split_at(start);
        let after = run.trim_start_matches('x');
        write!(short, "{before}{{{} x}}", run.len() - after.len()).unwrap();
        rest = after;
    }
    short + rest
}

/// The command and the incident that it names; its data are visible in the decision.
fn understood(command: &Result<Command, Refusal>) -> String {
    let (name, number) = match command {
        Err(_) => return "nothing".to_owned(),
        Ok(Command::Ask(question)) => {
            (question.usage.name(), question.about.as_ref().and_then(|about| about.number))
        }
        Ok(Command::Change(Change::Open(_))) => (OPEN.name(), None),
        Ok(Command::Change(Change::Announce(_))) => (MAINTENANCE.name(), None),
        Ok(Command::Change(Change::Rosters(_))) => ("roster set", None),
        Ok(Command::Change(Change::Cover(_))) => ("cover", None),
        Ok(Command::Change(Change::Swap(_))) => ("swap", None),
        Ok(Command::Change(Change::Uncover(_))) => ("uncover", None),
        Ok(Command::Change(Change::Backfill(_))) => ("backfill", None),
        Ok(Command::Change(Change::Undo(undo))) => ("undo", undo.number),
        Ok(Command::Change(
            Change::Status(target, _)
            | Change::Correct(target, _)
            | Change::Retract(target, _)
            | Change::Remove(target, _)
            | Change::Publish(target, _)
            | Change::Maintenance(target, _)
            | Change::Note(target, _)
            | Change::Task(target, _)
            | Change::Role(target, _)
            | Change::Track(target, _)
            | Change::Launch(target, _)
            | Change::Channel(target, _)
            | Change::Action(target, _)
            | Change::Redact(target, _)
            | Change::Review(target),
        )) => (target.usage.name(), target.number),
    };
    number.map_or(name.to_owned(), |number| format!("{name} #{number}"))
}

fn decided(decision: &Decision) -> String {
    match decision {
        Decision::Record(record) => recorded_as(record),
        Decision::Duplicate(revision) => format!("a duplicate of record {revision}"),
        Decision::Answer(Asked { about, entries, .. }) => {
            let about =
                about.as_ref().map_or(String::new(), |about| format!(" about #{}", about.number()));
            let entries: Vec<String> = entries
                .iter()
                .map(|(place, Entry(_, revision))| format!("{place}: {revision}"))
                .collect();
            let entries = entries.join(", ");
            let entries = if entries.is_empty() { entries } else { format!(", entries {entries}") };
            format!("an answer{about}{entries}")
        }
        Decision::Refuse(_) => "refused".to_owned(),
        Decision::Recall(number) => format!("the document of #{number} is needed"),
        Decision::Busy => "busy".to_owned(),
        Decision::Impossible(error) => format!("impossible: {error}"),
    }
}

fn recorded_as(record: &Record) -> String {
    let mut words = format!("record {}, {}", record.revision, record.at);
    // The names of components are the configuration's own.
    let is_name = |event: &&Event| matches!(event, Event::ComponentsNamed(_));
    for event in record.events.iter().filter(|event| !is_name(event)) {
        let event = plain(serde_json::to_value(event).unwrap());
        write!(words, "\n{event}").unwrap();
    }
    words
}

/// The answer to a decision, with the records that it needs.
pub fn answer(decision: &Decision, thread: &Thread) -> Option<Answer> {
    let done = Publication::Done;
    let told = |record: &Record| recorded(record, &thread.state, done, &thread.config);
    let State { revision, .. } = thread.state;
    match decision {
        Decision::Record(record) => Some(told(record)),
        Decision::Duplicate(revision) => {
            thread.records.iter().find(|record| record.revision == *revision).map(told)
        }
        Decision::Answer(asked) => {
            let wanted = asked.revisions();
            let records = thread.records.iter();
            let records = records.filter(|record| wanted.contains(&record.revision));
            let asked = &Asked { records: records.cloned().collect(), ..asked.clone() };
            Some(report(asked, &thread.state, Some(revision), &thread.config))
        }
        Decision::Refuse(why) => Some(Answer::Sentence(why.to_markdown())),
        Decision::Recall(_) | Decision::Busy | Decision::Impossible(_) => None,
    }
}

/// The covers, and the people known to have been on call.
fn covers(thread: &Thread) -> String {
    let Value::Object(mut fields) = plain(serde_json::to_value(&thread.state.rosters).unwrap())
    else {
        panic!("the rosters are an object");
    };
    fields.remove("text");
    let lines: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    lines.join("\n")
}

fn known(response: &Response) -> String {
    let Value::Object(fields) = plain(serde_json::to_value(response).unwrap()) else {
        panic!("a response is an object");
    };
    let is_empty = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    let fields = fields.iter().filter(|(_, value)| !is_empty(value));
    let lines: Vec<String> = fields.map(|(name, value)| format!("{name}: {value}")).collect();
    lines.join("\n")
}

fn standing(incident: &Incident, config: &Config) -> String {
    let names = incident.components.iter().map(|id| config.component_name(id, &NO_NAMES));
    let names: Vec<&str> = names.collect();
    let mut standing = format!(
        "#{} {:?}: {}, {}, on {names:?}, {}",
        incident.number,
        incident.title,
        incident.impact.word(),
        incident.stage.word(),
        if incident.resolved.is_some() { "closed" } else { "open" },
    );
    for update in incident.updates.iter().rev().take(3) {
        let corrected = if update.corrected.is_some() { " (corrected)" } else { "" };
        let html = text_html(&update.text);
        write!(standing, "\n{}{corrected}: {html}", update.stage.word()).unwrap();
    }
    standing
}

/// The commands that help shows work, once their placeholders are filled in.
#[test]
fn every_line_of_help_works() {
    let mut thread = Thread::new(Config::default(), thread::START);
    thread.set_rosters(include_str!("cases/one-roster.toml"));
    let Answer::Sentence(help) = report(
        &Asked::of(Question::new(&HELP, Subject::Help(HelpTopic::Next)), thread::START),
        &thread.state,
        None,
        &thread.config,
    ) else {
        panic!("no sentence");
    };
    let examples: Vec<&str> =
        help.split("\n\n").filter_map(|text| text.split('`').nth(1)).collect();
    assert_eq!(examples.len(), 5, "{help}");
    for example in examples {
        let filled = example
            .replace("<text>", "Checkout is failing")
            .replace("<time>", "tomorrow 22:00 to 23:00");
        let said = thread.say(&filled);
        let decision = said.decision();
        assert!(matches!(decision, Decision::Record(_) | Decision::Answer(_)), "{said:?}");
    }
}

#[test]
fn a_changed_impact_is_on_the_pages() {
    let mut thread = Thread::new(Config::default(), thread::START);
    thread.say("open minor Search is slow").expect_record();
    thread.say("impact critical").expect_record();
    let site = Site::new(thread.config.clone()).unwrap();
    let text_of = |page: &Page| String::from_utf8(page.bytes.to_vec()).unwrap();
    let incident = thread.state.status.incident(1).unwrap();
    let page = text_of(&site.incident(incident, &NO_NAMES).unwrap());
    assert!(page.contains("</span> Major outage"), "{page}");
    let index = text_of(&site.index(&thread.state.status).unwrap());
    assert!(index.contains("<h1>") && index.contains("Major outage"), "{index}");
}

/// A page that is late is said first; one that is there is said nothing of.
#[test]
fn a_late_page_is_said_first() {
    let mut thread = Thread::new(Config::default(), thread::START);
    let record = thread.say("open Checkout is failing").expect_record().clone();
    let first = |publication| {
        let activity =
            card::activity(&recorded(&record, &thread.state, publication, &thread.config));
        card::to_terminal(&activity).unwrap().lines().next().unwrap().to_owned()
    };
    assert_eq!(first(Publication::Done), "#1 Checkout is failing");
    let late = "Publishing is delayed and will be retried automatically.";
    assert_eq!(first(Publication::Late), late);
}
