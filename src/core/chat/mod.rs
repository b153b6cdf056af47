//! The chat: what Teams posts, and what the words in it mean.

pub mod activity;
pub mod command;
mod options;
pub mod parse;
pub mod schedule;
pub mod words;
