//! `status-update review`: the post-incident document.

use std::io::Write;

use anyhow::Context as _;
use clap::Args;

use super::ExitStatus;
use crate::core::review::html;
use crate::service::Service;

#[derive(Args)]
pub struct Review {
    /// Number of the incident, such as 42.
    #[arg(value_name = "NUMBER", value_parser = number)]
    number: u32,
    /// Print an HTML page.
    #[arg(long)]
    html: bool,
}

fn number(text: &str) -> anyhow::Result<u32> {
    let number = text.trim_start_matches('#').parse().ok().filter(|number| *number > 0);
    number.with_context(|| format!("\"{text}\" is not an incident's number such as 42"))
}

/// Prints an incident's review as of now; for an open incident, it is a draft. Records nothing.
///
/// # Errors
/// Returns an error if there is no such incident, the log cannot be read, or the output cannot be
/// written.
pub async fn review(
    service: &Service,
    asked: &Review,
    out: &mut impl Write,
) -> anyhow::Result<ExitStatus> {
    let number = asked.number;
    let review = service.review(number).await?;
    let review = review.with_context(|| format!("there is no incident #{number}"))?;
    let document = if asked.html {
        html::page(&format!("#{number} {}", review.title), &review.markdown, &review.figure)
    } else {
        review.markdown
    };
    out.write_all(document.as_bytes())?;
    Ok(ExitStatus::Success)
}
