//! Milestones: the moments by which a response is measured.

use std::collections::BTreeMap;

use crate::sealed;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Maximum number of times that one milestone can be set or corrected.
pub const READINGS_MAX: usize = 20;

/// A moment in the life of an incident, in chronological order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Milestone {
    /// Start of the impact.
    Started,
    Detected,
    Declared,
    /// Someone took it on.
    Acknowledged,
    /// Customers no longer noticed it.
    Mitigated,
    /// The problem was over.
    Resolved,
    Closed,
}

impl Milestone {
    /// In chronological order.
    pub const ALL: [Self; 7] = [
        Self::Started,
        Self::Detected,
        Self::Declared,
        Self::Acknowledged,
        Self::Mitigated,
        Self::Resolved,
        Self::Closed,
    ];

    /// Word that is typed and shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Detected => "detected",
            Self::Declared => "declared",
            Self::Acknowledged => "acknowledged",
            Self::Mitigated => "mitigated",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
        }
    }
}

/// Origin of a milestone's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadingSource {
    /// Recorded at that moment.
    Recorded,
    /// Typed by someone later.
    Typed,
}

/// One value of a milestone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MilestoneReading {
    /// Time of the milestone.
    pub at: Timestamp,
    pub source: ReadingSource,
    /// Name of the person who entered it.
    #[serde(with = "sealed")]
    pub by: String,
    /// Time at which it was entered.
    pub given: Timestamp,
    /// For a detection, its source: `customer`, `monitoring` and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "sealed")]
    pub via: Option<String>,
}

/// Known milestones. An unknown one is absent, never zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Milestones(BTreeMap<Milestone, Vec<MilestoneReading>>);

impl Milestones {
    /// Time of a milestone according to its latest reading.
    #[must_use]
    pub fn at(&self, milestone: Milestone) -> Option<Timestamp> {
        self.last(milestone).map(|reading| reading.at)
    }

    /// The latest reading, which is the valid one.
    #[must_use]
    pub fn last(&self, milestone: Milestone) -> Option<&MilestoneReading> {
        self.readings(milestone).last()
    }

    /// All readings of a milestone, the latest last.
    #[must_use]
    pub fn readings(&self, milestone: Milestone) -> &[MilestoneReading] {
        self.0.get(&milestone).map_or(&[], Vec::as_slice)
    }

    pub(super) fn push(&mut self, milestone: Milestone, reading: MilestoneReading) {
        self.0.entry(milestone).or_default().push(reading);
    }

    /// Removes the latest reading if it was recorded (not typed) at that time.
    pub(super) fn take_back(&mut self, milestone: Milestone, given: Timestamp) {
        if let Some(readings) = self.0.get_mut(&milestone) {
            let is_it = |reading: &mut MilestoneReading| {
                reading.given == given && reading.source == ReadingSource::Recorded
            };
            readings.pop_if(is_it);
            if readings.is_empty() {
                self.0.remove(&milestone);
            }
        }
    }

    /// Removes the milestones that a reopening refutes: customers notice the incident again.
    pub(super) fn reopen(&mut self) {
        self.0.remove(&Milestone::Mitigated);
        self.0.remove(&Milestone::Resolved);
        self.0.remove(&Milestone::Closed);
    }
}
