//! Sentry's integration platform: issue alerts, metric alerts and changes of issues.

use serde_json::Value;

use super::super::json::{list, text, texts, written};
use super::super::reading::Condition;
use super::super::reading::{AlertKind, Fields, Reading, TITLE_CHARS_MAX, lines, link, one_line};
use super::super::refused::NotAnAlert;
use super::super::words::{Grade, State, grade_of, time};

/// Tells the kinds apart by the body alone, although a header names them too.
pub(super) fn read(body: &Value) -> Option<Result<Reading, NotAnAlert>> {
    let action = text(body, "action")?;
    let data = body.get("data").filter(|_| body.get("installation").is_some())?;
    let of = |name: &str| data.get(name).filter(|value| value.is_object());
    Some(Ok(if let Some(event) = of("event") {
        issue_alert(data, event)
    } else if let Some(alert) = of("metric_alert") {
        metric_alert(action, data, alert)
    } else if let Some(issue) = of("issue") {
        issue_changed(action, issue)
    } else {
        // Comments, installations and the like.
        Reading {
            kind: AlertKind::Ignored,
            title: format!("Sentry: {action}"),
            ..Reading::default()
        }
    }))
}

/// An alert rule fired for an event of an issue.
fn issue_alert(data: &Value, event: &Value) -> Reading {
    let issue = text(event, "issue_id").map(str::to_owned).or_else(|| {
        let url = text(event, "issue_url")?;
        url.rsplit('/').find(|part| !part.is_empty()).map(str::to_owned)
    });
    let mut reading = reading(event, issue);
    let rule = text(data, "triggered_rule");
    reading.fields.add("rule", rule.unwrap_or_default());
    let tags = list(event, "tags").filter_map(|tag| {
        Some((tag.get(0)?.as_str()?.to_owned(), tag.get(1)?.as_str()?.to_owned()))
    });
    for (name, value) in tags {
        reading.fields.add_label(&name, &value);
    }
    let named = |label: &str, value: Option<&str>| value.map(|value| format!("{label}: {value}"));
    let told = [
        named("Rule", rule),
        named("In", text(event, "culprit")),
        named("Message", text(event, "message")).filter(|_| text(event, "title").is_some()),
        named("Environment", text(event, "environment")),
        named("Release", text(event, "release")),
    ];
    reading.description = lines(told.iter().flatten().map(String::as_str));
    reading.link = text(event, "web_url").and_then(link);
    reading.fired_at = text(event, "datetime").and_then(time);
    reading.newest_at = reading.fired_at;
    reading
}

/// An issue was created, resolved, archived or assigned.
fn issue_changed(action: &str, issue: &Value) -> Reading {
    let mut reading = reading(issue, written(issue, "id"));
    let project = issue.get("project").unwrap_or(&Value::Null);
    let project = text(project, "name").or_else(|| text(project, "slug"));
    reading.fields.add_label("project", project.unwrap_or_default());
    let state = match action {
        "created" | "unresolved" => Some(State::Firing),
        "resolved" | "archived" | "ignored" => Some(State::Resolved),
        _ => Some(State::Acknowledged),
    };
    reading.kind = AlertKind::of_state(state);
    reading.condition = Reading::condition_of(state);
    let named = |label: &str, value: Option<&str>| value.map(|value| format!("{label}: {value}"));
    let told = [
        Some(format!("Issue {}: {action}", text(issue, "shortId").unwrap_or("of Sentry"))),
        named("Project", project),
        named("In", text(issue, "culprit")),
    ];
    reading.description = lines(told.iter().flatten().map(String::as_str));
    let links = ["web_url", "permalink"];
    reading.link = links.iter().find_map(|name| text(issue, name).and_then(link));
    if state == Some(State::Firing) {
        reading.fired_at = text(issue, "lastSeen").and_then(time);
        reading.newest_at = reading.fired_at;
    }
    reading
}

/// The fields that events and issues share.
fn reading(holder: &Value, issue: Option<String>) -> Reading {
    let title = ["title", "message", "culprit"].iter().find_map(|name| text(holder, name));
    let title = one_line(title.unwrap_or("Sentry issue"), TITLE_CHARS_MAX);
    let mut fields = Fields::default();
    fields.add("title", &title);
    fields.add("severity", text(holder, "level").unwrap_or_default());
    Reading {
        key: vec!["issue".to_owned(), issue.unwrap_or_else(|| title.clone())],
        grade: text(holder, "level").and_then(grade_of),
        title,
        fields,
        ..Reading::default()
    }
}

fn metric_alert(action: &str, data: &Value, alert: &Value) -> Reading {
    let rule = alert.get("alert_rule").unwrap_or(&Value::Null);
    let is_over = action == "resolved";
    let name = text(rule, "name").or_else(|| text(alert, "title")).unwrap_or("Sentry metric alert");
    let title = one_line(name, TITLE_CHARS_MAX);
    let mut fields = Fields::default();
    fields.add("title", &title);
    fields.add("rule", name);
    fields.add("severity", action);
    for project in texts(rule, "projects") {
        fields.add_label("project", project);
    }
    let query = text(rule, "query").map(|query| format!("Query: {query}"));
    let told = [text(data, "description_text").map(|told| told.replace("\\n", "\n")), query];
    let began = ["date_started", "date_detected", "date_created"];
    let began = began.iter().find_map(|name| text(alert, name).and_then(time));
    let id = written(rule, "id").unwrap_or_else(|| title.clone());
    Reading {
        condition: if is_over { Condition::Resolved } else { Condition::Fired },
        key: vec!["metric alert".to_owned(), id],
        grade: grade_of(action).filter(|grade| !is_over && *grade != Grade::None),
        description: lines(told.iter().flatten().map(String::as_str)),
        title,
        fired_at: began.filter(|_| !is_over),
        newest_at: began.filter(|_| !is_over),
        resolved_at: text(alert, "date_closed").and_then(time).filter(|_| is_over),
        link: text(data, "web_url").and_then(link),
        fields,
        ..Reading::default()
    }
}
