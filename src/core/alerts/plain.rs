//! Our own format, for whatever can post a few words.

use serde_json::{Map, Value};

use super::alert::{
    Alert, AlertKind, AlertSource, Condition, Fields, Key, TITLE_CHARS_MAX, lines, link, one_line,
    severity_of, time,
};
use super::refused::{NotAnAlert, quoted};
use crate::core::incident::severity::Severity;

const TEXT: &str = "it has to be a text that shows something";
const SEVERITY: &str = "it may be 1 to 4, critical, high, medium or low";
const STATUS: &str = "it may be firing or resolved";
const LINK: &str = "it has to be an https: or http: address";
const TIME: &str = "it has to be a time such as 2026-11-23T09:00:00Z";

/// Reads the object. Whoever wrote it wrote it for us: what cannot be is refused, not passed over.
pub(super) fn read(body: &Map<String, Value>) -> Result<Alert, NotAnAlert> {
    let known =
        ["title", "description", "severity", "component", "key", "link", "status", "fired_at"];
    if let Some(name) = body.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(NotAnAlert::NoField(quoted(name)));
    }
    let text = |name: &str| match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(value) => Err(NotAnAlert::field(name, value, TEXT)),
    };
    let wrong = |name: &str, text: &str, may| NotAnAlert::field(name, &Value::from(text), may);
    let shown = |name: &str| match text(name)?.map(|text| (text, one_line(text, TITLE_CHARS_MAX))) {
        Some((text, line)) if line.is_empty() => Err(wrong(name, text, TEXT)),
        shown => Ok(shown.map(|(_, line)| line)),
    };
    let Some(title) = shown("title")? else {
        return Err(NotAnAlert::field("title", &Value::Null, TEXT));
    };
    let condition = match text("status")?.map(str::to_ascii_lowercase).as_deref() {
        None | Some("firing" | "fired") => Condition::Fired,
        Some("resolved") => Condition::Resolved,
        Some(other) => return Err(wrong("status", other, STATUS)),
    };
    let severity = match body.get("severity") {
        None | Some(Value::Null) => None,
        Some(value) => {
            Some(severity(value).ok_or_else(|| NotAnAlert::field("severity", value, SEVERITY))?)
        }
    };
    let component = shown("component")?;
    // Without a key the same words about the same component are the same thing.
    let key = match text("key")?.map(str::trim) {
        Some("") => return Err(wrong("key", "", TEXT)),
        Some(key) => Key::of(AlertSource::Plain, &[key]),
        None => Key::of(AlertSource::Plain, &[&title, component.as_deref().unwrap_or_default()]),
    };
    let link = text("link")?
        .map(|address| link(address).ok_or_else(|| wrong("link", address, LINK)))
        .transpose()?;
    let at = text("fired_at")?
        .map(|text| time(text).ok_or_else(|| wrong("fired_at", text, TIME)))
        .transpose()?;
    let mut fields = Fields::default();
    fields.add("source", AlertSource::Plain.name());
    fields.add("title", &title);
    fields.add("component", component.as_deref().unwrap_or_default());
    fields.add("key", text("key")?.unwrap_or_default());
    Ok(Alert {
        source: AlertSource::Plain,
        key,
        condition,
        is_test: false,
        title,
        description: lines(text("description")?),
        severity,
        component,
        fired_at: at,
        newest_at: at,
        resolved_at: None,
        link,
        fields,
        members: Vec::new(),
        left_out: 0,
        kind: AlertKind::default(),
        needs_nobody: false,
    })
}

/// A severity as its number, its number as text, `sev2`, or a word.
fn severity(value: &Value) -> Option<Severity> {
    if let Some(number) = value.as_u64() {
        return u8::try_from(number).ok().and_then(Severity::of);
    }
    let text = value.as_str()?.trim().to_ascii_lowercase();
    let number = text.strip_prefix("sev").unwrap_or(&text).trim().parse().ok();
    number.and_then(Severity::of).or_else(|| severity_of(&text))
}
