//! Messages that people type, as tables: `tests/typed/README.md` explains their format.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use jiff::Timestamp;
use status_update::core::answer::recorded::done;
use status_update::core::commands::remarks::remarks;
use status_update::core::config::Config;
use status_update::core::decide::Decision;
use status_update::core::incident::events::StatusEvent;
use status_update::core::incident::status::NO_NAMES;
use status_update::core::log::record::Record;
use status_update::core::response::events::ResponseEvent;
use status_update::core::text::lookalike::plain_letters;

use crate::cases::thread::{Content, Handled, Message, START, Thread};

#[test]
fn every_typed_line_matches_its_snapshot() {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("typed/snapshots");
    settings.bind(|| {
        insta::glob!("typed/*.txt", |path| {
            insta::assert_snapshot!("typed", table(path));
        });
    });
}

/// A table: the configuration, the time of the first message, what comes before, and the lines to
/// try.
pub struct Table {
    pub config: Config,
    pub start: Timestamp,
    pub before: Vec<Message>,
    pub lines: Vec<String>,
}

pub fn read(path: &Path) -> Table {
    let text = fs::read_to_string(path).unwrap();
    let (head, lines) = text.split_once("---\n").expect("no --- before the lines");
    let (config, before, lines_to_try) = (Config::default(), Vec::new(), Vec::new());
    let mut table = Table { config, start: START, before, lines: lines_to_try };
    for line in head.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.split_once(": ").expect("a header line without a colon") {
            ("config", name) => {
                let file = path.parent().unwrap().parent().unwrap().join("cases").join(name);
                table.config = Config::parse(&fs::read_to_string(file).unwrap()).unwrap();
            }
            ("start", at) => table.start = at.parse().unwrap(),
            ("clock", at) => table.before.push(Content::Clock(at.parse().unwrap()).into()),
            ("before", before) => table.before.push(message(before)),
            (name, _) => panic!("no such header: {name}"),
        }
    }
    let lines = lines.lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
    table.lines = lines.map(str::to_owned).collect();
    table
}

fn table(path: &Path) -> String {
    let table = read(path);
    let mut page = String::new();
    for line in &table.lines {
        let mut thread = Thread::new(table.config.clone(), table.start);
        for before in &table.before {
            match thread.send(before) {
                Handled::Due(_) => {}
                handled => handled.expect_effect(),
            }
        }
        let handled = say(&mut thread, line);
        write!(page, "> {line}\n{}\n", outcome(&handled, &thread)).unwrap();
    }
    page
}

fn say(thread: &mut Thread, line: &str) -> Handled {
    thread.send(&message(line))
}

/// A line of a table as a message.
pub fn message(line: &str) -> Message {
    let line = line.replace("\\n", "\n");
    let content = match line.strip_prefix("html: ") {
        Some(html) => Content::Html(html.to_owned()),
        None => Content::Plain(line),
    };
    content.into()
}

fn outcome(handled: &Handled, thread: &Thread) -> String {
    let Handled::Decided { message, command, decision, .. } = handled else {
        return "  not for this bot\n".to_owned();
    };
    let mut words = String::new();
    match &**decision {
        Decision::Record(record) => {
            for line in recorded(record, thread) {
                writeln!(words, "  {line}").unwrap();
            }
            if words.is_empty() {
                let number = record.status().find_map(StatusEvent::number).unwrap();
                let incident = thread.state.status.incident(number).unwrap();
                let on = incident.components.join(", ");
                writeln!(
                    words,
                    "  page #{number} “{}” {}: {}, {}, on [{on}], since {}{}",
                    incident.title,
                    done(record, &thread.config),
                    incident.impact.word(),
                    incident.stage.word(),
                    incident.opened,
                    incident.resolved.map_or(String::new(), |end| format!(" until {end}")),
                )
                .unwrap();
            }
            let command = command.as_ref().as_ref().unwrap();
            for remark in remarks(&message.said, command, record, &thread.state, &thread.config) {
                writeln!(words, "  remark: {remark}").unwrap();
            }
        }
        Decision::Answer(asked) => {
            let about = asked.response().map_or(String::new(), |r| format!(" #{}", r.number));
            writeln!(words, "  answered: {}{about}", asked.question.usage.name()).unwrap();
        }
        Decision::Refuse(refusal) => {
            for paragraph in refusal.to_markdown().split("\n\n") {
                writeln!(words, "  {paragraph}").unwrap();
            }
        }
        other => writeln!(words, "  {other:?}").unwrap(),
    }
    words
}

/// The recorded changes, public and internal.
fn recorded(record: &Record, thread: &Thread) -> Vec<String> {
    let public = record.status().filter(|event| event.text().is_some());
    let public = public.filter_map(|event| {
        let incident = thread.state.status.incident(event.number()?)?;
        let config = &thread.config;
        let names: Vec<&str> =
            incident.components.iter().map(|id| config.component_name(id, &NO_NAMES)).collect();
        let on =
            if names.is_empty() { String::new() } else { format!(", on {}", names.join(", ")) };
        let text = event.text()?.to_plain().replace('\n', "\\n");
        Some(format!(
            "page #{} “{}”: {}, {}{on}: {text}",
            incident.number,
            incident.title,
            incident.impact.word(),
            incident.stage.word(),
        ))
    });
    let internal = record.response().filter_map(|event| {
        let response = thread.state.response(event.number()?)?;
        let what = match event {
            ResponseEvent::Noted { text, at, .. } => {
                let at = at.map_or(String::new(), |at| format!(" at {at}"));
                format!("note{at}: {}", text.to_plain())
            }
            ResponseEvent::Declared { .. } => {
                format!("{} “{}”", response.visibility.word(), response.title)
            }
            ResponseEvent::Graded { severity, .. } => format!("severity {}", severity.number()),
            ResponseEvent::Reached { milestone, at, .. } => format!("{} {at}", milestone.word()),
            ResponseEvent::TaskAdded { text, .. } => format!("task: {}", text.to_plain()),
            ResponseEvent::Updated { text, .. } => format!("internal update: {}", text.to_plain()),
            _ => "recorded".to_owned(),
        };
        Some(format!("team #{}: {what}", response.number))
    });
    public.chain(internal).collect()
}

#[test]
fn words_of_lookalikes_are_read_as_plain_ones() {
    for typed in [
        "internal",
        "INTERNAL",
        "іntеrnаl",
        "ｉｎｔｅｒｎａｌ",
        "𝗶𝗻𝘁𝗲𝗿𝗻𝗮𝗹",
        "𝒾𝓃𝓉𝑒𝓇𝓃𝒶𝓁",
        "ⓘⓝⓣⓔⓡⓝⓐⓛ",
        "ínternäl",
        "i\u{301}nternal",
        "in\u{200d}ter\u{fe0f}nal",
        "ɪɴᴛᴇʀɴᴀʟ",
        "🅸🅽🆃🅴🆁🅽🅰🅻",
    ] {
        assert_eq!(plain_letters(typed), "internal", "{typed}");
    }
    assert_eq!(plain_letters("(internal): Größe 12"), " internal   große 12");
}

/// A public verb is one whose record is on the page; this test fails for a new one without its flag.
#[test]
fn the_verbs_of_the_page_are_marked() {
    use status_update::core::commands::SPECS;
    let public = [
        "open",
        "update",
        "impact",
        "close",
        "reopen",
        "publish",
        "correct",
        "title",
        "postmortem",
        "maintenance",
        "backfill",
        "withdraw",
    ];
    for spec in SPECS {
        let name = spec.usage.name();
        assert_eq!(spec.usage.is_public, public.contains(&name), "{name}");
    }
}

#[test]
fn a_recorded_event_of_the_page_has_its_text() {
    let mut thread = Thread::new(Config::default(), START);
    let record = thread.say("open Checkout is failing").expect_record().clone();
    let texts: Vec<_> = record.status().filter_map(StatusEvent::text).collect();
    assert_eq!(texts.len(), 1);
}
