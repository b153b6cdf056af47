//! One part of a month in the history. It has a document of its own, so that a command reads and
//! writes a bounded list however long the history is.

use std::collections::BTreeMap;
use std::ops::Bound;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::model::{Impact, Incident, MonthPart, Number};
use super::status::Status;

/// Summaries of the incidents that were opened in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthDocument {
    pub month: MonthPart,
    /// The nearest earlier month with incidents.
    pub previous: Option<MonthPart>,
    /// The nearest later month with incidents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<MonthPart>,
    pub incidents: BTreeMap<Number, Summary>,
}

/// An incident as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub title: String,
    pub impact: Impact,
    /// Component ids: those of the opening, and after the end all that were ever affected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<String>,
    /// For maintenance, the planned start.
    pub opened: Timestamp,
    /// `None` while it is open, planned or running.
    pub resolved: Option<Timestamp>,
    /// Revision of the last change to this entry.
    pub revision: u64,
    /// Edition of the last change to this entry.
    #[serde(default)]
    pub edition: u64,
    /// Off the page: no list shows it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

impl Summary {
    #[must_use]
    pub fn of(incident: &Incident) -> Self {
        Self {
            title: incident.title.clone(),
            impact: incident.impact,
            components: components(incident),
            opened: incident.began(),
            resolved: incident.resolved,
            revision: incident.listed,
            edition: incident.listed_edition,
            withdrawn: incident.withdrawal.is_some(),
        }
    }
}

impl MonthDocument {
    #[must_use]
    pub fn new(month: MonthPart) -> Self {
        Self { month, previous: None, next: None, incidents: BTreeMap::new() }
    }

    /// Adds or replaces an incident of this month, unless the entry is newer. Merging is
    /// idempotent, and its order does not matter.
    pub fn merge(&mut self, incident: &Incident, status: &Status) {
        self.link(status);
        let known = self.incidents.get(&incident.number);
        if known.is_some_and(|known| known.revision >= incident.listed) {
            return;
        }
        self.incidents.insert(incident.number, Summary::of(incident));
    }

    /// Updates the links to the months before and after, if the status still knows them.
    pub fn link(&mut self, status: &Status) {
        let [before, after] = neighbours(self.month, status);
        self.previous = before.or(self.previous);
        self.next = after.or(self.next);
    }

    /// Merges those incidents that belong to this month.
    pub fn merge_all(&mut self, incidents: &[&Incident], status: &Status) {
        self.link(status);
        let month = self.month;
        for incident in incidents.iter().filter(|incident| incident.month == month) {
            self.merge(incident, status);
        }
    }

    /// Returns `true` if it has every incident opened in its month, and `false` for a month so old
    /// that the status no longer counts its incidents.
    #[must_use]
    pub fn is_complete(&self, status: &Status) -> bool {
        let opened =
            status.months.get(&self.month).and_then(|opened| usize::try_from(*opened).ok());
        opened.is_some_and(|opened| self.incidents.len() >= opened)
    }

    /// Revision of its newest entry.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.incidents.values().map(|summary| summary.revision).max().unwrap_or(0)
    }

    /// Edition of its newest entry, which the page carries.
    #[must_use]
    pub fn edition(&self) -> u64 {
        self.incidents.values().map(|summary| summary.edition).max().unwrap_or(0)
    }
}

/// The nearest months before and after with incidents.
#[must_use]
pub fn neighbours(month: MonthPart, status: &Status) -> [Option<MonthPart>; 2] {
    let before = status.months.range(..month).next_back();
    let after = status.months.range((Bound::Excluded(month), Bound::Unbounded)).next();
    [before, after].map(|found| found.map(|(month, _)| *month))
}

/// Component ids that a list shows: those of the opening, and after the end all that were ever
/// affected. A change of components in between therefore changes no list.
fn components(incident: &Incident) -> Vec<String> {
    if incident.resolved.is_some() {
        return incident.ever_affected().into_iter().collect();
    }
    incident.updates.first().map_or_else(Vec::new, |opening| opening.components.clone())
}
