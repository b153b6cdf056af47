//! The pure part: what a message means, what follows from it, and what is shown.
//!
//! Nothing here does I/O, waits, reads a clock, the environment or a random number, or logs. Time,
//! sender and message id come in as arguments; what is to be done goes out as data. A room uses
//! those above it and none below.

pub mod digest;
pub mod text;

pub mod http;

pub mod incident;

pub mod response;
pub mod review;

pub mod launch;

pub mod delivery;

pub mod log;

pub mod config;

pub mod chat;

pub mod commands;

pub mod decide;

pub mod answer;

pub mod site;
