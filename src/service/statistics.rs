//! Statistics over the whole log: one pass that keeps a line per incident.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::audit::Progress;
use super::outcome::ServiceError;
use super::shared::Service;
use crate::core::incident::events::StatusEvent;
use crate::core::incident::model::Number;
use crate::core::log::fold::fold_bytes;
use crate::core::log::lines::Withheld;
use crate::core::log::state::State;
use crate::core::response::events::ResponseEvent;
use crate::core::response::model::Visibility;
use crate::core::response::summary::Summary;
use crate::core::rosters::events::RosterEvent;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Incidents {
    /// Closed ones by number, each with its title; no drills.
    pub closed: BTreeMap<Number, (Summary, String)>,
    /// Open ones; no drills.
    pub open: Vec<Summary>,
}

impl Service {
    /// All incidents of the log. Memory grows with their number, by some hundred bytes each, and
    /// not with their texts.
    ///
    /// # Errors
    /// The log could not be read.
    pub async fn incidents(
        &self,
        mut show: impl FnMut(Progress),
    ) -> Result<Incidents, ServiceError> {
        let mut state = State::default();
        let mut incidents = Incidents::default();
        let without = Withheld::of(&self.catch_up().await?.erasures);
        let mut log = self.records_after(0);
        while let Some((revision, Some(blob))) = log.next().await? {
            let record = fold_bytes(&mut state, &without.strip(revision, &blob.bytes))?;
            let public = record.status().filter_map(StatusEvent::number);
            for number in public.chain(record.response().filter_map(ResponseEvent::number)) {
                incidents.follow(&state, number);
            }
            if log.is_at_a_window() {
                show(Progress::Records(state.revision));
            }
        }
        self.check_end(state.revision).await?;
        incidents.end(&state);
        Ok(incidents)
    }
}

/// The limit of earlier roster files: shifts of older ones left the calendars long ago.
const FILES_MAX: usize = 20;

impl Service {
    /// The roster files before the current one, newest first.
    ///
    /// # Errors
    /// The log could not be read.
    pub async fn rosters_before(&self) -> Result<Vec<Arc<str>>, ServiceError> {
        let mut state = State::default();
        let mut files: VecDeque<Arc<str>> = VecDeque::new();
        let without = Withheld::of(&self.catch_up().await?.erasures);
        let mut log = self.records_after(0);
        while let Some((revision, Some(blob))) = log.next().await? {
            let record = fold_bytes(&mut state, &without.strip(revision, &blob.bytes))?;
            for event in record.roster() {
                if let RosterEvent::Set { text } = event {
                    files.push_front(Arc::clone(text));
                    files.truncate(FILES_MAX + 1);
                }
            }
        }
        self.check_end(state.revision).await?;
        Ok(files.into_iter().skip(1).collect())
    }
}

impl Incidents {
    fn follow(&mut self, state: &State, number: Number) {
        let Some(response) = state.response(number) else {
            return;
        };
        if response.is_open() || response.visibility == Visibility::Drill {
            self.closed.remove(&number);
            return;
        }
        let summary = Summary::of(response, state.status.incident(number));
        self.closed.insert(number, (summary, response.title.clone()));
    }

    fn end(&mut self, state: &State) {
        let open = state.responses.values().filter(|response| response.is_open());
        let open = open.filter(|response| response.visibility != Visibility::Drill);
        let summary = |number| state.status.incident(number);
        self.open = open.map(|r| Summary::of(r, summary(r.number))).collect();
    }
}
