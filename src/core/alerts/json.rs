//! Reads JSON whose fields may be missing, null or of another type.

use serde_json::Value;

/// The text of a field; `None` where it is no text, or an empty one.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// A text, a number or a truth as it is written; nothing else.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// A field as it is written.
pub(super) fn written(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(scalar)
}

/// The elements of a field that is a list; none of one that is not.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// The texts in a field that is a list.
pub(super) fn texts<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    list(value, key).filter_map(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// Names and values of a field that is an object, those that can be written in a line.
pub(super) fn pairs<'a>(
    value: &'a Value,
    key: &str,
) -> impl Iterator<Item = (&'a str, String)> + use<'a> {
    let object = value.get(key).and_then(Value::as_object);
    object.into_iter().flatten().filter_map(|(name, value)| Some((name.as_str(), scalar(value)?)))
}
