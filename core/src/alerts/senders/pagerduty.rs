//! PagerDuty's Events API v2, which nearly every monitor can send.

use serde_json::Value;

use super::super::json::{list, pairs, text, tree, written};
use super::super::reading::{AlertKind, Fields, Reading, TITLE_CHARS_MAX, lines, link, one_line};
use super::super::refused::{NotAnAlert, quoted};
use super::super::words::{State, grade_of, state_of, time};
use crate::text::capitalised;

/// Reads an event. The routing key is PagerDuty's secret and is never read.
pub(super) fn read(body: &Value) -> Option<Result<Reading, NotAnAlert>> {
    let action = text(body, "event_action")?;
    if !["trigger", "acknowledge", "resolve"].contains(&action.to_ascii_lowercase().as_str()) {
        let why = format!(
            "event_action = \"{}\" is none of trigger, acknowledge and resolve",
            quoted(action)
        );
        return Some(Err(NotAnAlert::Incomplete("PagerDuty", why)));
    }
    Some(Ok(event(body, state_of(action))))
}

fn event(body: &Value, state: Option<State>) -> Reading {
    let payload = body.get("payload").unwrap_or(&Value::Null);
    let dedup_key = text(body, "dedup_key");
    let title = text(payload, "summary").or(dedup_key).unwrap_or("PagerDuty event");
    let title = one_line(title, TITLE_CHARS_MAX);
    let source = written(payload, "source");
    // Without a key PagerDuty opens an alert each time; here equal texts are the same alert.
    let key = match dedup_key {
        Some(key) => vec![key.to_owned()],
        None => vec![title.clone(), source.clone().unwrap_or_default()],
    };
    let mut fields = Fields::default();
    fields.add("title", &title);
    fields.add("key", dedup_key.unwrap_or_default());
    fields.add("severity", text(payload, "severity").unwrap_or_default());
    fields.add("component", text(payload, "component").unwrap_or_default());
    let mut told = Vec::new();
    for name in ["source", "component", "group", "class"] {
        if let Some(value) = written(payload, name) {
            fields.add_label(name, &value);
            told.push(format!("{}: {value}", capitalised(name)));
        }
    }
    told.extend(tree(payload.get("custom_details").unwrap_or(&Value::Null)));
    for (name, value) in pairs(payload, "custom_details") {
        fields.add_label(name, &value);
    }
    let links = || list(body, "links").filter_map(|of| Some((text(of, "href")?, text(of, "text"))));
    told.extend(links().map(|(href, name)| format!("{}: {href}", name.unwrap_or("Link"))));
    let fired_at = text(payload, "timestamp").and_then(time);
    let is_over = state == Some(State::Resolved);
    Reading {
        kind: AlertKind::of_state(state),
        condition: Reading::condition_of(state),
        key,
        description: lines(told.iter().map(String::as_str)),
        title,
        grade: text(payload, "severity").and_then(grade_of),
        component: text(payload, "component").map(|name| one_line(name, TITLE_CHARS_MAX)),
        fired_at: fired_at.filter(|_| !is_over),
        newest_at: fired_at.filter(|_| !is_over),
        resolved_at: fired_at.filter(|_| is_over),
        link: links()
            .find_map(|(href, _)| link(href))
            .or_else(|| text(body, "client_url").and_then(link)),
        fields,
        ..Reading::default()
    }
}
