//! From an alert that a monitor posts to what is done about it.

pub mod alert;
mod azure_context;
mod azure_monitor;
mod json;
mod plain;
mod prometheus;
pub mod read;
pub mod refused;
pub mod rule;
