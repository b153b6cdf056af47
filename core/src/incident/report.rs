//! The monthly report: time for which each component was affected, by impact.

use std::collections::{BTreeSet, VecDeque};

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::ledger::{Affected, Day};
use super::status::Status;

/// A month, as far as it is on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthReport {
    /// First and last day on record.
    pub days: (Date, Date),
    /// Length of the time on record, in milliseconds.
    pub covered_ms: u64,
    /// Component ids with their affected time.
    pub components: Vec<(String, Affected)>,
}

impl MonthReport {
    /// Report of the month that begins on `first`, for the components with these ids and all others
    /// that were affected; `None` if no day of that month is on record.
    #[must_use]
    pub fn of<'a>(
        status: &Status,
        first: Date,
        components: impl Iterator<Item = &'a str>,
    ) -> Option<Self> {
        let days = status.ledger.days();
        let is_in = |day: &Day| day.date.first_of_month() == first;
        let of_month = || days.iter().filter(|day| is_in(day));
        let covered_ms = (0..days.len())
            .filter(|index| days.get(*index).is_some_and(is_in))
            .map(|index| length_ms(days, index, status))
            .sum();
        let components: Vec<&str> = components.collect();
        let affected = of_month().flat_map(|day| day.affected.keys());
        let former: BTreeSet<&str> =
            affected.map(String::as_str).filter(|id| !components.contains(id)).collect();
        let sum = |id: &str| {
            let affected = of_month().filter_map(|day| day.affected.get(id));
            affected.fold(Affected::default(), Affected::plus)
        };
        Some(Self {
            days: (of_month().next()?.date, of_month().next_back()?.date),
            covered_ms,
            components: components
                .into_iter()
                .chain(former)
                .map(|id| (id.to_owned(), sum(id)))
                .collect(),
        })
    }

    /// Uptime in thousandths of a per cent, rounded down: the share of the time on record in which
    /// a component was not down.
    #[must_use]
    pub fn uptime_thousandths(&self, affected: &Affected) -> Option<u64> {
        let up = u128::from(self.covered_ms.saturating_sub(affected.down_ms())) * 100_000;
        u64::try_from(up.checked_div(u128::from(self.covered_ms))?).ok()
    }
}

/// First days of the month of `today` and of the month before.
#[must_use]
pub fn last_months(today: Date) -> [Date; 2] {
    let first = today.first_of_month();
    [first, first.saturating_sub(1.month())]
}

fn length_ms(days: &VecDeque<Day>, index: usize, status: &Status) -> u64 {
    let began = |index: usize| days.get(index).map(|day| day.began);
    let end = began(index + 1).unwrap_or(status.at);
    let length = began(index).map(|began| end.duration_since(began).as_millis());
    u64::try_from(length.unwrap_or(0)).unwrap_or(0)
}
