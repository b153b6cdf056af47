//! What an operator does at a terminal, straight on the store: look whether all of it holds, make
//! rebuild the site, and speak for the channel when Teams or the function is what has failed.

use std::fmt::Display;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::core::answer::card;
use crate::core::answer::trouble::Trouble;
use crate::core::chat::command::{Command, Misread};
use crate::core::chat::parse::parse;
use crate::core::chat::said::Said;
use crate::core::log::record::{Cause, MessageId, Source};
use crate::core::response::person::Person;
use crate::core::text::{Text, clean_name};
use crate::service::audit::Progress;
use crate::service::{Outcome, Service};

/// How long an operator waits for storage.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is tried again while nobody knows, or the page does not show it yet.
const TRIES_MAX: usize = 3;
/// What the bot is called in answers.
const BOT: &str = "StatusPage";
/// What a record that did not come from Teams gives as its conversation.
pub const OPERATOR: &str = "operator";

/// How a command at the terminal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As wished.
    Good,
    /// Done, and something is not as it should be, or the command was refused.
    Bad,
}

/// Compares the whole store with what its log says, and tells what differs.
///
/// # Errors
/// What kept the store from being read, or the answer from being written.
pub async fn verify(service: &Service, out: &mut impl Write) -> Result<Ending, String> {
    let bar = Bar::new();
    let findings = service.verify(|progress| bar.show(progress)).await.map_err(text)?;
    bar.end();
    let (records, files) = (findings.records, findings.files);
    let looked = format!("Read {records} records and compared {files} files and documents");
    if findings.differences.is_empty() {
        let line = format!("{looked}: the hash chain holds, and all is as the log says.");
        return writeln!(out, "{line}").map(|()| Ending::Good).map_err(text);
    }
    for difference in &findings.differences {
        writeln!(out, "{difference}").map_err(text)?;
    }
    let count = findings.differences.len();
    writeln!(out, "{looked}. Not as the log says: {count}.").map_err(text)?;
    Ok(Ending::Bad)
}

/// Renders the whole site again from the log.
///
/// # Errors
/// What kept the store from being read or written, or the answer from being written.
pub async fn rebuild(
    service: &Service,
    accept_empty_log: bool,
    out: &mut impl Write,
) -> Result<Ending, String> {
    let bar = Bar::new();
    let findings =
        service.rebuild(accept_empty_log, |progress| bar.show(progress)).await.map_err(text)?;
    bar.end();
    let (records, files) = (findings.records, findings.files);
    writeln!(out, "Rebuilt {files} files and documents from {records} records.").map_err(text)?;
    Ok(Ending::Good)
}

/// Carries out a command as if it had come from the channel.
///
/// # Errors
/// That no message id could be made, or the answer not be written.
pub async fn say(
    service: &Arc<Service>,
    name: &str,
    words: &str,
    now: Timestamp,
    out: &mut impl Write,
) -> Result<Ending, String> {
    let command = parse(&Said::from(Text::plain(words)), service.site().config());
    carry_out(service, name, &command, now, out).await.map(|(_, ending)| ending)
}

/// Carries out a command for somebody of that name, and prints the answer.
pub(crate) async fn carry_out(
    service: &Arc<Service>,
    name: &str,
    command: &Result<Command, Misread>,
    now: Timestamp,
    out: &mut impl Write,
) -> Result<(Outcome, Ending), String> {
    let mut id = [0; 8];
    getrandom::fill(&mut id).map_err(text)?;
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
    let mut outcome = service.carry_out(&cause, command.clone(), begun + PATIENCE).await;
    for _ in 0..TRIES_MAX {
        // The same message once more is the same record: nobody else finds out what became of it.
        let is_open = matches!(
            outcome,
            Outcome::Trouble(Trouble::Unconfirmed) | Outcome::Recorded { published: false, .. }
        );
        if !is_open {
            break;
        }
        outcome = service.carry_out(&cause, command.clone(), Instant::now() + PATIENCE).await;
    }
    let ending = match &outcome {
        Outcome::Recorded { published: true, .. } | Outcome::Report { .. } => Ending::Good,
        _ => Ending::Bad,
    };
    service.keep_snapshot().await;
    let answer = service.answer(&outcome, BOT, begun.elapsed());
    let answer = card::to_terminal(&card::activity(&answer)).unwrap_or_default();
    writeln!(out, "{answer}").map_err(text)?;
    if let Some(problem) = service.problem().filter(|_| ending == Ending::Bad) {
        writeln!(out, "  {:<9} {}", "Why", problem.text).map_err(text)?;
    }
    Ok((outcome, ending))
}

fn text(error: impl Display) -> String {
    error.to_string()
}

/// A progress bar on stderr, where a person watches it; nothing elsewhere.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::no_length();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    pub(crate) fn show(&self, progress: Progress) {
        match progress {
            Progress::Records(count) => {
                self.0.set_message(format!("Reading the log: {count} records"));
                self.0.tick();
            }
            Progress::Files(done) => {
                self.0.set_message(format!("{done} files"));
                self.0.tick();
            }
        }
    }

    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
        // What was shown is gone before the answer comes.
        let _ = io::stderr().flush();
    }
}
