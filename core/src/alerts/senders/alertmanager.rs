//! Prometheus Alertmanager's webhook (version 4): a group is one alert, and fingerprints identify
//! its members.

use serde_json::Value;

use super::super::json::{list, text, written};
use super::super::reading::{Condition, Reading, link};
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
    let condition = group.condition();
    let is_over = condition == Condition::Resolved;
    let (fired_at, newest_at) = group.began();
    let mut all = list(body, "alerts");
    let only = all.next().filter(|_| all.next().is_none());
    Reading {
        key: group.key(),
        condition,
        description: group.description(),
        grade: group.grade(),
        fired_at,
        newest_at,
        resolved_at: is_over.then(|| group.ended()).flatten(),
        link: only
            .and_then(|only| text(only, "generatorURL"))
            .and_then(link)
            .or_else(|| text(body, "externalURL").and_then(link)),
        fields: group.fields(&title),
        left_out: group.left_out(),
        members: group.members,
        title,
        ..Reading::default()
    }
}
