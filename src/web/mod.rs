//! HTTP: a file per route. The only reader of the clock for what is received.

mod alive;
mod body;
mod envelope;
mod health;
mod site;
mod timer;
mod webhook;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::{Duration, Instant};

use crate::core::teams::WEBHOOK_PATH;
use crate::service::Service;
use crate::settings::Gate;
pub use timer::RUN_TIME_MAX;

const HEALTH_PATH: &str = "/api/health";
/// The timer's function, as the host calls it.
const TIMER_PATH: &str = "/Reconcile";

/// What is said, with the reason, of a program that a wrong setting keeps from its work.
pub const STOPPED: &str = "nothing is recorded or published until this setting is right";

/// What the routes need.
pub struct App {
    work: Work,
    gate: Gate,
    /// What is missing, for the health page.
    not_configured: Vec<String>,
    /// Whether the Functions host is in front: then visitors read the site elsewhere.
    under_host: bool,
    /// The last answers by message, newest last: a copy of a message gets the very same one.
    answers: Mutex<VecDeque<(String, Bytes)>>,
    /// Held by the run of the timer that is going on.
    reconciling: Arc<AsyncMutex<()>>,
}

/// Whether there is something that can carry out commands.
pub enum Work {
    /// The working core.
    Running(Arc<Service>),
    /// A setting that cannot be used: which, what it was, and what it may be.
    Stopped(String),
}

impl App {
    /// An app that has answered nothing yet.
    #[must_use]
    pub fn new(work: Work, gate: Gate, not_configured: Vec<String>, under_host: bool) -> Self {
        let (answers, reconciling) = (Mutex::default(), Arc::default());
        Self { work, gate, not_configured, under_host, answers, reconciling }
    }
}

/// When a request came: for what is measured, and for what is recorded.
#[derive(Clone, Copy)]
struct Arrival {
    instant: Instant,
    time: Timestamp,
}

/// Answers every request.
pub fn router(app: App) -> Router {
    Router::new().fallback(answer).with_state(Arc::new(app))
}

async fn answer(State(app): State<Arc<App>>, request: Request<Body>) -> Response {
    let arrival = Arrival { instant: Instant::now(), time: Timestamp::now() };
    let (head, body) = request.into_parts();
    // Whatever the answer is, it comes behind the body: the host makes a 500 of an earlier one.
    let body = body::read(body, arrival.instant + app.gate.deadline).await;
    match route(&head.method, head.uri.path(), app.under_host) {
        Route::Webhook => webhook::answer(&app, &head.headers, body, arrival).await,
        Route::Timer => timer::answer(&app, &head.headers).await,
        Route::Health => health::answer(&app),
        Route::Alive => alive::answer(&app).into_response(),
        Route::Site => site::answer(&app, &head.uri, &head.headers).await,
        Route::Envelope => envelope::answer(&head.headers),
        Route::Unknown => StatusCode::NOT_FOUND.into_response(),
        Route::OtherMethod(allowed) => {
            (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, allowed)]).into_response()
        }
    }
}

enum Route {
    Webhook,
    Timer,
    Health,
    Alive,
    Site,
    /// A call of a function whose request the host did not pass on as it is.
    Envelope,
    Unknown,
    /// Another method than these.
    OtherMethod(&'static str),
}

/// As the host does: regardless of case, and with a slash at the end or without.
fn route(method: &Method, path: &str, under_host: bool) -> Route {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let posts = *method == Method::POST;
    let is = |known: &str| path.strip_suffix('/').unwrap_or(path).eq_ignore_ascii_case(known);
    if is(WEBHOOK_PATH) {
        return if posts { Route::Webhook } else { Route::OtherMethod("POST") };
    }
    if is(HEALTH_PATH) {
        return if reads { Route::Health } else { Route::OtherMethod("GET, HEAD") };
    }
    match (under_host, reads, posts) {
        (true, true, _) if is("") => Route::Alive,
        (true, _, true) if is(TIMER_PATH) => Route::Timer,
        // From outside the host answers these paths itself.
        (true, _, true) => Route::Envelope,
        (true, ..) => Route::Unknown,
        (false, true, _) => Route::Site,
        (false, ..) => Route::OtherMethod("GET, HEAD"),
    }
}

/// The host's id of this call; nothing where it is not there or could be something else.
fn invocation(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get("x-azure-functions-invocationid")?.to_str().ok()?;
    let is_id =
        id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_id.then_some(id)
}

/// Whole milliseconds, as a number for the log.
fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn json_response(status: StatusCode, value: &Value) -> Response {
    let content_type = [(CONTENT_TYPE, "application/json; charset=utf-8")];
    (status, content_type, value.to_string()).into_response()
}

/// The host's answer to an envelope: an empty one would leave the invocation hanging.
fn invocation_result(outputs: &Value, line: &str) -> Value {
    serde_json::json!({ "Outputs": outputs, "Logs": [line], "ReturnValue": null })
}
