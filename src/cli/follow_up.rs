//! What is learned from incidents, at a terminal: statistics over the whole log, and reviews.

use std::fmt::Display;
use std::io::Write;

use clap::Args;
use jiff::Timestamp;

use crate::cli::operate::{Bar, Ending};
use crate::core::answer::Answer;
use crate::core::answer::card;
use crate::core::answer::statistics::lines;
use crate::core::config::Config;
use crate::core::response::csv;
use crate::core::response::period::Period;
use crate::core::response::severity::Severity;
use crate::core::response::statistics::{Selection, Statistics};
use crate::core::response::summary::Summary;
use crate::core::review::html;
use crate::service::Service;

/// Which incidents statistics are told of, and how.
#[derive(Args)]
pub struct Stats {
    /// When they were declared: 90d, 2026-11, 2026-Q4, 2026 or all.
    #[arg(value_name = "PERIOD", default_value = "all")]
    period: Period,
    /// A line for each incident, for a spreadsheet.
    #[arg(long)]
    csv: bool,
    /// Only those that affected this component, by its name or id.
    #[arg(long, value_name = "COMPONENT")]
    component: Option<String>,
    /// Only those of this severity, 1 to 4.
    #[arg(long, value_name = "N", value_parser = severity)]
    sev: Option<Severity>,
}

/// Which review is printed, and how.
#[derive(Args)]
pub struct Review {
    /// The incident's number.
    #[arg(value_name = "NUMBER", value_parser = number)]
    number: u32,
    /// As a page for a browser.
    #[arg(long)]
    html: bool,
}

fn severity(text: &str) -> Result<Severity, String> {
    let severity = text.parse().ok().and_then(Severity::of);
    severity.ok_or_else(|| format!("\"{text}\" is not a severity from 1 to 4"))
}

fn number(text: &str) -> Result<u32, String> {
    let number = text.trim_start_matches('#').parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| format!("\"{text}\" is not an incident's number such as 42"))
}

/// Prints the statistics, of the page's components by name or of any by id.
///
/// # Errors
/// What kept the log from being read, or the answer from being written.
pub async fn stats(
    service: &Service,
    asked: &Stats,
    now: Timestamp,
    out: &mut impl Write,
) -> Result<Ending, String> {
    let config = service.site().config();
    let component = asked.component.as_ref().map(|name| component(name, config));
    let selection = Selection { period: asked.period, component, severity: asked.sev };
    let bar = Bar::new();
    let incidents = service.incidents(|progress| bar.show(progress)).await.map_err(text)?;
    bar.end();
    let zone = &config.time_zone;
    let has = |summary: &Summary| selection.has(summary, now, zone);
    let chosen = incidents.closed.values().filter(|(summary, _)| has(summary));
    if asked.csv {
        out.write_all(csv::heading().as_bytes()).map_err(text)?;
        for (summary, title) in chosen {
            out.write_all(csv::line(summary, title).as_bytes()).map_err(text)?;
        }
        return Ok(Ending::Good);
    }
    let chosen: Vec<&Summary> = chosen.map(|(summary, _)| summary).collect();
    let open = incidents.open.iter().filter(|summary| has(summary)).count();
    let lines = lines(&Statistics::of(&chosen), &selection, open, config);
    let answer = card::activity(&Answer::Sentence(lines.join("\n\n")));
    let answer = card::to_terminal(&answer).unwrap_or_default();
    writeln!(out, "{answer}").map(|()| Ending::Good).map_err(text)
}

/// The id of a component that is configured, else what was typed: it may have been once.
fn component(name: &str, config: &Config) -> String {
    let lower = name.to_lowercase();
    let found = config.components().find(|c| c.name.to_lowercase() == lower || c.id == name);
    found.map_or_else(|| name.to_owned(), |component| component.id.clone())
}

/// Prints the review of an incident as the log has it now: of an open one, a draft. Nothing is
/// recorded.
///
/// # Errors
/// That there is no such incident; what kept the log from being read, or the answer from being
/// written.
pub async fn review(
    service: &Service,
    asked: &Review,
    out: &mut impl Write,
) -> Result<Ending, String> {
    let number = asked.number;
    let review = service.review(number).await.map_err(text)?;
    let review = review.ok_or_else(|| format!("there is no incident #{number}"))?;
    let document = if asked.html {
        html::page(&format!("#{number} {}", review.title), &review.markdown)
    } else {
        review.markdown
    };
    out.write_all(document.as_bytes()).map(|()| Ending::Good).map_err(text)
}

fn text(error: impl Display) -> String {
    error.to_string()
}
