//! Reads the log forward: from the known state, else from the snapshot, else from the start. A
//! state is trusted only if the log holds exactly the record that it ends with.

use std::ops::RangeFrom;
use std::sync::Arc;

use tokio::time::{Duration, timeout};
use tracing::{error, info, warn};

use super::keys::{record_key, snapshot_key};
use super::known::Area;
use super::outcome::ServiceError;
use super::reader::Reader;
use super::records::{AHEAD_FIRST, AHEAD_MAX, Records};
use super::shared::Service;
use super::snapshot;
use crate::core::log::draft::is_as_read;
use crate::core::log::fold::{FoldError, fold_bytes};
use crate::core::log::record::Record;
use crate::core::log::seal;
use crate::core::log::state::State;
use crate::core::response::document::IncidentDocument;

/// A reader waits this long for the one in progress.
const READER_PATIENCE: Duration = Duration::from_secs(1);

/// The result of folding a batch of records.
#[derive(PartialEq, Eq)]
enum Batch {
    MoreToRead,
    LogEnds,
    /// A record erases texts that are folded in already.
    FoldAgain,
}

impl Service {
    /// Reads the log to its end and returns the state. Needs no turn, so questions can read while a
    /// commit is in doubt.
    ///
    /// # Errors
    /// The log could not be read, or is invalid.
    pub async fn catch_up(&self) -> Result<Arc<State>, ServiceError> {
        let result = Box::pin(self.read_to_the_end()).await;
        let mut known = self.known();
        match &result {
            Ok(state) => {
                known.saw_the_end();
                if known.rechecked == 0 {
                    known.rechecked = state.revision;
                }
            }
            Err(error) => known.set_problem(Area::Reading, error),
        }
        result
    }

    /// Concurrent readers take turns, but one that would wait for a stuck read reads in parallel.
    async fn read_to_the_end(&self) -> Result<Arc<State>, ServiceError> {
        if let Ok(mut reader) = timeout(READER_PATIENCE, self.reading.lock()).await {
            return self.read_on(&mut reader).await;
        }
        // Folding from the start is left to one reader, which keeps its progress.
        match self.read_behind_known(&mut Reader::default()).await {
            Ok(Some(state)) => Ok(state),
            Err(error) if !matches!(error, ServiceError::Fold(_)) => Err(error),
            Ok(None) | Err(_) => {
                let mut reader = self.reading.lock().await;
                self.read_on(&mut reader).await
            }
        }
    }

    /// A timer run without work costs this one round trip: it checks for a next record, and that
    /// recently read or written records still exist.
    pub(super) async fn catch_up_cheaply(&self) -> Result<Arc<State>, ServiceError> {
        // Not if the log's end is in doubt, as after a failure.
        let known = self.known().state_to_try();
        if let Some(state) = known {
            let next = record_key(state.revision + 1);
            let next = self.store.head(&next);
            match tokio::try_join!(next, self.first_lost(state.revision)) {
                Ok((None, None)) => {
                    self.known().clear_problem(Area::Reading);
                    return Ok(state);
                }
                Ok((_, lost)) => {
                    let mut known = self.known();
                    known.lost = lost;
                    known.doubt();
                }
                Err(error) => {
                    let error = ServiceError::from(error);
                    self.known().set_problem(Area::Reading, &error);
                    return Err(error);
                }
            }
        }
        self.catch_up().await
    }

    async fn read_on(&self, reader: &mut Reader) -> Result<Arc<State>, ServiceError> {
        self.check_lost().await?;
        if reader.from_start.is_none() {
            match self.read_behind_known(reader).await {
                Ok(Some(state)) => return Ok(state),
                Ok(None) => {}
                // The snapshot is not to blame for a record that this version cannot read.
                Err(ServiceError::Fold(error))
                    if reader.from_snapshot && !error.is_of_the_record() =>
                {
                    warn!(%error, "the snapshot does not fit the log: folding the log from its start");
                }
                Err(error) => return Err(error),
            }
            reader.from_snapshot = false;
            reader.from_start = Some(State::default());
            self.known().forget_the_log();
        }
        self.fold_from_start(reader).await
    }

    /// Continues from the known state or the snapshot; `None` if there is none, or it belongs to a
    /// different log.
    async fn read_behind_known(
        &self,
        reader: &mut Reader,
    ) -> Result<Option<Arc<State>>, ServiceError> {
        let (known, generation) = {
            let known = self.known();
            (known.state.clone(), known.generation)
        };
        let (state, is_new) = match known {
            Some(state) => (state, false),
            None => match self.load_snapshot(reader, generation).await? {
                Some(state) => (state, true),
                None => return Ok(None),
            },
        };
        let end = state.revision;
        // The state's own last record, and the next one.
        let mut log = Records::after(self.store.as_ref(), end.saturating_sub(1), 2);
        if end > 0 {
            let own = log.next().await?.and_then(|(_, blob)| blob);
            if own.is_none_or(|own| seal::head_hash(&own.bytes) != state.head) {
                self.judge_another_log(&state).await?;
                return Ok(None);
            }
        }
        // The theme has changed since the snapshot.
        let rewrite = self.known().all_at_hand;
        let state = self.read_behind(state, generation, log, is_new).await?;
        let Some(state) = state else {
            return Ok(None);
        };
        if !self.known().is_end_checked() {
            self.check_end(state.revision).await?;
        }
        if is_new && rewrite {
            self.known().write_all_at_hand();
        }
        Ok(Some(state))
    }

    /// Handles a log that does not hold the state's last record.
    async fn judge_another_log(&self, state: &State) -> Result<(), ServiceError> {
        let revision = state.revision;
        if self.store.head(&record_key(1)).await?.is_none() && !self.is_empty_log_accepted().await?
        {
            self.check_end(0).await?;
            return Err(ServiceError::LogEmpty { revision });
        }
        error!(
            revision,
            "the log does not hold the last record known here: it was restored, or storage failed \
             over to a copy that lags behind. What it says now counts: everything derived is rebuilt"
        );
        Ok(())
    }

    /// An operator has accepted that the log begins again: the snapshot is one of an empty log.
    async fn is_empty_log_accepted(&self) -> Result<bool, ServiceError> {
        let blob = self.store.get(&snapshot_key()).await?;
        let snapshot = blob.and_then(|blob| snapshot::read(&blob.bytes).ok().flatten());
        Ok(snapshot.is_some_and(|snapshot| snapshot.state.revision == 0))
    }

    /// Folds the rest of the log and installs the state; `None` if the log was replaced in the
    /// meantime.
    async fn read_behind(
        &self,
        state: Arc<State>,
        generation: u64,
        mut log: Records<'_, RangeFrom<u64>>,
        is_new: bool,
    ) -> Result<Option<Arc<State>>, ServiceError> {
        let mut state = state;
        if is_new && self.known().install(Arc::clone(&state), generation).is_none() {
            return Ok(None);
        }
        loop {
            let mut next = state.as_ref().clone();
            let read = self.fold_window(&mut next, generation, &mut log).await;
            if matches!(read, Ok(Batch::FoldAgain)) {
                return Ok(None);
            }
            if read.is_ok() || next.revision > state.revision {
                let folded = next.revision;
                let Some(installed) = self.known().install(Arc::new(next), generation) else {
                    return Ok(None);
                };
                if installed.revision > folded {
                    // A different reader was faster.
                    log = self.records_after(installed.revision);
                }
                state = installed;
            }
            if read? == Batch::LogEnds {
                return Ok(Some(state));
            }
        }
    }

    /// Folds the records of one window, up to the first that cannot be folded.
    async fn fold_window(
        &self,
        state: &mut State,
        generation: u64,
        log: &mut Records<'_, RangeFrom<u64>>,
    ) -> Result<Batch, ServiceError> {
        loop {
            let Some((_, Some(blob))) = log.next().await? else {
                if log.has_read_a_later_one() {
                    self.known().end_checked = None;
                }
                return Ok(Batch::LogEnds);
            };
            let record = match fold_bytes(state, &blob.bytes) {
                Ok(record) => record,
                Err(error) => {
                    if !error.is_of_the_record() {
                        // Half changed, and useless.
                        *state = State::default();
                    }
                    return Err(error.into());
                }
            };
            let mut known = self.known();
            if known.generation == generation {
                if record.orders_removal() {
                    info!(revision = record.revision, "texts are erased: folding the log again");
                    known.fold_again_without(state);
                    return Ok(Batch::FoldAgain);
                }
                known.note_changes(state, &record);
                known.others_wrote = true;
            }
            if log.is_at_a_window() {
                return Ok(Batch::MoreToRead);
            }
        }
    }

    async fn fold_from_start(&self, reader: &mut Reader) -> Result<Arc<State>, ServiceError> {
        let state = reader.from_start.get_or_insert_default();
        // The record that stopped the last read is read on its own.
        if state.revision == 0 {
            reader.without = self.known().withheld();
        }
        let ahead = if state.revision == 0 { AHEAD_FIRST } else { 1 };
        let mut log = Records::after(self.store.as_ref(), state.revision, ahead);
        while let Some((revision, Some(blob))) = log.next().await? {
            let bytes = reader.without.strip(revision, &blob.bytes);
            reader.without.extend(seal::erased_lines(&bytes).map(|place| (revision, place)));
            match fold_bytes(state, &bytes) {
                Ok(record) if record.orders_removal() && !reader.without.covers(&record) => {
                    // They are folded in already: fold again without them.
                    reader.without.extend(record.declared());
                    *state = State::default();
                    log = Records::after(self.store.as_ref(), 0, AHEAD_FIRST);
                }
                Ok(_) => {}
                Err(error) => {
                    if !error.is_of_the_record() {
                        reader.from_start = None;
                    }
                    return Err(error.into());
                }
            }
        }
        self.check_end(state.revision).await?;
        let state = Arc::new(reader.from_start.take().unwrap_or_default());
        let mut known = self.known();
        let generation = known.generation;
        known.install(Arc::clone(&state), generation);
        known.write_all_at_hand();
        // Nothing has been derived from a log that is just beginning.
        known.rebuild &= state.revision > 0;
        Ok(state)
    }

    async fn load_snapshot(
        &self,
        reader: &mut Reader,
        generation: u64,
    ) -> Result<Option<Arc<State>>, ServiceError> {
        let Some(blob) = self.store.get(&snapshot_key()).await? else {
            return Ok(None);
        };
        let snapshot = match snapshot::read(&blob.bytes) {
            Ok(Some(snapshot)) => snapshot,
            Ok(None) => return Ok(None),
            Err(error) => {
                warn!(%error, "the snapshot cannot be read: folding the log from its start");
                return Ok(None);
            }
        };
        reader.from_snapshot = true;
        let mut known = self.known();
        if known.state.is_some() || known.generation != generation {
            // A different reader was faster and knows more.
            return Ok(known.state.clone());
        }
        known.heads = Some((snapshot.heads(), blob.head));
        if snapshot.settled && snapshot.theme == self.site.theme_digest() {
            known.published_through = snapshot.state.revision;
            known.published = Some(snapshot.state.revision);
        } else {
            info!("the site's theme has changed: the current pages are rebuilt");
            known.all_at_hand = true;
            known.theme_is_new = true;
        }
        Ok(Some(Arc::new(snapshot.state)))
    }

    /// Installs the state after a record that this process has just written, unless somebody has
    /// read the record already.
    ///
    /// # Errors
    /// The known log does not have the previous record.
    pub(super) fn take_in(
        &self,
        bytes: &[u8],
        record: &Record,
        state: State,
    ) -> Result<(), FoldError> {
        let revision = record.revision;
        let mut known = self.known();
        let base = known.state.clone().filter(|state| state.revision + 1 == revision);
        let Some(base) = base else {
            return Ok(());
        };
        if base.head != record.previous {
            return Err(FoldError::Chain { revision });
        }
        debug_assert!(is_as_read(&state, &base, bytes), "record {revision} is read otherwise");
        if record.orders_removal() {
            known.fold_again_without(&state);
            return Ok(());
        }
        known.note_changes(&state, record);
        let generation = known.generation;
        known.install(Arc::new(state), generation);
        known.saw_the_end();
        Ok(())
    }

    /// Reads the log after `state` to its end, and passes on everything that each record changes.
    pub(super) async fn replay_log(
        &self,
        state: &mut State,
        mut show: impl FnMut(&State, IncidentDocument),
    ) -> Result<(), ServiceError> {
        let without = self.known().withheld();
        let mut log = Records::after(self.store.as_ref(), state.revision, AHEAD_MAX);
        while let Some((revision, Some(blob))) = log.next().await? {
            let record = fold_bytes(state, &without.strip(revision, &blob.bytes))?;
            for dossier in state.changed_by(record.revision) {
                show(state, dossier);
            }
        }
        self.check_end(state.revision).await
    }
}
