//! Records as a person would like to read them.

use serde_json::Value;
use status_update::core::log::seal;

/// A record from storage with its texts in their places and nothing around them.
pub fn plain_record(bytes: &[u8]) -> Value {
    plain(seal::open(bytes).unwrap())
}

/// A value without the marks of sealed values.
pub fn plain(value: Value) -> Value {
    match value {
        Value::Object(fields) if fields.len() == 1 && fields.contains_key("sealed") => {
            plain(fields["sealed"].clone())
        }
        Value::Object(fields) => fields.into_iter().map(|(name, it)| (name, plain(it))).collect(),
        Value::Array(values) => values.into_iter().map(plain).collect(),
        value => value,
    }
}
