//! Outcomes of commands, and errors.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::keys::record_key;
use crate::core::answer::trouble::Trouble;
use crate::core::commands::refusal::Refusal;
use crate::core::decide::Asked;
use crate::core::log::fold::FoldError;
use crate::core::log::record::Record;
use crate::core::log::state::State;
use crate::core::site::page::SiteError;
use crate::store::StoreError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Recorded now, or by an earlier copy of the same message.
    Recorded {
        record: Record,
        /// True if an earlier copy was recorded.
        replayed: bool,
        /// True if the page is up to date and a requested review is written.
        published: bool,
        timing: Timing,
        /// Remarks of the answer on the message.
        remarks: Vec<String>,
    },
    /// A question.
    Report {
        asked: Asked,
        /// The state to answer from.
        state: Arc<State>,
        /// The published revision, if known.
        published: Option<u64>,
    },
    /// Nothing changed. The state was confirmed to be current if that matters.
    Refused(Refusal),
    /// Nothing changed because of storage or a clock.
    Trouble(Trouble),
}

/// Durations of a command's parts; zero for unfinished ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// From the start to the record.
    pub recorded: Duration,
    /// From the record to the published page.
    pub published: Duration,
}

/// Revisions known without asking the store, for the health page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revisions {
    /// The last record that this process saw.
    pub recorded: Option<u64>,
    /// The last revision that it saw published.
    pub published: Option<u64>,
}

/// The reason why something is not recorded or published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// True if storage is the cause, so that its settings and role assignments should be checked.
    pub is_storage: bool,
    /// The problem, with the remedy if there is one.
    pub text: String,
    /// True if only a person can fix it.
    pub(super) is_refusal: bool,
}

impl Problem {
    pub(super) fn of(error: &ServiceError) -> Self {
        let is_storage = matches!(
            error,
            ServiceError::Store(_) | ServiceError::Late | ServiceError::LogEmpty { .. }
        );
        let is_refusal =
            matches!(error, ServiceError::Store(StoreError::Refused(_) | StoreError::Immutable(_)));
        Self { is_storage, text: error.to_string(), is_refusal }
    }

    pub(super) fn rebuild_pending() -> Self {
        let text = "the log is not the one that the site was made from: it was restored, or \
                    state/status.json was lost. Everything is being rebuilt from the log";
        Self { is_storage: false, text: text.to_owned(), is_refusal: false }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store did not answer in time.
    #[error("storage did not answer in time")]
    Late,
    /// A defect of this program.
    #[error("this program failed; its log says why")]
    Defect,
    /// A run is still in progress.
    #[error("the previous run is still waiting for storage")]
    Busy,
    /// The log is invalid.
    #[error(transparent)]
    Fold(#[from] FoldError),
    /// A page could not be rendered.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A document in the store differs from the one that was written.
    #[error("{key} cannot be read: {why}")]
    Document { key: String, why: String },
    /// The log is empty, but a snapshot has records: more likely a mistake than a restore.
    #[error(
        "the log is empty, but state/status.json knows {revision} records: is this the right \
         account, or was the container `log` deleted? Nothing is recorded and no page changes. If \
         the log is to begin again, run `status-update rebuild --accept-empty-log`"
    )]
    LogEmpty {
        /// The snapshot's revision.
        revision: u64,
    },
    /// A record is missing in the middle of the log.
    #[error(
        "{} is missing, and record {found} is there: nothing is recorded and no page changes until \
         it is back. \"Restore\" in docs/runbook.md has the command that brings it back",
        record_key(*missing)
    )]
    Gap {
        /// The first missing record.
        missing: u64,
        /// An existing record after it.
        found: u64,
    },
    /// This machine's clock and storage's contradict each other.
    #[error(
        "this machine's clock says {here:.0}, the storage's {there:.0}: {} {}. Nothing is \
         recorded until the two agree within five minutes; set this machine's clock",
        length(here.duration_since(*there)),
        if here > there { "ahead" } else { "behind" }
    )]
    Clock {
        /// This machine's time.
        here: Timestamp,
        /// Storage's time.
        there: Timestamp,
    },
    /// The log's last record is in the future.
    #[error(
        "the log's last record, {revision}, is dated {at:.0}, {} ahead of this machine's clock: a \
         wrong clock has dated it, and every later record gets the same time. See \"The log is \
         ahead of its time\" in docs/runbook.md",
        length(at.duration_since(*now))
    )]
    LogAhead {
        revision: u64,
        at: Timestamp,
        /// This machine's time.
        now: Timestamp,
    },
    /// Due events could not be recorded; the program's log has the reason.
    #[error("due changes could not be recorded")]
    NotRecorded,
    /// Publishing failed a moment ago and is waiting for its next try.
    #[error("publishing pauses after a failure: {0}")]
    Paused(String),
}

/// A duration in its largest unit.
fn length(length: SignedDuration) -> String {
    let seconds = length.abs().as_secs();
    let (number, unit) = match seconds {
        0..=119 => (seconds, "seconds"),
        120..=7_199 => (seconds / 60, "minutes"),
        7_200..=172_799 => (seconds / 3_600, "hours"),
        172_800..=63_071_999 => (seconds / 86_400, "days"),
        _ => (seconds / 31_557_600, "years"),
    };
    format!("{number} {unit}")
}
