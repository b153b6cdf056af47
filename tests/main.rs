//! The one black-box test binary: see `ARCHITECTURE.md`, "Tests".
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::too_many_lines,
    reason = "a test may stop where it stands, and a scenario reads best in one piece"
)]

mod support;

mod alerts;
mod black_box;
mod bodies;
mod browser;
mod cases;
mod clients;
mod commands;
mod conformance;
mod deliveries;
mod deploy;
mod erasure;
mod follow_up;
mod golden;
mod help;
mod house;
mod incident;
mod launch;
mod limits;
mod looks;
mod outbound;
mod people;
mod properties;
mod recovery;
mod responders;
mod rosters;
mod scribe;
mod simulation;
mod suggested;
mod typed;
