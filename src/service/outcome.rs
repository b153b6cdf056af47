//! The outcome of a command, and the errors.

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

/// The outcome of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is recorded, now or by an earlier copy of the same message.
    Recorded {
        /// The record.
        record: Record,
        /// Whether it had been recorded before.
        replayed: bool,
        /// Whether the page shows it, and the review that it asks for is written.
        published: bool,
        timing: Timing,
        /// What the answer says about the message.
        remarks: Vec<String>,
    },
    /// It was a question.
    Report {
        /// Which one, and about what.
        asked: Asked,
        /// The state to answer from.
        state: Arc<State>,
        /// The revision that the page shows, if known.
        published: Option<u64>,
    },
    /// It changed nothing, on a state confirmed to be current wherever that matters.
    Refused(Refusal),
    /// Storage, or a clock, was the cause that nothing was done.
    Trouble(Trouble),
}

/// The duration of the parts of a command; zero for those not done by then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// From the start until the record was in the log.
    pub recorded: Duration,
    /// From then until the page showed it.
    pub published: Duration,
}

/// The revisions known without asking the store, for the health page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revisions {
    /// The last record that this process saw.
    pub recorded: Option<u64>,
    /// The last revision that it saw published.
    pub published: Option<u64>,
}

/// The cause why something is not recorded or published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Whether it is the store's: then its setting, or a right on it, is what to look at.
    pub is_storage: bool,
    /// The problem, and the remedy where there is one.
    pub text: String,
    /// Whether only a person can help.
    pub(super) is_refusal: bool,
}

impl Problem {
    pub(super) fn of(error: &ServiceError) -> Self {
        let is_storage = matches!(
            error,
            ServiceError::Store(_) | ServiceError::Late | ServiceError::LogEmpty { .. }
        );
        let is_refusal = matches!(error, ServiceError::Store(StoreError::Refused(_)));
        Self { is_storage, text: error.to_string(), is_refusal }
    }

    pub(super) fn rebuild_pending() -> Self {
        let text = "the log is not the one that the site was made from: it was restored, or \
                    state/status.json was lost. Everything is being rebuilt from the log";
        Self { is_storage: false, text: text.to_owned(), is_refusal: false }
    }
}

/// Why the log could not be followed, or the site not be published.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store did not answer in time.
    #[error("storage did not answer in time")]
    Late,
    /// This program failed where it cannot.
    #[error("this program failed; its log says why")]
    Defect,
    /// A run is still in progress.
    #[error("the run before is still waiting for storage")]
    Busy,
    /// The log does not make sense.
    #[error(transparent)]
    Fold(#[from] FoldError),
    /// A page could not be rendered.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A document in the store is not what was written there.
    #[error("{key} cannot be read: {why}")]
    Document {
        /// Where it is.
        key: String,
        why: String,
    },
    /// The log is empty, and a snapshot knows of records: more likely a mistake than a restore.
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
        /// The first one that is missing.
        missing: u64,
        /// One that stands after it.
        found: u64,
    },
    /// This machine's clock and the storage's contradict each other.
    #[error(
        "this machine's clock says {here:.0}, the storage's {there:.0}: {} {}. Nothing is \
         recorded until the two agree within five minutes; set this machine's clock",
        length(here.duration_since(*there)),
        if here > there { "ahead" } else { "behind" }
    )]
    Clock {
        /// Here.
        here: Timestamp,
        /// By storage's answers.
        there: Timestamp,
    },
    /// The log's last record is of a time that has not come yet.
    #[error(
        "the log's last record, {revision}, is dated {at:.0}, {} ahead of this machine's clock: a \
         wrong clock has dated it, and every later record gets the same time. See \"The log is \
         ahead of its time\" in docs/runbook.md",
        length(at.duration_since(*now))
    )]
    LogAhead {
        /// The last record.
        revision: u64,
        /// Its time.
        at: Timestamp,
        /// Now, by this machine.
        now: Timestamp,
    },
    /// Due events could not be recorded; the log says why.
    #[error("what the time has brought could not be recorded")]
    NotRecorded,
    /// Publishing failed a moment ago, and its next try is still to come.
    #[error("publishing pauses after a failure: {0}")]
    Paused(String),
}

/// A length of time for people, in its largest unit.
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
