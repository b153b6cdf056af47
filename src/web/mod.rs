//! HTTP, one file per route. Nothing else reads the clock for arrivals.

mod alerts;
mod alive;
mod answers;
mod app;
mod body;
mod connections;
mod envelope;
mod health;
mod refusal;
mod responders;
mod site;
mod timer;
mod webhook;

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::header::ALLOW;
use axum::http::request::Parts;
use axum::http::{Method, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::core::alerts::read::ALERTS_PATH;
use crate::core::alerts::refused::BODY_BYTES_MAX as ALERT_BYTES_MAX;
use crate::core::teams::activity::{BODY_BYTES_MAX, WEBHOOK_PATH};
use crate::core::teams::link::RESPONDERS_PATH;
use app::Arrival;
pub use app::{App, Clock, STOPPED, Work};
pub use connections::CONNECTIONS_MAX;
use connections::Connection;
pub use timer::RUN_TIME_MAX;

const HEALTH_PATH: &str = "/api/health";
/// Path at which the host calls the timer function.
const TIMER_PATH: &str = "/Reconcile";

/// Answers every request; never returns.
pub async fn serve(listener: TcpListener, app: App) {
    let app = Arc::new(app);
    let answer = move |request, connection| answer(Arc::clone(&app), request, connection);
    connections::serve(listener, answer).await;
}

async fn answer(app: Arc<App>, request: Request<Body>, connection: Arc<Connection>) -> Response {
    let arrival = Arrival { instant: Instant::now(), time: (app.clock)() };
    let (head, body) = request.into_parts();
    // Read the body before answering: the host turns an earlier answer into a 500.
    let route = route(&head.method, head.uri.path(), app.under_host);
    let bytes_max = if matches!(route, Route::Alerts) { ALERT_BYTES_MAX } else { BODY_BYTES_MAX };
    let body = app.bodies.read(body, bytes_max, arrival.instant + app.gate.deadline).await;
    let _answering = connection.answer().await;
    // Boxed only once the body is complete: otherwise a connection whose body never ends would hold
    // the routes' much larger state.
    Box::pin(respond(app, route, head, body, arrival)).await
}

async fn respond(
    app: Arc<App>,
    route: Route,
    head: Parts,
    body: Result<Bytes, body::Unread>,
    arrival: Arrival,
) -> Response {
    let ticks = matches!(route, Route::Webhook | Route::Alerts | Route::Health);
    let response = match route {
        Route::Webhook => webhook::answer(&app, &head.headers, body, arrival).await,
        Route::Alerts => alerts::answer(&app, &head.uri, &head.headers, body, arrival).await,
        Route::Timer => timer::answer(&app, &head.headers, arrival.time).await,
        Route::Health => health::answer(&app, &head.uri, &head.headers, arrival.time),
        Route::Responders => responders::answer(&app, &head.uri, &head.headers, arrival).await,
        Route::Alive => alive::answer(&app).into_response(),
        Route::Site => site::answer(&app, &head.uri, &head.headers).await,
        Route::Envelope => envelope::answer(&head.headers),
        Route::Unknown => StatusCode::NOT_FOUND.into_response(),
        Route::OtherMethod(allowed) => {
            (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, allowed)]).into_response()
        }
    };
    // After the answer has been prepared, so that the tick delays nothing.
    if ticks && let Work::Running(service) = &app.work {
        service.tick_in_background(arrival.time);
    }
    response
}

enum Route {
    Webhook,
    Alerts,
    Timer,
    Health,
    Responders,
    Alive,
    Site,
    /// A function call whose request the host did not forward unchanged.
    Envelope,
    Unknown,
    /// A method that the path does not allow, with the allowed ones.
    OtherMethod(&'static str),
}

/// Matches paths as the host does: ignoring case, with or without a trailing slash.
fn route(method: &Method, path: &str, under_host: bool) -> Route {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let posts = *method == Method::POST;
    let is = |known: &str| path.strip_suffix('/').unwrap_or(path).eq_ignore_ascii_case(known);
    if is(WEBHOOK_PATH) {
        return if posts { Route::Webhook } else { Route::OtherMethod("POST") };
    }
    if is(ALERTS_PATH) {
        return if posts { Route::Alerts } else { Route::OtherMethod("POST") };
    }
    if is(HEALTH_PATH) {
        return if reads { Route::Health } else { Route::OtherMethod("GET, HEAD") };
    }
    if is(RESPONDERS_PATH) {
        return if reads { Route::Responders } else { Route::OtherMethod("GET, HEAD") };
    }
    match (under_host, reads, posts) {
        (true, true, _) if is("") => Route::Alive,
        (true, _, true) if is(TIMER_PATH) => Route::Timer,
        // The host answers these paths itself for outside callers.
        (true, _, true) => Route::Envelope,
        (true, ..) => Route::Unknown,
        (false, true, _) => Route::Site,
        (false, ..) => Route::OtherMethod("GET, HEAD"),
    }
}
