//! Reasons why a record does not fit the log.

use jiff::civil::Date;

use super::record::RECORD_FORMAT;
use crate::incident::model::Number;

/// A record that does not follow from the state before it. The log, the snapshot or this program's
/// version is wrong; continuing would invent history.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// Not a record that this version can read.
    #[error("record {revision} cannot be read: {why}")]
    Unreadable {
        /// The requested revision.
        revision: u64,
        /// The parser's message.
        why: String,
    },
    /// A record format that this version does not know.
    #[error("record {revision} has format {found}, and this version reads format {RECORD_FORMAT}")]
    Format {
        /// Revision by its place in the log.
        revision: u64,
        /// The format in the record.
        found: u32,
    },
    /// The revision in the record is not its place in the log.
    #[error("the record at revision {expected} says that it is revision {found}")]
    Revision {
        /// Revision by its place in the log.
        expected: u64,
        /// The revision in the record.
        found: u64,
    },
    /// The record does not continue the previous one: one of the two was changed.
    #[error("record {revision} does not continue record {}: the hash chain is broken", revision - 1)]
    Chain {
        /// The later of the two.
        revision: u64,
    },
    /// A day that does not follow the previous one, or that began at a different time than this
    /// record.
    #[error("record {revision} begins the day {date}, which does not follow the days before it")]
    Day { revision: u64, date: Date },
    /// An event about an incident that does not exist or is in a different condition.
    #[error("record {revision} changes incident #{number}, which the state does not have so")]
    Incident { revision: u64, number: Number },
    /// An event about a message that does not wait or is in a different condition.
    #[error("record {revision} changes a delivery, which the state does not have so")]
    Delivery { revision: u64 },
    /// An event about a cover or level that does not exist.
    #[error("record {revision} changes rosters, and the state does not have them so")]
    Rosters { revision: u64 },
    /// An event evicts something that the state does not have.
    #[error("record {revision} evicts what the state does not have")]
    Evicted { revision: u64 },
}

impl FoldError {
    /// True if the record itself is unreadable, so that no state would accept it.
    #[must_use]
    pub fn is_of_the_record(&self) -> bool {
        matches!(self, Self::Unreadable { .. } | Self::Format { .. })
    }
}
