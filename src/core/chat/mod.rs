//! The chat: what Teams posts, and what the words in it mean.

pub mod activity;
pub mod command;
mod components;
mod opening;
mod options;
pub mod parse;
pub mod past;
mod reader;
pub mod response_command;
pub mod schedule;
mod tracking;
pub mod words;
