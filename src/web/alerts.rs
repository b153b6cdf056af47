//! The alerts endpoint for monitors. Under the Functions host, the host checks a function key.
//! Without it, the program requires a token that signs commands.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, RETRY_AFTER, USER_AGENT};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use serde_json::json;
use tokio::time::{Duration, Instant};
use tracing::{Instrument as _, error, info, info_span, warn};

use super::app::{App, Arrival, STOPPED, Work, invocation, json_response, ms};
use super::body::Unread;
use super::refusal::Refusal;
use crate::core::alerts::alert::Alert;
use crate::core::alerts::encoding::decoded;
use crate::core::alerts::read::read_alert;
use crate::core::alerts::refused::{BODY_BYTES_MAX, NotAnAlert};
use crate::core::answer::trouble::Trouble;
use crate::core::decide::alert::{Decided, RefusedAlert};
use crate::core::teams::activity::is_token;
use crate::core::text::clean_name;
use crate::service::Service;

/// Time limit of an alert. Monitors wait longer than Teams, but not for ever.
const TIME_MAX: Duration = Duration::from_secs(8);

/// Magic number of gzip; some senders do not declare it.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Seconds after which a monitor should retry if the problem is ours.
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
            Err(refusal) => return refused(app, (uri, headers), &refusal, arrival),
        };
        let service = match &app.work {
            Work::Running(service) => service,
            Work::Stopped(why) => {
                warn!(why, "not recorded: a setting cannot be used");
                return later(&format!("{STOPPED}: {why}"));
            }
        };
        // Runs before storage is used, so that the body is freed by then.
        match read(app, headers, body) {
            Ok(alert) => handle(app, service, alert, arrival).await,
            Err(refusal) => refused(app, (uri, headers), &refusal, arrival),
        }
    };
    answered.instrument(span).await
}

/// The body of an authorized request.
fn admitted(
    app: &App,
    uri: &Uri,
    headers: &HeaderMap,
    body: Result<Bytes, Unread>,
) -> Result<Bytes, Refusal> {
    let body = body.map_err(Refusal::Unread)?;
    let key = key(uri, headers);
    // The host rejects requests without a key.
    if app.under_host || key.as_ref().is_some_and(|key| is_token(&app.gate.tokens, key)) {
        return Ok(body);
    }
    Err(Refusal::NoKey { bytes: body.len(), has_key: key.is_some() })
}

/// Returns `true` if a request has a token that signs commands in place of a key.
pub(super) fn shows_token(app: &App, uri: &Uri, headers: &HeaderMap) -> bool {
    key(uri, headers).is_some_and(|key| is_token(&app.gate.tokens, &key))
}

/// Key of a request, from either of the places that Azure accepts.
fn key(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let in_head = headers.get("x-functions-key").and_then(|value| value.to_str().ok());
    let in_query = || {
        let mut pairs = uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(name, _)| *name == "code")
            .map(|(_, value)| percent_decode_str(value).decode_utf8_lossy().into_owned())
    };
    in_head.map(str::to_owned).or_else(in_query)
}

/// Decompresses, decodes and parses a body.
fn read(app: &App, headers: &HeaderMap, body: Bytes) -> Result<Alert, Refusal> {
    let header = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let encoding = header(CONTENT_ENCODING).unwrap_or_default().trim().to_ascii_lowercase();
    let body = match encoding.as_str() {
        "" | "identity" if !body.starts_with(&GZIP_MAGIC) => body,
        "" | "identity" | "gzip" | "x-gzip" => {
            app.bodies.decompressed(&body, BODY_BYTES_MAX).map_err(Refusal::Unread)?
        }
        other => return Err(Refusal::NotAnAlert(NotAnAlert::compression(other))),
    };
    let content_type = header(CONTENT_TYPE).unwrap_or_default();
    let body = decoded(&body, content_type).map_err(Refusal::NotAnAlert)?;
    read_alert(&body).map_err(Refusal::NotAnAlert)
}

async fn handle(app: &App, service: &Arc<Service>, alert: Alert, arrival: Arrival) -> Response {
    let deadline = arrival.instant + app.gate.deadline.max(TIME_MAX);
    let source = alert.source.name();
    let not_understood = alert.not_understood.clone();
    match handle_alert(service, alert, arrival, deadline).await {
        Ok(Decided { fate, number, .. }) => {
            let elapsed_ms = ms(arrival.instant.elapsed());
            info!(source, fate = fate.word(), number, elapsed_ms, "alert");
            let outcome = json!({ "incident": number, "outcome": fate.word() });
            let mut answer = json!({ "incident": number, "alerts": [outcome] });
            if let Some(fields) = answer.as_object_mut().filter(|_| !not_understood.is_empty()) {
                fields.insert("not_understood".to_owned(), not_understood.into());
            }
            json_response(StatusCode::ACCEPTED, &answer)
        }
        Err(trouble) => {
            let why = words(&trouble);
            let error = service.problem().map(|problem| problem.text);
            let elapsed_ms = ms(arrival.instant.elapsed());
            warn!(source, why, error, elapsed_ms, "alert not recorded");
            later(why)
        }
    }
}

/// Runs in a separate task, so that a disconnecting monitor or a panic costs only the answer.
async fn handle_alert(
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
        Trouble::NotRecorded(why)
        | Trouble::NotKnown(why)
        | Trouble::NeedsAPerson(why)
        | Trouble::NoAnswer(why) => why,
        Trouble::Unconfirmed | Trouble::RecordedBefore(_) => {
            "storage has not answered yet, and the attempt goes on."
        }
    }
}

/// For problems of ours: monitors retry after 503, but not after 500.
fn later(why: &str) -> Response {
    let retry = [(RETRY_AFTER, RETRY_SECONDS.to_string())];
    let body = json!({ "error": why });
    (retry, json_response(StatusCode::SERVICE_UNAVAILABLE, &body)).into_response()
}

fn refused(
    app: &App,
    (uri, headers): (&Uri, &HeaderMap),
    refusal: &Refusal,
    arrival: Arrival,
) -> Response {
    app.note_refusal(refusal, arrival.instant);
    let not = match refusal {
        Refusal::Unread(Unread::TooLarge) => &NotAnAlert::TooLarge,
        Refusal::Unread(Unread::NotGzip) => &NotAnAlert::NotGzip,
        Refusal::NotAnAlert(not) => not,
        _ => return refusal.status().into_response(),
    };
    let remedy = not.to_string();
    // A stranger without a key is not a monitor of the team.
    if let Work::Running(service) = &app.work
        && (app.under_host || shows_token(app, uri, headers))
    {
        let (sender, reason) = (sender(headers), not.kind().to_owned());
        let body = RefusedAlert { sender, reason, remedy: remedy.clone() };
        service.announce_refused_alert(body, arrival.time);
    }
    json_response(refusal.status(), &json!({ "error": remedy }))
}

/// Name of the program that sent the request, from its `User-Agent`.
fn sender(headers: &HeaderMap) -> String {
    let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = clean_name(agent.split(['/', '(', ' ']).next().unwrap_or_default());
    if name.is_empty() { "a monitor".to_owned() } else { name }
}
