//! Mentions in random bodies: nobody gets a wrong id, and no word is lost.

use proptest::prelude::*;
use serde_json::{Value, json};
use status_update::core::config::Config;
use status_update::core::response::events::ResponseEvent;
use status_update::core::teams::activity::{Activity, read_activity};
use status_update::core::teams::said::{MENTIONS_MAX, Said};

use super::inputs::{html, scrap, settings, text};
use crate::cases::thread::{Handled, START, Thread};

const BOT_ID: &str = "28:6c1e0b52";

/// Some share a name, one is a bot, one a channel.
const PEOPLE: &[(&str, &str)] = &[
    ("29:a", "Bo"),
    ("29:b", "Bo"),
    ("29:c", "Larsen"),
    ("29:d", "Raman, Priya (Ops)"),
    ("29:e", "for"),
    ("29:f", "<b>Ünal</b> & Söhne"),
    ("28:x", "Deployer"),
    ("19:y", "General"),
];

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Tag(usize),
}

fn parts(words: BoxedStrategy<String>) -> impl Strategy<Value = Vec<Part>> {
    let part = prop_oneof![
        3 => words.prop_map(Part::Text),
        2 => (0..PEOPLE.len()).prop_map(Part::Tag),
        1 => Just(Part::Text(" ".to_owned())),
    ];
    prop::collection::vec(part, 0..12)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The body. With HTML, the plain text next to it contains nothing.
fn body(before: &[Part], behind: &[Part], is_html: bool) -> Value {
    let mut entities = Vec::new();
    let mut mention = |id: &str, name: &str| {
        entities.push(json!({
            "type": "mention",
            "mentioned": { "id": id, "name": name },
            "text": format!("<at>{name}</at>"),
        }));
        if is_html {
            let name = escape(name);
            format!("<span itemscope itemtype=\"http://schema.skype.com/Mention\">{name}</span>")
        } else {
            format!("<at>{name}</at>")
        }
    };
    let mut content = String::new();
    for part in before.iter().map(Some).chain([None]).chain(behind.iter().map(Some)) {
        match part {
            Some(Part::Text(text)) => content.push_str(text),
            Some(Part::Tag(place)) => {
                content.push_str(&mention(PEOPLE[*place].0, PEOPLE[*place].1));
            }
            None => content.push_str(&mention(BOT_ID, "StatusPage")),
        }
    }
    let (text, attachments) = if is_html {
        (String::new(), vec![json!({ "contentType": "text/html", "content": content })])
    } else {
        (content, Vec::new())
    };
    json!({
        "type": "message", "id": "1", "timestamp": START.to_string(),
        "from": { "id": "29:z", "name": "Zoe", "aadObjectId": "zoe" },
        "conversation": { "id": "19:1" },
        "recipient": { "id": BOT_ID, "name": "StatusPage" },
        "text": text, "attachments": attachments, "entities": entities,
    })
}

fn read(body: &Value) -> Option<Said> {
    match read_activity(body.to_string().as_bytes()).unwrap() {
        Activity::Message(message) => Some(message.said),
        Activity::Other(_) => None,
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Properties of every message: mentions are in order at their places, and each has an id that the
/// activity assigns to that name.
fn check(said: &Said) -> Result<(), TestCaseError> {
    let plain = said.text.to_plain();
    prop_assert!(said.mentions.len() <= MENTIONS_MAX);
    let mut end = 0;
    for mention in &said.mentions {
        prop_assert!(mention.place.start >= end, "{mention:?} after {end}");
        end = mention.place.end;
        let there = plain.get(mention.place.clone());
        prop_assert_eq!(there.map(letters), Some(letters(&mention.name)), "{:?}", mention);
        let Some(id) = &mention.id else { continue };
        prop_assert!(id.starts_with("29:"), "{mention:?}");
        let told = |(known, name): &(&str, &str)| id == known && mention.name.contains(name);
        prop_assert!(PEOPLE.iter().any(told), "{mention:?}");
    }
    Ok(())
}

/// Ids in their order; consecutive duplicates once.
fn ids(ids: impl Iterator<Item = String>) -> Vec<String> {
    let mut ids: Vec<String> = ids.collect();
    ids.dedup();
    ids
}

proptest! {
    #![proptest_config(settings(300))]

    #[test]
    fn only_the_mentioned_person_is_found(
        before in parts(scrap().boxed()),
        behind in parts(prop_oneof![scrap(), text()].boxed()),
    ) {
        // A manually typed tag is a separate case.
        let is_typed = |part: &Part| matches!(part, Part::Text(text) if text.contains("<at>"));
        prop_assume!(!before.iter().chain(&behind).any(is_typed));
        let said = read(&body(&before, &behind, false)).unwrap();
        check(&said)?;
        let expected = behind.iter().filter_map(|part| match part {
            Part::Tag(place) => Some(PEOPLE[*place].0.to_owned()),
            Part::Text(_) => None,
        });
        let expected = ids(expected.filter(|id| id.starts_with("29:")));
        let found = ids(said.mentions.iter().filter_map(|mention| mention.id.clone()));
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn hostile_html_mentions_nobody_by_anothers_id(
        before in parts(html().boxed()),
        behind in parts(html().boxed()),
    ) {
        if let Some(said) = read(&body(&before, &behind, true)) {
            check(&said)?;
        }
    }

    /// Whatever surrounds a mention, a role goes to the mentioned person, or to nobody.
    #[test]
    fn a_role_goes_to_the_mentioned_person_or_to_nobody(
        role in prop::sample::select(&["scribe", "role primary", "expert", "release scribe"][..]),
        behind in parts(prop_oneof![Just(" for ".to_owned()), Just(".".to_owned()), scrap()].boxed()),
        is_html in any::<bool>(),
    ) {
        let mut thread = Thread::new(Config::default(), START);
        thread.say("open internal Checkout is failing").expect_record();
        let command = [Part::Text(format!(" {role} "))];
        let behind: Vec<Part> = command.into_iter().chain(behind).collect();
        let mut body = body(&[], &behind, is_html);
        body["id"] = "2".into();
        let Handled::Decided { decision, .. } = thread.deliver(body.to_string().as_bytes()) else {
            return Ok(());
        };
        let status_update::core::decide::Decision::Record(record) = *decision else {
            return Ok(());
        };
        for event in record.response() {
            if let ResponseEvent::Assigned { person, .. } = event {
                let tags = behind.iter().filter_map(|part| match part {
                    Part::Tag(place) => Some(PEOPLE[*place].0),
                    Part::Text(_) => None,
                });
                let mut meant: Vec<&str> = tags.collect();
                meant.push("zoe");
                prop_assert!(meant.contains(&person.id.as_str()), "{person:?}");
            }
        }
    }
}
