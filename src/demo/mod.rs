//! Services of others as they behave, in memory: what a demonstration shows without an account,
//! and what the tests' stand-ins answer with. Each does what its documentation and its users say,
//! and knows nothing of this program but the requests.

pub mod boards;
mod boards_comments;
mod boards_rules;
pub mod graph;
mod graph_names;
pub mod workflow;

use std::borrow::Cow;

use serde_json::Value;

use crate::core::http::Response;

/// An answer with a body.
fn answer(status: u16, json: Value) -> Response {
    Response { status, retry_after: None, json: Some(json) }
}

/// Adds a field to an object.
fn add(json: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(fields) = json.as_object_mut() {
        fields.insert(name.to_owned(), value.into());
    }
}

/// A request's path in its decoded parts, and its query.
struct Asked<'a> {
    parts: Vec<String>,
    query: &'a str,
}

impl<'a> Asked<'a> {
    fn read(path: &'a str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let parts = path.split('/').filter(|part| !part.is_empty()).map(decoded).collect();
        Self { parts, query }
    }

    /// A value of the query, decoded.
    fn value(&self, name: &str) -> Option<String> {
        let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(found, _)| decoded(found) == name).map(|(_, value)| decoded(value))
    }

    fn parts(&self) -> Vec<&str> {
        self.parts.iter().map(String::as_str).collect()
    }
}

/// Percent-encoded text as it was; what is no encoding stays.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let hex = behind.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.filter(|_| *first == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = behind.get(if byte.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    match String::from_utf8_lossy(&bytes) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => text,
    }
}
