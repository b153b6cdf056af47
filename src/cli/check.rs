//! `status-update check`: lists all problems of the configuration files at once.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::ExitStatus;
use super::roster::read_text;
use crate::core::alerts::rule::Handling;
use crate::core::config::Config;
use crate::core::rosters::file;
use crate::core::rosters::roster::Rosters;
use crate::serve::variable;
use crate::settings::read_config;

#[derive(Args)]
pub struct Check {
    /// Configuration of the page. Default: `STATUS_CONFIG`, else status.toml. The files that it
    /// refers to are checked too.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Roster file. Default: rosters.toml next to the configuration, if it exists.
    #[arg(long, value_name = "FILE")]
    rosters: Option<PathBuf>,
}

/// Default name of the roster file.
const ROSTERS: &str = "rosters.toml";

/// Checks the files and prints every problem; changes nothing.
///
/// # Errors
/// Returns an error if the output cannot be written.
pub fn check(check: &Check, out: &mut impl Write) -> anyhow::Result<ExitStatus> {
    let path = check.config.clone().or_else(|| variable("STATUS_CONFIG").map(PathBuf::from));
    let path = path.unwrap_or_else(|| PathBuf::from("status.toml"));
    let config = read_config(&path).map_err(|error| error.problems);
    let mut is_fine = report(&path, &config, summary, out)?;
    let default = Some(path.with_file_name(ROSTERS)).filter(|path| path.exists());
    if let Some(path) = check.rosters.clone().or(default) {
        let rosters = read_rosters(&path).and_then(|rosters| match unknown(&config, &rosters) {
            unknown if unknown.is_empty() => Ok(rosters),
            unknown => Err(unknown),
        });
        is_fine &= report(&path, &rosters, count, out)?;
    }
    Ok(if is_fine { ExitStatus::Success } else { ExitStatus::Failure })
}

fn read_rosters(path: &Path) -> Result<Rosters, Vec<String>> {
    let text = read_text(path).map_err(|error| vec![format!("cannot be read: {error}")])?;
    file::parse(&text).map_err(|error| vec![format!("line {error}")])
}

/// Prints a file's summary or its problems; returns `true` if there are none.
fn report<T>(
    path: &Path,
    checked: &Result<T, Vec<String>>,
    summary: impl Fn(&T) -> String,
    out: &mut impl Write,
) -> std::io::Result<bool> {
    let path = path.display();
    match checked {
        Ok(value) => writeln!(out, "{path}: {}", summary(value))?,
        Err(problems) => {
            for problem in problems {
                writeln!(out, "{path}: {problem}")?;
            }
        }
    }
    Ok(checked.is_ok())
}

fn summary(config: &Config) -> String {
    let (components, rules) = (config.components().count(), config.alerts.len());
    format!("\"{}\", components: {components}, alert rules: {rules}", config.title)
}

fn count(rosters: &Rosters) -> String {
    format!("people: {}, rosters: {}", rosters.contacts.len(), rosters.rosters.len())
}

/// One sentence per roster that the configuration names but the roster file does not have.
fn unknown(config: &Result<Config, Vec<String>>, rosters: &Rosters) -> Vec<String> {
    let Ok(config) = config else {
        return Vec::new();
    };
    let by_rules = config.alerts.iter().filter_map(|rule| match &rule.handling {
        Handling::Open(opening) => opening.roster.as_deref(),
        Handling::Mute | Handling::Ignore => None,
    });
    let by_components = config.guides.values().filter_map(|guide| guide.roster.as_deref());
    let mut names: Vec<&str> = by_rules.chain(by_components).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| rosters.roster(name).is_none());
    let missing = |name| {
        format!("the configuration names the roster \"{name}\", which the roster file lacks")
    };
    names.into_iter().map(missing).collect()
}
