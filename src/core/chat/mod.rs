//! The chat: what Teams posts.

pub mod activity;
pub mod said;
