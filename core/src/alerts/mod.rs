//! Alert bodies of every sender, and the rules for handling them.

pub mod alert;
pub mod change;
pub mod course;
pub mod encoding;
pub mod firing;
pub mod firing_words;
mod json;
mod lines;
pub mod members;
pub mod memory;
pub mod read;
pub mod reading;
pub mod refused;
pub mod rule;
pub mod secret;
pub mod senders;
pub mod words;
