//! A month of the history: what its page lists, kept as a document so that a command reads and
//! writes one month, however many there are.

use std::collections::BTreeMap;
use std::ops::Bound;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::model::{Impact, Incident, MonthPart, Number};
use super::status::Status;

/// The incidents that were opened in a month, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthDocument {
    /// The month.
    pub month: MonthPart,
    /// The month before it that has incidents.
    pub previous: Option<MonthPart>,
    /// The month after it that has incidents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<MonthPart>,
    /// The incidents by number.
    pub incidents: BTreeMap<Number, Summary>,
}

/// An incident in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Its title.
    pub title: String,
    /// How bad it was.
    pub impact: Impact,
    /// Ids of the components that it affected at some time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<String>,
    /// When it was opened; the planned beginning of a maintenance.
    pub opened: Timestamp,
    /// When it ended; `None` while it is open, planned or running.
    pub resolved: Option<Timestamp>,
    /// The revision that changed this line last.
    pub revision: u64,
    /// The edition that it made.
    #[serde(default)]
    pub edition: u64,
    /// Whether it came off the page: no list shows it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

impl Summary {
    /// The line of an incident as it is now.
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
    /// A month without incidents yet.
    #[must_use]
    pub fn new(month: MonthPart) -> Self {
        Self { month, previous: None, next: None, incidents: BTreeMap::new() }
    }

    /// Takes in an incident of this month, unless what is there is newer. Merging the same
    /// incidents in any order, and any of them twice, gives the same document.
    pub fn merge(&mut self, incident: &Incident, status: &Status) {
        self.link(status);
        let known = self.incidents.get(&incident.number);
        if known.is_some_and(|known| known.revision >= incident.listed) {
            return;
        }
        self.incidents.insert(incident.number, Summary::of(incident));
    }

    /// Names the months before and after it, as far as the status counts them.
    pub fn link(&mut self, status: &Status) {
        let [before, after] = neighbours(self.month, status);
        self.previous = before.or(self.previous);
        self.next = after.or(self.next);
    }

    /// Takes in those of the incidents that are of this month.
    pub fn merge_all(&mut self, incidents: &[&Incident], status: &Status) {
        self.link(status);
        let month = self.month;
        for incident in incidents.iter().filter(|incident| incident.month == month) {
            self.merge(incident, status);
        }
    }

    /// Whether every incident is in it that was opened in its month; of a month so long ago that
    /// the status no longer counts it, nobody knows.
    #[must_use]
    pub fn is_complete(&self, status: &Status) -> bool {
        let opened =
            status.months.get(&self.month).and_then(|opened| usize::try_from(*opened).ok());
        opened.is_some_and(|opened| self.incidents.len() >= opened)
    }

    /// The revision that the document shows: that of its newest change.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.incidents.values().map(|summary| summary.revision).max().unwrap_or(0)
    }

    /// The edition that made its newest change: what its page carries.
    #[must_use]
    pub fn edition(&self) -> u64 {
        self.incidents.values().map(|summary| summary.edition).max().unwrap_or(0)
    }
}

/// The months before and after one that have incidents.
#[must_use]
pub fn neighbours(month: MonthPart, status: &Status) -> [Option<MonthPart>; 2] {
    let before = status.months.range(..month).next_back();
    let after = status.months.range((Bound::Excluded(month), Bound::Unbounded)).next();
    [before, after].map(|found| found.map(|(month, _)| *month))
}

/// What a list names of the components: those of the opening, and once it is over all that were
/// affected at some time. In between a change of components changes no list.
fn components(incident: &Incident) -> Vec<String> {
    if incident.resolved.is_some() {
        return incident.ever_affected().into_iter().collect();
    }
    incident.updates.first().map_or_else(Vec::new, |opening| opening.components.clone())
}
