//! Grafana's webhook (version 1): a notification is one alert, as in Alertmanager's.

use serde_json::Value;

use super::super::json::{list, text, written};
use super::super::reading::{AlertKind, Reading, TITLE_CHARS_MAX, link, one_line};
use super::super::refused::NotAnAlert;
use super::group::Group;

pub(super) fn read(body: &Value) -> Option<Result<Reading, NotAnAlert>> {
    let alerts = body.get("alerts")?.as_array()?;
    let version = written(body, "version");
    let is_grafana = version.as_deref() == Some("1")
        || version.is_none() && body.get("orgId").is_some_and(Value::is_number);
    is_grafana
        .then(|| if alerts.is_empty() { Err(NotAnAlert::Empty) } else { Ok(notification(body)) })
}

fn notification(body: &Value) -> Reading {
    let group = Group::read(body);
    let title = no_data(body)
        .unwrap_or_else(|| group.title(text(body, "title").unwrap_or("Grafana alert")));
    let links = ["panelURL", "dashboardURL", "generatorURL"];
    let links = links.iter().flat_map(|name| list(body, "alerts").map(move |of| text(of, name)));
    let link = links.flatten().find_map(link).or_else(|| text(body, "externalURL").and_then(link));
    let kind = if is_test(body) { AlertKind::Test } else { AlertKind::Alert };
    Reading { kind, ..group.reading(one_line(&title, TITLE_CHARS_MAX), link) }
}

/// If a rule could not be evaluated, Grafana's own alert has the rule's name in a label.
fn no_data(body: &Value) -> Option<String> {
    let mut labels = list(body, "alerts").filter_map(|alert| alert.get("labels"));
    let first = labels.next()?;
    let what = match text(first, "alertname")? {
        "DatasourceError" => "error",
        "DatasourceNoData" => "no data",
        _ => return None,
    };
    let rule = text(first, "rulename")?;
    let is_one = labels.all(|labels| text(labels, "rulename") == Some(rule));
    is_one.then(|| format!("{rule}: {what}"))
}

/// The "Test" button of a contact point.
fn is_test(body: &Value) -> bool {
    let mut labels = list(body, "alerts").map(|alert| alert.get("labels").unwrap_or(&Value::Null));
    labels.all(|labels| {
        text(labels, "alertname") == Some("TestAlert")
            && text(labels, "instance") == Some("Grafana")
    })
}
