//! The roster file with the covers made in the channel added as overrides, ready to be set again.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::cover::Cover;
use super::effective::{Effective, Misfit};
use super::file;
use super::roster::OverrideChange;

/// The file, followed by the covers that are not over. Covers that the file could not take are
/// written as comments.
#[must_use]
pub fn with_covers(text: &str, covers: &[Cover], effective: &Effective, now: Timestamp) -> String {
    let ahead = || covers.iter().filter(|cover| cover.end > now);
    let misfit = |cover: &Cover| {
        let mut misfits = effective.misfits.iter();
        misfits.find(|(number, _)| *number == cover.number).map(|(_, misfit)| misfit)
    };
    let mut fit = String::new();
    let mut rest = String::new();
    for cover in ahead() {
        match misfit(cover) {
            None => fit.push_str(&written(cover)),
            Some(misfit) => {
                let why = misfit_text(misfit);
                let _ = writeln!(rest, "\n# Cover {} does not fit: {why}.", cover.number);
                rest.push_str(&commented(&written(cover)));
            }
        }
    }
    if fit.is_empty() && rest.is_empty() {
        return text.to_owned();
    }
    let gap = if text.ends_with('\n') { "\n" } else { "\n\n" };
    let whole = format!("{text}{gap}# Covers from the channel.\n{fit}{rest}");
    if file::parse(&whole).is_ok() {
        return whole;
    }
    format!("{text}{gap}# Covers from the channel.\n{}{rest}", commented(&fit))
}

fn commented(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.is_empty());
    lines.flat_map(|line| ["# ", line, "\n"]).collect()
}

/// A cover as an override of the file. Times are in UTC, where none is ambiguous or skipped.
fn written(cover: &Cover) -> String {
    let civil =
        |at: Timestamp| TimeZone::UTC.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let mut lines = vec![
        format!("\n# Cover {}", cover.number),
        "[[overrides]]".to_owned(),
        format!("roster = {}", quoted(&cover.level.roster)),
        format!("level = {}", quoted(&cover.level.level)),
        "zone = \"UTC\"".to_owned(),
        format!("start = {}", civil(cover.start)),
        format!("end = {}", civil(cover.end)),
    ];
    let keys = match &cover.change {
        OverrideChange::Add(added) => vec![("add", added)],
        OverrideChange::Remove(removed) => vec![("remove", removed)],
        OverrideChange::Replace { removed, added } => vec![("remove", removed), ("add", added)],
        OverrideChange::Only(only) => vec![("only", only)],
    };
    let why = Some(("why", &cover.why)).filter(|(_, why)| !why.is_empty());
    let keys = keys.into_iter().chain([("by", &cover.by)]).chain(why);
    lines.extend(keys.map(|(key, value)| format!("{key} = {}", quoted(value))));
    lines.join("\n") + "\n"
}

/// A TOML basic string; TOML accepts every escape that JSON writes.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// Reason why a cover no longer applies, as the end of a sentence.
#[must_use]
pub fn misfit_text(misfit: &Misfit) -> String {
    match misfit {
        Misfit::Roster => "its roster is gone".to_owned(),
        Misfit::Level => "its level is gone".to_owned(),
        Misfit::Person(name) => format!("nobody is called \"{name}\" any more"),
    }
}
