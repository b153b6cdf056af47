//! `status-update say`: run a command on the store, for when Teams or the function has failed.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::ExitStatus;
use crate::core::answer::card;
use crate::core::answer::trouble::Trouble;
use crate::core::commands::Command;
use crate::core::commands::parse::parse;
use crate::core::commands::refusal::Refusal;
use crate::core::log::record::{Cause, MessageId, Source};
use crate::core::response::person::Person;
use crate::core::teams::said::Said;
use crate::core::text::{Text, clean_name};
use crate::service::{Outcome, Service};

/// The deadline of each try.
const DEADLINE: Duration = Duration::from_secs(30);
/// Tries while the outcome is unknown, or the page does not show it yet.
const TRIES_MAX: usize = 3;
/// The sender's id and the conversation of a record that did not come from Teams.
pub const OPERATOR: &str = "operator";

/// Runs a command as if it had been typed in the channel, and prints the answer.
///
/// # Errors
/// No message id can be generated, or the answer cannot be written.
pub async fn say(
    service: &Arc<Service>,
    name: &str,
    words: &str,
    now: Timestamp,
    out: &mut impl Write,
) -> anyhow::Result<ExitStatus> {
    let command = parse(&Said::from(Text::plain(words)), service.site().config());
    carry_out(service, name, &command, now, out).await.map(|(_, ending)| ending)
}

/// Runs a parsed command for the person of that name, and prints the answer.
pub(crate) async fn carry_out(
    service: &Arc<Service>,
    name: &str,
    command: &Result<Command, Refusal>,
    now: Timestamp,
    out: &mut impl Write,
) -> anyhow::Result<(Outcome, ExitStatus)> {
    let mut id = [0; 8];
    getrandom::fill(&mut id)?;
    let cause = Cause {
        source: Source::Operator,
        by: Person { id: OPERATOR.to_owned(), name: clean_name(name), teams_id: None },
        message: MessageId {
            conversation: OPERATOR.to_owned(),
            id: format!("{:016x}", u64::from_be_bytes(id)),
        },
        thread: None,
        at: now,
    };
    let begun = Instant::now();
    let mut outcome = service.carry_out(&cause, command.clone(), begun + DEADLINE).await;
    for _ in 0..TRIES_MAX {
        // Sent again, the same message is the same record, and its outcome becomes known.
        let is_open = matches!(
            outcome,
            Outcome::Trouble(Trouble::Unconfirmed) | Outcome::Recorded { published: false, .. }
        );
        if !is_open {
            break;
        }
        outcome = service.carry_out(&cause, command.clone(), Instant::now() + DEADLINE).await;
    }
    let ending = match &outcome {
        Outcome::Recorded { published: true, .. } | Outcome::Report { .. } => ExitStatus::Success,
        _ => ExitStatus::Failure,
    };
    service.keep_snapshot().await;
    let answer = service.answer(&outcome, begun.elapsed());
    let answer = card::to_terminal(&card::activity(&answer)).unwrap_or_default();
    writeln!(out, "{answer}")?;
    if let Some(problem) = service.problem().filter(|_| ending == ExitStatus::Failure) {
        writeln!(out, "  {:<9} {}", "Why", problem.text)?;
    }
    Ok((outcome, ending))
}
