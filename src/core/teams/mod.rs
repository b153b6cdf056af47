//! Microsoft Teams: the activities that it posts, and the addresses that answers link.

pub mod activity;
pub mod link;
pub mod said;
