//! What the site publishes for programs: read by programs that are not ours, held against schemas,
//! and with hostile texts in it.

mod changes;
mod details;
mod hostile;
mod json;
mod programs;
pub mod published;
mod sizes;
