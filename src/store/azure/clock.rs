//! Clock of the storage service, from the `Date` header of its answers (RFC 9110, 6.6.1).

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::http::headers::HeaderName;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{Context, Request};
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use tokio::time::Instant;

pub(super) const DATE: HeaderName = HeaderName::from_static("date");

/// Remembers the time of the latest answer.
#[derive(Debug, Default)]
pub(super) struct Clock(Mutex<Option<(Timestamp, Instant)>>);

impl Clock {
    /// Time of the latest answer plus the time elapsed since.
    pub(super) fn now(&self) -> Option<Timestamp> {
        let (then, noted) = (*self.0.lock())?;
        let passed = SignedDuration::try_from(noted.elapsed()).ok()?;
        then.checked_add(passed).ok()
    }

    fn note(&self, date: &str) {
        if let Ok(then) = jiff::fmt::rfc2822::parse(date) {
            let noted = (then.timestamp(), Instant::now());
            *self.0.lock() = Some(noted);
        }
    }
}

#[async_trait]
impl Policy for Clock {
    async fn send(
        &self,
        context: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        let (first, rest) = next.split_first().ok_or_else(|| {
            azure_core::Error::with_message(azure_core::error::ErrorKind::Other, "no transport")
        })?;
        let answer = first.send(context, request, rest).await?;
        if let Some(date) = answer.headers().get_optional_str(&DATE) {
            self.note(date);
        }
        Ok(answer)
    }
}
