//! The state: the fold of the log up to a revision.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ledger::Day;
use super::model::{Impact, Incident, MessageId, Month, NO_HASH, Number, Stage};

/// How many closed incidents, and how many maintenances that are over, the state keeps whole;
/// older ones live in documents of their own. Statuspage's lists show as many.
pub const CLOSED_KEPT_MAX: usize = 50;
/// What the texts of all those may take, in bytes, before the oldest are let go of sooner.
pub const CLOSED_BYTES_MAX: usize = 2 * 1024 * 1024;
/// How many message ids the state remembers. A replay is also bounded by the clock skew, so this
/// need only cover the commands of a few minutes.
pub const MESSAGES_KEPT_MAX: usize = 512;
/// How many months the history can be walked back.
pub const MONTHS_KEPT_MAX: usize = 240;
/// How many components the state remembers, configured still or not.
pub const COMPONENTS_KEPT_MAX: usize = 1_000;

/// Everything that a command needs to know of the past: the fold of the log up to a revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The revision of the last record; 0 before the first.
    pub revision: u64,
    /// SHA-256 of the last record's bytes.
    pub head: String,
    /// The time of the last record. All that pages say of the present is said of this moment.
    pub at: Timestamp,
    /// The time of the first record.
    pub since: Option<Timestamp>,
    /// The number that the next incident gets.
    pub next_number: Number,
    /// The open incidents, whole.
    pub open: BTreeMap<Number, Incident>,
    /// The maintenances that are planned or running, whole.
    pub maintenance: BTreeMap<Number, Incident>,
    /// The incidents and maintenances that ended last, whole, the last one at the end.
    pub closed: VecDeque<Incident>,
    /// The months that have incidents, and how many were opened in each.
    pub months: BTreeMap<Month, u32>,
    /// How long components were affected on the last days, today at the end.
    pub days: VecDeque<Day>,
    /// What last changed about a component, by its id.
    pub components: BTreeMap<String, Standing>,
    /// The last accepted messages, by [`MessageId::key`], each with its revision.
    pub messages: VecDeque<(String, u64)>,
}

/// The last change of anything that is shown of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The revision of the change.
    pub revision: u64,
    /// Its time.
    pub at: Timestamp,
}

impl Incident {
    /// Ids of the components of which it is shown: those that it affects, or did at some time.
    #[must_use]
    pub fn ever_affected(&self) -> BTreeSet<String> {
        let once = self.updates.iter().flat_map(|update| &update.components);
        self.components.iter().chain(once).cloned().collect()
    }
}

impl Default for State {
    fn default() -> Self {
        Self {
            revision: 0,
            head: NO_HASH.to_owned(),
            at: Timestamp::UNIX_EPOCH,
            since: None,
            next_number: 1,
            open: BTreeMap::new(),
            maintenance: BTreeMap::new(),
            closed: VecDeque::new(),
            months: BTreeMap::new(),
            days: VecDeque::new(),
            components: BTreeMap::new(),
            messages: VecDeque::new(),
        }
    }
}

impl State {
    /// The incident or maintenance of that number, if the state keeps it.
    #[must_use]
    pub fn incident(&self, number: Number) -> Option<&Incident> {
        let going_on = self.open.get(&number).or_else(|| self.maintenance.get(&number));
        going_on.or_else(|| self.closed.iter().find(|closed| closed.number == number))
    }

    /// The same, to be changed.
    pub(super) fn incident_mut(&mut self, number: Number) -> Option<&mut Incident> {
        if let Some(open) = self.open.get_mut(&number) {
            return Some(open);
        }
        if let Some(maintenance) = self.maintenance.get_mut(&number) {
            return Some(maintenance);
        }
        self.closed.iter_mut().find(|closed| closed.number == number)
    }

    /// All that is kept: what is open, planned or running, and what ended last.
    pub fn kept(&self) -> impl Iterator<Item = &Incident> {
        self.open.values().chain(self.maintenance.values()).chain(&self.closed)
    }

    /// What affects people at the moment of the state: open incidents and running maintenance.
    pub fn current(&self) -> impl Iterator<Item = &Incident> {
        let running = self.maintenance.values().filter(|m| m.stage == Stage::InProgress);
        self.open.values().chain(running)
    }

    /// The worst impact of what is going on; `None` when all is well.
    #[must_use]
    pub fn impact(&self) -> Option<Impact> {
        self.current().map(|incident| incident.impact).max()
    }

    /// The worst impact of what is going on for one component.
    #[must_use]
    pub fn impact_on(&self, component: &str) -> Option<Impact> {
        let on = self.current().filter(|i| i.components.iter().any(|id| id == component));
        on.map(|incident| incident.impact).max()
    }

    /// Whether the next update of an open incident is late.
    #[must_use]
    pub fn is_overdue(&self, incident: &Incident) -> bool {
        incident.next_update_by.is_some_and(|promised| promised <= self.at)
    }

    /// The revision of a message that was accepted already.
    #[must_use]
    pub fn revision_of(&self, message: &MessageId) -> Option<u64> {
        let key = message.key();
        self.messages.iter().rev().find(|(known, _)| *known == key).map(|(_, revision)| *revision)
    }
}
