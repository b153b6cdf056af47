//! `status-update stats`: response metrics over the whole log.

use std::io::Write;

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;

use super::ExitStatus;
use super::progress::Bar;
use crate::core::answer::Answer;
use crate::core::answer::card;
use crate::core::commands::statistics::lines;
use crate::core::config::Config;
use crate::core::incident::severity::Severity;
use crate::core::response::csv;
use crate::core::response::period::Period;
use crate::core::response::statistics::{Selection, Statistics};
use crate::core::response::summary::Summary;
use crate::service::Service;

#[derive(Args)]
pub struct Stats {
    /// Period in which incidents were declared: 90d, 2026-11, 2026-Q4, 2026 or all.
    #[arg(value_name = "PERIOD", default_value = "all")]
    period: Period,
    /// Print a CSV row per incident.
    #[arg(long)]
    csv: bool,
    /// Only incidents that affected this component, given by name or id.
    #[arg(long, value_name = "COMPONENT")]
    component: Option<String>,
    /// Only incidents of this severity, 1 to 4.
    #[arg(long, value_name = "N", value_parser = severity)]
    sev: Option<Severity>,
}

fn severity(text: &str) -> anyhow::Result<Severity> {
    let severity = text.parse().ok().and_then(Severity::of);
    severity.with_context(|| format!("\"{text}\" is not a severity from 1 to 4"))
}

/// Prints the statistics.
///
/// # Errors
/// Returns an error if the log cannot be read or the output cannot be written.
pub async fn stats(
    service: &Service,
    asked: &Stats,
    now: Timestamp,
    out: &mut impl Write,
) -> anyhow::Result<ExitStatus> {
    let config = service.site().config();
    let component = asked.component.as_ref().map(|name| component(name, config));
    let selection = Selection { period: asked.period, component, severity: asked.sev };
    let bar = Bar::new();
    let incidents = service.incidents(|progress| bar.show(progress)).await?;
    bar.end();
    let zone = &config.time_zone;
    let has = |summary: &Summary| selection.has(summary, now, zone);
    let chosen = incidents.closed.values().filter(|(summary, _)| has(summary));
    if asked.csv {
        out.write_all(csv::heading().as_bytes())?;
        for (summary, title) in chosen {
            out.write_all(csv::line(summary, title).as_bytes())?;
        }
        return Ok(ExitStatus::Success);
    }
    let chosen: Vec<&Summary> = chosen.map(|(summary, _)| summary).collect();
    let open = incidents.open.iter().filter(|summary| has(summary)).count();
    let lines = lines(&Statistics::of(&chosen), &selection, open, config);
    let answer = card::activity(&Answer::Sentence(lines.join("\n\n")));
    let answer = card::to_terminal(&answer).unwrap_or_default();
    writeln!(out, "{answer}")?;
    Ok(ExitStatus::Success)
}

/// Id of a configured component, else the text as typed: it may be the id of a former component.
fn component(name: &str, config: &Config) -> String {
    let lower = name.to_lowercase();
    let found = config.components().find(|c| c.name.to_lowercase() == lower || c.id == name);
    found.map_or_else(|| name.to_owned(), |component| component.id.clone())
}
