//! A body that a monitor posted, as alerts.

use serde_json::Value;

use super::alert::Alert;
use super::refused::{ALERTS_MAX, BODY_BYTES_MAX, NotAnAlert, quoted};
use super::{azure_monitor, json, plain, prometheus};

/// The alerts of a body: one at least, each with its members.
///
/// # Errors
/// Why it is none.
pub fn read_alerts(body: &[u8]) -> Result<Vec<Alert>, NotAnAlert> {
    Ok(read(body)?.into_iter().map(Alert::complete).collect())
}

fn read(body: &[u8]) -> Result<Vec<Alert>, NotAnAlert> {
    if body.len() > BODY_BYTES_MAX {
        return Err(NotAnAlert::TooLarge(body.len()));
    }
    // Some senders begin with a byte order mark.
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let body: Value =
        serde_json::from_slice(body).map_err(|error| NotAnAlert::NotJson(error.to_string()))?;
    if let Some(schema) = json::text(&body, "schemaId") {
        return if schema.eq_ignore_ascii_case(azure_monitor::SCHEMA) {
            Ok(vec![azure_monitor::read(&body)?])
        } else {
            Err(NotAnAlert::AzureSchema(format!("The schema \"{}\"", quoted(schema))))
        };
    }
    if body.get("AlertRuleName").is_some() || body.get("SearchQuery").is_some() {
        return Err(NotAnAlert::AzureSchema("The schema of log alerts V1".to_owned()));
    }
    if let Some(alerts) = body.get("alerts").and_then(Value::as_array) {
        if alerts.is_empty() {
            return Err(NotAnAlert::Empty);
        }
        return match json::written(&body, "version").as_deref() {
            Some("4") => Ok(vec![prometheus::alertmanager(&body, alerts)]),
            Some("1") if alerts.len() > ALERTS_MAX => Err(NotAnAlert::TooMany(alerts.len())),
            Some("1") => Ok(alerts.iter().map(|alert| prometheus::grafana(&body, alert)).collect()),
            other => Err(NotAnAlert::Version(quoted(other.unwrap_or_default()))),
        };
    }
    match body.as_object() {
        Some(fields) if fields.contains_key("title") => Ok(vec![plain::read(fields)?]),
        _ => Err(NotAnAlert::Unknown),
    }
}
