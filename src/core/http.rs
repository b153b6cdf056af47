//! A request to a service of others, and its answer, as data. Where that service is and with what
//! right it is called is no part of it: the adapter of the port knows.

use jiff::SignedDuration;
use jiff::fmt::rfc2822::DateTimeParser;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::text::Text;

/// A service of others that this program calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// What people call it.
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

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, or asks with a body.
    Post,
    /// Changes.
    Patch,
}

/// A request.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// To whom.
    pub to: Receiver,
    /// What it does.
    pub method: Method,
    /// Path and query below the receiver's address, beginning with `/`; empty for the workflow and
    /// the heartbeat, whose addresses are complete.
    pub path: String,
    /// What is sent.
    pub body: Option<Body>,
}

/// The body of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// `application/json`
    Json(Value),
    /// `application/json-patch+json` (RFC 6902).
    Patch(Value),
}

/// The longest body of an answer that is read, in bytes.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// An answer, whatever its status.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// How long the receiver asks to be left alone.
    pub retry_after: Option<SignedDuration>,
    /// The body; `None` where it is no JSON, or longer than [`BODY_BYTES_MAX`].
    pub json: Option<Value>,
}

/// Why a request did not bring what was asked for: the few things that callers branch on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Certainly not done; the same may succeed later.
    #[error("{why}")]
    Unavailable {
        /// The cause.
        why: String,
        /// How long the receiver asks to be left alone, where it says so.
        retry_after: Option<SignedDuration>,
    },
    /// Certainly not done, and only a person can help: nobody is signed in, a right is missing,
    /// nothing is set up.
    #[error("{0}")]
    Refused(String),
    /// No answer that says: it may have been done, and it may yet be.
    #[error("{0}")]
    Unknown(String),
    /// The same, and the receiver asks to be left alone.
    #[error("{why}")]
    Delayed {
        /// The cause.
        why: String,
        /// For how long.
        retry_after: SignedDuration,
    },
}

impl Failure {
    /// [`Failure::Unavailable`] where nobody says until when.
    pub fn unavailable(why: impl Into<String>) -> Self {
        Self::Unavailable { why: why.into(), retry_after: None }
    }

    /// An answer that does not say whether it was done, with the time that it asks for.
    #[must_use]
    pub fn unclear(why: String, retry_after: Option<SignedDuration>) -> Self {
        match retry_after {
            Some(retry_after) => Self::Delayed { why, retry_after },
            None => Self::Unknown(why),
        }
    }

    /// The same of a request that changes nothing: what is unknown was then certainly not done.
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

/// The longest that an answer can make this program wait: for as long as anything is tried at all.
const RETRY_AFTER_MAX: SignedDuration = SignedDuration::from_hours(24);

/// What `Retry-After` means: seconds, or a time, which counts from the answer's own `Date` (RFC
/// 9110, section 10.2.3).
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

/// The longest code of an error, in characters.
const CODE_CHARS_MAX: usize = 60;

/// The code of an error: Graph's `error.code`, Azure Boards' `typeKey`. `None` where it is not one
/// word of letters, digits, `.`, `-` and `_`.
#[must_use]
pub fn error_code(response: &Response) -> Option<&str> {
    let json = response.json.as_ref()?;
    let code = json.pointer("/error/code").or_else(|| json.get("typeKey"))?.as_str()?;
    let is_code = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    (!code.is_empty() && code.len() <= CODE_CHARS_MAX && code.chars().all(is_code)).then_some(code)
}

/// How much of what others say is repeated, in characters.
const SAID_CHARS_MAX: usize = 200;

/// What others say of an error, in one line without anything that steers or hides others.
#[must_use]
pub fn said(text: &str) -> String {
    let clean = Text::plain(text).to_plain();
    let words: Vec<&str> = clean.split_whitespace().collect();
    let line: String = words.join(" ").chars().take(SAID_CHARS_MAX).collect();
    line.trim_end_matches('.').to_owned()
}

/// Everything but the unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A part of a path or of a query, percent-encoded: whatever stands in it, it stays that part (RFC
/// 3986, section 2.3).
#[must_use]
pub fn encode(part: &str) -> String {
    utf8_percent_encode(part, RESERVED).to_string()
}
