//! Alert bodies of every sender, and the rules about what an alert does.

pub mod alert;
mod azure_context;
mod azure_monitor;
pub mod firing;
mod json;
mod plain;
mod prometheus;
pub mod read;
pub mod refused;
pub mod rule;
