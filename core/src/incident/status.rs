//! The public status, from which all pages, feeds and machine-readable files are generated.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::effect::Effect;
use super::ledger::Ledger;
use super::model::{Impact, Incident, MonthPart, Number, Stage};

/// The public status, as of the last record that changed anything public.
///
/// Incidents are shared, so that cloning the status does not copy their texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Revision of the last record that changed anything public; 0 before the first.
    pub revision: u64,
    /// Number of records that have changed anything public. Public files carry this count rather
    /// than the revision, which would reveal how much responders record internally.
    #[serde(default)]
    pub edition: u64,
    /// Time of that record. Pages describe this moment.
    pub at: Timestamp,
    /// Time of the first public record.
    pub since: Option<Timestamp>,
    pub open: BTreeMap<Number, Arc<Incident>>,
    /// Planned or running.
    pub maintenance: BTreeMap<Number, Arc<Incident>>,
    /// Incidents and maintenance that ended most recently, the latest last.
    pub closed: VecDeque<Arc<Incident>>,
    /// Closed incidents recalled for an internal change: lists do not show them again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unlisted: BTreeMap<Number, Arc<Incident>>,
    /// Incidents most recently taken off the page, without texts; their pages say that they were
    /// removed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub withdrawn: BTreeMap<Number, Arc<Incident>>,
    /// Effects of evicted incidents that reach into the ledger.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub evicted_effects: BTreeMap<Number, Vec<Effect>>,
    /// Parts of the history, with the number of incidents opened in each.
    pub months: BTreeMap<MonthPart, u32>,
    pub ledger: Ledger,
    /// Latest end of any evicted incident: before it, the incidents kept here are incomplete.
    pub evicted_until: Option<Timestamp>,
    /// Last changes by component id.
    pub components: BTreeMap<String, ComponentChanges>,
    /// Pages show these only for components that are no longer configured.
    #[serde(default, skip_serializing_if = "ComponentNames::is_empty")]
    pub component_names: ComponentNames,
    pub changes: Changes,
}

/// Names of components by id, as they were last configured. A component that is no longer configured
/// keeps its name in history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ComponentNames(BTreeMap<String, String>);

/// For words about components that are all configured.
pub static NO_NAMES: ComponentNames = ComponentNames(BTreeMap::new());

impl ComponentNames {
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds names, and replaces those of the same components.
    pub fn learn(&mut self, names: &BTreeMap<String, String>) {
        self.0.extend(names.iter().map(|(id, name)| (id.clone(), name.clone())));
    }
}

/// The last change of something public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// 0 if there was none.
    pub revision: u64,
    /// Edition that the change made.
    #[serde(default)]
    pub edition: u64,
    pub at: Timestamp,
}

impl Default for Change {
    fn default() -> Self {
        Self { revision: 0, edition: 0, at: Timestamp::UNIX_EPOCH }
    }
}

impl Change {
    #[must_use]
    pub fn later(self, other: Self) -> Self {
        if other.revision > self.revision { other } else { self }
    }
}

/// Last changes of the overall status; each file carries the edition of the part that it shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Of the most severe current impact.
    pub overall: Change,
    /// Of any incident in the status.
    pub incidents: Change,
    /// Of any open incident, including that one was opened, closed or reopened.
    pub unresolved: Change,
    /// Of any maintenance in the status.
    pub maintenance: Change,
    /// Of components without an entry: the first public record, or the last eviction of components.
    pub unmentioned: Change,
}

impl Changes {
    /// Marks everything as changed at once.
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

/// Last changes of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentChanges {
    /// Of anything that affects or affected it.
    pub shown: Change,
    /// Of its current impact.
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
            component_names: ComponentNames::default(),
            changes: Changes::default(),
        }
    }
}

impl Status {
    /// The incident or maintenance with that number, if the status still has it.
    #[must_use]
    pub fn incident(&self, number: Number) -> Option<&Incident> {
        self.shared(number).map(AsRef::as_ref)
    }

    /// Like [`Self::incident`], to share instead of copying.
    #[must_use]
    pub fn shared(&self, number: Number) -> Option<&Arc<Incident>> {
        let going_on = self.open.get(&number).or_else(|| self.maintenance.get(&number));
        let closed = || self.closed.iter().find(|closed| closed.number == number);
        let unlisted = || self.unlisted.get(&number).or_else(|| self.withdrawn.get(&number));
        going_on.or_else(closed).or_else(unlisted)
    }

    /// Everything that lists show: open, planned or running, and the most recently ended.
    pub fn kept(&self) -> impl Iterator<Item = &Incident> {
        self.all_shared().map(AsRef::as_ref)
    }

    /// Like [`Self::kept`], to share instead of copying.
    pub fn all_shared(&self) -> impl Iterator<Item = &Arc<Incident>> {
        self.open.values().chain(self.maintenance.values()).chain(&self.closed)
    }

    /// Open incidents, and planned or running maintenance.
    pub fn going_on(&self) -> impl Iterator<Item = &Incident> {
        self.open.values().chain(self.maintenance.values()).map(AsRef::as_ref)
    }

    /// Open incidents and running maintenance: everything that affects customers at [`Self::at`].
    pub fn current(&self) -> impl Iterator<Item = &Incident> {
        let running = self.maintenance.values().filter(|m| m.stage == Stage::InProgress);
        self.open.values().chain(running).map(AsRef::as_ref)
    }

    /// The most severe current impact; `None` if everything is operational.
    #[must_use]
    pub fn impact(&self) -> Option<Impact> {
        self.current().map(|incident| incident.impact).max()
    }

    /// The most severe current impact on one component.
    #[must_use]
    pub fn impact_on(&self, component: &str) -> Option<Impact> {
        let on = self.current().filter(|i| i.components.iter().any(|id| id == component));
        on.map(|incident| incident.impact).max()
    }

    /// The most severe current impact on each affected component, by id.
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

    /// Last changes of a component, even if it was never mentioned.
    #[must_use]
    pub fn standing(&self, component: &str) -> ComponentChanges {
        let unmentioned = self.changes.unmentioned;
        let standing = self.components.get(component).copied();
        standing.unwrap_or(ComponentChanges { shown: unmentioned, status: unmentioned })
    }

    /// Returns `true` if the promised update is overdue at [`Self::at`].
    #[must_use]
    pub fn is_overdue(&self, incident: &Incident) -> bool {
        incident.next_update_by.is_some_and(|promised| promised <= self.at)
    }
}
