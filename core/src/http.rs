//! Requests to external services and their responses, as data. The adapter of the port knows the
//! addresses of the services and the credentials for them.

use jiff::SignedDuration;
use jiff::fmt::rfc2822::DateTimeParser;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::text::Text;

/// An external service that this program calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Receiver {
    /// Azure Boards, for work items.
    Boards,
    /// Microsoft Graph, for channels and shifts.
    Graph,
    /// The Teams Workflow that posts messages into a channel.
    Workflows,
    /// The dead man's switch, which raises an alarm when this program stops calling it.
    Heartbeat,
}

impl Receiver {
    /// Name in messages to people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Boards => "Azure Boards",
            Self::Graph => "Microsoft Graph",
            Self::Workflows => "the Teams workflow",
            Self::Heartbeat => "the heartbeat's service",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    /// Creates something, or sends a query in the body.
    Post,
    Patch,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub to: Receiver,
    pub method: Method,
    /// Path and query below the receiver's base address, beginning with `/`. Empty for the workflow
    /// and the heartbeat, whose configured addresses are complete.
    pub path: String,
    pub body: Option<Body>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// `application/json`
    Json(Value),
    /// `application/json-patch+json` (RFC 6902).
    Patch(Value),
}

/// Maximum size of a response body that is read, in bytes.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// A response with any status.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    pub status: u16,
    /// Delay that the receiver asks for before the next request.
    pub retry_after: Option<SignedDuration>,
    /// `None` if the body is not JSON, or exceeds [`BODY_BYTES_MAX`].
    pub json: Option<Value>,
}

/// Failure of a request. It distinguishes only the cases that callers branch on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Certainly not done. A retry may succeed.
    #[error("{why}")]
    Unavailable {
        why: String,
        /// Delay that the receiver asks for before the next request.
        retry_after: Option<SignedDuration>,
    },
    /// Certainly not done, and only a person can fix the cause: nobody is signed in, a permission
    /// or a setting is missing.
    #[error("{0}")]
    Refused(String),
    /// The response is missing or unclear: the request may have been performed, or may still be.
    #[error("{0}")]
    Unknown(String),
    /// Like [`Failure::Unknown`], with a delay that the receiver asks for before the next request.
    #[error("{why}")]
    Delayed { why: String, retry_after: SignedDuration },
}

impl Failure {
    /// [`Failure::Unavailable`] without a requested delay.
    pub fn unavailable(why: impl Into<String>) -> Self {
        Self::Unavailable { why: why.into(), retry_after: None }
    }

    /// Failure for a response that does not say whether the request was performed.
    #[must_use]
    pub fn unclear(why: String, retry_after: Option<SignedDuration>) -> Self {
        match retry_after {
            Some(retry_after) => Self::Delayed { why, retry_after },
            None => Self::Unknown(why),
        }
    }

    /// Converts the failure of a request that only reads: its outcome is never unknown, because it
    /// changes nothing.
    #[must_use]
    pub fn of_reading(self) -> Self {
        match self {
            Self::Unknown(why) => Self::unavailable(why),
            Self::Delayed { why, retry_after } => {
                Self::Unavailable { why, retry_after: Some(retry_after) }
            }
            other => other,
        }
    }
}

/// Upper bound of a requested delay.
const RETRY_AFTER_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Parses `Retry-After`: seconds, or a time, which is relative to the response's own `Date` (RFC
/// 9110, section 10.2.3). Returns `None` for a malformed value or a time in the past.
#[must_use]
pub fn retry_after(value: &str, date: Option<&str>) -> Option<SignedDuration> {
    let value = value.trim();
    let wait = if let Ok(seconds) = value.parse::<u32>() {
        SignedDuration::from_secs(seconds.into())
    } else {
        let parser = DateTimeParser::new();
        let until = parser.parse_timestamp(value).ok()?;
        until.duration_since(parser.parse_timestamp(date?.trim()).ok()?)
    };
    (!wait.is_negative()).then(|| wait.min(RETRY_AFTER_MAX))
}

const CODE_CHARS_MAX: usize = 60;

/// Error code of a response: Graph's `error.code`, or Azure Boards' `typeKey`. `None` if it is not
/// one word of up to `CODE_CHARS_MAX` letters, digits, `.`, `-` and `_`.
#[must_use]
pub fn error_code(response: &Response) -> Option<&str> {
    let json = response.json.as_ref()?;
    let code = json.pointer("/error/code").or_else(|| json.get("typeKey"))?.as_str()?;
    let is_code = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    (!code.is_empty() && code.len() <= CODE_CHARS_MAX && code.chars().all(is_code)).then_some(code)
}

/// Maximum length of a quoted error message, in characters.
const SAID_CHARS_MAX: usize = 200;

/// Error message of an external service, cleaned for quoting: one line, without control characters
/// and invisible characters.
#[must_use]
pub fn said(text: &str) -> String {
    let clean = Text::plain(text).to_plain();
    let words: Vec<&str> = clean.split_whitespace().collect();
    let line: String = words.join(" ").chars().take(SAID_CHARS_MAX).collect();
    line.trim_end_matches('.').to_owned()
}

/// All characters but the unreserved ones.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes a part of a path or a query, so that no character in it can end that part (RFC
/// 3986, section 2.3).
#[must_use]
pub fn encode(part: &str) -> String {
    utf8_percent_encode(part, RESERVED).to_string()
}
