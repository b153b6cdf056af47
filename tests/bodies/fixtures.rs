//! Bodies that are kept byte for byte with their signatures.

use std::fs;
use std::path::PathBuf;

use status_update::core::commands::parse::parse;
use status_update::core::commands::update::StatusChange;
use status_update::core::commands::{Change, Command};
use status_update::core::config::Config;
use status_update::core::decide::Decision;
use status_update::core::incident::model::Stage;
use status_update::core::teams::activity::{self, Activity, Message, Token};
use status_update::core::text::Line;

use crate::cases::thread::{START, Thread};

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER_KEY: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

pub struct Fixture {
    name: String,
    pub body: Vec<u8>,
    authorization: String,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/teams")
}

/// All of them, as `signatures.tsv` lists them.
fn fixtures() -> Vec<Fixture> {
    let list = fs::read_to_string(folder().join("signatures.tsv")).unwrap();
    let fixtures: Vec<Fixture> = list
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let [name, length, authorization] = columns[..] else {
                panic!("three columns: {line}")
            };
            let body = fs::read(folder().join(name)).unwrap();
            assert_eq!(body.len().to_string(), length, "{name} was changed");
            Fixture { name: name.to_owned(), body, authorization: authorization.to_owned() }
        })
        .collect();
    assert_eq!(fixtures.len(), 7);
    fixtures
}

pub fn fixture(name: &str) -> Fixture {
    fixtures().into_iter().find(|fixture| fixture.name == name).unwrap()
}

fn message(body: &[u8]) -> Message {
    match activity::read_activity(body).unwrap() {
        Activity::Message(message) => *message,
        Activity::Other(why) => panic!("{why}"),
    }
}

fn tokens(keys: &[&str]) -> Vec<Token> {
    keys.iter().map(|key| Token::parse(key).unwrap()).collect()
}

#[test]
fn the_listed_signatures_are_good() {
    let list = fs::read_to_string(folder().join("signatures.tsv")).unwrap();
    assert!(list.contains(KEY), "the key is another one");
    for Fixture { name, body, authorization } in fixtures() {
        let signed =
            |keys: &[&str]| activity::is_signed(&tokens(keys), Some(&authorization), &body);
        assert!(signed(&[KEY]), "{name}");
        assert!(signed(&[OTHER_KEY, KEY]), "{name}: while tokens are rotated");
        assert!(signed(&[KEY, OTHER_KEY]), "{name}: while tokens are rotated");
        assert!(!signed(&[OTHER_KEY]), "{name}: another key");
        assert!(!signed(&[]), "{name}: no key");
        assert_eq!(tokens(&[KEY])[0].sign(&body), authorization, "{name}");
    }
}

#[test]
fn a_flipped_bit_is_noticed() {
    let tokens = tokens(&[KEY]);
    for Fixture { name, mut body, authorization } in fixtures() {
        for place in 0..body.len() {
            let bit = 1 << (place % 8);
            body[place] ^= bit;
            assert!(
                !activity::is_signed(&tokens, Some(&authorization), &body),
                "{name}, byte {place}"
            );
            body[place] ^= bit;
        }
        assert!(!activity::is_signed(&tokens, Some(&authorization), &body[1..]), "{name}");
        body.push(b'\n');
        assert!(!activity::is_signed(&tokens, Some(&authorization), &body), "{name}");
    }
    let Fixture { body, authorization, .. } = fixture("01-plain.json");
    for place in 0..authorization.len() {
        let mut header = authorization.clone().into_bytes();
        header[place] ^= 1;
        let Ok(header) = String::from_utf8(header) else { continue };
        assert!(!activity::is_signed(&tokens, Some(&header), &body), "{header}");
    }
}

#[test]
fn an_invalid_header_is_noticed() {
    let Fixture { body, authorization, .. } = fixture("01-plain.json");
    let tokens = tokens(&[KEY]);
    let code = authorization.strip_prefix("HMAC ").unwrap();
    let wrong = [
        None,
        Some(String::new()),
        Some(" ".to_owned()),
        Some("HMAC".to_owned()),
        Some("HMAC ".to_owned()),
        Some("HMAC =".to_owned()),
        Some("HMAC \u{1F525}".to_owned()),
        Some(code.to_owned()),
        Some(format!("Bearer {code}")),
        Some(format!("HMACSHA256 {code}")),
        Some(format!("HMAC{code}")),
        Some(format!("HMAC {code} {code}")),
        Some(format!("HMAC {}", &code[..code.len() - 4])),
        Some(format!("HMAC {code}AAAA")),
        Some(format!("HMAC HMAC {code}")),
    ];
    for header in wrong {
        assert!(!activity::is_signed(&tokens, header.as_deref(), &body), "{header:?}");
    }
    assert!(activity::is_signed(&tokens, Some(&format!(" hmac  {code} ")), &body));
}

#[test]
fn a_token_is_base64_and_does_not_show_itself() {
    assert!(Token::parse("").is_none());
    assert!(Token::parse("not base64!").is_none());
    assert!(Token::parse(&format!(" {KEY}\n")).is_some());
    let shown = format!("{:?}", tokens(&[KEY]));
    assert_eq!(shown, "[Token(…)]");
}

#[test]
fn sender_place_and_time_are_read() {
    for Fixture { name, body, .. } in fixtures() {
        let message = message(&body);
        let number: u64 = message.id.id.parse().unwrap();
        assert!((1_795_254_301_472..=1_795_255_075_914).contains(&number), "{name}");
        assert_eq!(message.id.conversation, message.origin.channel, "{name}");
        assert_eq!(message.origin.tenant, "5f0c1d6e-3b7a-4c58-9a11-2f6d0e8b4c77", "{name}");
        let team = "19:Qm7rT0vXn2LwZk4pYs81cHdJfUe93bGaRi6oV5tNx2M1@thread.tacv2";
        assert_eq!(message.origin.team, team, "{name}");
        let channel = "19:8d3f5a1b7c9e4206b1d4e7f8a0c25936@thread.tacv2";
        assert_eq!(message.origin.channel, channel, "{name}");
        let milliseconds = message.sent.as_millisecond() - i64::try_from(number).unwrap();
        assert!((0..100).contains(&milliseconds), "{name}: {milliseconds} ms after its id");
    }
    let first = message(&fixture("01-plain.json").body);
    assert_eq!(first.from.name, "Inês Carvalho");
    assert_eq!(first.from.id, "0b7d2c1e-5a94-4e6f-8c30-91f2a6d7b845");
    assert_eq!(first.sent.to_string(), "2026-11-21T09:45:01.519Z");
    let other = message(&fixture("05-other-mention.json").body);
    assert_eq!(other.sent.to_string(), "2026-11-21T09:50:10.7811944Z");
    assert_eq!(message(&fixture("09-bot-name-spaces.json").body).from.name, "Raman, Priya (Ops)");
}

#[test]
fn bot_and_text_are_read() {
    let expected = [
        ("01-plain.json", "StatusPage", "open Checkout is failing for card payments"),
        (
            "02-nbsp.json",
            "StatusPage",
            "update INC-42 identified Root cause found in the card gateway",
        ),
        (
            "03-newline.json",
            "StatusPage",
            "update INC-42\nFix is rolling out to EU.\n\nNext update in 30 minutes",
        ),
        (
            "05-other-mention.json",
            "StatusPage",
            "update INC-42 investigating - Oluwaseun Adeyemi-Brandt is incident lead",
        ),
        ("08-thread-reply.json", "StatusPage", "close"),
        (
            "09-bot-name-spaces.json",
            "Status Page Ops",
            "update INC-42 resolved All card payments are back to normal",
        ),
        ("11-mobile.json", "StatusPage", "Open “Login page” won’t load — customers can’t sign in…"),
    ];
    for (name, bot, text) in expected {
        let message = message(&fixture(name).body);
        assert_eq!(
            (message.bot.as_str(), message.said.text.to_plain().as_str()),
            (bot, text),
            "{name}"
        );
        assert!(parse(&message.said, &Config::default()).is_ok(), "{name}");
    }
}

/// A thread in which #1 to #41 are closed and the first fixture has opened #42.
fn with_42_open() -> Thread {
    let mut thread = Thread::new(Config::default(), START);
    for _ in 0..41 {
        thread.say("open Something was failing").expect_record();
        thread.say("close").expect_record();
    }
    thread.deliver(&fixture("01-plain.json").body).expect_record();
    assert_eq!(thread.state.status.open.keys().copied().collect::<Vec<_>>(), [42]);
    thread
}

#[test]
fn each_line_works_while_42_is_open() {
    let updates = [
        ("02-nbsp.json", Stage::Identified, "Root cause found in the card gateway"),
        (
            "03-newline.json",
            Stage::Investigating,
            "Fix is rolling out to EU.\n\nNext update in 30 minutes",
        ),
        (
            "05-other-mention.json",
            Stage::Investigating,
            // The page publishes no names.
            "a colleague is incident lead",
        ),
        ("08-thread-reply.json", Stage::Resolved, ""),
        ("09-bot-name-spaces.json", Stage::Resolved, "All card payments are back to normal"),
    ];
    for (name, stage, text) in updates {
        let mut thread = with_42_open();
        thread.deliver(&fixture(name).body).expect_record();
        let incident = thread.state.status.incident(42).unwrap();
        let newest = incident.updates.last().unwrap();
        let is_open = thread.state.status.open.contains_key(&42);
        assert_eq!((incident.stage, newest.text.to_plain().as_str()), (stage, text), "{name}");
        assert_eq!(is_open, stage != Stage::Resolved, "{name}");
    }
    let refused = with_42_open().deliver(&fixture("11-mobile.json").body);
    assert!(matches!(refused.decision(), Decision::Refuse(_)), "{refused:?}");
    let again = with_42_open().deliver(&fixture("01-plain.json").body);
    assert_eq!(again.decision(), &Decision::Duplicate(83));
}

#[test]
fn a_reply_closes_the_incident_of_its_thread_although_another_is_open() {
    let mut thread = with_42_open();
    thread.say("open another Search is slow").expect_record();
    thread.deliver(&fixture("08-thread-reply.json").body).expect_record();
    assert_eq!(thread.state.status.open.keys().copied().collect::<Vec<_>>(), [43]);
}

#[test]
fn lines_that_survive_only_in_the_html_are_kept() {
    let body = &fixture("03-newline.json").body;
    let text = message(body).said;
    let Ok(Command::Change(Change::Status(_, StatusChange::Update { text, .. }))) =
        parse(&text, &Config::default())
    else {
        panic!("no update");
    };
    let lines: Vec<String> = text.lines().iter().map(Line::to_plain).collect();
    assert_eq!(lines, ["Fix is rolling out to EU.", "", "Next update in 30 minutes"]);
}
