//! Google Cloud Monitoring's webhook (versions 1.0 to 1.2).

use serde_json::Value;

use super::super::json::{list, pairs, text, written};
use super::super::reading::Condition;
use super::super::reading::{AlertKind, Fields, Reading, TITLE_CHARS_MAX, lines, link, one_line};
use super::super::refused::NotAnAlert;
use super::super::words::{any_time, grade_of};

pub(super) fn read(body: &Value) -> Option<Result<Reading, NotAnAlert>> {
    let incident = body.get("incident")?;
    let id = written(incident, "incident_id");
    let is_one = id.is_some() || incident.get("policy_name").is_some();
    is_one.then(|| Ok(reading(body, incident, id)))
}

fn reading(body: &Value, incident: &Value, id: Option<String>) -> Reading {
    let title = title(incident);
    let is_over = text(incident, "state").is_some_and(|state| state.eq_ignore_ascii_case("closed"));
    let documentation = incident.get("documentation").unwrap_or(&Value::Null);
    let mut fields = Fields::default();
    fields.add("title", &title);
    fields.add("rule", text(incident, "policy_name").unwrap_or_default());
    fields.add("severity", text(incident, "severity").unwrap_or_default());
    fields.add("resource", text(incident, "resource_display_name").unwrap_or_default());
    fields.add("subscription", text(incident, "scoping_project_id").unwrap_or_default());
    for (name, value) in pairs(incident, "policy_user_labels") {
        fields.add_label(name, &value);
    }
    let mut where_ = Vec::new();
    for holder in ["resource", "metric"] {
        for (name, value) in pairs(incident.get(holder).unwrap_or(&Value::Null), "labels") {
            fields.add_label(name, &value);
            where_.push(format!("{name}={value}"));
        }
    }
    let observed = written(incident, "observed_value").map(|value| {
        let threshold = written(incident, "threshold_value");
        let threshold = threshold.map(|at| format!(", threshold {at}")).unwrap_or_default();
        format!("Observed: {value}{threshold}")
    });
    let mut told: Vec<String> = text(incident, "summary").map(str::to_owned).into_iter().collect();
    told.extend(text(incident, "condition_name").map(|name| format!("Condition: {name}")));
    told.extend(observed);
    told.extend((!where_.is_empty()).then(|| where_.join(", ")));
    told.extend(text(documentation, "content").map(str::to_owned));
    told.extend(list(documentation, "links").filter_map(|of| {
        Some(format!("{}: {}", text(of, "displayName").unwrap_or("Link"), text(of, "url")?))
    }));
    let moment = |name: &str| incident.get(name).and_then(any_time);
    let fired_at = moment("started_at").filter(|_| !is_over);
    // The console's "Test connection" sends this incident.
    let is_test = text(body, "version") == Some("test");
    Reading {
        kind: if is_test { AlertKind::Test } else { AlertKind::Alert },
        condition: if is_over { Condition::Resolved } else { Condition::Fired },
        key: vec![id.unwrap_or_else(|| title.clone())],
        grade: text(incident, "severity").and_then(grade_of),
        description: lines(told.iter().map(String::as_str)),
        title,
        fired_at,
        newest_at: fired_at,
        resolved_at: moment("ended_at").filter(|_| is_over),
        link: text(incident, "url").and_then(link),
        fields,
        ..Reading::default()
    }
}

/// The policy, the resource and the condition, without names that are paths.
fn title(incident: &Value) -> String {
    let documentation = incident.get("documentation").unwrap_or(&Value::Null);
    let named = |name: &str| text(incident, name).filter(|text| !text.starts_with("projects/"));
    let resource = named("resource_display_name");
    let parts = [named("policy_name"), named("condition_name")];
    let mut rule: Vec<&str> = parts.into_iter().flatten().collect();
    rule.dedup();
    let rule = Some(rule.join(": ")).filter(|rule| !rule.is_empty()).map(|rule| match resource {
        Some(resource) if !rule.contains(resource) => format!("{rule} on {resource}"),
        _ => rule,
    });
    text(documentation, "subject")
        .map(str::to_owned)
        .or(rule)
        .or_else(|| text(incident, "summary").map(str::to_owned))
        .map(|title| one_line(&title, TITLE_CHARS_MAX))
        .filter(|title| !title.is_empty())
        .unwrap_or_else(|| "Google Cloud alert".to_owned())
}
