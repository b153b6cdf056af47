//! Reads JSON whose fields may be missing, null or of a different type.

use serde_json::Value;

use super::refused::NotAnAlert;
use crate::text::capitalised;

/// Accepts raw line breaks and tabs within strings, because templates put them there.
pub(super) fn parse(body: &[u8]) -> Result<Value, NotAnAlert> {
    let body =
        std::str::from_utf8(body).map_err(|error| NotAnAlert::NotText(error.valid_up_to() + 1))?;
    // Some senders begin with a byte order mark.
    let body = body.strip_prefix('\u{feff}').unwrap_or(body);
    serde_json::from_str(body)
        .or_else(|error| serde_json::from_str(&with_escapes(body)).map_err(|_| error))
        .map_err(|error| NotAnAlert::NotJson(error.to_string()))
}

/// Escapes raw control characters within strings.
fn with_escapes(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len() + 64);
    let (mut in_text, mut after_backslash) = (false, false);
    for letter in json.chars() {
        if in_text && letter.is_control() && letter.is_ascii() {
            escaped.push_str(match letter {
                '\n' => "\\n",
                '\t' => "\\t",
                _ => " ",
            });
            continue;
        }
        if letter == '"' && !after_backslash {
            in_text = !in_text;
        }
        after_backslash = in_text && letter == '\\' && !after_backslash;
        escaped.push(letter);
    }
    escaped
}

/// `None` if the field is not a string, or empty.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// A string, number or boolean as it is written.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

pub(super) fn written(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(scalar)
}

/// The elements of a list; none if the field is not a list.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// The strings in a list.
pub(super) fn texts<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    list(value, key).filter_map(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// Names and values of an object, without values that do not fit on a line.
pub(super) fn pairs<'a>(
    value: &'a Value,
    key: &str,
) -> impl Iterator<Item = (&'a str, String)> + use<'a> {
    let object = value.get(key).and_then(Value::as_object);
    object.into_iter().flatten().filter_map(|(name, value)| Some((name.as_str(), scalar(value)?)))
}

/// A nested value as lines of names and values.
pub(super) fn tree(value: &Value) -> Vec<String> {
    fn walk(value: &Value, path: &str, lines: &mut Vec<String>) {
        let children: Vec<(String, &Value)> = match value {
            Value::Object(object) => object.iter().map(|(name, of)| (name.clone(), of)).collect(),
            Value::Array(list) => {
                let texts: Vec<String> = list.iter().filter_map(scalar).collect();
                if texts.len() == list.len() && !texts.is_empty() {
                    lines.push(named(path, &texts.join(", ")));
                    return;
                }
                list.iter().enumerate().map(|(at, of)| ((at + 1).to_string(), of)).collect()
            }
            value => {
                lines.extend(scalar(value).map(|value| named(path, &value)));
                return;
            }
        };
        for (name, child) in children {
            let path = if path.is_empty() { name } else { format!("{path}.{name}") };
            walk(child, &path, lines);
        }
    }
    fn named(path: &str, value: &str) -> String {
        if path.is_empty() { value.to_owned() } else { format!("{path}: {value}") }
    }
    let mut lines = Vec::new();
    walk(value, "", &mut lines);
    lines
}

/// Strings as they are, anything else as JSON.
pub(super) fn as_text(value: &Value) -> String {
    match value {
        Value::Array(list) if list.iter().all(|of| scalar(of).is_some()) => {
            list.iter().filter_map(scalar).collect::<Vec<_>>().join(", ")
        }
        value => scalar(value).unwrap_or_else(|| value.to_string()),
    }
}

pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The words of a name such as `currentHealthStatus`: "Current health status".
pub(super) fn spaced(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut was_lower = false;
    for letter in name.chars() {
        if letter.is_uppercase() && was_lower {
            words.push(' ');
        }
        let keeps = !was_lower && !words.is_empty();
        was_lower = letter.is_lowercase();
        if keeps { words.push(letter) } else { words.extend(letter.to_lowercase()) }
    }
    capitalised(&words)
}
