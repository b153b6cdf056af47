//! What is sent to people and services outside of the answers: recorded before it is tried.

pub mod events;
pub mod fold;
pub mod model;
pub mod opening;
pub mod workflows;
