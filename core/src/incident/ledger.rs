//! The ledger of component time: time for which each component was affected, by day.
//!
//! Each record books the time since the previous one. At any moment a component counts once, under
//! the most severe impact on it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use super::events::StatusEvent;
use super::model::{Impact, Incident, Window};

/// Number of days that the page shows, today included.
pub const DAYS_SHOWN: usize = 90;
/// Minimum time on record, in milliseconds, before an uptime is shown: 24 hours.
const WHOLE_DAY_MS: u64 = 24 * 60 * 60 * 1_000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// In the page's zone.
    pub date: Date,
    /// Start of the day; on the very first day, the time of the first record.
    pub began: Timestamp,
    /// Time by component id, for components that were affected.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub affected: BTreeMap<String, Affected>,
}

/// Time for which a component was affected, in milliseconds, by the most severe impact at each
/// moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    #[serde(default, skip_serializing_if = "is_zero")]
    pub maintenance_ms: u64,
    /// Degraded performance.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub minor_ms: u64,
    /// Partial outage.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub major_ms: u64,
    /// Full outage.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub critical_ms: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(ms: &u64) -> bool {
    *ms == 0
}

impl Affected {
    /// The most severe impact with any time; `None` if there was none.
    #[must_use]
    pub fn worst(&self) -> Option<Impact> {
        let of = [
            (Impact::Critical, self.critical_ms),
            (Impact::Major, self.major_ms),
            (Impact::Minor, self.minor_ms),
            (Impact::Maintenance, self.maintenance_ms),
        ];
        of.into_iter().find(|(_, ms)| *ms > 0).map(|(impact, _)| impact)
    }

    /// Downtime: partial and full outages. Degraded performance and announced maintenance do not
    /// count.
    #[must_use]
    pub fn down_ms(&self) -> u64 {
        self.major_ms + self.critical_ms
    }

    #[must_use]
    pub fn plus(self, other: &Self) -> Self {
        Self {
            maintenance_ms: self.maintenance_ms + other.maintenance_ms,
            minor_ms: self.minor_ms + other.minor_ms,
            major_ms: self.major_ms + other.major_ms,
            critical_ms: self.critical_ms + other.critical_ms,
        }
    }

    /// Books a period for components, each under its most severe impact.
    pub(super) fn book<'a>(
        sums: &mut BTreeMap<String, Self>,
        affected: impl Iterator<Item = (&'a str, Impact)>,
        from: Timestamp,
        to: Timestamp,
    ) {
        let ms = milliseconds(from, to);
        if ms == 0 {
            return;
        }
        let mut worst: BTreeMap<&str, Impact> = BTreeMap::new();
        for (component, impact) in affected {
            let known = worst.entry(component).or_insert(impact);
            *known = impact.max(*known);
        }
        for (component, impact) in worst {
            sums.entry(component.to_owned()).or_default().add(impact, ms);
        }
    }

    fn add(&mut self, impact: Impact, ms: u64) {
        let sum = match impact {
            Impact::Maintenance => &mut self.maintenance_ms,
            Impact::Minor => &mut self.minor_ms,
            Impact::Major => &mut self.major_ms,
            Impact::Critical => &mut self.critical_ms,
        };
        *sum += ms;
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ledger {
    /// Oldest first, today last.
    days: VecDeque<Day>,
}

impl Ledger {
    /// Oldest first.
    #[must_use]
    pub fn days(&self) -> &VecDeque<Day> {
        &self.days
    }

    pub(super) fn days_mut(&mut self) -> impl Iterator<Item = &mut Day> {
        self.days.iter_mut()
    }

    /// Starts a day; `false` if it does not follow the newest one.
    pub(super) fn begin(&mut self, date: Date, began: Timestamp) -> bool {
        let follows = self.days.back().is_none_or(|newest| newest.date < date);
        if follows {
            self.days.push_back(Day { date, began, affected: BTreeMap::new() });
        }
        follows
    }

    /// Drops days up to and including `date`.
    pub(super) fn evict_through(&mut self, date: Date) {
        while self.days.front().is_some_and(|day| day.date <= date) {
            self.days.pop_front();
        }
    }

    /// Books the time from `from` to `to` on the newest day, for everything that was going on.
    pub(super) fn book<'a>(
        &mut self,
        going_on: &(impl Iterator<Item = &'a Incident> + Clone),
        from: Timestamp,
        to: Timestamp,
    ) {
        let Some(day) = self.days.back_mut() else {
            return;
        };
        // Maintenance counts by its planned window, however late the clock recorded its start and
        // end.
        let edges = going_on.clone().filter_map(|incident| incident.window);
        let edges = edges.flat_map(|window| [window.from, window.until]);
        let mut cuts: BTreeSet<Timestamp> = edges.filter(|cut| from < *cut && *cut < to).collect();
        cuts.insert(to);
        let mut start = from;
        for end in cuts {
            Affected::book(&mut day.affected, affected(going_on.clone(), start), start, end);
            start = end;
        }
    }

    /// Uptime of a component in thousandths of a per cent: its share of the time on record, up to
    /// `at`, in which it was not down. Rounded down, so that only 100 is shown as 100. `None` until
    /// there are 24 hours on record, because a share of less is meaningless.
    #[must_use]
    pub fn uptime_thousandths(&self, component: &str, at: Timestamp) -> Option<u64> {
        let all = milliseconds(self.days.front()?.began, at);
        if all < WHOLE_DAY_MS {
            return None;
        }
        let affected = self.days.iter().filter_map(|day| day.affected.get(component));
        let down: u64 = affected.map(Affected::down_ms).sum();
        let up = u128::from(all.saturating_sub(down)) * 100_000;
        u64::try_from(up / u128::from(all)).ok()
    }

    /// The days that began in `zone` after the newest one here, up to `at`; their starts are
    /// clamped to `earliest`. At most [`DAYS_SHOWN`].
    #[must_use]
    pub fn new_days(
        &self,
        earliest: Timestamp,
        at: Timestamp,
        zone: &TimeZone,
    ) -> Vec<StatusEvent> {
        let today = at.to_zoned(zone.clone()).date();
        let shown = i64::try_from(DAYS_SHOWN).unwrap_or(i64::MAX);
        let oldest = today.saturating_sub((shown - 1).days());
        let first = match self.days.back() {
            None => Some(today),
            Some(newest) => newest.date.tomorrow().ok().map(|date| date.max(oldest)),
        };
        let days = first.into_iter().flat_map(|first| first.series(1.day()));
        days.take_while(|date| *date <= today)
            .filter_map(|date| {
                let began = date.to_zoned(zone.clone()).ok()?.timestamp().clamp(earliest, at);
                Some(StatusEvent::Day { date, began })
            })
            .collect()
    }
}

/// Components affected at `at`, with every impact on them.
fn affected<'a>(
    going_on: impl Iterator<Item = &'a Incident>,
    at: Timestamp,
) -> impl Iterator<Item = (&'a str, Impact)> {
    let there = going_on.filter(move |incident| incident.window.is_none_or(|w| runs(w, at)));
    there.flat_map(|incident| {
        incident.components.iter().map(|component| (component.as_str(), incident.impact))
    })
}

fn runs(window: Window, at: Timestamp) -> bool {
    window.from <= at && at < window.until
}

fn milliseconds(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_millis()).unwrap_or(0)
}
