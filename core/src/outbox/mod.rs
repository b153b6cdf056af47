//! Messages and launch steps waiting to be sent. Each is recorded before the first attempt.

pub mod events;
pub mod fold;
pub mod model;
pub mod opening;
