//! `status-update review`: the post-incident document.

use std::io::Write;

use anyhow::Context as _;
use clap::Args;

use super::ExitStatus;
use crate::core::review::html;
use crate::service::Service;

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

fn number(text: &str) -> anyhow::Result<u32> {
    let number = text.trim_start_matches('#').parse().ok().filter(|number| *number > 0);
    number.with_context(|| format!("\"{text}\" is not an incident's number such as 42"))
}

/// Prints the review of an incident as the log has it now: of an open one, a draft. Nothing is
/// recorded.
///
/// # Errors
/// There is no such incident, the log cannot be read, or the answer cannot be
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
