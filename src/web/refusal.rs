//! Requests that are refused: what they are told, and what the log is.

use axum::http::StatusCode;
use tokio::time::{Duration, Instant};
use tracing::warn;

use super::body::Unread;
use crate::core::chat::activity::ActivityError;
use crate::core::launch::refused::NotAnAlert;

/// How many refusals a minute leave a line each: a flood of them must not drown, or make expensive,
/// the log that the alerts read.
const LINES_PER_MINUTE_MAX: u32 = 60;
const MINUTE: Duration = Duration::from_mins(1);

/// Why a request is refused.
pub(super) enum Refusal {
    /// The body was not read.
    Unread(Unread),
    /// No known token signed the body.
    Unsigned { bytes: usize, has_signature: bool },
    /// It is signed, and nothing that Teams would send.
    NotAnActivity(ActivityError),
    /// An alert without the key, or with another.
    NoKey { bytes: usize, has_key: bool },
    /// Nothing that a monitor would send.
    NotAnAlert(NotAnAlert),
    /// It is signed, and too old or too new: a replay, or a clock that is wrong.
    OutOfTime { skew_seconds: i64, max_seconds: i64 },
}

impl Refusal {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Unread(Unread::TooLarge) | Self::NotAnAlert(NotAnAlert::TooLarge(_)) => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            Self::Unread(Unread::TooLate) => StatusCode::REQUEST_TIMEOUT,
            Self::Unread(Unread::Broken) | Self::NotAnActivity(_) | Self::NotAnAlert(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::Unsigned { .. } | Self::NoKey { .. } | Self::OutOfTime { .. } => {
                StatusCode::UNAUTHORIZED
            }
        }
    }

    /// What the sender is told: nothing but to those who have signed.
    pub(super) fn hint(&self) -> String {
        match self {
            Self::NotAnActivity(error) => error.to_string(),
            _ => String::new(),
        }
    }

    fn log(&self) {
        let status = self.status().as_u16();
        match self {
            Self::Unread(unread) => {
                let why = match unread {
                    Unread::TooLarge => "the body is too large",
                    Unread::TooLate => "the body did not come in time",
                    Unread::Broken => "the body breaks off",
                };
                warn!(status, "refused: {why}");
            }
            Self::Unsigned { bytes, has_signature } => {
                warn!(
                    status,
                    bytes, has_signature, "refused: the body is not signed with a known token"
                );
            }
            Self::NotAnActivity(error) => {
                warn!(status, %error, "refused: signed, but not an activity");
            }
            Self::NoKey { bytes, has_key } => {
                warn!(status, bytes, has_key, "refused: an alert without the key");
            }
            Self::NotAnAlert(not) => {
                warn!(status, why = not.kind(), "refused: not an alert that can be read");
            }
            Self::OutOfTime { skew_seconds, max_seconds } => {
                warn!(
                    status,
                    skew_seconds, max_seconds, "refused: too old, or this machine's clock is wrong"
                );
            }
        }
    }
}

/// The refusals of the running minute.
#[derive(Default)]
pub(super) struct Refusals {
    since: Option<Instant>,
    count: u32,
}

impl Refusals {
    /// Leaves a line of a refusal, unless there were too many in this minute; what was left out is
    /// counted in a line once the minute is over.
    pub(super) fn note(&mut self, refusal: &Refusal, now: Instant) {
        if self.since.is_none_or(|since| now.duration_since(since) >= MINUTE) {
            let more = self.count.saturating_sub(LINES_PER_MINUTE_MAX);
            if more > 0 {
                warn!(more, "refused: so many more in a minute, without a line each");
            }
            *self = Self { since: Some(now), count: 0 };
        }
        self.count += 1;
        if self.count <= LINES_PER_MINUTE_MAX {
            refusal.log();
        }
    }
}
