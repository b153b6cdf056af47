//! Messages for a Teams workflow: their form, texts that must not become mentions or markup, their
//! limits, and the meaning of responses.

use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::{Value, json};
use status_update::core::connectors::workflow::{BODY_BYTES_MAX, Mention, Message, Place, read};
use status_update::core::http::{Body, Failure, Receiver, Response};
use status_update::core::text::card::Tone;
use status_update::outbound::{Outbound as _, Workflow};

use crate::bodies::cards::{complaints, schema};
use crate::support::outbound::{Fault, InMemory};

fn body(message: &Message) -> Value {
    let request = message.request();
    assert_eq!((request.to, request.path.as_str()), (Receiver::Workflows, ""));
    match request.body {
        Some(Body::Json(body)) => body,
        other => panic!("{other:?}"),
    }
}

fn person(name: &str, id: Option<&str>) -> Mention {
    Mention { name: name.to_owned(), id: id.map(str::to_owned) }
}

fn example() -> Message {
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    Message {
        key: "inc-42-1a2b3c".to_owned(),
        heading: "Incident #42: Checkout <b>fails</b> **now**".to_owned(),
        tone: Tone::Attention,
        text: "Cards are declined.\n\n<at>Everybody</at> look, *please* </AT>".to_owned(),
        mentions: vec![
            person("Ada", Some("ada@example.com")),
            person("Ada", Some("7b2ebf90-d836-437f-b90d-7b62722c4456")),
            person("B<ob> [x](y)", Some("bob")),
            person("Nobody_", None),
        ],
        facts: vec![pair("Severity", "1"), pair("Reported by", "<at>Ada</at> [x](http://evil)")],
        links: vec![
            pair("Page", "https://status.example.com/incidents/42/"),
            pair("Evil", "javascript:alert(1)"),
        ],
        channel: Some(Place { group: "g".to_owned(), channel: "19:x@thread.tacv2".to_owned() }),
    }
}

#[test]
fn a_message_is_unchanged() {
    insta::assert_snapshot!(format!("{:#}", body(&example())));
}

#[test]
fn every_message_is_a_card_of_the_published_schema() {
    let Some(schema) = schema() else { return };
    for message in [Message::default(), example(), large("ü\"<at>\\")] {
        let mut card = body(&message)["attachments"][0]["content"].clone();
        // Teams' extension of the schema.
        card.as_object_mut().unwrap().remove("msteams").unwrap();
        assert_eq!(complaints(&schema, &card), [""; 0], "{card:#}");
    }
}

fn large(text: &str) -> Message {
    let text = text.repeat(3_000);
    let link = format!("https://example.com/{}", "x".repeat(1_900));
    Message {
        key: "k".to_owned(),
        heading: text.clone(),
        tone: Tone::Good,
        text: format!("{text}\n{text}"),
        mentions: vec![person(&text, Some("ada@example.com")); 50],
        facts: vec![(text.clone(), text); 50],
        links: vec![("x".to_owned(), link); 50],
        channel: None,
    }
}

#[test]
fn a_message_that_is_too_long_is_shortened() {
    for text in ["x", "ü", "\"", "\\", "🔥", "<", "\n", "<at>x</at>", "\u{1}"] {
        let body = body(&large(text)).to_string();
        assert!(body.len() <= BODY_BYTES_MAX, "{text:?}: {}", body.len());
        assert!(body.len() > 2_000, "{text:?}: something is left: {}", body.len());
    }
    let mut just_text = Message { text: "word ".repeat(10_000), ..Message::default() };
    let kept = body(&just_text).to_string().len();
    assert!((BODY_BYTES_MAX / 2..=BODY_BYTES_MAX).contains(&kept), "{kept}");
    just_text.text.truncate(20_000);
    assert!(!body(&just_text).to_string().contains('…'), "what fits is whole");
}

proptest! {
    /// For any text, only the intended people are mentioned, once each, and with matching entities.
    #[test]
    fn only_the_intended_people_are_mentioned(
        texts in prop::collection::vec("(<at>|</AT>|<|</|at|AT|>|&|lt;|Ada|\\*|\\[|\\]|\\(|\\)|\n| |[a-z]){0,12}", 6),
        names in prop::collection::vec("(<|at>|Ada|&lt;|\\*|ü| ){1,6}", 0..4),
    ) {
        let text = |index: usize| texts[index].clone();
        let message = Message {
            heading: text(0),
            text: text(1),
            facts: vec![(text(2), text(3))],
            links: vec![(text(4), text(5))],
            mentions: names.iter().map(|name| person(name, Some("id"))).collect(),
            ..Message::default()
        };
        let content = body(&message)["attachments"][0]["content"].clone();
        let entities = content["msteams"]["entities"].as_array().unwrap().clone();
        prop_assert_eq!(entities.len(), names.len());
        let mut words = String::new();
        collect(&content["body"], &mut words);
        collect(&content["actions"], &mut words);
        for entity in &entities {
            let called = entity["text"].as_str().unwrap();
            prop_assert_eq!(words.matches(called).count(), 1, "{} in {}", called, words);
            let name = entity["mentioned"]["name"].as_str().unwrap();
            prop_assert_eq!(called, format!("<at>{name}</at>"));
        }
        prop_assert_eq!(words.to_lowercase().matches("<at>").count(), entities.len());
    }
}

/// Every text of a card.
fn collect(value: &Value, words: &mut String) {
    match value {
        Value::String(text) => {
            words.push_str(text);
            words.push('\n');
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, words)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, words)),
        _ => {}
    }
}

#[test]
fn answers_of_a_workflow_are_interpreted() {
    let answer = |status, code: &str| {
        let json = Some(json!({ "error": { "code": code, "message": "secret" } }));
        read(&Response { status, retry_after: Some(SignedDuration::from_secs(9)), json })
    };
    for status in [200, 202, 204] {
        assert_eq!(answer(status, ""), Ok(()));
    }
    for status in [429, 503] {
        let Err(Failure::Unavailable { why, retry_after }) = answer(status, "Busy") else {
            panic!("{status}");
        };
        assert_eq!(retry_after, Some(SignedDuration::from_secs(9)));
        assert_eq!(why, format!("the Teams workflow answers {status} Busy"));
    }
    for status in [408, 500, 502, 504] {
        let Err(Failure::Delayed { retry_after, .. }) = answer(status, "x") else {
            panic!("{status}");
        };
        assert_eq!(retry_after, SignedDuration::from_secs(9));
    }
    for (status, code, helps) in [
        (400, "MissingApiVersionParameter", "copy the whole address"),
        (400, "WorkflowTriggerIsNotEnabled", "switch it on"),
        (400, "InvalidBotAdaptiveCard", "the template"),
        (401, "DirectApiAuthorizationRequired", "be used by anyone"),
        (403, "", "be used by anyone"),
        (404, "WorkflowNotFound", "owner has left"),
        (410, "Gone", "owner has left"),
        (413, "", "too large"),
        (302, "", "check STATUS_NOTIFY_URL"),
        (418, "<script>", "answers 418: check"),
    ] {
        let Err(Failure::Refused(why)) = answer(status, code) else { panic!("{status} {code}") };
        assert!(why.contains(helps) && !why.contains("secret"), "{status} {code}: {why}");
    }
}

/// The stand-in for tests behaves as its faults are named.
#[tokio::test(start_paused = true)]
async fn the_faults_are_as_named() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    let done = Arc::new(AtomicUsize::new(0));
    let counts = Arc::clone(&done);
    let outbound = InMemory::new(move |_| {
        counts.fetch_add(1, SeqCst);
        Response { status: 202, retry_after: None, json: None }
    });
    let ok = |status| Ok(Response { status, retry_after: None, json: None });
    let request = Message::default().request();
    for (fault, expected, is_done, seconds) in [
        (None, "ok 202", 1, 0),
        (Some(Fault::Unreachable), "unavailable", 0, 0),
        (Some(Fault::NoToken), "refused", 0, 0),
        (Some(Fault::Hangs), "unknown", 0, 10),
        (Some(Fault::DoneButHangs), "unknown", 1, 10),
        (Some(Fault::DoneButLost), "unknown", 1, 0),
        (Some(Fault::Lost), "unknown", 0, 0),
        (Some(Fault::SaidButNotDone), "ok 202", 0, 0),
        (Some(Fault::Answers(400)), "ok 400", 0, 0),
        (Some(Fault::Throttled(30)), "ok 429", 0, 0),
    ] {
        let (before, start) = (done.load(SeqCst), tokio::time::Instant::now());
        outbound.script([fault]);
        let said = match outbound.send(&request).await {
            Ok(Response { status, .. }) => format!("ok {status}"),
            Err(Failure::Unavailable { .. }) => "unavailable".to_owned(),
            Err(Failure::Refused(_)) => "refused".to_owned(),
            Err(Failure::Unknown(_) | Failure::Delayed { .. }) => "unknown".to_owned(),
        };
        assert_eq!(said, expected, "{fault:?}");
        assert_eq!(done.load(SeqCst) - before, is_done, "{fault:?}");
        assert_eq!(start.elapsed().as_secs(), seconds, "{fault:?}");
    }
    outbound.always(Some((Receiver::Workflows, Fault::Lost)));
    assert!(outbound.send(&request).await.is_err() && outbound.send(&request).await.is_err());
    outbound.always(None);
    assert_eq!(outbound.send(&request).await, ok(202));
    assert_eq!(outbound.sent().len(), 13);
    let none = InMemory::accepting().without(&[Receiver::Workflows]);
    assert!(!none.reaches(Receiver::Workflows) && none.reaches(Receiver::Graph));
    assert!(matches!(none.send(&request).await, Err(Failure::Refused(_))));
}

#[test]
fn an_address_that_is_a_secret_is_never_shown() {
    let right =
        "https://x.environment.api.powerplatform.com:443/workflows/7?api-version=1&sig=c2VjcmV0";
    let workflow: Workflow = right.parse().unwrap();
    let shown = "the workflow at x.environment.api.powerplatform.com";
    assert_eq!(workflow.to_string(), shown);
    assert_eq!(format!("{workflow:?}"), format!("Workflow({shown})"));
    for (wrong, reason) in [
        ("c2VjcmV0", "not a web address"),
        ("http://example.com/?sig=c2VjcmV0", "begin with https://"),
        ("ftp://127.0.0.1/?sig=c2VjcmV0", "begin with https://"),
        ("https://me:c2VjcmV0@example.com/", "a user"),
        ("https://acme.webhook.office.com/c2VjcmV0", "connectors no longer work"),
    ] {
        let why = wrong.parse::<Workflow>().unwrap_err();
        assert!(why.contains(reason) && !why.contains("c2VjcmV0"), "{wrong}: {why}");
    }
    assert!("http://localhost:1/x".parse::<Workflow>().is_ok());
}
