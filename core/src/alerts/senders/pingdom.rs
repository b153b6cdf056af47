//! Pingdom's webhook.

use serde_json::Value;

use super::super::json::{pairs, text, texts, written};
use super::super::reading::{Condition, Fields, Reading, TITLE_CHARS_MAX, lines, link, one_line};
use super::super::refused::NotAnAlert;
use super::super::words::{State, any_time, grade_of, state_of};

pub(super) fn read(body: &Value) -> Option<Result<Reading, NotAnAlert>> {
    let (id, state) = (written(body, "check_id")?, text(body, "current_state")?);
    Some(Ok(check(body, id, state)))
}

fn check(body: &Value, id: String, state: &str) -> Reading {
    let is_over = state_of(state) == Some(State::Resolved);
    let name = text(body, "check_name").unwrap_or("Pingdom check");
    let reason = text(body, "description").or_else(|| text(body, "long_description"));
    let reason = reason.filter(|_| !is_over).map(|reason| format!(": {reason}"));
    let title = format!("{name} is {}{}", state.to_lowercase(), reason.unwrap_or_default());
    let title = one_line(&title, TITLE_CHARS_MAX);
    let mut fields = Fields::default();
    fields.add("title", &title);
    fields.add("rule", name);
    fields.add("severity", text(body, "importance_level").unwrap_or_default());
    let params = || pairs(body, "check_params");
    let target = ["full_url", "url", "hostname"];
    let target = target.iter().find_map(|name| params().find(|(own, _)| own == name));
    for tag in texts(body, "tags") {
        fields.add_label("tag", tag);
    }
    let named = |label: &str, value: Option<String>| value.map(|value| format!("{label}: {value}"));
    let probe = body.get("first_probe").and_then(|probe| text(probe, "location"));
    let told = [
        named("Checked", target.map(|(_, value)| value)),
        text(body, "long_description").map(str::to_owned),
        named("Seen from", probe.map(str::to_owned)),
    ];
    let changed = body.get("state_changed_timestamp").and_then(any_time);
    Reading {
        condition: if is_over { Condition::Resolved } else { Condition::Fired },
        description: lines(told.iter().flatten().map(String::as_str)),
        grade: text(body, "importance_level").and_then(grade_of),
        title,
        fired_at: changed.filter(|_| !is_over),
        newest_at: changed.filter(|_| !is_over),
        resolved_at: changed.filter(|_| is_over),
        link: link(&format!("https://my.pingdom.com/reports/responsetime#check={id}")),
        key: vec![id],
        fields,
        ..Reading::default()
    }
}
