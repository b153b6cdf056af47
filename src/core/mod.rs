//! The pure part: what a message means, what follows from it, and what is shown.
//!
//! Nothing here does I/O, waits, reads a clock, the environment or a random number, or logs. Time,
//! sender and message id come in as arguments; what is to be done goes out as data.

pub mod answer;
pub mod archive;
pub mod card;
pub mod clock;
pub mod command;
pub mod config;
pub mod decide;
pub mod fold;
pub mod history;
pub mod html;
pub mod ledger;
pub mod markup;
pub mod model;
mod options;
pub mod refusal;
pub mod schedule;
pub mod site;
pub mod state;
pub mod teams;
pub mod text;
mod upkeep;
pub mod words;
