//! `status-update redact`: erase any text of the log, by its place. It never prints a text.

use std::io::Write;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::ExitStatus;
use super::say::operator;
use crate::core::commands::redact::{UNRECOGNISED, hindrance};
use crate::core::log::lines::{Place, SealedLine};
use crate::core::log::record::Record;
use crate::core::text::clean_name;
use crate::service::{FoundTexts, Service};

/// Number of tries before an order is left to the timer.
const TRIES_MAX: usize = 3;

#[derive(Args)]
pub struct Redact {
    /// The texts: `43` lists those of record 43, `43.0` is its first one. `verify`, reviews and
    /// `export` name records.
    #[arg(required = true, value_name = "REVISION[.N]")]
    texts: Vec<Wanted>,
    /// Why; the reason stays in the log, so it must not repeat the text.
    #[arg(long, value_name = "REASON")]
    because: Option<String>,
    /// Confirms that the texts are erased. This cannot be undone.
    #[arg(long)]
    yes: bool,
    /// The name to record.
    #[arg(long = "as", value_name = "NAME", default_value = "Operator")]
    name: String,
}

/// A text, or a whole record, as it was typed.
#[derive(Clone, Copy)]
struct Wanted {
    revision: u64,
    line: Option<u32>,
}

impl FromStr for Wanted {
    type Err = &'static str;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        let wrong = "type a record's number, or a record's and a text's, such as 43.0";
        let (revision, line) = match typed.split_once('.') {
            Some((revision, line)) => (revision, Some(line.parse().map_err(|_| wrong)?)),
            None => (typed, None),
        };
        Ok(Self { revision: revision.parse().map_err(|_| wrong)?, line })
    }
}

/// Lists texts without showing them, asks, and erases them.
///
/// # Errors
/// The log cannot be read or written, or the answer cannot be written.
pub async fn redact(
    service: &Arc<Service>,
    asked: &Redact,
    now: Timestamp,
    out: &mut impl Write,
) -> anyhow::Result<ExitStatus> {
    let Some(chosen) = choose(service, asked, out).await? else {
        return Ok(ExitStatus::Failure);
    };
    if chosen.is_empty() {
        writeln!(out, "To erase one of them, name it, such as: redact {}.0", first(asked))?;
        return Ok(ExitStatus::Success);
    }
    let found = service.find_texts(&chosen).await?;
    if found.places.is_empty() {
        writeln!(out, "This was erased before.")?;
        return Ok(ExitStatus::Success);
    }
    if found.is_current_roster {
        writeln!(
            out,
            "This is the roster file in use, so nothing was erased. Set another one first: roster \
             set FILE"
        )?;
        return Ok(ExitStatus::Failure);
    }
    tell(&found, out)?;
    if !asked.yes {
        writeln!(out, "Nothing was erased yet. To erase it, add --yes. This cannot be undone.")?;
        return Ok(ExitStatus::Failure);
    }
    let cause = operator(&asked.name, now)?;
    let reason = asked.because.as_deref().map(clean_name).filter(|reason| !reason.is_empty());
    let record = service.order_removal(&cause, &chosen, reason.as_deref()).await?;
    let record = record.context("this was erased meanwhile")?;
    finish(service, &record, now, out).await
}

fn first(asked: &Redact) -> u64 {
    asked.texts.first().map_or(1, |wanted| wanted.revision)
}

/// The chosen lines; none if whole records were chosen, whose lines are then listed. `None` if
/// there is no such record.
async fn choose(
    service: &Arc<Service>,
    asked: &Redact,
    out: &mut impl Write,
) -> anyhow::Result<Option<Vec<Place>>> {
    let mut chosen = Vec::new();
    for Wanted { revision, line } in &asked.texts {
        let Some((record, lines)) = service.sealed_lines(*revision).await? else {
            writeln!(out, "The log has no record {revision}.")?;
            return Ok(None);
        };
        match line {
            None => {
                for line in &lines {
                    writeln!(out, "{}", described(&record, line))?;
                }
            }
            Some(place) => {
                let Some(line) = lines.iter().find(|line| line.place == *place) else {
                    let count = lines.len();
                    writeln!(out, "Record {revision} has no text {place}: it has {count}.")?;
                    return Ok(None);
                };
                writeln!(out, "{}", described(&record, line))?;
                chosen.push((*revision, *place));
            }
        }
    }
    Ok(Some(chosen))
}

/// A line that describes a text without showing it.
fn described(record: &Record, line: &SealedLine) -> String {
    let SealedLine { place, field, chars, is_person } = line;
    let length = match chars {
        None => "erased".to_owned(),
        Some(_) if *is_person => "a person".to_owned(),
        Some(1) => "1 character".to_owned(),
        Some(chars) => format!("{chars} characters"),
    };
    let (revision, at) = (record.revision, record.at);
    // The sender may be the text to erase.
    let by = if *is_person { String::new() } else { by(record) };
    format!("{revision}.{place}  {field}: {length}, {at:.0}{by}")
}

fn by(record: &Record) -> String {
    match record.cause.by.name.as_str() {
        "" => String::new(),
        name => format!(", by {name}"),
    }
}

fn tell(found: &FoundTexts, out: &mut impl Write) -> anyhow::Result<()> {
    let lines: usize = found.places.iter().map(|(_, lines)| lines.len()).sum();
    let records = found.places.len();
    writeln!(out, "Lines to erase, copies included: {lines}, in {records} records.")?;
    if !found.quoting.is_empty() {
        let names: Vec<String> = found.quoting.iter().map(|(r, n)| format!("{r}.{n}")).collect();
        let names = names.join(" ");
        writeln!(out, "Other texts contain it and stay. Add them to erase them as well: {names}")?;
    }
    if found.is_of_alert {
        writeln!(out, "It is an alert's. {UNRECOGNISED}")?;
    }
    Ok(())
}

async fn finish(
    service: &Arc<Service>,
    record: &Record,
    now: Timestamp,
    out: &mut impl Write,
) -> anyhow::Result<ExitStatus> {
    let revision = record.revision;
    let mut problem = None;
    for _ in 0..TRIES_MAX {
        problem = service.reconcile(now).await.err().map(|error| error.to_string());
        let state = service.current_state().await?;
        let order = state.erasures.iter().find(|erasure| erasure.order == revision);
        let hindered = order.and_then(|order| order.hindered);
        if problem.is_none() && (order.is_none() || hindered.is_some_and(|it| it.until.is_some())) {
            writeln!(
                out,
                "Record {revision} has the order. The text is gone from the log and from \
                 everything derived from it. Copies that were fetched, mailed or posted before \
                 cannot be recalled."
            )?;
            if let Some(hindered) = hindered {
                writeln!(out, "It is {}.", hindrance(&hindered, &TimeZone::UTC))?;
            }
            return Ok(ExitStatus::Success);
        }
        problem = problem.or(hindered.map(|hindered| hindrance(&hindered, &TimeZone::UTC)));
    }
    let problem = problem.unwrap_or_else(|| "it takes longer".to_owned());
    writeln!(
        out,
        "Record {revision} has the order, and the erasure is not finished yet: {problem}. The \
         function's timer retries every minute; `redactions` in the channel shows what is left."
    )?;
    Ok(ExitStatus::Failure)
}
