//! The health page. It only reads state in memory, so that frequent checks cost nothing.
//!
//! 503 means that a setting must be changed before the program can work. A temporary problem, such
//! as storage not answering, is a `problem` at 200: a monitor that replaces instances on other
//! statuses would make an outage of storage worse.

use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::json;

use super::alerts::shows_token;
use super::app::{App, STOPPED, Work, json_response};

/// Commit of a release build; `None` in development builds.
const COMMIT: Option<&str> =
    if env!("BUILD_COMMIT").is_empty() { None } else { Some(env!("BUILD_COMMIT")) };

/// The publishing lag is public. Revisions, which also count internal records, are shown only to
/// callers with a token that signs commands.
pub(super) fn answer(app: &App, uri: &Uri, headers: &HeaderMap, now: Timestamp) -> Response {
    let not_configured = &app.not_configured;
    let (status, mut body) = match &app.work {
        Work::Stopped(why) => (
            StatusCode::SERVICE_UNAVAILABLE,
            json!({ "problem": format!("{STOPPED}: {why}"), "not_configured": not_configured }),
        ),
        Work::Running(service) => {
            let revisions = service.revisions();
            let problem = service.problem().map(|problem| {
                let setting = if problem.is_storage { "STATUS_STORAGE: " } else { "" };
                format!("{setting}{}", problem.text)
            });
            let status = if app.gate.tokens.is_empty() {
                // Every command is refused.
                StatusCode::SERVICE_UNAVAILABLE
            } else {
                StatusCode::OK
            };
            let behind = revisions
                .recorded
                .map(|recorded| recorded.saturating_sub(revisions.published.unwrap_or(0)));
            let ticks = service.tick_times();
            let mut body = json!({
                "problem": problem,
                "behind": behind,
                "clocks": {
                    "timer": ticks.timer,
                    "process": ticks.process,
                    "request": ticks.request,
                    "succeeded": ticks.succeeded,
                },
                "store": service.store().describe(),
                "not_configured": not_configured,
            });
            let refused = service.refused_alerts(now);
            if let Some(fields) = body.as_object_mut().filter(|_| !refused.is_empty()) {
                fields.insert("alerts_refused".to_owned(), refused.into());
            }
            if shows_token(app, uri, headers)
                && let Some(fields) = body.as_object_mut()
            {
                fields.insert("revision_recorded".to_owned(), revisions.recorded.into());
                fields.insert("revision_published".to_owned(), revisions.published.into());
            }
            (status, body)
        }
    };
    if let Some(fields) = body.as_object_mut() {
        fields.insert("version".to_owned(), env!("CARGO_PKG_VERSION").into());
        fields.insert("commit".to_owned(), COMMIT.into());
    }
    json_response(status, &body)
}
