//! The ledger of component time: how long each component was affected on each of the last days.
//!
//! Time is booked when a record comes, for what was going on until then. At any moment a component
//! counts once, under the worst impact of what affects it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::model::{Impact, Incident};
use super::state::State;

/// How many days the ledger covers, today included.
pub const DAYS_KEPT_MAX: usize = 90;
/// How much has to be on record before a share of it is told, in milliseconds: 24 hours.
const WHOLE_DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// What was booked on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// The day in the page's zone.
    pub date: Date,
    /// When it began, or when the first record came on the first day of all.
    pub began: Timestamp,
    /// The components that were affected, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub affected: BTreeMap<String, Affected>,
}

/// How long a component was affected on a day, in milliseconds by the worst impact at each moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    /// Under maintenance.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub maintenance_ms: u64,
    /// Degraded.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub minor_ms: u64,
    /// Partly out of service.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub major_ms: u64,
    /// Out of service.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub critical_ms: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(ms: &u64) -> bool {
    *ms == 0
}

impl Affected {
    /// The worst that there was, and for how long in all, in milliseconds.
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

    /// What counts as downtime: partial and major outages. Degraded performance and announced
    /// maintenance do not.
    #[must_use]
    pub fn down_ms(&self) -> u64 {
        self.major_ms + self.critical_ms
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

/// A component's uptime in thousandths of a per cent, rounded down so that nothing but 100 is shown
/// as 100: the share of the time on record, up to the moment of the state, in which it was not
/// down. `None` until a whole day is on record: of less, a share says nothing.
#[must_use]
pub fn uptime_thousandths(state: &State, component: &str) -> Option<u64> {
    let first = state.days.front()?;
    let all = milliseconds(first.began, state.at);
    if all < WHOLE_DAY_MS {
        return None;
    }
    let down: u64 = state
        .days
        .iter()
        .filter_map(|day| day.affected.get(component))
        .map(Affected::down_ms)
        .sum();
    let up = u128::from(all.saturating_sub(down)) * 100_000;
    u64::try_from(up / u128::from(all)).ok()
}

/// Books the time from `from` to `to` on the newest day.
pub(super) fn book(state: &mut State, from: Timestamp, to: Timestamp) {
    let Some(mut day) = state.days.pop_back() else {
        return;
    };
    // A maintenance begins and ends as planned, whenever the clock's record of it came.
    let edges = state.maintenance.values().filter_map(|incident| incident.window);
    let edges = edges.flat_map(|window| [window.from, window.until]);
    let mut cuts: BTreeSet<Timestamp> = edges.filter(|cut| from < *cut && *cut < to).collect();
    cuts.insert(to);
    let mut start = from;
    for end in cuts {
        for (component, impact) in affected(state, start) {
            let ms = milliseconds(start, end);
            if ms > 0 {
                day.affected.entry(component.to_owned()).or_default().add(impact, ms);
            }
        }
        start = end;
    }
    state.days.push_back(day);
}

/// The components affected from `at` on, each with the worst impact.
fn affected(state: &State, at: Timestamp) -> BTreeMap<&str, Impact> {
    let is_running = |incident: &&Incident| {
        incident.window.is_some_and(|window| window.from <= at && at < window.until)
    };
    let mut worst = BTreeMap::new();
    for incident in state.open.values().chain(state.maintenance.values().filter(is_running)) {
        for component in &incident.components {
            let impact = worst.entry(component.as_str()).or_insert(incident.impact);
            *impact = incident.impact.max(*impact);
        }
    }
    worst
}

fn milliseconds(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_millis()).unwrap_or(0)
}
