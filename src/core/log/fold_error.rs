//! Why a record does not fit the log.

use jiff::civil::Date;

use super::record::RECORD_FORMAT;
use crate::core::incident::model::Number;

/// Why a record does not follow from the state before it. The log, the snapshot or this program's
/// version is wrong; going on would invent history.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// Not a record that this version reads.
    #[error("record {revision} cannot be read: {why}")]
    Unreadable {
        /// The revision that was asked for.
        revision: u64,
        /// What the reader said.
        why: String,
    },
    /// The record is of a format that this version does not know.
    #[error("record {revision} has format {found}, and this version reads format {RECORD_FORMAT}")]
    Format {
        /// Its place.
        revision: u64,
        /// What it says.
        found: u32,
    },
    /// The record carries another number than its place in the log.
    #[error("the record at revision {expected} says that it is revision {found}")]
    Revision {
        /// Its place.
        expected: u64,
        /// What it says.
        found: u64,
    },
    /// The record was not made on top of the one before it: one of the two was changed.
    #[error("record {revision} does not continue record {}: the hash chain is broken", revision - 1)]
    Chain {
        /// The later of the two.
        revision: u64,
    },
    /// A day that does not follow the one before, or began at another time than this record's.
    #[error("record {revision} begins the day {date}, which does not follow the days before it")]
    Day {
        /// The record.
        revision: u64,
        /// The day.
        date: Date,
    },
    /// An event speaks of an incident that is not there, or not in that condition.
    #[error("record {revision} changes incident #{number}, which the state does not have so")]
    Incident {
        /// The record.
        revision: u64,
        /// The incident.
        number: Number,
    },
    /// An event speaks of a delivery that is not waiting, or not in that condition.
    #[error("record {revision} changes a delivery, which the state does not have so")]
    Delivery {
        /// The record.
        revision: u64,
    },
    /// An event speaks of a cover, or of a level, that is not there.
    #[error("record {revision} changes rosters, and the state does not have them so")]
    Rosters {
        /// The record.
        revision: u64,
    },
    /// An event lets go of what the state does not have.
    #[error("record {revision} evicts what the state does not have")]
    Evicted {
        /// The record.
        revision: u64,
    },
}

impl FoldError {
    /// Whether the record itself cannot be read, so that no other state would take it either.
    #[must_use]
    pub fn is_of_the_record(&self) -> bool {
        matches!(self, Self::Unreadable { .. } | Self::Format { .. })
    }
}
