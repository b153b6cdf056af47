//! Alerts: what monitors post. Behind the Functions host a key of the function opens this, which is
//! the host's business; on its own, the program asks for the token that signs commands.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::time::{Duration, Instant};
use tracing::{Instrument as _, error, info, info_span, warn};

use super::app::{App, Arrival, STOPPED, Work, invocation, json_response, ms};
use super::body::Unread;
use super::refusal::Refusal;
use crate::core::alerts::alert::Alert;
use crate::core::alerts::read::read_alerts;
use crate::core::alerts::refused::NotAnAlert;
use crate::core::answer::trouble::Trouble;
use crate::core::decide::alert::Decided;
use crate::core::teams::activity::is_token;
use crate::service::Service;

/// Where monitors post.
pub(super) const ALERTS_PATH: &str = "/api/alerts";

/// How long an alert may take: monitors wait longer than Teams, and none waits for ever.
const TIME_MAX: Duration = Duration::from_secs(8);

/// When a monitor should try again after a trouble of ours, in seconds.
const RETRY_SECONDS: u64 = 10;

pub(super) async fn answer(
    app: &App,
    uri: &Uri,
    headers: &HeaderMap,
    body: Result<Bytes, Unread>,
    arrival: Arrival,
) -> Response {
    let span = info_span!("alert", invocation = invocation(headers));
    let answered = async {
        let body = match admitted(app, uri, headers, body) {
            Ok(body) => body,
            Err(refusal) => return refused(app, &refusal, arrival),
        };
        let service = match &app.work {
            Work::Running(service) => service,
            Work::Stopped(why) => {
                warn!(why, "not recorded: a setting cannot be used");
                return later(&format!("{STOPPED}: {why}"));
            }
        };
        let alerts = read_alerts(&body);
        // Storage may take its time, and the body is not needed again.
        drop(body);
        match alerts {
            Ok(alerts) => carry_out(app, service, alerts, arrival).await,
            Err(not) => refused(app, &Refusal::NotAnAlert(not), arrival),
        }
    };
    answered.instrument(span).await
}

/// The body of a request that may be listened to.
fn admitted(
    app: &App,
    uri: &Uri,
    headers: &HeaderMap,
    body: Result<Bytes, Unread>,
) -> Result<Bytes, Refusal> {
    let body = body.map_err(Refusal::Unread)?;
    let key = key(uri, headers);
    // The host lets nobody through who has no key.
    if app.under_host || key.as_ref().is_some_and(|key| is_token(&app.gate.tokens, key)) {
        return Ok(body);
    }
    Err(Refusal::NoKey { bytes: body.len(), has_key: key.is_some() })
}

/// Whether a request shows a token that signs commands where keys are shown.
pub(super) fn shows_token(app: &App, uri: &Uri, headers: &HeaderMap) -> bool {
    key(uri, headers).is_some_and(|key| is_token(&app.gate.tokens, &key))
}

/// The key that a request shows, in the two places where Azure looks for it.
fn key(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let in_head = headers.get("x-functions-key").and_then(|value| value.to_str().ok());
    let in_query = || {
        let mut pairs = uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(name, _)| *name == "code").map(|(_, value)| percent_decoded(value))
    };
    in_head.map(str::to_owned).or_else(in_query)
}

/// What is not encoded as it should be stays as it is: it is no key then.
fn percent_decoded(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let hex = behind.first_chunk::<2>().filter(|_| *first == b'%');
        let byte = hex
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        decoded.push(byte.unwrap_or(*first));
        rest = behind.get(if byte.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// One after the other: they are few, and each is quick to say that it has nothing to record.
async fn carry_out(
    app: &App,
    service: &Arc<Service>,
    alerts: Vec<Alert>,
    arrival: Arrival,
) -> Response {
    let deadline = arrival.instant + app.gate.deadline.max(TIME_MAX);
    let mut answers = Vec::with_capacity(alerts.len());
    for alert in alerts {
        let source = alert.source.name();
        match see_to(service, alert, arrival, deadline).await {
            Ok(Decided { fate, number, .. }) => {
                let elapsed_ms = ms(arrival.instant.elapsed());
                info!(source, fate = fate.word(), number, elapsed_ms, "alert");
                answers.push(json!({ "incident": number, "outcome": fate.word() }));
            }
            Err(trouble) => {
                let why = words(&trouble);
                let error = service.problem().map(|problem| problem.text);
                warn!(
                    source,
                    why,
                    error,
                    elapsed_ms = ms(arrival.instant.elapsed()),
                    "alert not recorded"
                );
                return later(why);
            }
        }
    }
    let incident = answers.first().map_or(&Value::Null, |first| &first["incident"]);
    json_response(StatusCode::ACCEPTED, &json!({ "incident": incident, "alerts": answers }))
}

/// In a task of its own: a monitor that hangs up, or a panic, costs the answer and nothing else.
async fn see_to(
    service: &Arc<Service>,
    alert: Alert,
    arrival: Arrival,
    deadline: Instant,
) -> Result<Decided, Trouble> {
    let (service, defective) = (Arc::clone(service), service);
    let work = async move { service.alert(&alert, arrival.time, deadline).await };
    tokio::spawn(work.in_current_span()).await.unwrap_or_else(|error| {
        error!(%error, "an alert ended early");
        defective.note_defect();
        Err(Trouble::Unconfirmed)
    })
}

fn words(trouble: &Trouble) -> &str {
    match trouble {
        Trouble::NotRecorded(why) | Trouble::NeedsAPerson(why) | Trouble::NoAnswer(why) => why,
        Trouble::Unconfirmed | Trouble::RecordedBefore(_) => {
            "storage has not answered yet, and the attempt goes on."
        }
    }
}

/// Our own trouble: after 503 monitors send again, after 500 they do not.
fn later(why: &str) -> Response {
    let retry = [(RETRY_AFTER, RETRY_SECONDS.to_string())];
    let body = json!({ "error": why });
    (retry, json_response(StatusCode::SERVICE_UNAVAILABLE, &body)).into_response()
}

fn refused(app: &App, refusal: &Refusal, arrival: Arrival) -> Response {
    app.note_refusal(refusal, arrival.instant);
    let body = match refusal {
        Refusal::Unread(Unread::TooLarge) => json!({ "error": NotAnAlert::TOO_LARGE }),
        Refusal::NotAnAlert(not) => json!({ "error": not.to_string() }),
        _ => return refusal.status().into_response(),
    };
    json_response(refusal.status(), &body)
}
