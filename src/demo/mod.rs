//! Services of others as they behave, in memory: what a demonstration shows without an account,
//! and what the tests' stand-ins answer with. Each does what its documentation and its users say,
//! and knows nothing of this program but the requests.

pub mod boards;
mod boards_comments;
mod boards_rules;
pub mod graph;
mod graph_names;
pub mod workflow;

use percent_encoding::percent_decode_str;
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

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
