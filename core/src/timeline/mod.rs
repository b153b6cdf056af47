//! Events in words, and the timeline of an incident made of them.

mod entries;
mod internal;
mod narration;
mod public;

pub use entries::{EntryNumber, TimelineEntry, entries, entries_of};
pub use narration::{EntryKind, Narration, Narrator};
