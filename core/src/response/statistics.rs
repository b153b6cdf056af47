//! Response metrics: each is the difference of two milestones, and is missing if one of them is.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::milestone::Milestone;
use super::period::Period;
use super::summary::Summary;
use crate::incident::severity::Severity;

/// A duration measured in every incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// From the start to the detection.
    Detect,
    /// From the declaration to the acknowledgement.
    Acknowledge,
    /// From the declaration to the mitigation.
    Mitigate,
    /// From the start to the resolution.
    ResolveFromStart,
    /// From the detection to the resolution.
    ResolveFromDetection,
    /// From the declaration to the resolution, the only measure that every closed incident has.
    ResolveFromDeclaration,
}

impl Measure {
    /// In the order in which they end.
    pub const ALL: [Self; 6] = [
        Self::Detect,
        Self::Acknowledge,
        Self::Mitigate,
        Self::ResolveFromStart,
        Self::ResolveFromDetection,
        Self::ResolveFromDeclaration,
    ];

    /// The name that is shown.
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

    /// Milestones of its end and its start, in this order.
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

    /// Its definition, as the difference of two milestones.
    #[must_use]
    pub fn formula(self) -> String {
        let (end, begin) = self.milestones();
        format!("{} − {}", end.word(), begin.word())
    }

    /// Value in whole seconds; negative if the end was before the start, as for an incident that
    /// was acknowledged before it was declared.
    #[must_use]
    pub fn of(self, times: &BTreeMap<Milestone, Timestamp>) -> Option<SignedDuration> {
        let (end, begin) = self.milestones();
        let length = times.get(&end)?.duration_since(*times.get(&begin)?);
        Some(SignedDuration::from_secs(length.as_secs()))
    }

    /// In place of a negative value: "acknowledged before declared".
    #[must_use]
    pub fn contradiction(self) -> String {
        let (end, begin) = self.milestones();
        format!("{} before {}", end.word(), begin.word())
    }
}

/// One metric over many incidents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// For an even number of values, the mean of the two in the middle.
    pub median: Option<SignedDuration>,
    /// The smallest value that at least 90% of the values do not exceed (nearest rank).
    pub p90: Option<SignedDuration>,
    /// Number of incidents with a value.
    pub count: usize,
    /// Number of incidents in which a milestone is missing.
    pub lacking: usize,
}

impl Figures {
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

/// Filter of closed incidents. Drills have no summary, so they never match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Period in which they were declared.
    pub period: Period,
    /// Id of a component that they affected.
    pub component: Option<String>,
    pub severity: Option<Severity>,
}

impl Selection {
    #[must_use]
    pub fn has(&self, summary: &Summary, now: Timestamp, zone: &TimeZone) -> bool {
        let bounds = self.period.bounds(now, zone);
        let affects = |id: &String| summary.components.contains(id);
        summary.declared().is_some_and(|at| bounds.contain(at))
            && self.component.as_ref().is_none_or(affects)
            && self.severity.is_none_or(|severity| summary.severity == Some(severity))
    }
}

/// All metrics over many incidents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    pub incidents: usize,
    /// In the order of [`Measure::ALL`].
    pub figures: Vec<(Measure, Figures)>,
    /// Numbers of promised customer updates kept and broken.
    pub promises: (u32, u32),
}

impl Statistics {
    /// Each summary counts once.
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
