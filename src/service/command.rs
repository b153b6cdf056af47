//! Runs a command from message to outcome.

use std::sync::Arc;

use jiff::SignedDuration;
use tokio::time::{Duration, Instant, timeout_at};

use super::commit::Commit;
use super::keys::record_key;
use super::known::Area;
use super::outcome::{Outcome, ServiceError, Timing};
use super::publishing::When;
use super::restore::Recalled;
use super::shared::Service;
use super::turn::Turn;
use crate::core::answer::trouble::Trouble;
use crate::core::commands::context::Context;
use crate::core::commands::parse::parse;
use crate::core::commands::refusal::Refusal;
use crate::core::commands::remarks;
use crate::core::commands::{Command, Question, Subject};
use crate::core::decide::{Asked, Decision};
use crate::core::decide::{ask, decide};
use crate::core::log::draft::Completed;
use crate::core::log::evict::Limits;
use crate::core::log::record::Cause;
use crate::core::log::seal;
use crate::core::log::state::State;
use crate::core::response::document::IncidentDocument;
use crate::core::teams::said::Said;

/// `status` waits this long for publishing, which continues in any case.
const WAIT_FOR_PAGE_MAX: Duration = Duration::from_secs(1);

/// A message that is older on arrival may be a retry: the sender has given up an earlier attempt,
/// perhaps with a different process.
const SENT_AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(4);

/// A command in progress.
struct Change<'a> {
    cause: &'a Cause,
    command: Result<Command, Refusal>,
    begun: Instant,
    deadline: Instant,
}

impl Service {
    /// Runs a command and returns its outcome by the deadline. Unfinished work continues in the
    /// background.
    pub async fn command(
        self: &Arc<Self>,
        cause: &Cause,
        said: &Said,
        deadline: Instant,
    ) -> Outcome {
        let config = self.site.config();
        let command = parse(said, config);
        let mut outcome = self.carry_out(cause, command.clone(), deadline).await;
        if let (Outcome::Recorded { record, remarks, .. }, Ok(command)) = (&mut outcome, &command) {
            let state = self.known().state.clone().unwrap_or_default();
            *remarks = remarks::remarks(said, command, record, &state, config);
        }
        outcome
    }

    /// Runs a command that is parsed already, or was never typed.
    pub async fn carry_out(
        self: &Arc<Self>,
        cause: &Cause,
        command: Result<Command, Refusal>,
        deadline: Instant,
    ) -> Outcome {
        let outcome = match command {
            Err(refusal) => {
                let (config, limits) = (self.site.config(), &Limits::DEFAULT);
                let state = self.known().state.clone();
                let settled = state.as_deref().map(|state| {
                    let context = Context { state, config, limits, cause, recalled: None };
                    context.presented(refusal.clone())
                });
                Ok(Outcome::Refused(settled.unwrap_or(refusal)))
            }
            Ok(Command::Ask(question)) => self.ask(cause, question, deadline).await,
            command => {
                let change = Change { cause, command, begun: Instant::now(), deadline };
                self.change(change).await
            }
        };
        match outcome {
            Ok(Outcome::Recorded { .. }) => {
                self.deliver_in_background(cause.at);
                self.erase_in_background(cause.at);
            }
            // The log was read, and nobody else may know that something in it is unpublished.
            Ok(_) => self.publish_in_background(),
            Err(_) => {}
        }
        outcome.unwrap_or_else(|trouble| {
            let known = self.known();
            Outcome::Trouble(match trouble {
                // An earlier copy may be in the log, or may still arrive there.
                Trouble::NotRecorded(_) if known.is_in_doubt(&cause.message.key()) => {
                    Trouble::Unconfirmed
                }
                // A different process may have recorded a copy.
                Trouble::NotRecorded(why) if known.state.is_none() => Trouble::NotKnown(why),
                other => other,
            })
        })
    }

    /// Corrects the outcome of a message that was `age` old on arrival. A different process may have
    /// recorded an earlier copy, so "not recorded" is certain only if this process has read the log
    /// since.
    #[must_use]
    pub fn without_denial(
        &self,
        outcome: Outcome,
        arrived: Instant,
        age: SignedDuration,
    ) -> Outcome {
        match outcome {
            Outcome::Trouble(Trouble::NotRecorded(why) | Trouble::NeedsAPerson(why))
                if age > SENT_AGAIN_AFTER && !self.known().has_seen_the_end_since(arrived) =>
            {
                Outcome::Trouble(Trouble::NotKnown(why))
            }
            outcome => outcome,
        }
    }

    /// Answers a question from the current log. Waits for no turn.
    async fn ask(
        self: &Arc<Self>,
        cause: &Cause,
        question: Question,
        deadline: Instant,
    ) -> Result<Outcome, Trouble> {
        if matches!(question.subject, Subject::Help(_)) {
            let asked = Asked::of(question, cause.at);
            // Help reads no log, because storage may be down. It uses the known state.
            let state = self.known().state.clone().unwrap_or_default();
            return Ok(Outcome::Report { asked, state, published: None });
        }
        let state = self.by(deadline, Area::Reading, self.catch_up()).await.map_err(no_answer)?;
        let mut recalled = None;
        let mut asked = loop {
            let (config, limits) = (self.site.config(), &Limits::DEFAULT);
            let recalled_now = recalled.as_ref();
            let context = Context { state: &state, config, limits, cause, recalled: recalled_now };
            match ask(context, question.clone()) {
                Decision::Answer(asked) => break asked,
                Decision::Refuse(refusal) => return Ok(Outcome::Refused(refusal)),
                Decision::Recall(number) if recalled.is_none() => {
                    match self.recall_by(number, deadline).await? {
                        Recalled::Found(dossier) => recalled = Some(dossier),
                        Recalled::Lost(error) => self.restore_by(number, &error, deadline).await?,
                    }
                }
                _ => return Err(no_answer(self.trouble(Area::Reading, &ServiceError::Defect))),
            }
        };
        let records = self.by(deadline, Area::Reading, self.records(&asked.revisions())).await;
        asked.records = records.map_err(no_answer)?;
        if matches!(asked.question.subject, Subject::Status | Subject::StatusVerbose) {
            // Its answer contains the published revision.
            let deadline = deadline.min(Instant::now() + WAIT_FOR_PAGE_MAX);
            self.publish_by(state.revision, When::AtOnce, deadline).await;
        }
        let published = self.known().published;
        Ok(Outcome::Report { asked, state, published })
    }

    async fn change(self: &Arc<Self>, change: Change<'_>) -> Result<Outcome, Trouble> {
        // Even without storage, a known record of this message is not denied.
        let known = self.known().state.clone();
        if let Some(revision) = known.and_then(|known| known.revision_of(&change.cause.message))
            && let Some(outcome) = self.replay(revision, &change).await
        {
            return Ok(outcome);
        }
        let mut turn = self.take_turn(change.deadline).await?;
        let mut recalled = None;
        // A state from an earlier read is good for trying a commit, and for nothing else.
        let mut tried = self.known().state_to_try();
        loop {
            let (state, current) = match tried.take() {
                Some(state) => (state, false),
                None => (self.by(change.deadline, Area::Reading, self.catch_up()).await?, true),
            };
            let decision = self.decide(&change, &state, recalled.as_ref());
            if !current && !decision.holds_when_behind() {
                continue;
            }
            match decision {
                Decision::Refuse(refusal) => return Ok(Outcome::Refused(refusal)),
                Decision::Impossible(error) => {
                    return Err(self.trouble(Area::Recording, &ServiceError::Fold(error)));
                }
                Decision::Answer(asked) => {
                    return Ok(Outcome::Report { asked, state, published: None });
                }
                Decision::Duplicate(revision) => {
                    drop(turn);
                    let replayed = self.replay(revision, &change).await;
                    return replayed.ok_or(Trouble::RecordedBefore(revision));
                }
                Decision::Busy => return Err(busy()),
                Decision::Recall(number) => {
                    match self.recall_by(number, change.deadline).await? {
                        Recalled::Found(dossier) => recalled = Some(dossier),
                        Recalled::Lost(error) => {
                            // Recalling may read the whole log, so other commands go first. Then
                            // this one is decided again.
                            drop(turn);
                            self.restore_by(number, &error, change.deadline).await?;
                            turn = self.take_turn(change.deadline).await?;
                        }
                    }
                }
                Decision::Record(completed) => {
                    match self.record(turn, *completed, &change).await? {
                        Recorded::Done(outcome) => return Ok(*outcome),
                        Recorded::Taken(handed_back) => turn = handed_back,
                    }
                }
            }
        }
    }

    pub(super) async fn take_turn(&self, deadline: Instant) -> Result<Turn, Trouble> {
        let turn = timeout_at(deadline, self.turns.take()).await;
        turn.map_err(|_| {
            self.known().set_problem(Area::Recording, &ServiceError::Late);
            let why = "the commands before it are still waiting for storage.";
            Trouble::NotRecorded(why.to_owned())
        })
    }

    fn decide(
        &self,
        change: &Change<'_>,
        state: &State,
        recalled: Option<&IncidentDocument>,
    ) -> Decision {
        let (config, limits) = (self.site.config(), &Limits::DEFAULT);
        let context = Context { state, config, limits, cause: change.cause, recalled };
        decide(context, &change.command)
    }

    async fn record(
        self: &Arc<Self>,
        turn: Turn,
        completed: Completed,
        change: &Change<'_>,
    ) -> Result<Recorded, Trouble> {
        let deadline = change.deadline;
        let record = match self.commit_by(turn, completed, deadline).await? {
            Commit::Done(record) => *record,
            Commit::Taken(turn) => return Ok(Recorded::Taken(turn)),
        };
        let recorded = change.begun.elapsed();
        let published = self.publish_by(record.revision, When::AfterCommits, deadline).await
            & self.write_review_by(&record, deadline).await;
        if !published {
            self.known().note_late_page(record.revision);
        }
        let published_in = change.begun.elapsed().saturating_sub(recorded);
        let timing = Timing { recorded, published: published_in };
        let outcome =
            Outcome::Recorded { record, replayed: false, published, timing, remarks: Vec::new() };
        Ok(Recorded::Done(Box::new(outcome)))
    }

    /// The outcome of a message that was recorded earlier, from its record; `None` if the log has a
    /// different record there after a restore.
    async fn replay(self: &Arc<Self>, revision: u64, change: &Change<'_>) -> Option<Outcome> {
        let (key, deadline) = (record_key(revision), change.deadline);
        let read = timeout_at(deadline, self.store.get(&key)).await;
        let blob = match read.map_or(Err(ServiceError::Late), |read| read.map_err(Into::into)) {
            Ok(blob) => blob?,
            Err(error) => {
                self.known().set_problem(Area::Reading, &error);
                return Some(Outcome::Trouble(Trouble::RecordedBefore(revision)));
            }
        };
        let record = seal::read(&blob.bytes).ok();
        let record = record.filter(|record| record.cause.message == change.cause.message)?;
        let published = self.publish_by(revision, When::AfterCommits, deadline).await
            & self.write_review_by(&record, deadline).await;
        let (timing, remarks) = (Timing::default(), Vec::new());
        Some(Outcome::Recorded { record, replayed: true, published, timing, remarks })
    }
}

fn busy() -> Trouble {
    let why = "too many commands were recorded in the last two hours.";
    Trouble::NotRecorded(why.to_owned())
}

/// A question is never recorded.
fn no_answer(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::NotRecorded(why) => Trouble::NoAnswer(why),
        other => other,
    }
}

enum Recorded {
    Done(Box<Outcome>),
    Taken(Turn),
}
