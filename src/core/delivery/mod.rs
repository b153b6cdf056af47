//! What is to be sent.

pub mod opening;
pub mod workflows;
