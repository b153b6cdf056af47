//! Prometheus Alertmanager's webhook (version 4): a group is one alert, and fingerprints identify
//! its members.

use serde_json::Value;

use super::super::json::{list, text, written};
use super::super::reading::{Reading, link};
use super::super::refused::{NotAnAlert, quoted};
use super::group::Group;

/// Also reads a notification without a version, or of a later one, if its shape is the same.
pub(super) fn read(body: &Value) -> Option<Result<Reading, NotAnAlert>> {
    let alerts = body.get("alerts")?.as_array()?;
    let version = written(body, "version");
    let is_known = version.as_deref() == Some("4");
    Some(if alerts.is_empty() {
        Err(NotAnAlert::Empty)
    } else if is_known || alerts.iter().all(|alert| alert.get("labels").is_some()) {
        Ok(notification(body))
    } else {
        Err(NotAnAlert::Version(quoted(&version.unwrap_or_default())))
    })
}

fn notification(body: &Value) -> Reading {
    let group = Group::read(body);
    let title = group.title("Alerts");
    let mut all = list(body, "alerts");
    let only = all.next().filter(|_| all.next().is_none());
    let own = only.and_then(|only| text(only, "generatorURL")).and_then(link);
    group.reading(title, own.or_else(|| text(body, "externalURL").and_then(link)))
}
