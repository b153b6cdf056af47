//! Microsoft Teams: the activities that it posts.

pub mod activity;
pub mod said;
