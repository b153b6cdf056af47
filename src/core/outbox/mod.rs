//! Messages and steps waiting to be sent: recorded before they are tried.

pub mod events;
pub mod fold;
pub mod model;
pub mod opening;
