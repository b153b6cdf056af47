//! The one place that orders effects: catch up with the log, decide, commit, publish.
//!
//! The commit is the create of one record that must not exist yet. Everything before it only
//! reads; everything behind it can be repeated by anybody, at any time, with the same result.

pub mod audit;
mod catch_up;
mod commit;
mod publish;
mod reply;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tokio::time::{Instant, timeout_at};
use tracing::warn;

use crate::core::answer::trouble::Trouble;
use crate::core::chat::command::{Command, Misread, Question};
use crate::core::chat::parse::parse;
use crate::core::decide::context::{Context, Decision};
use crate::core::decide::refusal::Refusal;
use crate::core::decide::{clock, decide};
use crate::core::incident::model::{Incident, Number};
use crate::core::log::evict::Limits;
use crate::core::log::fold::FoldError;
use crate::core::log::record::{Cause, Record};
use crate::core::log::state::State;
use crate::core::site::page::SiteError;
use crate::core::site::renderer::Site;
use crate::core::text::Text;
use crate::store::{Container, Key, Store, StoreError};
use commit::Commit;
use publish::Memory;

/// The snapshot's layout: another number is another layout, and the log is folded anew.
const SNAPSHOT_FORMAT: u32 = 3;
/// How long the timer waits for a record of the clock to be committed.
const CLOCK_PATIENCE: Duration = Duration::from_secs(30);

/// The working core over a store. One per process; cheap to share by [`Arc`].
pub struct Service {
    store: Arc<dyn Store>,
    site: Arc<Site>,
    /// Whoever holds it may read the log forward and write the next record.
    turn: Arc<AsyncMutex<()>>,
    /// What this process knows; locked only for moments, never across an `await`.
    known: Mutex<Known>,
    /// Whoever holds it publishes.
    memory: AsyncMutex<Memory>,
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "none of them excludes another")]
struct Known {
    /// The state as far as the log was read; `None` before the first time.
    state: Option<Arc<State>>,
    /// The incidents whose pages may be behind, as they are in `state` or were when it let go of
    /// them.
    changed: BTreeMap<Number, Arc<Incident>>,
    /// The revision up to which all pages and documents are certainly written.
    base: u64,
    /// The revision that the index shows, as this process last wrote or saw it.
    published: Option<u64>,
    /// The state began as a snapshot: a log that does not fit may be the snapshot's fault.
    from_snapshot: bool,
    /// The log is being folded from its start.
    refolding: bool,
    /// Another process has recorded something, and may have published it in another look.
    others_wrote: bool,
    /// What last stood in the way of recording, until something is recorded again.
    not_recorded: Option<Problem>,
    /// The same for publishing.
    not_published: Option<Problem>,
    /// Nobody knows whether the pages that do not depend on the state are there, in this look.
    fixed_pages_anew: bool,
}

/// The state as it is kept, so that nobody reads the log from its start.
#[derive(Serialize, Deserialize)]
struct Snapshot {
    format: u32,
    /// [`Site::theme_digest`] of the pages that were written with it.
    look: String,
    state: State,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is recorded, now or by an earlier copy of the same message.
    Recorded {
        /// The record.
        record: Record,
        /// Whether it was there before.
        replayed: bool,
        /// Whether the page shows it.
        published: bool,
        /// How long it took.
        timing: Timing,
    },
    /// It was a question.
    Report {
        /// Which one.
        question: Question,
        /// The state to answer from.
        state: Arc<State>,
        /// The revision that the page shows, if known.
        published: Option<u64>,
    },
    /// It changed nothing, on a state confirmed to be current wherever that matters.
    Refused(Refusal),
    /// Storage stood in the way.
    Trouble(Trouble),
}

/// How long the parts of a command took; zero for what was not done by then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// From the start until the record was in the log.
    pub recorded: Duration,
    /// From then until the page showed it.
    pub published: Duration,
}

/// What is known without asking the store, for the health page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revisions {
    /// The last record that this process saw.
    pub recorded: Option<u64>,
    /// The last revision that it saw published.
    pub published: Option<u64>,
}

/// What stands in the way of recording or publishing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Whether it is the store's: then its setting, or a right on it, is what to look at.
    pub is_storage: bool,
    /// What it is, and the remedy where there is one.
    pub text: String,
}

impl Problem {
    fn of(error: &ServiceError) -> Self {
        Self { is_storage: matches!(error, ServiceError::Store(_)), text: error.to_string() }
    }
}

/// Why the log could not be followed, or the site not be published.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log does not make sense.
    #[error(transparent)]
    Fold(#[from] FoldError),
    /// A page could not be rendered.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A document in the store is not what was written there.
    #[error("{key} cannot be read: {why}")]
    Document {
        /// Where it is.
        key: String,
        /// What the reader said.
        why: String,
    },
    /// What the passing of time brought could not be recorded; the log says why.
    #[error("what the time has brought could not be recorded")]
    Clock,
    /// What this process knows does not reach the revision that was to be published.
    #[error("revision {0} was to be published and is not known here")]
    Behind(u64),
}

/// Where a record lies.
#[must_use]
pub fn record_key(revision: u64) -> Key {
    Key::new(Container::Log, format!("{revision:010}.json"))
}

fn snapshot_key() -> Key {
    Key::new(Container::State, "status.json")
}

fn incident_key(number: Number) -> Key {
    Key::new(Container::State, format!("incidents/{number:010}.json"))
}

impl Service {
    /// A service that has read nothing yet.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, site: Arc<Site>) -> Arc<Self> {
        Arc::new(Self {
            store,
            site,
            turn: Arc::default(),
            known: Mutex::default(),
            memory: AsyncMutex::default(),
        })
    }

    /// The site that is published.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// The store that is written to.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// What last stood in the way of recording or publishing, with the setting and the remedy where
    /// storage refuses; `None` when all went well since.
    #[must_use]
    pub fn problem(&self) -> Option<Problem> {
        let known = self.known();
        known.not_recorded.clone().or_else(|| known.not_published.clone())
    }

    /// The revisions that this process last saw.
    #[must_use]
    pub fn revisions(&self) -> Revisions {
        let known = self.known();
        Revisions {
            recorded: known.state.as_ref().map(|state| state.revision),
            published: known.published,
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Every change of what is known is one assignment: a panic leaves nothing half done.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries out the command in a message and says what became of it, at the deadline at the
    /// latest. What is not done by then goes on in the background.
    pub async fn command(
        self: &Arc<Self>,
        cause: &Cause,
        text: &Text,
        deadline: Instant,
    ) -> Outcome {
        let command = parse(text, self.site.config());
        let is_question = matches!(command, Ok(Command::Ask(_)));
        match self.carry_out(cause, command, deadline).await {
            Outcome::Trouble(Trouble::NotRecorded(why)) if is_question => {
                Outcome::Trouble(Trouble::NoAnswer(why))
            }
            outcome => outcome,
        }
    }

    async fn carry_out(
        self: &Arc<Self>,
        cause: &Cause,
        command: Result<Command, Misread>,
        deadline: Instant,
    ) -> Outcome {
        match &command {
            Err(misread) => return Outcome::Refused(Refusal::Misread(misread.clone())),
            Ok(Command::Ask(question @ Question::Help(_))) => {
                return Outcome::Report {
                    question: *question,
                    state: Arc::default(),
                    published: None,
                };
            }
            Ok(_) => {}
        }
        let begun = Instant::now();
        let Ok(mut turn) = timeout_at(deadline, Arc::clone(&self.turn).lock_owned()).await else {
            return not_recorded("the commands before it are still waiting for storage.");
        };
        let mut current = false;
        let mut recalled = None;
        loop {
            let known = self.known().state.clone();
            // What was read before is good for trying to commit, and for nothing else.
            let decided = known.map(|state| {
                let (config, limits) = (self.site.config(), &Limits::DEFAULT);
                let recalled = recalled.as_ref();
                let context = Context { state: &state, config, limits, cause, recalled };
                (decide(context, &command), state)
            });
            let (decision, state) = match decided {
                Some(decided) if current || decided.0.holds_when_behind() => decided,
                _ => match self.catch_up_by(deadline).await {
                    Ok(()) => {
                        current = true;
                        continue;
                    }
                    Err(trouble) => return Outcome::Trouble(trouble),
                },
            };
            match decision {
                Decision::Refuse(refusal) => return Outcome::Refused(refusal),
                Decision::Impossible(error) => {
                    return Outcome::Trouble(self.trouble(&ServiceError::Fold(error)));
                }
                Decision::Answer(question) => {
                    drop(turn);
                    return self.report(question, state, deadline).await;
                }
                Decision::Duplicate(revision) => {
                    drop(turn);
                    return self.replay(revision, deadline).await;
                }
                Decision::Recall(number) => match self.recall_by(number, deadline).await {
                    Ok(incident) => recalled = Some(incident),
                    Err(trouble) => return Outcome::Trouble(trouble),
                },
                Decision::Record(record) => match self.commit_by(turn, record, deadline).await {
                    Ok(Commit::Done(record)) => {
                        let recorded = begun.elapsed();
                        let published = self.publish_by(record.revision, deadline).await;
                        let timing = Timing {
                            recorded,
                            published: begun.elapsed().saturating_sub(recorded),
                        };
                        let record = *record;
                        return Outcome::Recorded { record, replayed: false, published, timing };
                    }
                    Ok(Commit::Taken(handed_back)) => {
                        turn = handed_back;
                        if let Err(trouble) = self.catch_up_by(deadline).await {
                            return Outcome::Trouble(trouble);
                        }
                        current = true;
                    }
                    Err(trouble) => return Outcome::Trouble(trouble),
                },
            }
        }
    }

    async fn report(
        self: &Arc<Self>,
        question: Question,
        state: Arc<State>,
        deadline: Instant,
    ) -> Outcome {
        self.publish_by(state.revision, deadline).await;
        let published = self.known().published;
        Outcome::Report { question, state, published }
    }

    /// The outcome of a message that was recorded before, from its record.
    async fn replay(self: &Arc<Self>, revision: u64, deadline: Instant) -> Outcome {
        let key = record_key(revision);
        let record = match timeout_at(deadline, self.store.get(&key)).await {
            Ok(Ok(Some(blob))) => serde_json::from_slice::<Record>(&blob.bytes).ok(),
            _ => None,
        };
        let Some(record) = record else {
            return Outcome::Trouble(Trouble::RecordedBefore(revision));
        };
        let published = self.publish_by(revision, deadline).await;
        Outcome::Recorded { record, replayed: true, published, timing: Timing::default() }
    }

    /// Records what the time, `now`, has brought, and brings everything up to date that a kill, a
    /// crash or a failure may have left behind.
    ///
    /// # Errors
    /// What stood in the way; trying again later is always right.
    pub async fn reconcile(self: &Arc<Self>, now: Timestamp) -> Result<Revisions, ServiceError> {
        let clock = self.record_the_clock(now).await;
        if let Err(error) = &clock {
            // Where the clock's record could not be written, the store has said why.
            self.known().not_recorded.get_or_insert_with(|| Problem::of(error));
        }
        self.notice_another_look().await?;
        if self.known().state.is_some() {
            self.publish_all().await?;
            self.restore_months().await?;
        }
        clock?;
        Ok(self.revisions())
    }

    /// Commits what is due by the clock, if anything is.
    async fn record_the_clock(self: &Arc<Self>, now: Timestamp) -> Result<(), ServiceError> {
        let deadline = Instant::now() + CLOCK_PATIENCE;
        let mut turn = Arc::clone(&self.turn).lock_owned().await;
        loop {
            self.catch_up().await?;
            let state = self.known().state.clone().unwrap_or_default();
            let due = clock::due(&state, self.site.config(), &Limits::DEFAULT, now)?;
            let Some(record) = due else {
                return Ok(());
            };
            match self.commit_by(turn, record, deadline).await {
                Ok(Commit::Done(_)) => return Ok(()),
                Ok(Commit::Taken(handed_back)) => turn = handed_back,
                Err(_) => return Err(ServiceError::Clock),
            }
        }
    }
}

fn not_recorded(why: &str) -> Outcome {
    Outcome::Trouble(Trouble::NotRecorded(why.to_owned()))
}

fn out_of_time() -> Trouble {
    Trouble::NotRecorded("storage did not answer in time.".to_owned())
}

impl Service {
    /// Before the commit every failure means that nothing was recorded. Details are for the log and
    /// the health page: an answer is read by many.
    fn trouble(&self, error: &ServiceError) -> Trouble {
        warn!(%error, "not recorded");
        self.known().not_recorded = Some(Problem::of(error));
        Trouble::NotRecorded(reason(error).to_owned())
    }
}

fn reason(error: &ServiceError) -> &'static str {
    match error {
        ServiceError::Store(StoreError::Refused(_)) => {
            "storage refuses this program; its log says why."
        }
        ServiceError::Store(_) => "storage is not available.",
        ServiceError::Document { .. } => {
            "a document was damaged and is being made anew from the log."
        }
        ServiceError::Fold(_) => {
            "what is stored does not fit together; the program's log says where."
        }
        ServiceError::Site(_) | ServiceError::Behind(_) | ServiceError::Clock => {
            "this program failed; its log says why."
        }
    }
}

/// A turn that is handed on.
type Turn = OwnedMutexGuard<()>;
