//! `status-update say`: runs a command directly on the store, for when Teams or the function is
//! down.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::ExitStatus;
use super::send::BOT;
use crate::core::answer::card;
use crate::core::answer::trouble::Trouble;
use crate::core::commands::Command;
use crate::core::commands::parse::parse;
use crate::core::commands::refusal::Refusal;
use crate::core::config::Config;
use crate::core::log::record::{Cause, MessageId, Source};
use crate::core::response::person::Person;
use crate::core::teams::said::Said;
use crate::core::text::{Text, clean_name};
use crate::service::{Outcome, Service};

/// Deadline per try.
const DEADLINE: Duration = Duration::from_secs(30);
/// Maximum number of tries while the outcome is unknown or the page is not up to date.
const TRIES_MAX: usize = 3;
/// Sender id and conversation of records that did not come from Teams.
pub const OPERATOR: &str = "operator";

/// Runs a command as if it had been typed in the channel, and prints the answer.
///
/// # Errors
/// Returns an error if no message id can be generated or the output cannot be written.
pub async fn say(
    service: &Arc<Service>,
    name: &str,
    words: &str,
    now: Timestamp,
    out: &mut impl Write,
) -> anyhow::Result<ExitStatus> {
    let command = read(words, service.site().config());
    carry_out(service, name, &command, now, out).await.map(|(_, ending)| ending)
}

/// Returns `true` if the words are a command that changes something.
#[must_use]
pub fn records(words: &str, config: &Config) -> bool {
    matches!(read(words, config), Ok(Command::Change(_)))
}

fn read(words: &str, config: &Config) -> Result<Command, Refusal> {
    // Commands pasted from the channel contain the bot's name.
    let said = Said { bot: BOT.to_owned(), ..Said::from(Text::plain(words)) };
    parse(&said, config)
}

/// The cause of a command at a terminal.
pub(crate) fn operator(name: &str, now: Timestamp) -> anyhow::Result<Cause> {
    let mut id = [0; 8];
    getrandom::fill(&mut id)?;
    Ok(Cause {
        source: Source::Operator,
        by: Person { id: OPERATOR.to_owned(), name: clean_name(name), teams_id: None },
        message: MessageId {
            conversation: OPERATOR.to_owned(),
            id: format!("{:016x}", u64::from_be_bytes(id)),
        },
        thread: None,
        at: now,
    })
}

/// Runs a parsed command as the named person, and prints the answer.
pub(crate) async fn carry_out(
    service: &Arc<Service>,
    name: &str,
    command: &Result<Command, Refusal>,
    now: Timestamp,
    out: &mut impl Write,
) -> anyhow::Result<(Outcome, ExitStatus)> {
    let cause = operator(name, now)?;
    let begun = Instant::now();
    let mut outcome = service.carry_out(&cause, command.clone(), begun + DEADLINE).await;
    for _ in 0..TRIES_MAX {
        // The same message sent again is the same record, so that a retry reveals the outcome.
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
    let answer = service.answer(&outcome, &cause.by.id);
    let answer = card::to_terminal(&card::activity(&answer)).unwrap_or_default();
    writeln!(out, "{answer}")?;
    if let Some(problem) = service.problem().filter(|_| ending == ExitStatus::Failure) {
        writeln!(out, "  {:<9} {}", "Why", problem.text)?;
    }
    Ok((outcome, ending))
}
