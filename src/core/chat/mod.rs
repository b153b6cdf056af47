//! The chat: what Teams posts, and what the words in it mean.

pub mod activity;
pub mod command;
mod components;
pub mod follow_up;
mod launch;
mod on_call;
pub mod on_call_command;
mod opening;
mod options;
pub mod parse;
pub mod past;
pub mod person;
mod reader;
pub mod response_command;
mod roles;
pub mod said;
pub mod schedule;
mod scribe;
pub mod scribe_command;
mod tracking;
pub mod words;
