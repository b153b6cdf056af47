//! The timer function: records everything that has become due, and publishes the backlog.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::json;
use tokio::time::{Duration, Instant, timeout};
use tracing::{Instrument as _, error, info, info_span, warn};

use super::app::{App, STOPPED, Work, invocation, invocation_result, json_response, ms};
use crate::service::Service;

/// Time that the answer waits for a run, which then continues in the background. Far below the
/// host's `functionTimeout`, at which the host kills the whole handler with everything else that it
/// is doing.
pub const RUN_TIME_MAX: Duration = Duration::from_secs(20);

/// The envelope is not needed.
pub(super) async fn answer(app: &App, headers: &HeaderMap, now: Timestamp) -> Response {
    let span = info_span!("timer", invocation = invocation(headers));
    let run = run(app, now).instrument(span).await;
    let (status, line) = match run {
        Ok(line) => (StatusCode::OK, line),
        Err(why) => (StatusCode::INTERNAL_SERVER_ERROR, why),
    };
    json_response(status, &invocation_result(&json!({}), &line))
}

async fn run(app: &App, now: Timestamp) -> Result<String, String> {
    let service = match &app.work {
        Work::Running(service) => Arc::clone(service),
        Work::Stopped(why) => {
            error!("{STOPPED}: {why}");
            return Err(why.clone());
        }
    };
    let work = async move { reconcile(&service, now).await };
    match timeout(RUN_TIME_MAX, tokio::spawn(work.in_current_span())).await {
        Ok(Ok(result)) => result,
        Ok(Err(error)) => {
            error!(%error, "not reconciled: the run ended early");
            Err("the run ended early".to_owned())
        }
        Err(_) => {
            let seconds = RUN_TIME_MAX.as_secs();
            warn!(seconds, "not reconciled in time; reconciling continues in the background");
            Err(format!("not done after {seconds} s; it goes on behind this answer"))
        }
    }
}

/// Alert rules of the deployment match the line that it logs.
async fn reconcile(service: &Arc<Service>, now: Timestamp) -> Result<String, String> {
    let begun = Instant::now();
    let result = service.timer_run(now).await;
    let elapsed_ms = ms(begun.elapsed());
    match result {
        Ok(revisions) => {
            let (recorded, published) =
                (revisions.recorded.unwrap_or(0), revisions.published.unwrap_or(0));
            let behind = recorded.saturating_sub(published);
            info!(recorded, published, behind, elapsed_ms, "reconciled");
            Ok(format!("recorded: revision {recorded}, published: revision {published}"))
        }
        Err(error) => {
            warn!(%error, elapsed_ms, "not reconciled; the timer tries again");
            Err(error.to_string())
        }
    }
}
