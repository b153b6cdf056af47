//! State shared by the routes, and helpers for answers.

use std::sync::Arc;

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::time::{Duration, Instant};

use super::answers::Answers;
use super::body::Bodies;
use super::refusal::Refusals;
use crate::core::teams::link::ResponderLinks;
use crate::service::Service;
use crate::settings::Gate;

/// Message that precedes the reason if an invalid setting stops the program.
pub const STOPPED: &str = "nothing is recorded or published until this setting is right";

pub struct App {
    pub(super) work: Work,
    pub(super) gate: Gate,
    /// Missing settings, for the health page.
    pub(super) not_configured: Vec<String>,
    /// The Functions host is in front: visitors read the site elsewhere.
    pub(super) under_host: bool,
    pub(super) answers: Mutex<Answers>,
    pub(super) bodies: Bodies,
    /// Refusals in the current minute.
    pub(super) refusals: Arc<Refusals>,
    /// Time of arrivals.
    pub(super) clock: Clock,
    /// Signs addresses of responder pages; `None` if those are disabled.
    pub(super) links: Option<ResponderLinks>,
}

/// Returns the current time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The service, or the reason why there is none.
pub enum Work {
    Running(Arc<Service>),
    /// An invalid setting, with its value and valid values.
    Stopped(String),
}

impl App {
    #[must_use]
    pub fn new(work: Work, gate: Gate, not_configured: Vec<String>, under_host: bool) -> Self {
        Self {
            work,
            gate,
            not_configured,
            under_host,
            answers: Mutex::default(),
            bodies: Bodies::default(),
            refusals: Arc::default(),
            clock: Arc::new(Timestamp::now),
            links: None,
        }
    }

    /// Uses a different clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Enables responder pages at this address of the function.
    #[must_use]
    pub fn with_responder_pages(mut self, base: Option<String>) -> Self {
        let tokens = self.gate.tokens.clone();
        self.links = base.map(|base| ResponderLinks::new(base, tokens));
        self
    }
}

/// Arrival of a request: monotonic for measuring, wall clock for recording.
#[derive(Clone, Copy)]
pub(super) struct Arrival {
    pub(super) instant: Instant,
    pub(super) time: Timestamp,
}

/// The host's invocation id; `None` if it is missing or not an id. A host that forwards requests
/// appends its own to whatever the caller sent.
pub(super) fn invocation(headers: &HeaderMap) -> Option<&str> {
    let values = headers.get_all("x-azure-functions-invocationid");
    let last = values.iter().next_back()?.as_bytes().rsplit(|byte| *byte == b',').next()?;
    let id = std::str::from_utf8(last).ok()?.trim();
    let is_id = (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_id.then_some(id)
}

/// Whole milliseconds, as a number for the log.
pub(super) fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn json_response(status: StatusCode, value: &Value) -> Response {
    let content_type = [(CONTENT_TYPE, "application/json; charset=utf-8")];
    (status, content_type, value.to_string()).into_response()
}

/// Answer to the host's envelope. An empty one would leave the invocation hanging.
pub(super) fn invocation_result(outputs: &Value, line: &str) -> Value {
    serde_json::json!({ "Outputs": outputs, "Logs": [line], "ReturnValue": null })
}
