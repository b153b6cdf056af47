//! The heads of records name members and groups by digests under a secret of the log, which goes
//! with an erasure.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use status_update::core::alerts::firing::Condition;
use status_update::core::alerts::read::read_alert;
use status_update::core::commands::redact::recorded;
use status_update::core::config::Config;
use status_update::core::decide::alert::AlertOutcome;
use status_update::core::digest::{hex, sha256_hex};
use status_update::core::log::fold::fold_bytes;
use status_update::core::log::seal;
use status_update::core::log::state::State;

use crate::cases::thread::{START, Thread};

fn post(thread: &mut Thread, key: &str) -> AlertOutcome {
    let body =
        json!({ "title": format!("{key} cannot pay"), "key": key, "labels": { "who": key } });
    let alert = read_alert(body.to_string().as_bytes()).unwrap();
    thread.alert(&alert, 1).unwrap().fate
}

fn channel() -> Thread {
    Thread::new(Config::parse("").unwrap(), START)
}

fn heads(thread: &Thread) -> String {
    thread.log.iter().map(|bytes| String::from_utf8_lossy(seal::head(bytes)).into_owned()).collect()
}

/// The keys that somebody guesses of customer 4711.
const GUESSES: [&str; 2] = ["plain:4711", "plain:member|plain:4711"];

#[test]
fn a_guess_at_a_key_cannot_be_checked_in_a_head() {
    let mut thread = channel();
    assert_eq!(post(&mut thread, "4711"), AlertOutcome::Opened);
    assert_eq!(post(&mut thread, "4711"), AlertOutcome::Repeated, "it is known all the same");
    let heads = heads(&thread);
    assert!(heads.contains("\"group\":"), "{heads}");
    for guess in GUESSES {
        let digest = sha256_hex(guess.as_bytes());
        assert!(!heads.contains(&digest[..16]), "{guess}: {heads}");
    }
    // With the sealed lines a guess can be checked, because the secret is one of them.
    let secret = |line: &str| -> Option<String> {
        let value: Value = serde_json::from_str(line).ok()?;
        value[1].as_str().filter(|text| text.len() == 64).map(str::to_owned)
    };
    let record = String::from_utf8(thread.log[0].clone()).unwrap();
    let secret = record.lines().skip(1).find_map(secret).expect("it is sealed");
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(GUESSES[0].as_bytes());
    assert!(heads.contains(&hex(&mac.finalize().into_bytes())[..16]), "{heads}");
}

/// An erasure declares every text of the alert and the secret. A fold of the rest has the same
/// numbers, and the next alert brings a new secret.
#[test]
fn the_secret_goes_with_an_erasure_of_an_alerts_texts() {
    let mut thread = channel();
    post(&mut thread, "Disk");
    post(&mut thread, "4711");
    thread.say("redact #2 title yes").expect_record();
    let erasure = thread.state.erasures[0].clone();
    assert!(thread.state.alerts.secret().is_none());
    let mut words = Vec::new();
    let mut left = Vec::new();
    for bytes in &thread.log {
        let (head, texts) = seal::split(bytes);
        let head = serde_json::from_slice(head).unwrap();
        let seals = erasure.places_in(&head, &texts, &mut words);
        left.push(seal::without(bytes, &seals).unwrap_or_else(|| bytes.clone()));
    }
    let all: String =
        left.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
    assert!(!all.contains("4711"), "{all}");
    assert!(all.contains("Disk"), "the other incident keeps its texts");
    assert!(!all.contains("\"alerts_keyed\"") || all.lines().all(|line| !is_secret(line)), "{all}");
    let mut state = State::default();
    for bytes in &left {
        fold_bytes(&mut state, bytes).unwrap();
    }
    assert!(state.alerts.secret().is_none());
    assert_eq!(state.response(2).unwrap().alert, thread.state.response(2).unwrap().alert);
    let json = serde_json::to_string(&thread.state).unwrap();
    assert!(!json.contains("4711"), "{json}");

    assert_eq!(
        post(&mut thread, "4711"),
        AlertOutcome::Opened,
        "nothing is recognised by the old digests"
    );
    assert!(thread.state.alerts.secret().is_some());
    assert_eq!(post(&mut thread, "4711"), AlertOutcome::Repeated);
}

/// The question and the answer say that open incidents lose their alerts. No alert is lost: a firing
/// opens a new incident, which its end reaches, and the old one waits for a person.
#[test]
fn an_erasure_says_that_alerts_open_new_incidents_and_loses_none() {
    let mut thread = channel();
    post(&mut thread, "Disk");
    post(&mut thread, "4711");
    let lost = "an alert that fires opens a new incident when its monitor sends it again";
    let asked = format!("{:?}", thread.say("redact #2 title").decision());
    assert!(asked.contains(lost), "{asked}");
    let told = erase(&mut thread, "redact #2 title yes");
    assert!(told.contains(lost), "{told}");
    assert_eq!(post(&mut thread, "Disk"), AlertOutcome::Opened);
    assert_eq!(thread.state.response(3).unwrap().title, "Disk cannot pay");
    let fires = |thread: &Thread, number| {
        let alert = thread.state.response(number).unwrap().alert.as_ref().unwrap();
        alert.condition == Condition::Fired
    };
    assert_eq!(end(&mut thread, "Disk"), AlertOutcome::Resolved);
    assert!(fires(&thread, 1) && !fires(&thread, 3), "the end reaches the new one alone");
    thread.say("close #1").expect_record();
    assert_eq!(post(&mut thread, "Disk"), AlertOutcome::Joined);
    assert!(fires(&thread, 3));
    // An incident that no alert opened takes no secret with it.
    thread.say("open another internal: Parcels are late").expect_record();
    let told = erase(&mut thread, "redact #4 title yes");
    assert!(!told.contains(lost) && told.contains("#4"), "{told}");
    assert!(thread.state.alerts.secret().is_some());
}

fn erase(thread: &mut Thread, command: &str) -> String {
    let record = thread.say(command).expect_record().clone();
    recorded(&record, &thread.state, &thread.config).unwrap()
}

fn end(thread: &mut Thread, key: &str) -> AlertOutcome {
    let body = json!({ "title": format!("{key} cannot pay"), "key": key, "status": "resolved" });
    let alert = read_alert(body.to_string().as_bytes()).unwrap();
    thread.alert(&alert, 1).unwrap().fate
}

fn is_secret(line: &str) -> bool {
    let value: Value = serde_json::from_str(line).unwrap_or_default();
    value[1].as_str().is_some_and(|text| text.len() == 64)
}
