//! Records that nobody waits for: of the clock and of deliveries. They read the log without a turn,
//! give way to commands, and hold their turn only briefly.

use std::sync::Arc;

use tokio::time::{Duration, Instant, sleep, timeout_at};

use super::commit::Commit;
use super::known::Area;
use super::outcome::ServiceError;
use super::shared::Service;
use crate::core::log::draft::Completed;
use crate::core::log::record::Record;
use crate::core::log::state::State;

/// The longest turn of such a record: half of a command's time.
const TURN_MAX: Duration = Duration::from_secs(2);
/// The pause after a failed try.
const PAUSE: Duration = Duration::from_secs(1);

impl Service {
    /// Commits the record that `decide` returns for the newest state, and returns it with that
    /// state; `None` if there is nothing to record. Retries until `patience` ends.
    ///
    /// # Errors
    /// The record is not committed, or the outcome is unknown.
    pub(super) async fn record_behind_commands(
        self: &Arc<Self>,
        patience: Duration,
        decide: impl Fn(&State) -> Result<Option<Completed>, ServiceError>,
    ) -> Result<Option<(Arc<State>, Record)>, ServiceError> {
        let deadline = Instant::now() + patience;
        let late = |_| ServiceError::NotRecorded;
        while Instant::now() < deadline {
            let known = self.known().state_to_try();
            let mut state = match known {
                Some(state) => state,
                None => timeout_at(deadline, self.catch_up()).await.map_err(late)??,
            };
            let Some(mut completed) = decide(&state)? else {
                return Ok(None);
            };
            let turn = self.turns.take_behind_commands();
            let turn = timeout_at(deadline, turn).await.map_err(late)?;
            let Some(newest) = self.known().state_to_try() else {
                // Something failed. The log must not be read while the turn is held.
                continue;
            };
            if !Arc::ptr_eq(&newest, &state) {
                let Some(decided) = decide(&newest)? else {
                    return Ok(None);
                };
                (state, completed) = (newest, decided);
            }
            let until = deadline.min(Instant::now() + TURN_MAX);
            match self.commit_by(turn, completed, until).await {
                Ok(Commit::Done(record)) => return Ok(Some((state, *record))),
                Ok(Commit::Taken(turn)) => {
                    drop(turn);
                    timeout_at(deadline, self.catch_up()).await.map_err(late)??;
                }
                Err(_) if self.known().is_refused(Area::Recording) => break,
                Err(_) => sleep(PAUSE).await,
            }
        }
        Err(ServiceError::NotRecorded)
    }
}
