//! HTTP: the webhook, the timer, the health page and, without a Functions host, the site itself.
//! The only reader of the clock.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::time::{Duration, Instant, timeout_at};
use tracing::{Instrument as _, info, info_span, warn};

use crate::core::answer::recorded::done;
use crate::core::answer::trouble::{Trouble, not_allowed};
use crate::core::answer::{Answer, card};
use crate::core::chat::activity::{
    Activity, Allowed, BODY_BYTES_MAX, Message, Token, WEBHOOK_PATH, is_recent, is_signed,
    read_activity,
};
use crate::service::{Outcome, Service};
use crate::store::{self, Container, Key};

/// How many answers are kept to be given again.
const ANSWERS_MAX: usize = 256;

/// What the handlers need.
pub struct App {
    /// The working core.
    pub service: Arc<Service>,
    /// The tokens that may sign.
    pub tokens: Vec<Token>,
    /// Who may run commands.
    pub allowed: Allowed,
    /// How far a message's time may be from the clock.
    pub skew_max: SignedDuration,
    /// How long after its arrival a message is answered at the latest.
    pub deadline: Duration,
    /// What is missing, for the health page.
    pub not_configured: Vec<String>,
    /// Whether the Functions host is in front: then visitors read the site elsewhere.
    pub under_host: bool,
    /// The last answers by message, newest last: a copy of a message gets the very same one.
    pub answers: Mutex<VecDeque<(String, Bytes)>>,
}

/// All routes.
pub fn router(app: App) -> Router {
    let routes = Router::new().route(WEBHOOK_PATH, post(webhook)).route("/api/health", get(health));
    let routes = if app.under_host {
        routes.route("/", get(alive)).route("/Reconcile", post(timer))
    } else {
        routes.fallback(get(published))
    };
    routes.with_state(Arc::new(app))
}

async fn webhook(State(app): State<Arc<App>>, request: Request<Body>) -> Response {
    let arrived = Instant::now();
    let now = Timestamp::now();
    let (head, body) = request.into_parts();
    let body = match timeout_at(arrived + app.deadline, to_bytes(body, BODY_BYTES_MAX)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    let authorization = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if !is_signed(&app.tokens, authorization, &body) {
        warn!(bytes = body.len(), "refused: the body is not signed with a known token");
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let message = match read_activity(&body) {
        Ok(Activity::Message(message)) => message,
        Ok(Activity::Other(why)) => {
            info!(why, "nothing to do");
            return json_response(StatusCode::OK, &json!({}));
        }
        Err(error) => {
            warn!(%error, "refused: signed, but not an activity");
            return (StatusCode::BAD_REQUEST, error.to_string()).into_response();
        }
    };
    if !is_recent(message.sent, now, app.skew_max) {
        let skew_seconds = now.duration_since(message.sent).as_secs();
        let max_seconds = app.skew_max.as_secs();
        warn!(skew_seconds, max_seconds, "refused: too old, or this machine's clock is wrong");
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let invocation = invocation(&head.headers);
    let span = info_span!("message", invocation, activity = message.id.id);
    let body = if app.allowed.permits(&message) {
        app.carry_out(message, now, arrived).instrument(span).await
    } else {
        let _entered = span.entered();
        info!("refused: not on the lists of who may run commands");
        body_of(&not_allowed())
    };
    ([(CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}

impl App {
    /// Runs the command in a task of its own: a client that hangs up, or a panic, costs its answer
    /// and nothing else.
    async fn carry_out(
        self: &Arc<Self>,
        message: Box<Message>,
        now: Timestamp,
        arrived: Instant,
    ) -> Bytes {
        let (key, bot) = (message.id.key().to_string(), message.bot.clone());
        if let Some(body) = self.given_answer(&key) {
            info!("the same message again: the same answer again");
            return body;
        }
        let service = Arc::clone(&self.service);
        let deadline = arrived + self.deadline;
        let command =
            async move { service.command(&message.cause(now), &message.text, deadline).await };
        let task = tokio::spawn(command.in_current_span());
        let outcome = task.await.unwrap_or_else(|error| {
            warn!(%error, "a command ended early");
            Outcome::Trouble(Trouble::Unconfirmed)
        });
        let elapsed = arrived.elapsed();
        log(&outcome, ms(elapsed));
        // After a trouble, sending the same again is a new try.
        let is_final = !matches!(outcome, Outcome::Trouble(_));
        let body = body_of(&self.service.answer(&outcome, &bot, elapsed));
        if is_final {
            self.remember_answer(key, body.clone());
        }
        body
    }

    fn given_answer(&self, key: &str) -> Option<Bytes> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.iter().find(|(known, _)| known == key).map(|(_, body)| body.clone())
    }

    fn remember_answer(&self, key: String, body: Bytes) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= ANSWERS_MAX {
            answers.pop_front();
        }
        answers.push_back((key, body));
    }
}

/// The host's id of this call; nothing where it is not there or could be something else.
fn invocation(headers: &HeaderMap) -> Option<&str> {
    let id = INVOCATION_HEADERS.iter().find_map(|name| headers.get(*name))?.to_str().ok()?;
    let is_id =
        id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_id.then_some(id)
}

const INVOCATION_HEADERS: [&str; 2] = ["x-ms-invocation-id", "x-azure-functions-invocationid"];

/// One line for each message: what was decided and how long that took, never what was written.
fn log(outcome: &Outcome, elapsed_ms: u64) {
    match outcome {
        Outcome::Recorded { record, replayed, published, timing } => {
            let revision = record.revision;
            let decided = done(record);
            let (recorded_ms, published_ms) = (ms(timing.recorded), ms(timing.published));
            info!(
                revision,
                decided, replayed, published, recorded_ms, published_ms, elapsed_ms, "recorded"
            );
        }
        Outcome::Report { question, .. } => info!(decided = ?question, elapsed_ms, "answered"),
        Outcome::Refused(_) => {
            info!(decided = "refused", elapsed_ms, "not understood, or not possible");
        }
        Outcome::Trouble(Trouble::NotRecorded(why)) => {
            warn!(why, elapsed_ms, "not recorded");
        }
        Outcome::Trouble(Trouble::NoAnswer(why)) => {
            warn!(why, elapsed_ms, "not answered");
        }
        Outcome::Trouble(Trouble::Unconfirmed) => {
            warn!(elapsed_ms, "not confirmed in time");
        }
        Outcome::Trouble(Trouble::RecordedBefore(revision)) => {
            warn!(revision, elapsed_ms, "recorded before, and not to be read now");
        }
    }
}

/// Whole milliseconds, as a number for the log.
fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn body_of(answer: &Answer) -> Bytes {
    Bytes::from(card::activity(answer).to_string())
}

fn json_response(status: StatusCode, value: &Value) -> Response {
    let content_type = [(CONTENT_TYPE, "application/json; charset=utf-8")];
    (status, content_type, value.to_string()).into_response()
}

/// The Functions host's envelope for a trigger that is not HTTP: nothing in it is needed, and an
/// empty answer would leave the invocation hanging.
async fn timer(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let span = info_span!("timer", invocation = invocation(&headers));
    let (status, line) = reconcile(&app).instrument(span).await;
    json_response(status, &json!({ "Outputs": {}, "Logs": [line], "ReturnValue": null }))
}

/// The line that it logs is what the alerts look at.
async fn reconcile(app: &App) -> (StatusCode, String) {
    let begun = Instant::now();
    let result = app.service.reconcile(Timestamp::now()).await;
    let elapsed_ms = ms(begun.elapsed());
    match result {
        Ok(revisions) => {
            let (recorded, published) =
                (revisions.recorded.unwrap_or(0), revisions.published.unwrap_or(0));
            let behind = recorded.saturating_sub(published);
            info!(recorded, published, behind, elapsed_ms, "reconciled");
            (
                StatusCode::OK,
                format!("recorded: revision {recorded}, published: revision {published}"),
            )
        }
        Err(error) => {
            warn!(%error, elapsed_ms, "not reconciled; the timer tries again");
            (StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
        }
    }
}

/// Answers from what is known, so that whoever asks often costs nothing.
async fn health(State(app): State<Arc<App>>) -> Response {
    let revisions = app.service.revisions();
    let body = json!({
        "problem": app.service.problem().map(|problem| {
            let setting = if problem.is_storage { "STATUS_STORAGE: " } else { "" };
            format!("{setting}{}", problem.text)
        }),
        "revision_recorded": revisions.recorded,
        "revision_published": revisions.published,
        "store": app.service.store().describe(),
        "not_configured": app.not_configured,
    });
    json_response(StatusCode::OK, &body)
}

/// The host's question whether this process is there.
async fn alive(State(app): State<Arc<App>>) -> String {
    match &app.service.site().config().public_url {
        Some(url) => format!("StatusUpdate is running. The status page is {url}/\n"),
        None => "StatusUpdate is running.\n".to_owned(),
    }
}

/// The published site, read from the store and served as `$web` serves it.
async fn published(State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let name = if path.is_empty() || path.ends_with('/') {
        format!("{path}index.html")
    } else {
        path.to_owned()
    };
    match app.file(&name, &headers).await {
        Some(response) => response,
        None if app.file(&format!("{name}/index.html"), &headers).await.is_some() => {
            (StatusCode::PERMANENT_REDIRECT, [(LOCATION, format!("/{path}/"))]).into_response()
        }
        None => match app.file("404.html", &HeaderMap::new()).await {
            Some(page) => (StatusCode::NOT_FOUND, page).into_response(),
            None => (StatusCode::NOT_FOUND, "not found\n").into_response(),
        },
    }
}

impl App {
    async fn file(&self, name: &str, headers: &HeaderMap) -> Option<Response> {
        let key = Key::new(Container::Web, name);
        let blob = match self.service.store().get(&key).await {
            Ok(blob) => blob?,
            // A name that cannot be one is as good as a page that is not there.
            Err(store::StoreError::Refused(_)) => return None,
            Err(error) => {
                warn!(%key, %error, "a page could not be read");
                return Some(StatusCode::SERVICE_UNAVAILABLE.into_response());
            }
        };
        let etag = format!("\"{}\"", blob.head.etag.0.trim_matches('"'));
        let unchanged = headers.get_all(IF_NONE_MATCH).iter().any(|known| names(known, &etag));
        let kept = [
            (CACHE_CONTROL, store::cache_control(name).to_owned()),
            (ETAG, etag),
            (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        ];
        if unchanged {
            return Some((StatusCode::NOT_MODIFIED, kept).into_response());
        }
        let content_type = [(CONTENT_TYPE, store::content_type(name))];
        Some((kept, content_type, blob.bytes).into_response())
    }
}

/// Whether an `If-None-Match` names the version that there is: one of several, weak or not, or any
/// (RFC 9110, 13.1.2, which compares weakly).
fn names(header: &HeaderValue, etag: &str) -> bool {
    let Ok(known) = header.to_str() else {
        return false;
    };
    // Our own versions have no comma in them.
    known.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}
