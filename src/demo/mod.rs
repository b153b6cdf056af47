//! External services simulated in memory, for a demo without accounts and for tests. They behave as
//! their documentation and users say, and know nothing of this program except its requests.

pub mod boards;
mod boards_comments;
mod boards_rules;
pub mod graph;
mod graph_names;
pub mod workflow;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::core::http::Response;

fn answer(status: u16, json: Value) -> Response {
    Response { status, retry_after: None, json: Some(json) }
}

fn add(json: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(fields) = json.as_object_mut() {
        fields.insert(name.to_owned(), value.into());
    }
}

/// Decoded path segments and the query of a request.
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

    /// Decoded value of a query parameter.
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
