//! Rosters at a terminal: read from a file, without the log and without the cloud.

use std::fmt::Display;
use std::fs::File;
use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use crate::core::response::coverage_table::check;
use crate::core::response::roster::Rosters;
use crate::core::response::roster_file::{self, BYTES_MAX};
use crate::core::response::roster_ics::{Whose, calendar};
use crate::operate::Ending;

/// What is done with a roster file.
#[derive(Subcommand)]
pub enum RosterCommand {
    /// Tells who is missing when: gaps, overlaps and long turns of the next 90 days.
    Check {
        /// The roster file.
        file: PathBuf,
    },
    /// Writes the shifts as an iCalendar file to standard output.
    Ics(Ics),
}

/// What of a roster file becomes a calendar.
#[derive(Args)]
pub struct Ics {
    /// The roster file.
    file: PathBuf,
    /// Only the shifts of this person.
    #[arg(long, value_name = "NAME", conflicts_with = "roster")]
    person: Option<String>,
    /// Only the shifts of this roster, by its name or one of its topics.
    #[arg(long, value_name = "NAME")]
    roster: Option<String>,
    /// How many days from now, 1 to 730.
    #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=730))]
    days: u16,
}

/// Carries a command out.
///
/// # Errors
/// What is wrong with the file, with its line; a name that is not in it; that the answer cannot be
/// written.
pub fn run(
    command: &RosterCommand,
    now: Timestamp,
    out: &mut impl Write,
) -> Result<Ending, String> {
    match command {
        RosterCommand::Check { file } => {
            // A table has no seconds.
            let minutes = TimestampRound::new().smallest(Unit::Minute).mode(RoundMode::Trunc);
            let now = now.round(minutes).unwrap_or(now);
            let checked = check(&read(file)?, now);
            out.write_all(checked.text.as_bytes()).map_err(text)?;
            Ok(if checked.gaps == 0 { Ending::Good } else { Ending::Bad })
        }
        RosterCommand::Ics(ics) => {
            let rosters = read(&ics.file)?;
            let whose = whose(&rosters, ics)?;
            let file = calendar(&rosters, whose, now, ics.days);
            out.write_all(file.as_bytes()).map(|()| Ending::Good).map_err(text)
        }
    }
}

fn whose<'a>(rosters: &'a Rosters, ics: &Ics) -> Result<Whose<'a>, String> {
    let file = ics.file.display();
    match (&ics.person, &ics.roster) {
        (Some(name), _) => {
            let person = rosters.contact(name).map(Whose::Person);
            person.ok_or_else(|| format!("{file}: nobody is called \"{name}\""))
        }
        (None, Some(name)) => {
            let roster = rosters.roster(name).map(Whose::Roster);
            roster.ok_or_else(|| format!("{file}: no roster or topic is called \"{name}\""))
        }
        (None, None) => Ok(Whose::All),
    }
}

fn read(path: &Path) -> Result<Rosters, String> {
    let unreadable = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut text = String::new();
    // One byte more shows that it is too large.
    let limit = u64::try_from(BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let file = File::open(path).map_err(unreadable)?;
    file.take(limit).read_to_string(&mut text).map_err(unreadable)?;
    roster_file::parse(&text).map_err(|error| format!("{}:{error}", path.display()))
}

fn text(error: impl Display) -> String {
    error.to_string()
}
