//! Microsoft Teams: incoming activities, and signed links for answers.

pub mod activity;
pub mod link;
pub mod said;
