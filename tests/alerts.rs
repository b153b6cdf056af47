//! Alerts: bodies of every monitor and what they become, and the rules for them.

mod bodies;
mod cases;
mod decided;
mod duplicates;
mod encoding;
mod flapping;
mod maintenance;
mod members;
mod properties;
mod question;
mod rules;
mod secret;
mod templates;
