//! Alerts: bodies of every monitor and what they become, and the rules for them.

mod bodies;
mod decided;
mod encoding;
mod properties;
mod question;
mod rules;
mod templates;
