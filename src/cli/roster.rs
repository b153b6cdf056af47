//! `status-update roster`: reads a file without log and cloud, or sets and reads the rosters in the
//! log.

use std::fs::File;
use std::io::{BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use clap::{Args, Subcommand};
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use super::ExitStatus;
use super::say::carry_out;
use super::usage::program;
use crate::core::commands::refusal::RefusalKind;
use crate::core::commands::{Change, Command};
use crate::core::rosters::calendar::{Whose, write_calendar};
use crate::core::rosters::changes::{LevelChange, changes, changes_text};
use crate::core::rosters::cover_text::{misfit_text, with_covers};
use crate::core::rosters::coverage::CHECKED_DAYS;
use crate::core::rosters::coverage_table::check;
use crate::core::rosters::effective::{Effective, Unusable, effective, put};
use crate::core::rosters::file::{self, BYTES_MAX};
use crate::core::rosters::roster::Rosters;
use crate::core::rosters::state::RosterState;
use crate::service::{Outcome, Service};

/// The rosters in the log, as messages call them.
const LOG: &str = "the rosters that are set";

#[derive(Subcommand)]
pub enum RosterCommand {
    /// Checks a roster file and puts it into the log, replacing the current one.
    Set(Set),
    /// Prints the current roster file, followed by the covers from the channel.
    Get,
    /// Lists gaps, overlaps, long turns and people who cannot be reached.
    Check(Check),
    /// Writes the shifts to standard output as an iCalendar file.
    Ics(Ics),
}

impl RosterCommand {
    /// Returns `true` if the command records something.
    #[must_use]
    pub fn records(&self) -> bool {
        matches!(self, Self::Set(_))
    }

    /// Reads the file to set, so that a wrong one does not even create a folder.
    ///
    /// # Errors
    /// Returns an error if the file is invalid, with the line.
    pub fn check_file(&self) -> anyhow::Result<()> {
        if let Self::Set(set) = self {
            read(&set.file)?;
        }
        Ok(())
    }

    /// The same command on a file instead of the log, as the end of an error; empty if there is none.
    #[must_use]
    pub fn on_a_file(&self) -> String {
        let word = match self {
            Self::Set(_) | Self::Get => return String::new(),
            Self::Check(_) => "check",
            Self::Ics(_) => "ics",
        };
        format!(", or name a file: `{} roster {word} <file>`", program())
    }

    /// Returns `true` if the command needs the log rather than only a file.
    #[must_use]
    pub fn needs_the_log(&self) -> bool {
        match self {
            Self::Set(_) | Self::Get => true,
            Self::Check(Check { file, .. }) | Self::Ics(Ics { file, .. }) => file.is_none(),
        }
    }
}

#[derive(Args)]
pub struct Check {
    /// Roster file. Default: the rosters in the log.
    file: Option<PathBuf>,
    /// Number of days from now, 1 to 730.
    #[arg(long, value_name = "N", default_value_t = CHECKED_DAYS, value_parser = clap::value_parser!(u16).range(1..=730))]
    days: u16,
}

#[derive(Args)]
pub struct Set {
    /// Confirm that someone who is on call now will be replaced.
    #[arg(long)]
    yes: bool,
    /// Your name, for the record.
    #[arg(long = "as", value_name = "NAME", default_value = "Operator")]
    name: String,
    /// Roster file, such as rosters.toml.
    file: PathBuf,
}

#[derive(Args)]
pub struct Ics {
    /// Roster file. Default: the rosters in the log.
    file: Option<PathBuf>,
    /// Only shifts of this person.
    #[arg(long, value_name = "NAME", conflicts_with = "roster")]
    person: Option<String>,
    /// Only shifts of this roster, given by its name or one of its topics.
    #[arg(long, value_name = "NAME")]
    roster: Option<String>,
    /// Number of days from now, 1 to 730.
    #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=730))]
    days: u16,
}

/// Runs a command that needs only a file.
///
/// # Errors
/// Returns an error if the file is invalid (with the line), a name is not in it, or the output
/// cannot be written.
pub fn run(
    command: &RosterCommand,
    now: Timestamp,
    out: &mut impl Write,
) -> anyhow::Result<ExitStatus> {
    match command {
        RosterCommand::Check(Check { file: Some(file), days }) => {
            table(&read(file)?.1, now, *days, out)
        }
        RosterCommand::Ics(ics @ Ics { file: Some(file), .. }) => {
            shifts((&read(file)?.1, &[]), ics, &file.display().to_string(), now, out)
        }
        _ => bail!("this needs the log"),
    }
}

/// Runs a command on the log.
///
/// # Errors
/// Returns an error if the file is invalid (with the line; nothing is changed then), no rosters are
/// set, the log cannot be read, or the output cannot be written.
pub async fn run_on_log(
    service: &Arc<Service>,
    command: &RosterCommand,
    now: Timestamp,
    out: &mut impl Write,
) -> anyhow::Result<ExitStatus> {
    match command {
        RosterCommand::Set(given) => set(service, given, now, out).await,
        RosterCommand::Get => {
            let (state, effective) = known(service, &command.on_a_file()).await?;
            let text = state.text.as_deref().unwrap_or_default();
            let text = with_covers(text, &state.covers, &effective, now);
            out.write_all(text.as_bytes())?;
            Ok(ExitStatus::Success)
        }
        RosterCommand::Check(Check { file: None, days }) => {
            table(&known(service, &command.on_a_file()).await?.1.rosters, now, *days, out)
        }
        RosterCommand::Ics(ics @ Ics { file: None, .. }) => {
            let rosters = known(service, &command.on_a_file()).await?.1.rosters;
            // A file that this version cannot read is in none of its calendars.
            let before = service.rosters_before().await?.into_iter();
            let before: Vec<Rosters> = before.filter_map(|text| file::parse(&text).ok()).collect();
            shifts((&rosters, &before), ics, LOG, now, out)
        }
        RosterCommand::Check(_) | RosterCommand::Ics(_) => run(command, now, out),
    }
}

async fn set(
    service: &Arc<Service>,
    Set { yes, name, file }: &Set,
    now: Timestamp,
    out: &mut impl Write,
) -> anyhow::Result<ExitStatus> {
    let (text, mut rosters) = read(file)?;
    let state = service.catch_up().await?;
    // Covers from the channel stay in effect with the new file.
    for cover in &state.rosters.covers {
        let _does_not_fit = put(&mut rosters, cover);
    }
    let before = effective(&state.rosters).map(|effective| effective.rosters).unwrap_or_default();
    let changes = changes(&before, &rosters, now);
    if !yes && changes.iter().any(LevelChange::replaces_somebody) {
        writeln!(
            out,
            "{}Nothing was changed: this replaces somebody who is on call now. To set it, add --yes.",
            changes_text(&changes)
        )?;
        return Ok(ExitStatus::Failure);
    }
    let command = Ok(Command::Change(Change::Rosters(text.into())));
    let (outcome, ending) = carry_out(service, name, &command, now, out).await?;
    if let Outcome::Refused(refusal) = &outcome
        && refusal.kind == Some(RefusalKind::SameRosters)
    {
        return Ok(ExitStatus::Success);
    }
    if ending == ExitStatus::Failure {
        return Ok(ending);
    }
    out.write_all(changes_text(&changes).as_bytes())?;
    let (_, Effective { rosters, misfits }) = known(service, "").await?;
    for (number, misfit) in misfits {
        writeln!(out, "Cover {number} no longer applies: {}.", misfit_text(&misfit))?;
    }
    writeln!(out)?;
    // Gaps and overlaps do not prevent a file from being set.
    table(&rosters, now, CHECKED_DAYS, out).map(|_| ExitStatus::Success)
}

async fn known(service: &Service, instead: &str) -> anyhow::Result<(RosterState, Effective)> {
    let state = service.catch_up().await?;
    let effective = effective(&state.rosters).map_err(|unusable| match unusable {
        Unusable::NotSet => {
            let program = program();
            anyhow!("no rosters are set. Type `{program} roster set <file>`{instead}")
        }
        Unusable::Wrong(error) => anyhow!("{LOG}: {error}"),
    })?;
    Ok((state.rosters.clone(), effective))
}

fn table(
    rosters: &Rosters,
    now: Timestamp,
    days: u16,
    out: &mut impl Write,
) -> anyhow::Result<ExitStatus> {
    // The table shows no seconds.
    let minutes = TimestampRound::new().smallest(Unit::Minute).mode(RoundMode::Trunc);
    let checked = check(rosters, now.round(minutes).unwrap_or(now), days);
    out.write_all(checked.text.as_bytes())?;
    Ok(if checked.gaps == 0 { ExitStatus::Success } else { ExitStatus::Failure })
}

fn shifts(
    (rosters, before): (&Rosters, &[Rosters]),
    ics: &Ics,
    source: &str,
    now: Timestamp,
    out: &mut impl Write,
) -> anyhow::Result<ExitStatus> {
    let whose = whose(rosters, ics, source)?;
    let mut out = BufWriter::new(out);
    let window = (now, ics.days);
    write_calendar((rosters, before), whose, window, |piece| out.write_all(piece.as_bytes()))?;
    out.flush()?;
    Ok(ExitStatus::Success)
}

fn whose<'a>(rosters: &'a Rosters, ics: &Ics, source: &str) -> anyhow::Result<Whose<'a>> {
    match (&ics.person, &ics.roster) {
        (Some(name), _) => {
            let person = rosters.contact(name).map(Whose::Person);
            person.with_context(|| format!("{source}: nobody is called \"{name}\""))
        }
        (None, Some(name)) => {
            let roster = rosters.roster(name).map(Whose::Roster);
            roster.with_context(|| format!("{source}: no roster or topic is called \"{name}\""))
        }
        (None, None) => Ok(Whose::All),
    }
}

/// Text of a file, with the rosters parsed from it.
fn read(path: &Path) -> anyhow::Result<(String, Rosters)> {
    let text = read_text(path).map_err(|error| anyhow!("{}: {error}", path.display()))?;
    let rosters = file::parse(&text).map_err(|error| anyhow!("{}:{error}", path.display()))?;
    Ok((text, rosters))
}

/// Text of a file, read no further than needed to see that it is too large.
pub(super) fn read_text(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let limit = u64::try_from(BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)?.take(limit).read_to_string(&mut text)?;
    Ok(text)
}
