//! Reports to the channel that a monitor's alerts are refused.

use jiff::{SignedDuration, Timestamp};

use super::notices::{said, was_said};
use super::outcome::ALERT;
use crate::commands::context::Context;
use crate::log::draft::Completed;
use crate::log::fold::FoldError;
use crate::log::record::{Cause, MessageId, Source};
use crate::response::person::Person;

/// Minimum time between two messages about bodies that are refused for the same reason.
pub const ANNOUNCED_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// A refused body: its sender as far as known, the reason, and the sentence that the sender was
/// answered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefusedAlert {
    /// Such as `Grafana`, or the program that posted it.
    pub sender: String,
    /// The reason, without anything from the body.
    pub reason: String,
    pub remedy: String,
}

impl RefusedAlert {
    #[must_use]
    pub fn cause(&self, at: Timestamp) -> Cause {
        Cause {
            source: Source::Alert,
            by: Person { id: ALERT.to_owned(), name: self.sender.clone(), ..Person::default() },
            message: MessageId {
                conversation: ALERT.to_owned(),
                id: format!("refused {} {at}", self.reason),
            },
            thread: None,
            at,
        }
    }

    #[must_use]
    pub fn heading(&self) -> String {
        format!("Alerts from {} are refused: {}", self.sender, self.reason)
    }
}

/// The record that announces a refusal, unless it was announced within the last hour.
///
/// # Errors
/// [`FoldError`] if the record does not fit the state: a defect of this program.
pub fn refused(
    context: Context<'_>,
    refused: &RefusedAlert,
) -> Result<Option<Completed>, FoldError> {
    let (heading, now) = (refused.heading(), context.time());
    let is_recent = |at: Timestamp| now.duration_since(at) < ANNOUNCED_EVERY;
    if was_said(&context, |said, at| said == heading && is_recent(at)) {
        return Ok(None);
    }
    let text = format!("{}\nNothing that it sends is recorded until then.", refused.remedy);
    let said = said(None, heading, text, Vec::new(), None);
    context.record(vec![said]).map(Some)
}
