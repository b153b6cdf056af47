//! Alerts: bodies of every monitor with their outcomes, and the rules.

mod bodies;
mod cases;
mod cut_short;
mod decided;
mod duplicates;
mod encoding;
mod ends;
mod flapping;
mod maintenance;
mod members;
mod properties;
mod question;
mod rules;
mod secret;
mod templates;
mod words;
