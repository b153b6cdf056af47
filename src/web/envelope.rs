//! Rejects requests wrapped in the host's envelope: it lacks the original headers and bytes, so no
//! signature can be checked.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;
use tracing::error;

use super::app::{invocation, invocation_result, json_response};

const WHY: &str = "the Functions host passes on envelopes, not requests: it is older than 2025 and \
     does not know enableProxyingHttpRequest, and enableForwardingHttpRequest is not on. Keep both \
     in host.json, and update the host (the function app's runtime version, or Azure Functions \
     Core Tools on a developer's machine)";

/// The caller would see any other form or status as an unexplained 500.
pub(super) fn answer(headers: &HeaderMap) -> Response {
    error!(invocation = invocation(headers), "not answered: {WHY}");
    // All four fields, because some versions of the host require them.
    let output = json!({
        "statusCode": "503",
        "status": "503",
        "headers": { "Content-Type": "application/json; charset=utf-8" },
        "body": json!({ "problem": WHY }).to_string(),
    });
    json_response(StatusCode::OK, &invocation_result(&json!({ "res": output }), WHY))
}
