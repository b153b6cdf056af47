//! The functional core: it parses messages, decides, and renders answers and pages.
//!
//! No I/O, waiting, clock, environment, randomness or logging. Time, sender and message id are
//! arguments; effects are returned as data. A module may import the modules listed above it here,
//! and none below it.

#![warn(unreachable_pub)]

pub mod digest;
pub mod text;

pub mod http;

pub mod incident;

pub mod rosters;
pub mod sealed;

pub mod alerts;

pub mod response;
pub mod review;

pub mod launch;

pub mod connectors;

pub mod outbox;

pub mod log;

pub mod config;

pub mod timeline;

pub mod teams;

pub mod commands;

pub mod decide;

pub mod answer;

pub mod site;
