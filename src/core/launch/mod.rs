//! From an alert, or by hand, to what is done about it: alerts and rules; the steps, what they are
//! told, and what they ask of others.

pub mod alert;
mod azure_context;
mod azure_monitor;
pub mod boards;
pub mod boards_answer;
pub mod boards_text;
pub mod brief;
pub mod channel_name;
pub mod events;
pub mod graph;
mod json;
pub mod place;
mod plain;
pub mod progress;
mod prometheus;
pub mod read;
pub mod refused;
pub mod rule;
pub mod step;
