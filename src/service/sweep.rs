//! One pass over the whole log, in bounded memory: each incident is handed out once the state lets
//! go of it, or at the end, and is not kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;

use super::keys::record_key;
use super::outcome::ServiceError;
use crate::core::digest::sha256;
use crate::core::incident::events::StatusEvent;
use crate::core::incident::history::MonthDocument;
use crate::core::incident::model::{Incident, MonthPart, Number};
use crate::core::log::fold::{fold, read_record};
use crate::core::log::state::State;
use crate::store::{Key, Store};

/// How many records are read side by side.
const PARALLEL_MAX: usize = 32;

/// The pass, as far as it is.
#[derive(Default)]
pub(super) struct Sweep {
    /// The state behind the last record.
    pub(super) state: State,
    /// The list of every part of the history.
    pub(super) months: BTreeMap<MonthPart, MonthDocument>,
    /// Records that brought an incident back other than the log had left it: somebody had changed
    /// its document.
    pub(super) recalled_otherwise: Vec<(u64, Number)>,
    /// The revision and the digest of each incident that was handed out.
    handed_out: BTreeMap<Number, (u64, [u8; 32])>,
    /// Whether a snapshot's state is the log's, where its revision was passed.
    snapshot: Option<(State, bool)>,
    at_end: bool,
}

impl Sweep {
    /// Reads on a little. Gives the incidents that the state let go of on the way; `None` at the
    /// log's end.
    pub(super) async fn read_on(
        &mut self,
        store: &dyn Store,
    ) -> Result<Option<Vec<Arc<Incident>>>, ServiceError> {
        if self.at_end {
            self.at_end = false;
            return Ok(None);
        }
        let next = self.state.revision + 1;
        let keys: Vec<Key> = (next..).take(PARALLEL_MAX).map(record_key).collect();
        let mut gone = Vec::new();
        for blob in join_all(keys.iter().map(|key| store.get(key))).await {
            let Some(blob) = blob? else {
                self.at_end = true;
                break;
            };
            self.take_in(&blob.bytes, &mut gone)?;
        }
        Ok(Some(gone))
    }

    fn take_in(&mut self, bytes: &[u8], gone: &mut Vec<Arc<Incident>>) -> Result<(), ServiceError> {
        let record = read_record(&self.state, bytes)?;
        for event in record.status() {
            match event {
                StatusEvent::Evicted { incidents, .. } => {
                    let kept = incidents.iter().filter_map(|n| self.state.status.shared(*n));
                    for incident in kept {
                        let digest = digest(incident);
                        self.handed_out.insert(incident.number, (incident.revision, digest));
                        gone.push(Arc::clone(incident));
                    }
                }
                StatusEvent::Recalled { incident }
                    if self.handed_out.get(&incident.number).map(|(_, known)| *known)
                        != Some(digest(incident)) =>
                {
                    self.recalled_otherwise.push((record.revision, incident.number));
                }
                _ => {}
            }
        }
        fold(&mut self.state, &record, bytes)?;
        self.compare_snapshot();
        let status = &self.state.status;
        for number in record.status().filter_map(StatusEvent::number) {
            if let Some(incident) = status.incident(number) {
                let month = self.months.entry(incident.month);
                let month = month.or_insert_with(|| MonthDocument::new(incident.month));
                month.merge(incident, status);
            }
        }
        Ok(())
    }

    /// Compares a snapshot's state with the log's, once its revision is reached.
    pub(super) fn expect(&mut self, snapshot: State) {
        self.snapshot = Some((snapshot, true));
        self.compare_snapshot();
    }

    fn compare_snapshot(&mut self) {
        if let Some((snapshot, fits)) = &mut self.snapshot
            && snapshot.revision == self.state.revision
        {
            *fits = *snapshot == self.state;
        }
    }

    /// Whether the snapshot was found to be other than the log.
    pub(super) fn snapshot_differs(&self) -> bool {
        self.snapshot.as_ref().is_some_and(|(_, fits)| !fits)
    }

    /// The revision that the log leaves an incident with.
    pub(super) fn revision_of(&self, number: Number) -> Option<u64> {
        let kept = self.state.status.incident(number).map(|incident| incident.revision);
        kept.or_else(|| self.handed_out.get(&number).map(|(revision, _)| *revision))
    }

    /// The incidents that the state still keeps at the end.
    pub(super) fn kept(&self) -> Vec<Arc<Incident>> {
        self.state.status.all_shared().cloned().collect()
    }
}

fn digest(incident: &Incident) -> [u8; 32] {
    // What cannot be written as JSON was never read from it.
    sha256(&serde_json::to_vec(incident).unwrap_or_default())
}
