//! Better Stack's outgoing webhook for incidents.

use serde_json::Value;

use super::super::json::{text, written};
use super::super::reading::{AlertKind, Fields, Reading, TITLE_CHARS_MAX, lines, link, one_line};
use super::super::refused::NotAnAlert;
use super::super::words::{State, state_of, time};

/// Reads an incident that began, was acknowledged or was resolved.
pub(super) fn read(body: &Value) -> Option<Result<Reading, NotAnAlert>> {
    let data = body.get("data")?;
    let incident = data.get("attributes")?;
    let kind = text(data, "type")?;
    if kind != "incident" {
        let others = ["monitor", "heartbeat", "on_call_calendar"];
        let remedy = "Create an outgoing webhook for incidents.";
        let sender = "Better Stack's webhook for something other than incidents";
        return others.contains(&kind).then_some(Err(NotAnAlert::Other(sender, remedy)));
    }
    Some(Ok(reading(written(data, "id")?, incident)))
}

fn reading(id: String, incident: &Value) -> Reading {
    let moment = |name: &str| text(incident, name).and_then(time);
    let resolved_at = moment("resolved_at");
    let state = if resolved_at.is_some() {
        Some(State::Resolved)
    } else if moment("acknowledged_at").is_some() {
        Some(State::Acknowledged)
    } else {
        text(incident, "status").and_then(state_of)
    };
    let (name, cause) = (text(incident, "name"), text(incident, "cause"));
    let title = match (name, cause) {
        (Some(name), Some(cause)) => format!("{name}: {cause}"),
        (one, other) => one.or(other).unwrap_or("Better Stack incident").to_owned(),
    };
    let title = one_line(&title, TITLE_CHARS_MAX);
    let mut fields = Fields::default();
    fields.add("title", &title);
    fields.add("rule", name.unwrap_or_default());
    fields.add_label("team", text(incident, "team_name").unwrap_or_default());
    let named = |label: &str, value: Option<&str>| value.map(|value| format!("{label}: {value}"));
    let told = [
        named("Cause", cause),
        named("Checked", text(incident, "url")),
        named("Answer", text(incident, "response_content")),
        named("Acknowledged by", text(incident, "acknowledged_by")),
    ];
    let fired_at = moment("started_at");
    let addresses = ["origin_url", "screenshot_url", "url"];
    Reading {
        kind: AlertKind::of_state(state),
        condition: Reading::condition_of(state),
        key: vec![id],
        description: lines(told.iter().flatten().map(String::as_str)),
        title,
        fired_at,
        newest_at: fired_at,
        resolved_at,
        link: addresses.iter().find_map(|name| text(incident, name).and_then(link)),
        fields,
        ..Reading::default()
    }
}
