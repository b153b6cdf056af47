//! The webhooks of Prometheus Alertmanager (version 4) and of Grafana (version 1), which has the
//! same shape.
//!
//! Alertmanager says what belongs together: its group is one alert here, and `groupKey` is what it
//! is told apart by. Grafana's members stand for themselves: their fingerprint comes back with
//! every firing, so that the moment in which they began belongs to the key.

use jiff::Timestamp;
use serde_json::Value;

use super::alert::{
    Alert, AlertKind, AlertSource, Condition, Fields, Key, Member, TITLE_CHARS_MAX, lines, link,
    one_line, severity_of, time,
};
use super::json::{pairs, text, written};
use crate::core::incident::severity::Severity;

/// How many members of a group its description names.
const TOLD_MAX: usize = 10;

/// A notification of Alertmanager about a group, of which there is one member at least.
pub(super) fn alertmanager(body: &Value, members: &[Value]) -> Alert {
    let firing: Vec<&Value> = members.iter().filter(|member| !is_resolved(member)).collect();
    // Also where members are left out of the body: the sender says it of the whole group.
    let is_over = firing.is_empty();
    let condition = if is_over { Condition::Resolved } else { Condition::Fired };
    let title = alertmanager_title(body, members);
    let severity = named_severity(body, "commonLabels")
        .or_else(|| firing.iter().filter_map(|member| named_severity(member, "labels")).min());
    let sender = text(body, "externalURL").unwrap_or_default();
    let key = match text(body, "groupKey") {
        // Two clusters may have the same groups.
        Some(key) => Key::of(AlertSource::Alertmanager, &[key, sender]),
        None => key_of_labels(AlertSource::Alertmanager, body, "commonLabels"),
    };
    let mut fields = fields_of(AlertSource::Alertmanager, &title, body, body, "commonLabels");
    for (name, value) in pairs(body, "groupLabels") {
        fields.add_label(name, &value);
    }
    let counted = if firing.is_empty() { members.iter().collect() } else { firing };
    let began = || counted.iter().filter_map(|member| moment(member, "startsAt"));
    Alert {
        source: AlertSource::Alertmanager,
        key,
        condition,
        is_test: false,
        title,
        description: alertmanager_description(body, members),
        severity,
        component: None,
        fired_at: began().min(),
        newest_at: began().max(),
        resolved_at: is_over
            .then(|| members.iter().filter_map(|member| moment(member, "endsAt")).max())
            .flatten(),
        link: match members {
            [only] => text(only, "generatorURL").and_then(link),
            _ => None,
        }
        .or_else(|| text(body, "externalURL").and_then(link)),
        fields,
        members: members
            .iter()
            .map(|member| member_of(AlertSource::Alertmanager, member))
            .collect(),
        left_out: u32::try_from(left_out(body)).unwrap_or(u32::MAX),
        kind: AlertKind::default(),
        needs_nobody: false,
    }
}

/// One member of a notification of Grafana.
pub(super) fn grafana(body: &Value, member: &Value) -> Alert {
    let is_over = is_resolved(member);
    let labels = member.get("labels").unwrap_or(&Value::Null);
    let annotations = member.get("annotations").unwrap_or(&Value::Null);
    let title = [text(annotations, "summary"), text(labels, "alertname"), text(body, "title")]
        .into_iter()
        .flatten()
        .map(|title| one_line(title, TITLE_CHARS_MAX))
        .find(|title| !title.is_empty())
        .unwrap_or_else(|| "Grafana alert".to_owned());
    let began = moment(member, "startsAt");
    let began_text = began.map(|at| at.to_string());
    let key = match text(member, "fingerprint") {
        Some(print) => {
            Key::of(AlertSource::Grafana, &[print, began_text.as_deref().unwrap_or_default()])
        }
        None => key_of_labels(AlertSource::Grafana, member, "labels"),
    };
    let fields = fields_of(AlertSource::Grafana, &title, body, member, "labels");
    let mut told = annotations_told(annotations);
    told.extend(text(member, "valueString").map(|values| one_line(values, TITLE_CHARS_MAX)));
    told.push(label_list(labels));
    let links = ["panelURL", "dashboardURL", "generatorURL"];
    Alert {
        source: AlertSource::Grafana,
        key,
        condition: if is_over { Condition::Resolved } else { Condition::Fired },
        // What the button "Test" of a contact point sends.
        is_test: text(labels, "alertname") == Some("TestAlert")
            && text(labels, "instance") == Some("Grafana"),
        title,
        description: lines(told.iter().map(String::as_str)),
        severity: named_severity(member, "labels"),
        component: None,
        fired_at: began,
        newest_at: began,
        resolved_at: is_over.then(|| moment(member, "endsAt")).flatten(),
        link: links
            .iter()
            .find_map(|name| text(member, name).and_then(link))
            .or_else(|| text(body, "externalURL").and_then(link)),
        fields,
        members: Vec::new(),
        left_out: 0,
        kind: AlertKind::default(),
        needs_nobody: false,
    }
}

fn is_resolved(member: &Value) -> bool {
    text(member, "status").is_some_and(|status| status.eq_ignore_ascii_case("resolved"))
}

/// Members that the body counts without naming them.
fn left_out(body: &Value) -> u64 {
    body.get("truncatedAlerts").and_then(Value::as_u64).unwrap_or(0).min(1_000_000)
}

fn member_of(source: AlertSource, member: &Value) -> Member {
    let is_over = is_resolved(member);
    let labels = member.get("labels").unwrap_or(&Value::Null);
    let annotations = member.get("annotations").unwrap_or(&Value::Null);
    let said = text(annotations, "summary").or_else(|| text(annotations, "description"));
    let key = match text(member, "fingerprint") {
        Some(print) => Key::of(source, &["fingerprint", print]),
        // What has no labels either is told apart by its start.
        None if labels.as_object().is_none_or(serde_json::Map::is_empty) => {
            Key::of(source, &["start", text(member, "startsAt").unwrap_or_default()])
        }
        None => key_of_labels(source, member, "labels"),
    };
    Member {
        key,
        condition: if is_over { Condition::Resolved } else { Condition::Fired },
        title: said.map(|said| one_line(said, TITLE_CHARS_MAX)).unwrap_or_default(),
        description: lines(annotations_told(annotations).iter().map(String::as_str)),
        labels: pairs(member, "labels").map(|(name, value)| (name.to_owned(), value)).collect(),
        severity: named_severity(member, "labels"),
        fired_at: moment(member, "startsAt"),
        resolved_at: is_over.then(|| moment(member, "endsAt")).flatten(),
    }
}

fn moment(member: &Value, name: &str) -> Option<Timestamp> {
    text(member, name).and_then(time)
}

fn named_severity(holder: &Value, labels: &str) -> Option<Severity> {
    holder.get(labels).and_then(|labels| text(labels, "severity")).and_then(severity_of)
}

/// A key of last resort: all labels, sorted by their names.
fn key_of_labels(source: AlertSource, holder: &Value, labels: &str) -> Key {
    let labels = holder.get(labels).map(Value::to_string).unwrap_or_default();
    Key::of(source, &["labels", &labels])
}

fn fields_of(
    source: AlertSource,
    title: &str,
    body: &Value,
    holder: &Value,
    labels: &str,
) -> Fields {
    let mut fields = Fields::default();
    fields.add("source", source.name());
    fields.add("title", title);
    for (field, label) in [("rule", "alertname"), ("severity", "severity")] {
        let value = holder.get(labels).and_then(|labels| written(labels, label));
        fields.add(field, &value.unwrap_or_default());
    }
    fields.add("receiver", text(body, "receiver").unwrap_or_default());
    for (name, value) in pairs(holder, labels) {
        fields.add_label(name, &value);
    }
    fields
}

/// What all members say of themselves; else the rule's name with what the group is made by.
fn alertmanager_title(body: &Value, members: &[Value]) -> String {
    let common = body.get("commonAnnotations").unwrap_or(&Value::Null);
    let only = match members {
        [only] => only.get("annotations").and_then(|annotations| text(annotations, "summary")),
        _ => None,
    };
    let summary = text(common, "summary").or(only).map(|text| one_line(text, TITLE_CHARS_MAX));
    if let Some(summary) = summary.filter(|summary| !summary.is_empty()) {
        return summary;
    }
    let labels = body.get("commonLabels").unwrap_or(&Value::Null);
    let rule = text(labels, "alertname").unwrap_or("Alerts");
    let group: Vec<String> = pairs(body, "groupLabels")
        .filter(|(name, _)| *name != "alertname")
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let title =
        if group.is_empty() { rule.to_owned() } else { format!("{rule} ({})", group.join(", ")) };
    let title = one_line(&title, TITLE_CHARS_MAX);
    if title.is_empty() { "Alerts".to_owned() } else { title }
}

fn alertmanager_description(body: &Value, members: &[Value]) -> String {
    let mut told = annotations_told(body.get("commonAnnotations").unwrap_or(&Value::Null));
    for member in members.iter().take(TOLD_MAX) {
        let annotations = member.get("annotations").unwrap_or(&Value::Null);
        let labels = member.get("labels").unwrap_or(&Value::Null);
        let state = if is_resolved(member) { "resolved" } else { "firing" };
        let said = text(annotations, "summary").or_else(|| text(annotations, "description"));
        let said = said.map(|said| format!(" {}", one_line(said, TITLE_CHARS_MAX)));
        told.push(format!("{state}:{} {}", said.unwrap_or_default(), label_list(labels)));
    }
    let left_out = members.len().saturating_sub(TOLD_MAX) as u64 + left_out(body);
    if left_out > 0 {
        told.push(format!("and {left_out} more"));
    }
    lines(told.iter().map(String::as_str))
}

/// What annotations commonly tell.
fn annotations_told(annotations: &Value) -> Vec<String> {
    let told = ["summary", "description", "message"];
    let mut told: Vec<String> =
        told.iter().filter_map(|name| text(annotations, name)).map(str::to_owned).collect();
    told.extend(text(annotations, "runbook_url").map(|url| format!("Runbook: {url}")));
    told
}

fn label_list(labels: &Value) -> String {
    let Some(labels) = labels.as_object() else {
        return String::new();
    };
    let shown = labels.iter().filter(|(name, _)| !name.starts_with("__"));
    let shown = shown.filter_map(|(name, value)| Some(format!("{name}={}", value.as_str()?)));
    one_line(&shown.collect::<Vec<_>>().join(", "), TITLE_CHARS_MAX)
}
