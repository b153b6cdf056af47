//! Milestones: the moments by which a response is measured.

use std::collections::BTreeMap;

use crate::core::sealed;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How often one milestone may be set and corrected.
pub const READINGS_MAX: usize = 20;

/// A moment in the life of an incident, in the order in which they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Milestone {
    /// It began.
    Started,
    /// Somebody or something noticed.
    Detected,
    /// It was made an incident.
    Declared,
    /// Somebody took it on.
    Acknowledged,
    /// Those affected noticed it no longer.
    Mitigated,
    /// It was over.
    Resolved,
    /// The incident was closed.
    Closed,
}

impl Milestone {
    /// All of them, in order.
    pub const ALL: [Self; 7] = [
        Self::Started,
        Self::Detected,
        Self::Declared,
        Self::Acknowledged,
        Self::Mitigated,
        Self::Resolved,
        Self::Closed,
    ];

    /// The word that is typed and shown.
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

/// How a value came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// It was recorded when it happened.
    Recorded,
    /// Somebody typed it later.
    Typed,
}

/// A milestone's value as somebody gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// When the milestone was.
    pub at: Timestamp,
    /// How that is known.
    pub source: Source,
    /// The name of who gave it.
    #[serde(with = "sealed")]
    pub by: String,
    /// When it was given.
    pub given: Timestamp,
    /// Of a detection, by what: `customer`, `monitoring` and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "sealed")]
    pub via: Option<String>,
}

/// The milestones that are known. A missing one is missing, never zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Milestones(BTreeMap<Milestone, Vec<Reading>>);

impl Milestones {
    /// When a milestone was, by its last correction.
    #[must_use]
    pub fn at(&self, milestone: Milestone) -> Option<Timestamp> {
        self.last(milestone).map(|reading| reading.at)
    }

    /// The reading that counts: the last.
    #[must_use]
    pub fn last(&self, milestone: Milestone) -> Option<&Reading> {
        self.readings(milestone).last()
    }

    /// All readings of a milestone, the corrected ones first.
    #[must_use]
    pub fn readings(&self, milestone: Milestone) -> &[Reading] {
        self.0.get(&milestone).map_or(&[], Vec::as_slice)
    }

    pub(super) fn push(&mut self, milestone: Milestone, reading: Reading) {
        self.0.entry(milestone).or_default().push(reading);
    }

    /// Takes the last reading back if it was recorded, not typed, at that time.
    pub(super) fn take_back(&mut self, milestone: Milestone, given: Timestamp) {
        if let Some(readings) = self.0.get_mut(&milestone) {
            let is_it = |reading: &mut Reading| {
                reading.given == given && reading.source == Source::Recorded
            };
            readings.pop_if(is_it);
            if readings.is_empty() {
                self.0.remove(&milestone);
            }
        }
    }

    /// It is not over after all, and customers notice it again.
    pub(super) fn reopen(&mut self) {
        self.0.remove(&Milestone::Mitigated);
        self.0.remove(&Milestone::Resolved);
        self.0.remove(&Milestone::Closed);
    }
}
