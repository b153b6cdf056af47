//! Refused requests: their answers and their log lines.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;

use axum::http::StatusCode;
use parking_lot::{Mutex, MutexGuard};
use tokio::time::{Duration, Instant, sleep_until};
use tracing::warn;

use super::body::Unread;
use crate::core::alerts::refused::NotAnAlert;
use crate::core::teams::activity::ActivityError;

/// Maximum number of log lines per minute and kind of refusal, so that a flood can neither drown
/// nor inflate the log that alerts are based on. Strangers can cause three kinds, 60 lines in all.
const LINES_PER_MINUTE_MAX: u32 = 20;
const MINUTE: Duration = Duration::from_mins(1);

/// Reason for refusing a request.
pub(super) enum Refusal {
    /// The body could not be read.
    Unread(Unread),
    /// No known token signed the body.
    Unsigned { bytes: usize, has_signature: bool },
    /// Signed, but nothing that Teams would send.
    NotAnActivity(ActivityError),
    /// An alert without a key or with a wrong one.
    NoKey { bytes: usize, has_key: bool },
    /// Nothing that a monitor would send.
    NotAnAlert(NotAnAlert),
    /// Signed, but too old or too new: a replay, or a wrong clock.
    OutOfTime { skew_seconds: i64, max_seconds: i64 },
}

impl Refusal {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Unread(Unread::TooLarge) | Self::NotAnAlert(NotAnAlert::TooLarge) => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            Self::Unread(Unread::TooLate) => StatusCode::REQUEST_TIMEOUT,
            Self::Unread(Unread::Crowded) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unread(Unread::Broken | Unread::NotGzip)
            | Self::NotAnActivity(_)
            | Self::NotAnAlert(_) => StatusCode::BAD_REQUEST,
            Self::Unsigned { .. } | Self::NoKey { .. } | Self::OutOfTime { .. } => {
                StatusCode::UNAUTHORIZED
            }
        }
    }

    /// Text for the sender; empty unless the request was signed.
    pub(super) fn hint(&self) -> String {
        match self {
            Self::NotAnActivity(error) => error.to_string(),
            _ => String::new(),
        }
    }

    /// Kind of refusal, for the limit on log lines.
    fn kind(&self) -> &'static str {
        match self {
            Self::Unread(_) => "body",
            Self::Unsigned { .. } => "signature",
            Self::NotAnActivity(_) => "activity",
            Self::NoKey { .. } => "key",
            Self::NotAnAlert(_) => "alert",
            Self::OutOfTime { .. } => "time",
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
                    Unread::Crowded => "too many bodies are unfinished at once",
                    Unread::NotGzip => "the body is not valid gzip",
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

/// Refusals in the current minute, by kind, so that a flood of one kind does not hide others.
#[derive(Default)]
pub(super) struct Refusals(Mutex<BTreeMap<&'static str, Minute>>);

#[derive(Default)]
struct Minute {
    since: Option<Instant>,
    lines: u32,
    omitted: u64,
}

impl Refusals {
    /// Logs a refusal unless its kind has reached the limit of this minute. The number of those
    /// left out is logged when the minute ends.
    pub(super) fn note(self: &Arc<Self>, refusal: &Refusal, now: Instant) {
        let kind = refusal.kind();
        let mut minutes = self.minutes();
        let minute = minutes.entry(kind).or_default();
        let begun = *minute.since.get_or_insert(now);
        if now.duration_since(begun) >= MINUTE {
            (minute.since, minute.lines) = (Some(now), 0);
        }
        if minute.lines < LINES_PER_MINUTE_MAX {
            minute.lines += 1;
            drop(minutes);
            refusal.log();
            return;
        }
        minute.omitted += 1;
        if minute.omitted == 1 {
            let refusals = Arc::clone(self);
            tokio::spawn(async move {
                sleep_until(begun + MINUTE).await;
                refusals.sum_up(kind);
            });
        }
    }

    fn sum_up(&self, kind: &'static str) {
        let omitted = self.minutes().get_mut(kind).map(|minute| mem::take(&mut minute.omitted));
        let omitted = omitted.unwrap_or_default();
        warn!(kind, omitted, "refused: more of this kind in the last minute");
    }

    fn minutes(&self) -> MutexGuard<'_, BTreeMap<&'static str, Minute>> {
        self.0.lock()
    }
}
