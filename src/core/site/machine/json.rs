//! Writing JSON: values as serde writes them, and objects and lists around what is JSON already.

use serde::Serialize;

/// JSON that is harmless even where somebody takes it for HTML.
pub(super) fn json(value: &impl Serialize) -> String {
    // Writing to a String fails for no value that is made here: every key is a string.
    serde_json::to_string(value).unwrap_or_default().replace('<', "\\u003c")
}

/// The same of a struct, without the braces around its fields.
pub(super) fn json_fields(value: &impl Serialize) -> String {
    let object = json(value);
    let fields = object.strip_prefix('{').and_then(|object| object.strip_suffix('}'));
    fields.unwrap_or_default().to_owned()
}

/// A list of what is JSON already.
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

/// An object whose values are JSON already, under names that need no escaping.
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
