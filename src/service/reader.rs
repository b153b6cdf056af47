//! The progress of reading the log.

use crate::core::log::lines::Withheld;
use crate::core::log::state::State;

#[derive(Default)]
pub(super) struct Reader {
    /// An unfinished fold from the log's start, so that no record is read twice.
    pub(super) from_start: Option<State>,
    /// The lines that this fold has read as erased, or that were.
    pub(super) without: Withheld,
    /// The state began as a snapshot, so a log that does not fit may be the snapshot's fault.
    pub(super) from_snapshot: bool,
}
