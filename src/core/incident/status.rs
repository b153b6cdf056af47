//! The public status: all that pages, feeds and files for programs are made from.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::effect::Effect;
use super::ledger::Ledger;
use super::model::{Impact, Incident, MonthPart, Number, Stage};

/// What is public, as of the last record that changed anything public.
///
/// Incidents are shared, so that a copy costs no copy of their texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The revision of the last record that changed anything that is shown; 0 before the first.
    pub revision: u64,
    /// How many records have changed anything that is shown. Public files carry this count and not
    /// the revision, which would tell how much is recorded among the responders.
    #[serde(default)]
    pub edition: u64,
    /// The time of that record. All that pages say of the present is said of this moment.
    pub at: Timestamp,
    /// The time of the first public record.
    pub since: Option<Timestamp>,
    /// The open incidents, whole.
    pub open: BTreeMap<Number, Arc<Incident>>,
    /// The maintenances that are planned or running, whole.
    pub maintenance: BTreeMap<Number, Arc<Incident>>,
    /// The incidents and maintenances that ended last, whole, the last one at the end.
    pub closed: VecDeque<Arc<Incident>>,
    /// Closed ones that were recalled for what responders say of them: no list shows them again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unlisted: BTreeMap<Number, Arc<Incident>>,
    /// Those that came off the page last, without their texts: their addresses say so.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub withdrawn: BTreeMap<Number, Arc<Incident>>,
    /// The effects of evicted incidents on days that the ledger has.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub evicted_effects: BTreeMap<Number, Vec<Effect>>,
    /// The parts of the history, and how many incidents were opened in each.
    pub months: BTreeMap<MonthPart, u32>,
    /// How long components were affected on the last days.
    pub ledger: Ledger,
    /// When the last of the incidents ended that are kept no longer: what came before it is not all
    /// known here.
    pub evicted_until: Option<Timestamp>,
    /// What last changed about a component, by its id.
    pub components: BTreeMap<String, Standing>,
    /// What last changed about the whole.
    pub changes: Changes,
}

/// When something that is shown changed last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The revision of the change; 0 where there was none.
    pub revision: u64,
    /// The edition that it made.
    #[serde(default)]
    pub edition: u64,
    /// Its time.
    pub at: Timestamp,
}

impl Default for Change {
    fn default() -> Self {
        Self { revision: 0, edition: 0, at: Timestamp::UNIX_EPOCH }
    }
}

impl Change {
    /// The later of two.
    #[must_use]
    pub fn later(self, other: Self) -> Self {
        if other.revision > self.revision { other } else { self }
    }
}

/// The last changes of what files show of the whole: each file carries the edition of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Of the worst impact of all that goes on.
    pub overall: Change,
    /// Of any incident that is kept.
    pub incidents: Change,
    /// Of any open incident, one that was opened, closed or reopened included.
    pub unresolved: Change,
    /// Of any maintenance that is kept.
    pub maintenance: Change,
    /// Of the components of which nothing is kept: the first public record, or the last time that
    /// the status let go of some.
    pub unmentioned: Change,
}

impl Changes {
    /// Everything changed at once.
    #[must_use]
    pub fn all(change: Change) -> Self {
        Self {
            overall: change,
            incidents: change,
            unresolved: change,
            maintenance: change,
            unmentioned: change,
        }
    }
}

/// The last changes of what is shown of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Of anything that affects it, or did.
    pub shown: Change,
    /// Of how it is.
    pub status: Change,
}

impl Default for Status {
    fn default() -> Self {
        Self {
            revision: 0,
            edition: 0,
            at: Timestamp::UNIX_EPOCH,
            since: None,
            open: BTreeMap::new(),
            maintenance: BTreeMap::new(),
            closed: VecDeque::new(),
            unlisted: BTreeMap::new(),
            withdrawn: BTreeMap::new(),
            evicted_effects: BTreeMap::new(),
            months: BTreeMap::new(),
            ledger: Ledger::default(),
            evicted_until: None,
            components: BTreeMap::new(),
            changes: Changes::default(),
        }
    }
}

impl Status {
    /// The incident or maintenance of that number, if the status keeps it.
    #[must_use]
    pub fn incident(&self, number: Number) -> Option<&Incident> {
        self.shared(number).map(AsRef::as_ref)
    }

    /// The same, to be kept without a copy.
    #[must_use]
    pub fn shared(&self, number: Number) -> Option<&Arc<Incident>> {
        let going_on = self.open.get(&number).or_else(|| self.maintenance.get(&number));
        let closed = || self.closed.iter().find(|closed| closed.number == number);
        let unlisted = || self.unlisted.get(&number).or_else(|| self.withdrawn.get(&number));
        going_on.or_else(closed).or_else(unlisted)
    }

    /// All that is listed: what is open, planned or running, and what ended last.
    pub fn kept(&self) -> impl Iterator<Item = &Incident> {
        self.all_shared().map(AsRef::as_ref)
    }

    /// The same, to be kept without a copy.
    pub fn all_shared(&self) -> impl Iterator<Item = &Arc<Incident>> {
        self.open.values().chain(self.maintenance.values()).chain(&self.closed)
    }

    /// Open incidents, and maintenance that is planned or running.
    pub fn going_on(&self) -> impl Iterator<Item = &Incident> {
        self.open.values().chain(self.maintenance.values()).map(AsRef::as_ref)
    }

    /// What affects people at the moment of the status: open incidents and running maintenance.
    pub fn current(&self) -> impl Iterator<Item = &Incident> {
        let running = self.maintenance.values().filter(|m| m.stage == Stage::InProgress);
        self.open.values().chain(running).map(AsRef::as_ref)
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

    /// The worst impact on each component that is affected.
    #[must_use]
    pub fn impacts(&self) -> BTreeMap<String, Impact> {
        let mut worst = BTreeMap::new();
        for incident in self.current() {
            for component in &incident.components {
                let impact = worst.entry(component.clone()).or_insert(incident.impact);
                *impact = incident.impact.max(*impact);
            }
        }
        worst
    }

    /// The last changes of what is shown of a component, also of one that was never mentioned.
    #[must_use]
    pub fn standing(&self, component: &str) -> Standing {
        let unmentioned = self.changes.unmentioned;
        let standing = self.components.get(component).copied();
        standing.unwrap_or(Standing { shown: unmentioned, status: unmentioned })
    }

    /// Whether the next update of an open incident is late.
    #[must_use]
    pub fn is_overdue(&self, incident: &Incident) -> bool {
        incident.next_update_by.is_some_and(|promised| promised <= self.at)
    }
}
