//! One pass over the whole log in bounded memory: an incident is passed on when the state evicts
//! it, or at the end, and is then dropped.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use super::known::AHEAD_MAX as CLOCK_AHEAD_MAX;
use super::outcome::ServiceError;
use super::records::Records;
use super::texts::Texts;
use crate::core::digest::sha256;
use crate::core::incident::events::StatusEvent;
use crate::core::incident::history::{MonthDocument, neighbours};
use crate::core::incident::model::{Incident, MonthPart, Number};
use crate::core::log::fold::{fold, read_record};
use crate::core::log::lines::Withheld;
use crate::core::log::record::{Event, Record};
use crate::core::log::seal;
use crate::core::log::state::State;
use crate::core::response::document::IncidentDocument;
use crate::core::response::events::ResponseEvent;
use crate::store::{Container, Store};

/// Number of records read in parallel.
const AHEAD: usize = 32;

#[derive(Default)]
pub(super) struct Sweep {
    /// The state after the last record.
    pub(super) state: State,
    /// The list of every part of the history.
    pub(super) months: BTreeMap<MonthPart, MonthDocument>,
    /// Records that recalled an incident different from the evicted one: somebody had changed its
    /// document.
    pub(super) recalled_otherwise: Vec<(u64, Number)>,
    /// Storage's time at the start, if known.
    pub(super) now: Option<Timestamp>,
    /// The first record that is dated in the future.
    pub(super) ahead: Option<(u64, Timestamp)>,
    /// Lines to read as erased, because they will be.
    pub(super) without: Withheld,
    /// The condition of the texts.
    pub(super) texts: Texts,
    /// Digests of the documents that were passed on, to recognise them.
    handed_out: BTreeMap<Number, HandedOut>,
    /// The snapshot's state, and whether it matches the log once its revision is reached.
    snapshot: Option<(State, bool)>,
    at_end: bool,
}

/// Digests of both halves of an incident. Kept small, because there may be many.
struct HandedOut {
    incident: Half,
    response: Half,
    edition: u64,
}

/// Revision and digest; defaults for a missing half.
#[derive(Default, PartialEq, Eq)]
struct Half(u64, [u8; 16]);

impl Sweep {
    /// Reads a window. Returns the incidents that the state evicted in it; `None` at the log's end.
    pub(super) async fn read_on(
        &mut self,
        store: &dyn Store,
    ) -> Result<Option<Vec<IncidentDocument>>, ServiceError> {
        if std::mem::take(&mut self.at_end) {
            return Ok(None);
        }
        let mut gone = Vec::new();
        let mut log = Records::after(store, self.state.revision, AHEAD);
        loop {
            match log.next().await? {
                Some((_, Some(blob))) => self.take_in(&blob.bytes, &mut gone)?,
                _ => self.at_end = true,
            }
            if self.at_end || log.is_at_a_window() {
                return Ok(Some(gone));
            }
        }
    }

    fn take_in(
        &mut self,
        bytes: &[u8],
        gone: &mut Vec<IncidentDocument>,
    ) -> Result<(), ServiceError> {
        let revision = self.state.revision + 1;
        self.texts.note_lines(revision, bytes);
        let bytes = &*self.without.strip(revision, bytes);
        // An altered text is reported, and does not prevent checking the rest.
        let sound = seal::without(bytes, &seal::altered_lines(bytes));
        let bytes = sound.as_deref().unwrap_or(bytes);
        let record = read_record(&self.state, bytes)?;
        self.texts.note_orders(&record);
        for dossier in evicted(&record).filter_map(|number| self.state.dossier(number)) {
            let incident = dossier.incident.as_deref();
            let edition = incident.map_or(0, |incident| incident.edition);
            let incident = incident.map_or_else(Half::default, Half::of_incident);
            let response = dossier.response.as_deref();
            let response = response.map_or_else(Half::default, |r| Half::of(r, r.revision));
            self.handed_out.insert(dossier.number(), HandedOut { incident, response, edition });
            gone.push(dossier);
        }
        let otherwise = self.recalled_otherwise_by(&record).into_iter();
        self.recalled_otherwise.extend(otherwise.map(|number| (record.revision, number)));
        fold(&mut self.state, &record, bytes)?;
        if self.now.is_some_and(|now| record.at.duration_since(now) > CLOCK_AHEAD_MAX) {
            self.ahead.get_or_insert((record.revision, record.at));
        }
        self.compare_snapshot();
        let status = &self.state.status;
        for number in record.status().filter_map(StatusEvent::number) {
            if let Some(incident) = status.incident(number) {
                let month = self.months.entry(incident.month);
                let month = month.or_insert_with(|| MonthDocument::new(incident.month));
                month.merge(incident, status);
                for neighbour in neighbours(incident.month, status).into_iter().flatten() {
                    self.months.entry(neighbour).and_modify(|month| month.link(status));
                }
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

    pub(super) fn snapshot_differs(&self) -> bool {
        self.snapshot.as_ref().is_some_and(|(_, fits)| !fits)
    }

    /// The expected stamp of an incident's page (an edition) or document (a revision).
    pub(super) fn stamp_of(&self, number: Number, container: Container) -> Option<u64> {
        let is_page = container == Container::Web;
        if let Some(dossier) = self.state.dossier(number) {
            let page = dossier.incident.as_ref().map(|incident| incident.edition);
            return if is_page { page } else { Some(dossier.revision()) };
        }
        let HandedOut { incident: Half(incident, _), response: Half(response, _), edition } =
            self.handed_out.get(&number)?;
        Some(if is_page { *edition } else { *incident.max(response) })
    }

    /// The largest stamp that a blob can have after the records that were read, and after those up
    /// to `last`: each adds one edition at most.
    pub(super) fn ends(&self, container: Container, last: u64) -> (u64, u64) {
        let State { revision, status, .. } = &self.state;
        match container {
            Container::Web => (status.edition, status.edition + last.saturating_sub(*revision)),
            Container::Log | Container::State => (*revision, last),
        }
    }

    /// The incidents that a record recalls in a different form than they were passed on.
    fn recalled_otherwise_by(&self, record: &Record) -> BTreeSet<Number> {
        let mut otherwise = BTreeSet::new();
        for event in &record.events {
            let (number, half, is_public) = match event {
                Event::Status(StatusEvent::Recalled { incident, .. }) => {
                    (incident.number, Half::of_incident(incident), true)
                }
                Event::Response(ResponseEvent::Recalled { response }) => {
                    (response.number, Half::of(response, response.revision), false)
                }
                _ => continue,
            };
            let handed_out = self.handed_out.get(&number);
            let known = handed_out.map(|out| if is_public { &out.incident } else { &out.response });
            if known != Some(&half) {
                otherwise.insert(number);
            }
        }
        otherwise
    }

    /// The documents that are still in the state at the end.
    pub(super) fn kept(&self) -> Vec<IncidentDocument> {
        self.state.dossiers().collect()
    }
}

/// The incidents that a record evicts.
fn evicted(record: &Record) -> impl Iterator<Item = Number> {
    let public = record.status().filter_map(|event| match event {
        StatusEvent::Evicted { incidents, .. } => Some(incidents),
        _ => None,
    });
    let internal = record.response().filter_map(|event| match event {
        ResponseEvent::Evicted { numbers, .. } => Some(numbers),
        _ => None,
    });
    public.chain(internal).flatten().copied()
}

impl Half {
    /// Without editions, which early records lack. The digest in the log includes them.
    fn of_incident(incident: &Incident) -> Self {
        let bare = Incident { edition: 0, listed_edition: 0, ..incident.clone() };
        Self::of(&bare, incident.revision)
    }

    fn of<T: Serialize>(half: &T, revision: u64) -> Self {
        // A value that cannot be written as JSON was not read from it.
        let digest = sha256(&serde_json::to_vec(half).unwrap_or_default());
        Self(revision, digest.first_chunk().copied().unwrap_or_default())
    }
}
