//! A scripted incident of six people and 90 messages, `incident/script.txt`: replayed through the
//! pure core, and, in `black_box/incident.rs`, through the program with kills in between.

pub mod redact;
pub mod replay;
pub mod script;
