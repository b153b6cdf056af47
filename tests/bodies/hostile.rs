//! Cards show people's text as it was typed, wherever it is in the card.

use std::collections::BTreeSet;

use serde_json::Value;
use status_update::core::answer::Answer;
use status_update::core::answer::card::{activity, to_terminal};
use status_update::core::answer::recorded::{Publication, recorded};
use status_update::core::config::Config;
use status_update::core::connectors::workflow::{self, Mention};
use status_update::core::decide::Decision;
use status_update::core::http::Body;

use crate::cases::thread::{Content, Message, START, Sender, Thread};

/// A name or a text in which everything has a meaning in Markdown or HTML.
const HOSTILE: &str = "**C** _x_ [y](z) `c` ~~s~~ <b>&!";
/// Characters that begin markup in Markdown or HTML without a backslash. `#` is left out, because
/// headings have the numbers of incidents.
const ACTIVE: [char; 12] = ['*', '_', '[', ']', '(', ')', '`', '~', '|', '!', '<', '>'];
/// The elements of a card that Teams reads as Markdown.
const MARKDOWN: [&str; 1] = ["mentions"];

const CONFIG: &str = r#"
title = "Example Shop status"

[[components]]
name = "**C** _x_ [y](z) `c` ~~s~~ <b>&!"
guide = "https://wiki.example.com/checkout"
owners = ["**C** _x_ [y](z) `c` ~~s~~ <b>&!"]

[[components]]
name = "Other"
guide = "https://wiki.example.com/other"
"#;

const ROSTERS: &str = r#"
[[people]]
name = "Inês Carvalho"
id = "0b7d2c1e"

[[people]]
name = "Ada Lovelace"

[[rosters]]
name = "H"

[[rosters.layers]]
level = "primary"
zone = "Europe/Berlin"
anchor = 2026-11-16T09:00:00
turn = "1 week"
members = ["Inês Carvalho", "Ada Lovelace"]
"#;

/// All texts of a card, each with the kind of its element.
fn texts(activity: &Value) -> Vec<(String, String)> {
    let card = &activity["attachments"][0]["content"];
    let summary = activity["summary"].as_str().map(|text| ("summary".to_owned(), text.to_owned()));
    let mut texts: Vec<(String, String)> = summary.into_iter().collect();
    let body = card["body"].as_array().unwrap();
    let elements = body.iter().flat_map(|element| match element["items"].as_array() {
        Some(items) => items.iter(),
        None => std::slice::from_ref(element).iter(),
    });
    for (place, element) in elements.enumerate() {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        match element["type"].as_str().unwrap() {
            "TextBlock" => texts.push(("mentions".to_owned(), text(&element["text"]))),
            "RichTextBlock" => {
                let inlines = element["inlines"].as_array().unwrap().iter();
                let words: String = inlines.map(|run| text(&run["text"])).collect();
                texts.push((if place == 0 { "title" } else { "line" }.to_owned(), words));
            }
            other => panic!("is {other} Markdown?"),
        }
    }
    for action in card["actions"].as_array().unwrap() {
        texts.push(("button".to_owned(), action["title"].as_str().unwrap().to_owned()));
    }
    texts
}

/// Markdown as Teams shows it, or the first active character.
fn shown(markdown: &str) -> Result<String, char> {
    let mut plain = String::new();
    let mut chars = markdown.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => plain.extend(chars.next()),
            c if ACTIVE.contains(&c) => return Err(c),
            c => plain.push(c),
        }
    }
    Ok(plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}

/// Every command that is answered with a card, with hostile words wherever people write any.
#[test]
fn hostile_words_are_shown_as_typed_wherever_they_stand_in_a_card() {
    let thread = Thread::new(Config::parse(CONFIG).unwrap(), START);
    let commands = [
        "open on H, Other: H",
        "update identified: H",
        "correct H",
        "close H",
        "reopen #1 H",
        "impact critical #1 H",
        "close #1",
        "postmortem #1 H",
        "maintenance now for 90m on H: H",
        "update #2 H",
        "maintenance #2 complete H",
        "open internal sev2 since=20m on H: H",
        "when #3 detected 5m ago via H",
        "ack #3 H",
        "mitigated #3 H",
        "know #3 H",
        "doing #3 H",
        "affects #3 H",
        "ic #3 me",
        "expert #3 me for H",
        "note #3 H",
        "task #3 H @me",
        "task #3 done 1",
        "tested #3 ok H",
        "tested #3 failed H",
        "told #3 H via H: H",
        "action #3 H @me by friday",
        "action done 1",
        "publish #3 on H: H",
        "update #3 H",
        "close #3 H",
        "review #3",
    ];
    let mut thread = Hostile { thread, places: BTreeSet::new() };
    for command in commands {
        let from = Sender::Named(HOSTILE.to_owned());
        thread.say(&command.replace('H', HOSTILE), from);
    }
    let set = thread.thread.set_rosters(&ROSTERS.replace('H', HOSTILE));
    assert!(matches!(set, Decision::Record(_)), "{set:?}");
    for command in ["cover primary Ada Lovelace for 2h: H", "uncover 1"] {
        thread.say(&command.replace('H', HOSTILE), Sender::Somebody);
    }
    let expected = ["button", "line", "summary", "title"];
    assert_eq!(thread.places, expected.map(str::to_owned).into());
}

/// Messages to the channel, which include names of rosters and people.
#[test]
fn hostile_words_are_shown_as_typed_in_messages_for_the_channel() {
    let word = || HOSTILE.to_owned();
    let message = workflow::Message {
        heading: word(),
        text: word(),
        mentions: vec![Mention { name: word(), id: None }],
        facts: vec![(word(), word())],
        links: vec![(word(), "https://example.com".to_owned())],
        ..workflow::Message::default()
    };
    let Some(Body::Json(activity)) = message.request().body else { panic!("no body") };
    let texts = texts(&activity);
    assert_eq!(texts.len(), 5, "{texts:?}");
    for (place, text) in texts {
        let is_markdown = MARKDOWN.iter().any(|kind| place.starts_with(kind));
        let shown = if is_markdown { shown(&text) } else { Ok(text.clone()) };
        let shown = shown.unwrap_or_else(|c| panic!("{place}: {c} in {text}"));
        // Characters that a mention cannot contain are dropped.
        let fact = format!("{HOSTILE}: {HOSTILE}");
        assert!(shown == HOSTILE || shown == fact || place == "mentions", "{place}: {text}");
    }
}

struct Hostile {
    thread: Thread,
    /// Where hostile words were shown.
    places: BTreeSet<String>,
}

impl Hostile {
    /// Says something that is recorded, and checks its card.
    fn say(&mut self, command: &str, from: Sender) {
        let message = Message { from, ..Content::Plain(command.to_owned()).into() };
        self.thread.send(&message).expect_record();
        let Thread { records, state, config, .. } = &self.thread;
        let publication = Publication::Done;
        let answer = recorded(records.last().unwrap(), state, publication, config);
        assert!(matches!(answer, Answer::Card(_)), "{command}: {answer:?}");
        let activity = activity(&answer);
        for (place, text) in texts(&activity) {
            let is_markdown = MARKDOWN.iter().any(|kind| place.starts_with(kind));
            let shown = if is_markdown { shown(&text) } else { Ok(text.clone()) };
            let shown = shown.unwrap_or_else(|c| panic!("{command}: {place}: {c} in {text}"));
            assert!(!shown.contains('\\'), "{command}: {place}: escaped twice: {text}");
            if shown.contains(HOSTILE) {
                self.places.insert(place);
            }
        }
        let terminal = to_terminal(&activity).unwrap();
        assert!(!terminal.contains('\\'), "{command}: {terminal}");
    }
}
