//! The progress of reading the log.

use crate::core::log::lines::Withheld;
use crate::core::log::state::State;

#[derive(Default)]
pub(super) struct Reader {
    /// A fold from the log's start that is under way: what was read stays read.
    pub(super) from_start: Option<State>,
    /// The lines that this fold has read as erased, or that were.
    pub(super) without: Withheld,
    /// The state began as a snapshot: a log that does not fit may be the snapshot's fault.
    pub(super) from_snapshot: bool,
}
