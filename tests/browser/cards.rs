//! Answers as Teams would draw them: with Microsoft's own renderer of Adaptive Cards.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};
use status_update::core::answer::card;
use status_update::core::answer::recorded::{Publication, recorded};
use status_update::core::config::Config;

use super::{browser, none_wrong, run};
use crate::cases::thread::{START, Thread};

/// A card as its reader meets it.
#[derive(Deserialize)]
struct Look {
    name: String,
    /// What the renderer and the page complain about.
    complaints: Vec<String>,
    text: String,
    links: Vec<String>,
    /// What no card of ours has.
    elements: Vec<String>,
    /// Of the drawing, in pixels, where 360 are there.
    width: u32,
}

const HOSTILE: &str = "<img src=x onerror=alert(1)> **bold** [a](javascript:alert(1)) ‹at>All‹/at>";

/// What is said in the channel, and what its card is called.
const SAID: &[(&str, &str)] = &[
    ("open", "open sev2 since=20m via=customer on Checkout: Card payments are failing next 30m"),
    ("update", "update identified A release exhausts the connections to our provider"),
    ("ack", "ack I am on it"),
    ("when", "when detected 10:40 via customer"),
    ("doing", "doing Going back to the release before"),
    ("close", "close All card payments work again"),
    ("internal", "open internal Queue is filling up"),
    ("drill", "open drill The data centre is gone"),
    ("publish", "publish #2 minor Orders are delayed"),
    (
        "hostile",
        "know #2 &lt;img src=x onerror=alert(1)&gt; **bold** [a](javascript:alert(1)) \
         &lt;at&gt;All&lt;/at&gt;",
    ),
];

fn cards() -> Vec<Value> {
    let mut config = Config::parse(include_str!("../cases/shop.toml")).unwrap();
    config.public_url = Some("https://status.example.com".to_owned());
    let mut thread = Thread::new(config.clone(), START);
    let mut drawn = |(name, text): &(&str, &str)| {
        let record = thread.say_html(text).expect_record().clone();
        let publication = Publication::Done { elapsed_ms: Some(840) };
        let activity = card::activity(&recorded(&record, &thread.state, publication, &config));
        json!({ "name": name, "card": activity["attachments"][0]["content"] })
    };
    SAID.iter().map(&mut drawn).collect()
}

#[tokio::test]
async fn cards_are_drawn_as_they_were_meant() {
    let Some(chromium) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let cards = cards();
    let file = folder.path().join("cards.json");
    fs::write(&file, serde_json::to_vec(&cards).unwrap()).unwrap();
    let looks: Vec<Look> = run("cards.mjs", [chromium, file].into_iter()).await;
    assert_eq!(looks.len(), SAID.len());
    let mut wrong = Vec::new();
    for (look, card) in looks.iter().zip(&cards) {
        let Look { name, complaints, text, links, elements, width } = look;
        wrong.extend(complaints.iter().map(|complaint| format!("{name}: {complaint}")));
        wrong.extend(elements.iter().map(|element| format!("{name}: a {element}")));
        if *width > 360 {
            wrong.push(format!("{name}: {width} pixels wide"));
        }
        for said in texts(&card["card"]) {
            if !text.contains(said.trim()) {
                wrong.push(format!("{name}: “{said}” is not in “{text}”"));
            }
        }
        if card["card"]["actions"].as_array().is_some_and(|all| all.len() != links.len()) {
            wrong.push(format!("{name}: {} links", links.len()));
        }
    }
    none_wrong(&wrong);
    let hostile = looks.iter().find(|look| look.name == "hostile").unwrap();
    assert!(hostile.text.contains(HOSTILE), "{}", hostile.text);
}

/// What stands in a card, but for its facts, which are escaped.
fn texts(card: &Value) -> Vec<String> {
    let body = card["body"].as_array().unwrap().iter();
    let text = |element: &Value| match element["type"].as_str() {
        Some("TextBlock") => element["text"].as_str().map(str::to_owned),
        Some("RichTextBlock") => element["inlines"][0]["text"].as_str().map(str::to_owned),
        _ => None,
    };
    body.filter_map(text).collect()
}

/// Draws a card for the README: `cargo test --test tests card_pictures -- --ignored`.
#[tokio::test]
#[ignore = "writes to docs/"]
async fn card_pictures() {
    let chromium = browser().expect("pictures need Chromium and Node.js");
    let folder = tempfile::tempdir().unwrap();
    let shown: Vec<Value> = cards().into_iter().filter(|one| one["name"] == "open").collect();
    let file = folder.path().join("cards.json");
    fs::write(&file, serde_json::to_vec(&shown).unwrap()).unwrap();
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let looks: Vec<Look> = run("cards.mjs", [chromium, file, docs].into_iter()).await;
    assert_eq!(looks.len(), 1);
}
