//! `status-update export`: everything that the log holds of a person, as JSON lines.

use std::io::{BufWriter, Write};

use clap::Args;

use super::ExitStatus;
use crate::service::Service;

#[derive(Args)]
pub struct Export {
    /// A name as Teams shows it, such as "@Ada Lovelace", or a directory id.
    #[arg(value_name = "PERSON")]
    person: String,
}

/// Prints a line for each text: its record, its place and its value.
///
/// # Errors
/// The log cannot be read, or the answer cannot be written.
pub async fn export(
    service: &Service,
    asked: &Export,
    out: &mut impl Write,
) -> anyhow::Result<ExitStatus> {
    let person = asked.person.trim().trim_start_matches('@');
    let mut lines = Vec::new();
    let several = service.export(person, |text| lines.extend(serde_json::to_string(&text))).await?;
    if !several.is_empty() {
        let ids: Vec<String> = several.into_iter().collect();
        writeln!(out, "Several people are called that. Export one by id: {}", ids.join(", "))?;
        return Ok(ExitStatus::Failure);
    }
    if lines.is_empty() {
        writeln!(std::io::stderr(), "The log holds nothing of {person}.")?;
        return Ok(ExitStatus::Failure);
    }
    let mut out = BufWriter::new(out);
    for line in lines {
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    Ok(ExitStatus::Success)
}
