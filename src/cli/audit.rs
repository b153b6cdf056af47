//! `status-update verify` and `rebuild`: compare the store with its log, or render the site again.

use std::io::Write;

use super::ExitStatus;
use super::progress::Bar;
use crate::service::Service;

/// Compares the whole store with its log and prints every difference.
///
/// # Errors
/// Returns an error if the store cannot be read or the output cannot be written.
pub async fn verify(service: &Service, out: &mut impl Write) -> anyhow::Result<ExitStatus> {
    let bar = Bar::new();
    let findings = service.verify(|progress| bar.show(progress)).await?;
    bar.end();
    let (records, files) = (findings.records, findings.files);
    for removed in &findings.removed {
        writeln!(out, "{removed}")?;
    }
    let (intact, removed) = (findings.intact, findings.removed.len());
    // No text depends on a plural.
    let compared = format!(
        "Records: {records}, texts: {intact} intact and {removed} removed, files and documents: \
         {files}"
    );
    if records > 0 {
        writeln!(out, "Head of record {records}: {}", findings.head)?;
    }
    if findings.differences.is_empty() {
        writeln!(out, "{compared}. The hash chain holds, and everything matches the log.")?;
        return Ok(ExitStatus::Success);
    }
    for difference in &findings.differences {
        writeln!(out, "{difference}")?;
    }
    let count = findings.differences.len();
    writeln!(out, "{compared}. Differences from the log: {count}.")?;
    Ok(ExitStatus::Failure)
}

/// Renders the whole site again from the log.
///
/// # Errors
/// Returns an error if the store cannot be read or written, or the output cannot be written.
pub async fn rebuild(
    service: &Service,
    accept_empty_log: bool,
    out: &mut impl Write,
) -> anyhow::Result<ExitStatus> {
    let bar = Bar::new();
    let findings = service.rebuild(accept_empty_log, |progress| bar.show(progress)).await?;
    bar.end();
    let (records, files) = (findings.records, findings.files);
    writeln!(out, "Rebuilt from the log. Records: {records}, files and documents: {files}.")?;
    Ok(ExitStatus::Success)
}
