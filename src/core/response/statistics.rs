//! How long the parts of responses took: each measure is the difference of two milestones, and
//! nothing where one of them is not known.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::milestone::Milestone;
use super::period::Period;
use super::summary::Summary;
use crate::core::incident::severity::Severity;

/// A length that is measured in every incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// How long nobody noticed.
    Detect,
    /// How long nobody took it on.
    Acknowledge,
    /// How long those affected noticed it.
    Mitigate,
    /// How long it lasted.
    ResolveFromStart,
    /// How long it lasted since somebody noticed.
    ResolveFromDetection,
    /// How long it lasted since it was opened, which every closed incident has.
    ResolveFromDeclaration,
}

impl Measure {
    /// All of them, in the order in which they end.
    pub const ALL: [Self; 6] = [
        Self::Detect,
        Self::Acknowledge,
        Self::Mitigate,
        Self::ResolveFromStart,
        Self::ResolveFromDetection,
        Self::ResolveFromDeclaration,
    ];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Detect => "time to detect",
            Self::Acknowledge => "time to acknowledge",
            Self::Mitigate => "time to mitigate",
            Self::ResolveFromStart => "time to resolve, from the start",
            Self::ResolveFromDetection => "time to resolve, from the detection",
            Self::ResolveFromDeclaration => "time to resolve, from the opening",
        }
    }

    /// The milestone that it ends with, and the one that it begins with.
    #[must_use]
    pub fn milestones(self) -> (Milestone, Milestone) {
        match self {
            Self::Detect => (Milestone::Detected, Milestone::Started),
            Self::Acknowledge => (Milestone::Acknowledged, Milestone::Declared),
            Self::Mitigate => (Milestone::Mitigated, Milestone::Declared),
            Self::ResolveFromStart => (Milestone::Resolved, Milestone::Started),
            Self::ResolveFromDetection => (Milestone::Resolved, Milestone::Detected),
            Self::ResolveFromDeclaration => (Milestone::Resolved, Milestone::Declared),
        }
    }

    /// How it is computed.
    #[must_use]
    pub fn formula(self) -> String {
        let (end, begin) = self.milestones();
        format!("{} − {}", end.word(), begin.word())
    }

    /// Its value in whole seconds; negative where the end was before the beginning, as with an
    /// incident that was taken on before it was declared.
    #[must_use]
    pub fn of(self, times: &BTreeMap<Milestone, Timestamp>) -> Option<SignedDuration> {
        let (end, begin) = self.milestones();
        let length = times.get(&end)?.duration_since(*times.get(&begin)?);
        Some(SignedDuration::from_secs(length.as_secs()))
    }
}

/// One measure over many incidents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The middle value, of an even number the mean of the two in the middle.
    pub median: Option<SignedDuration>,
    /// The smallest value that at least nine tenths do not exceed (nearest rank).
    pub p90: Option<SignedDuration>,
    /// How many incidents have a value.
    pub count: usize,
    /// How many lack one of the milestones.
    pub lacking: usize,
}

impl Figures {
    /// The figures of values.
    #[must_use]
    pub fn of(values: impl Iterator<Item = Option<SignedDuration>>) -> Self {
        let mut figures = Self::default();
        let mut known: Vec<SignedDuration> = Vec::new();
        for value in values {
            match value {
                Some(value) => known.push(value),
                None => figures.lacking += 1,
            }
        }
        known.sort_unstable();
        figures.count = known.len();
        let at = |place: usize| known.get(place).copied();
        let half = known.len() / 2;
        figures.median = if known.len() % 2 == 1 {
            at(half)
        } else {
            let lower = half.checked_sub(1).and_then(at);
            lower.zip(at(half)).map(|(lower, upper)| (lower + upper) / 2)
        };
        let rank = (known.len() * 9).div_ceil(10);
        figures.p90 = rank.checked_sub(1).and_then(at);
        figures
    }
}

/// Which incidents are counted: those closed that were declared in a period, and never drills.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// When they were declared.
    pub period: Period,
    /// The id of a component that they affected.
    pub component: Option<String>,
    /// How bad they were for the team.
    pub severity: Option<Severity>,
}

impl Selection {
    /// Whether an incident is one of them.
    #[must_use]
    pub fn has(&self, summary: &Summary, now: Timestamp, zone: &TimeZone) -> bool {
        let bounds = self.period.bounds(now, zone);
        let affects = |id: &String| summary.components.contains(id);
        summary.declared().is_some_and(|at| bounds.contain(at))
            && self.component.as_ref().is_none_or(affects)
            && self.severity.is_none_or(|severity| summary.severity == Some(severity))
    }
}

/// All measures over many incidents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// How many incidents there are.
    pub incidents: usize,
    /// Each measure, in the order of [`Measure::ALL`].
    pub figures: Vec<(Measure, Figures)>,
    /// Promised customer updates: how many were kept, and how many broken.
    pub promises: (u32, u32),
}

impl Statistics {
    /// The statistics of incidents, each of which is counted once.
    #[must_use]
    pub fn of(summaries: &[&Summary]) -> Self {
        let figures = |measure: Measure| {
            (measure, Figures::of(summaries.iter().map(|summary| measure.of(&summary.times))))
        };
        let figures = Measure::ALL.into_iter().map(figures).collect();
        let sum = |count: fn(&Summary) -> u32| {
            summaries.iter().fold(0_u32, |sum, summary| sum.saturating_add(count(summary)))
        };
        let promises = (sum(|s| s.promises_kept), sum(|s| s.promises_broken));
        Self { incidents: summaries.len(), figures, promises }
    }
}
