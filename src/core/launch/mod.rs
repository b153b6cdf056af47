//! From an alert, or by hand, to what is done about it: alerts, rules, steps and what they ask of
//! others.

pub mod alert;
mod azure_context;
mod azure_monitor;
mod json;
mod plain;
mod prometheus;
pub mod read;
pub mod refused;
pub mod rule;
