//! The webhook: turns Teams messages into commands, and outcomes into answers.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use parking_lot::MutexGuard;
use serde_json::json;
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument as _, Span, error, info, info_span, warn};

use super::answers::{Answers, Seen};
use super::app::{App, Arrival, STOPPED, Work, invocation, json_response, ms};
use super::body::Unread;
use super::refusal::Refusal;
use super::responders;
use crate::core::answer::trouble::{Trouble, not_allowed, refused_before, too_many_refused};
use crate::core::answer::{Answer, card};
use crate::core::teams::activity::{Activity, Message, is_recent, is_signed, read_activity};
use crate::core::text::markdown::escape;
use crate::service::{Outcome, Service};

pub(super) async fn answer(
    app: &App,
    headers: &HeaderMap,
    body: Result<Bytes, Unread>,
    arrival: Arrival,
) -> Response {
    let span = info_span!("message", invocation = invocation(headers), activity = Empty);
    let command = async {
        match read_message(app, headers, body, arrival) {
            Ok(Some(message)) => {
                Span::current().record("activity", message.id.id.as_str());
                let body = app.answer_to(message, arrival).await;
                ([(CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
            }
            Ok(None) => json_response(StatusCode::OK, &json!({})),
            Err(refusal) => {
                app.note_refusal(&refusal, arrival.instant);
                (refusal.status(), refusal.hint()).into_response()
            }
        }
    };
    command.instrument(span).await
}

/// Authenticates and parses a message; `None` for activities that need no answer. Refusals contain
/// a hint only for senders who signed.
fn read_message(
    app: &App,
    headers: &HeaderMap,
    body: Result<Bytes, Unread>,
    arrival: Arrival,
) -> Result<Option<Box<Message>>, Refusal> {
    let body = body.map_err(Refusal::Unread)?;
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if !is_signed(&app.gate.tokens, authorization, &body) {
        let (bytes, has_signature) = (body.len(), authorization.is_some());
        return Err(Refusal::Unsigned { bytes, has_signature });
    }
    let message = match read_activity(&body) {
        Ok(Activity::Message(message)) => message,
        Ok(Activity::Other(why)) => {
            info!(why, "nothing to do");
            return Ok(None);
        }
        Err(error) => return Err(Refusal::NotAnActivity(error)),
    };
    let skew_max = app.gate.skew_max;
    if !is_recent(message.sent, arrival.time, skew_max) {
        let skew_seconds = arrival.time.duration_since(message.sent).as_secs();
        let max_seconds = skew_max.as_secs();
        return Err(Refusal::OutOfTime { skew_seconds, max_seconds });
    }
    Ok(Some(message))
}

impl App {
    pub(super) fn note_refusal(&self, refusal: &Refusal, now: Instant) {
        self.refusals.note(refusal, now);
    }

    async fn answer_to(&self, message: Box<Message>, arrival: Arrival) -> Bytes {
        if !self.gate.allowed.permits(&message) {
            info!("refused: not on the lists of who may run commands");
            return body_of(&not_allowed());
        }
        match &self.work {
            Work::Running(service) => self.carry_out(service, message, arrival).await,
            Work::Stopped(why) => {
                warn!(why, "not recorded: a setting cannot be used");
                body_of(&stopped(why))
            }
        }
    }

    /// Runs the command in a separate task, so that a disconnecting client or a panic costs only
    /// the answer.
    async fn carry_out(
        &self,
        service: &Arc<Service>,
        message: Box<Message>,
        arrival: Arrival,
    ) -> Bytes {
        let key = message.id.key();
        // A message may be early by the maximum skew, and its copy late by the same.
        let age = self.gate.skew_max.unsigned_abs() * 2;
        let (since, delay) = (arrival.instant, arrival.time.duration_since(message.sent));
        match self.answers().look(key, arrival.instant, age) {
            Seen::Answered(body) => {
                info!("the same message again: the same answer again");
                return body;
            }
            Seen::Refused => {
                info!("the same message again: it was refused before");
                return body_of(&refused_before());
            }
            Seen::NoRoom => {
                warn!("not recorded: too many messages were refused lately");
                let outcome = Outcome::Trouble(too_many_refused());
                let outcome = service.without_denial(outcome, since, delay);
                return body_of(&service.answer(&outcome, &message.cause(arrival.time).by.id));
            }
            Seen::New => {}
        }
        let deadline = arrival.instant + self.gate.deadline;
        let worker = Arc::clone(service);
        let cause = message.cause(arrival.time);
        let asker = cause.by.id.clone();
        let command = async move { worker.command(&cause, &message.said, deadline).await };
        let task = tokio::spawn(command.in_current_span());
        let outcome = task.await.unwrap_or_else(|error| {
            error!(%error, "a command ended early");
            service.note_defect();
            Outcome::Trouble(Trouble::Unconfirmed)
        });
        let outcome = service.without_denial(outcome, since, delay);
        let elapsed = arrival.instant.elapsed();
        log(service, &outcome, ms(elapsed));
        // After trouble, the same message sent again is a new attempt.
        let is_final = !matches!(outcome, Outcome::Trouble(_));
        let answer = service.answer(&outcome, &asker);
        let links = self.links.as_ref();
        let body = body_of(&responders::linked(answer, &outcome, links, arrival.time));
        if is_final {
            let refused = matches!(outcome, Outcome::Refused(_)).then_some(arrival.instant);
            self.answers().keep(key, body.clone(), refused);
        }
        body
    }

    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock()
    }
}

/// Answer to an authorized sender if an invalid setting stops the program.
fn stopped(why: &str) -> Answer {
    Answer::Sentence(format!(
        "**Not recorded**: {STOPPED}. {} Ask the page's operator to change it, then send this \
         again.",
        escape(&format!("{why}."))
    ))
}

/// One line per message: the decision and its duration; never the text or the sender, which an
/// erasure could not reach here.
fn log(service: &Service, outcome: &Outcome, elapsed_ms: u64) {
    let error = service.problem().map(|problem| problem.text);
    match outcome {
        Outcome::Recorded { record, replayed, published, timing, .. } => {
            let revision = record.revision;
            let decided = service.done(record);
            let (recorded_ms, published_ms) = (ms(timing.recorded), ms(timing.published));
            info!(
                revision,
                decided, replayed, published, recorded_ms, published_ms, elapsed_ms, "recorded"
            );
        }
        Outcome::Report { asked, .. } => {
            info!(decided = asked.question.usage.name(), elapsed_ms, "answered");
        }
        Outcome::Refused(_) => {
            info!(decided = "refused", elapsed_ms, "not understood, or not possible");
        }
        Outcome::Trouble(Trouble::NotRecorded(why) | Trouble::NeedsAPerson(why)) => {
            warn!(why, error, elapsed_ms, "not recorded");
        }
        Outcome::Trouble(Trouble::NotKnown(why)) => {
            warn!(why, error, elapsed_ms, "not recorded now, and the log could not be read");
        }
        Outcome::Trouble(Trouble::NoAnswer(why)) => {
            warn!(why, error, elapsed_ms, "not answered");
        }
        Outcome::Trouble(Trouble::Unconfirmed) => {
            warn!(error, elapsed_ms, "not confirmed in time");
        }
        Outcome::Trouble(Trouble::RecordedBefore(revision)) => {
            warn!(revision, error, elapsed_ms, "recorded before, and not to be read now");
        }
    }
}

fn body_of(answer: &Answer) -> Bytes {
    Bytes::from(card::activity(answer).to_string())
}
