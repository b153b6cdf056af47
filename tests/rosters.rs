//! Rosters: files and errors in them, the people on call through all clock changes, calendars, and
//! the commands at a terminal.

mod calendars;
mod command;
mod covers;
mod files;
mod in_the_log;
mod oracle;
mod turns;

use jiff::Timestamp;
use status_update::core::rosters::file;
use status_update::core::rosters::roster::Rosters;

/// The program's clock by default.
const NOW: &str = "2026-11-23T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The rosters of a file.
fn rosters(toml: &str) -> Rosters {
    file::parse(toml).unwrap_or_else(|error| panic!("{error}: {toml}"))
}
