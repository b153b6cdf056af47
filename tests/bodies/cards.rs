//! Every kind of card against the published JSON schema of Adaptive Cards 1.4.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use status_update::core::answer::card;
use status_update::core::answer::recorded::{Publication, recorded};
use status_update::core::config::Config;
use status_update::core::log::record::Record;
use status_update::core::text::card::CARD_TYPE;

use crate::cases::thread::{START, Thread};
use crate::support::tools;

/// The schema, from a Python package that is installed on the first call.
pub fn schema() -> Option<Value> {
    let packages = tools::python("requirements.txt", "site-packages")?;
    let file = packages.folder.join("adaptive_cards/schemas/schema-1.4.json");
    Some(serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap())
}

/// A card's violations of the schema, and of rules that the schema lacks, because it requires
/// neither `type` nor `version`.
pub fn complaints(schema: &Value, card: &Value) -> Vec<String> {
    let validator = jsonschema::draft6::options().build(schema).unwrap();
    let mut complaints: Vec<String> =
        validator.iter_errors(card).map(|error| error.to_string()).collect();
    if card["type"] != "AdaptiveCard" || card["version"] != "1.4" {
        complaints.push("it is no card of version 1.4".to_owned());
    }
    complaints
}

const CONFIG: &str =
    concat!(include_str!("../cases/guides.toml"), "[[components]]\nname = \"Card payments\"\n");

/// Responders' commands that are answered with a card.
const KINDS: [&str; 12] = [
    "declared",
    "milestone_recorded",
    "note_added",
    "published",
    "question_answered",
    "reopened",
    "severity_set",
    "task_added",
    "task_done",
    "tested",
    "told_elsewhere",
    "updated",
];

/// The kinds of events among the responders that there are.
fn kinds(thread: &Thread) -> Vec<String> {
    let events = thread.records.iter().flat_map(Record::response);
    let kind = |event| serde_json::to_value(event).unwrap()["event"].as_str().unwrap().to_owned();
    events.map(kind).collect::<BTreeSet<_>>().into_iter().collect()
}

/// A card of each kind.
fn cards() -> Vec<Value> {
    let mut config = Config::parse(CONFIG).unwrap();
    let mut thread = Thread::new(config.clone(), START);
    let long = "Zażółć gęślą jaźń \"<&>\" **x** ".repeat(100);
    let texts = [
        "open on Checkout, Card payments: Cards fail".to_owned(),
        "update identified on Checkout: It is the gateway".to_owned(),
        "update monitoring".to_owned() + " Watching",
        "correct It was the gateway".to_owned(),
        "close".to_owned(),
        "correct #1 All is well".to_owned(),
        "reopen #1 It came back".to_owned(),
        "close All is well\n\nReally".to_owned(),
        format!("open minor {long}"),
        format!("open another critical {long}"),
        format!("update #2 {long}"),
        "open internal sev2 since=20m via=customer on Search: It is slow".to_owned(),
        "update #4 identified It is the index".to_owned(),
        "ack #4 On it".to_owned(),
        "know #4 the board".to_owned(),
        "sev #4 1".to_owned(),
        format!("note #4 at 09:50 {long}"),
        "task #4 Build it again @me".to_owned(),
        format!("task #4 {}", long.chars().take(480).collect::<String>()),
        "task #4 done 1".to_owned(),
        "tested #4 ok".to_owned(),
        format!("tested #4 failed {}", long.chars().take(480).collect::<String>()),
        format!("told #4 the \"board\" <x> via mail & phone: {long}"),
        "close #4".to_owned(),
        "reopen #4 It is slow again".to_owned(),
        "publish #4 on Search, Checkout: Search is slow".to_owned(),
        "close #4 It is fast".to_owned(),
        "open drill on Checkout: An exercise".to_owned(),
        "close #5".to_owned(),
    ];
    for text in texts {
        thread.say(&text).expect_record();
    }
    assert_eq!(kinds(&thread), KINDS);
    let mut cards = Vec::new();
    for address in [None, Some("https://status.example.com/a?b=c".to_owned())] {
        config.public_url = address;
        for (index, record) in thread.records.iter().enumerate() {
            let publication = if index % 3 == 0 { Publication::Late } else { Publication::Done };
            cards.push(card::activity(&recorded(record, &thread.state, publication, &config)));
        }
    }
    cards
}

#[test]
fn every_card_is_one_of_the_published_schema() {
    let cards = cards();
    assert_eq!(cards.len(), 58);
    for activity in &cards {
        assert_eq!(activity["type"], "message");
        assert!(activity["summary"].as_str().is_some_and(|summary| !summary.is_empty()));
        assert_eq!(activity["attachments"].as_array().unwrap().len(), 1);
        assert_eq!(activity["attachments"][0]["contentType"], CARD_TYPE);
        assert!(activity.to_string().len() < 28 * 1024);
    }
    let Some(schema) = schema() else { return };
    for activity in &cards {
        let card = &activity["attachments"][0]["content"];
        assert_eq!(complaints(&schema, card), [""; 0], "{card:#}");
    }
}

#[test]
fn the_schema_check_notices_a_wrong_card() {
    let Some(schema) = schema() else { return };
    let right = cards()[39]["attachments"][0]["content"].clone();
    assert_eq!(complaints(&schema, &right), [""; 0]);
    let wrong: [(&str, Value); 13] = [
        ("/type", json!("Card")),
        ("/version", json!("1.5")),
        ("/version", json!(1.4)),
        ("/body", json!({})),
        ("/body/0", json!({ "type": "TextBlock" })),
        ("/body/0", json!({ "type": "Headline", "text": "x" })),
        ("/body/0/inlines/0/color", json!("Crimson")),
        ("/body/0/inlines/0/text", json!(7)),
        ("/body/1/inlines/0/weight", json!("Heavy")),
        ("/body/1/inlines/0/fontType", json!("Comic")),
        ("/body/1/inlines/0", json!({ "type": "TextRun" })),
        ("/actions/0", json!({ "type": "Action.OpenUrl" })),
        ("/actions/0", json!({ "type": "Action.OpenUrl", "url": "https://x.test", "extra": 1 })),
    ];
    for (place, value) in wrong {
        let mut card = right.clone();
        *card.pointer_mut(place).unwrap() = value.clone();
        assert_ne!(complaints(&schema, &card), [""; 0], "{place}: {value}");
    }
    let mut extra = right;
    extra["extra"] = json!(1);
    assert_ne!(complaints(&schema, &extra), [""; 0]);
}

/// Renderers read Markdown in text blocks, but not in the runs of a rich text block.
#[test]
fn an_audience_and_its_place_are_no_markdown_in_a_card() {
    let mut thread = Thread::new(Config::parse(CONFIG).unwrap(), START);
    thread.say("open internal A queue").expect_record();
    let line = "told #1 [the board](evil.example.com) via **mail**: _We_ are on it";
    thread.say(line).expect_record();
    let record = thread.records.last().unwrap();
    let activity =
        card::activity(&recorded(record, &thread.state, Publication::Done, &thread.config));
    let (mut blocks, mut runs) = (String::new(), String::new());
    texts(&activity["attachments"][0]["content"], &mut blocks, &mut runs);
    for shown in ["[the board](evil.example.com)", "**mail**", "_We_"] {
        assert!(runs.contains(shown), "{shown} is not shown as it was typed: {activity:#}");
        assert!(!blocks.contains(shown), "{shown} is Markdown: {activity:#}");
    }
}

/// The texts of a card's text blocks, and those of its runs.
fn texts(value: &Value, blocks: &mut String, runs: &mut String) {
    match value {
        Value::Object(fields) => {
            let text = fields.get("text").and_then(Value::as_str).unwrap_or_default();
            match fields.get("type").and_then(Value::as_str) {
                Some("TextRun") => runs.push_str(text),
                _ => blocks.push_str(text),
            }
            fields.values().for_each(|value| texts(value, blocks, runs));
        }
        Value::Array(values) => values.iter().for_each(|value| texts(value, blocks, runs)),
        _ => {}
    }
}
