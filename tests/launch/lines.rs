//! Texts of external services and their places: never in the log, and never as arbitrary links.

use serde_json::{Value, json};
use status_update::core::http::{Receiver, Response, error_code};
use tracing::Dispatch;
use tracing::subscriber::NoSubscriber;

use super::process::{ALL, Process};
use crate::support::lines::Lines;
use crate::support::outbound::Fault;

fn answer(json: Value) -> Response {
    Response { status: 400, retry_after: None, json: Some(json) }
}

#[test]
fn a_code_is_one_plain_word() {
    for (json, code) in [
        (
            json!({ "error": { "code": "NameAlreadyExists", "message": "x" } }),
            Some("NameAlreadyExists"),
        ),
        (
            json!({ "typeKey": "RuleValidationException", "message": "x" }),
            Some("RuleValidationException"),
        ),
        (json!({ "typeKey": "The title of Checkout" }), None),
        (json!({ "typeKey": "" }), None),
        (json!({ "typeKey": "x".repeat(61) }), None),
        (json!({ "error": { "code": 7 } }), None),
        (json!({ "error": "denied" }), None),
        (json!([1]), None),
    ] {
        assert_eq!(error_code(&answer(json.clone())), code, "{json}");
    }
    assert_eq!(error_code(&Response { status: 500, retry_after: None, json: None }), None);
}

/// Errors of Boards and Graph quote titles and people, so they go to the channel, but not to the
/// log.
#[tokio::test(start_paused = true)]
async fn the_log_has_status_and_code_but_no_external_text() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt().with_writer(lines.clone()).finish();
    // With a single dispatcher, a line that another thread reached first would count as disabled.
    let _second = Dispatch::new(NoSubscriber::new());
    let _here = tracing::subscriber::set_default(subscriber);
    for receiver in [Receiver::Boards, Receiver::Graph, Receiver::Workflows] {
        for status in [400, 403, 404, 429, 500] {
            let mut process = Process::new(ALL).await;
            process.outbound.always(Some((receiver, Fault::Answers(status))));
            process.alert("firing").await;
            process.minutes(2).await;
            let said = process.say("launch status #1").await;
            assert!(said.contains("failed") || said.contains("waiting"), "{said}");
        }
    }
    // One that waits until it is given up.
    let process = Process::new(ALL).await;
    process.outbound.always(Some((Receiver::Workflows, Fault::Answers(500))));
    process.alert("firing").await;
    process.minutes(26 * 60).await;
    let lines = lines.text();
    for receiver in ["Azure Boards", "Microsoft Graph", "the Teams workflow"] {
        let line = format!("not done by the receiver receiver=\"{receiver}\" status=");
        assert!(lines.contains(&line), "{line}: {lines}");
    }
    for private in ["it is not to be", "Checkout is failing", "Ada", "Grace", "contoso"] {
        assert!(!lines.contains(private), "{private} is in the log: {lines}");
    }
}

/// An address from a service may be anything.
#[tokio::test(start_paused = true)]
async fn only_addresses_of_the_services_are_linked() {
    type Change = fn(Response) -> Response;
    let changes: [(Change, bool); 6] = [
        (|answer| answer, true),
        (|answer| moved(answer, "http://dev.azure.com"), false),
        (|answer| moved(answer, "https://dev.azure.com.example.org"), false),
        (|answer| moved(answer, "https://dev.azure.com@example.org"), false),
        (|answer| moved(answer, "https://example.org/https://dev.azure.com"), false),
        (|answer| moved(answer, &format!("https://dev.azure.com/{}", "x".repeat(2_000))), false),
    ];
    for (change, is_linked) in changes {
        let mut process = Process::with_answers(ALL, change).await;
        process.alert("firing").await;
        process.minutes(5).await;
        let status = process.say("launch status #1").await;
        let line = status.lines().find(|line| line.starts_with("work item:")).unwrap();
        assert!(line.starts_with("work item: done "), "{status}");
        assert_eq!(line.contains("http"), is_linked, "{status}");
        let channel = status.lines().find(|line| line.starts_with("channel:")).unwrap();
        assert_eq!(channel.contains("https://teams.microsoft.com/"), is_linked, "{status}");
    }
}

/// The same answer, in which both services are elsewhere.
fn moved(answer: Response, to: &str) -> Response {
    let text = answer.json.map(|json| json.to_string());
    let text = text.map(|text| {
        text.replace("\"https://dev.azure.com", &format!("\"{to}"))
            .replace("\"https://teams.microsoft.com", &format!("\"{to}"))
    });
    Response { json: text.map(|text| serde_json::from_str(&text).unwrap()), ..answer }
}
