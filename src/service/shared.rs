//! The service and the data that its parts share.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::{Mutex as AsyncMutex, Notify};
use tokio::time::{Instant, timeout_at};

use super::arrivals::Arrivals;
use super::known::{Area, Known};
use super::outcome::{Problem, Revisions, ServiceError};
use super::publisher::Publisher;
use super::reader::Reader;
use super::refused_alerts::RefusedAlerts;
use super::reminded::Reminded;
use super::rows::Rows;
use super::salts::{Salts, Seed};
use super::ticks::Ticks;
use super::turn::Turns;
use crate::core::answer::trouble::Trouble;
use crate::core::site::renderer::Site;
use crate::outbound::Outbound;
use crate::store::{Store, StoreError};

/// The core with a store and its effects. One per process; cheap to share by [`Arc`].
pub struct Service {
    pub(super) store: Arc<dyn Store>,
    pub(super) site: Arc<Site>,
    /// Serialises commits. No turn outlasts a deadline.
    pub(super) turns: Turns,
    /// Held while the log is read forward.
    pub(super) reading: AsyncMutex<Reader>,
    known: Mutex<Known>,
    /// Held while publishing.
    pub(super) publisher: AsyncMutex<Publisher>,
    /// Held while everything is rebuilt.
    pub(super) rebuilding: AsyncMutex<()>,
    /// Held while a review is written: each reads every record of its incident.
    pub(super) reviewing: AsyncMutex<()>,
    /// Deliveries of alerts since they were last reported.
    pub(super) arrivals: Arrivals,
    /// Recently refused alerts.
    pub(super) refused_alerts: RefusedAlerts,
    /// The announcements in recent answers.
    pub(super) reminded: Reminded,
    /// The port to external services; `None` if this process sends nothing.
    pub(super) outbound: Option<Arc<dyn Outbound>>,
    /// Receivers with a run in progress.
    pub(super) rows: Rows,
    /// The name of this process in claims.
    pub(super) name: String,
    /// Differs between processes.
    pub(super) seed: u64,
    /// Salts of the records that this process writes.
    pub(super) salts: Salts,
    /// Number of the timer's runs.
    pub(super) runs: AtomicU32,
    pub(super) ticks: Ticks,
    /// Notified whenever documents were rebuilt, or could not be.
    pub(super) restored: Notify,
}

impl Service {
    /// A service that has read nothing yet and sends nothing. `seed` differs between processes.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, site: Arc<Site>, seed: impl Into<Seed>) -> Arc<Self> {
        Self::with_outbound(store, site, None, seed)
    }

    /// The same with access to external services.
    #[must_use]
    pub fn with_outbound(
        store: Arc<dyn Store>,
        site: Arc<Site>,
        outbound: Option<Arc<dyn Outbound>>,
        seed: impl Into<Seed>,
    ) -> Arc<Self> {
        let seed = seed.into();
        let salts = Salts::new(&seed);
        let seed = seed.spread;
        Arc::new(Self {
            publisher: AsyncMutex::new(Publisher::new(Arc::clone(&store), Arc::clone(&site), seed)),
            store,
            site,
            turns: Turns::default(),
            reading: AsyncMutex::default(),
            known: Mutex::default(),
            rebuilding: AsyncMutex::default(),
            reviewing: AsyncMutex::default(),
            arrivals: Arrivals::default(),
            refused_alerts: RefusedAlerts::default(),
            reminded: Reminded::default(),
            outbound,
            rows: Rows::default(),
            name: format!("{seed:016x}"),
            seed,
            salts,
            runs: AtomicU32::new(0),
            ticks: Ticks::default(),
            restored: Notify::new(),
        })
    }

    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }

    #[must_use]
    pub fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// The reason why something is not recorded or published, with the setting and the remedy if
    /// storage refuses; `None` if everything has succeeded since.
    #[must_use]
    pub fn problem(&self) -> Option<Problem> {
        self.known().problem()
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

    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        // A panic leaves nothing half changed: changes are assignments, and a state that was taken
        // out to be changed is read from the log again.
        self.known.lock()
    }

    /// A failure before the commit means that nothing was recorded. Problems that only a person can
    /// fix are answered in full; details of temporary ones are for the log and the health page.
    pub(super) fn trouble(&self, area: Area, error: &ServiceError) -> Trouble {
        self.known().set_problem(area, error);
        match error {
            ServiceError::LogEmpty { .. }
            | ServiceError::Gap { .. }
            | ServiceError::Clock { .. } => Trouble::NeedsAPerson(format!("{error}.")),
            ServiceError::Store(StoreError::Refused(_) | StoreError::Immutable(_)) => {
                Trouble::NeedsAPerson(format!("STATUS_STORAGE: {error}."))
            }
            _ => Trouble::NotRecorded(reason(error).to_owned()),
        }
    }

    /// A command timed out before the commit, because storage does not answer.
    pub(super) fn out_of_time(&self, area: Area) -> Trouble {
        self.trouble(area, &ServiceError::Late)
    }

    /// A command or an alert was aborted by a defect of this program; the log has the details.
    pub fn note_defect(&self) {
        self.known().set_problem(Area::Recording, &ServiceError::Defect);
    }

    /// Waits for a step before the commit, until the deadline at the latest.
    pub(super) async fn by<T>(
        &self,
        deadline: Instant,
        area: Area,
        work: impl Future<Output = Result<T, ServiceError>>,
    ) -> Result<T, Trouble> {
        match timeout_at(deadline, work).await {
            Ok(result) => result.map_err(|error| self.trouble(area, &error)),
            Err(_) => Err(self.out_of_time(area)),
        }
    }
}

fn reason(error: &ServiceError) -> &'static str {
    match error {
        ServiceError::Store(_) => "storage is not available.",
        ServiceError::Late => "storage did not answer in time.",
        ServiceError::Document { .. } => {
            "a document was damaged and is being rebuilt from the log."
        }
        ServiceError::Fold(_) => {
            "what is stored does not fit together; the program's log says where."
        }
        ServiceError::Site(_)
        | ServiceError::LogEmpty { .. }
        | ServiceError::Gap { .. }
        | ServiceError::Clock { .. }
        | ServiceError::LogAhead { .. }
        | ServiceError::Busy
        | ServiceError::Defect
        | ServiceError::NotRecorded
        | ServiceError::Paused(_) => "this program failed; its log says why.",
    }
}
