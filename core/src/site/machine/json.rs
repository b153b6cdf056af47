//! Writes JSON: values through serde, and objects and lists from parts that are JSON already.

use serde::Serialize;

/// JSON that is also safe within HTML.
pub(super) fn json(value: &impl Serialize) -> String {
    // Cannot fail: all keys are strings.
    serde_json::to_string(value).unwrap_or_default().replace('<', "\\u003c")
}

/// The fields of a struct, without the braces.
pub(super) fn json_fields(value: &impl Serialize) -> String {
    let object = json(value);
    let fields = object.strip_prefix('{').and_then(|object| object.strip_suffix('}'));
    fields.unwrap_or_default().to_owned()
}

/// The items are JSON already.
pub(super) fn list<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> String {
    let mut list = "[".to_owned();
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            list.push(',');
        }
        list.push_str(item.as_ref());
    }
    list.push(']');
    list
}

/// The values are JSON already, and the names need no escaping.
pub(super) fn object(fields: &[(&str, &str)]) -> String {
    let mut object = "{".to_owned();
    for (index, (name, value)) in fields.iter().enumerate() {
        if index > 0 {
            object.push(',');
        }
        for part in ["\"", name, "\":", value] {
            object.push_str(part);
        }
    }
    object.push('}');
    object
}
