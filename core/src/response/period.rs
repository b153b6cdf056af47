//! Periods of statistics.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::text::time::first_shown;

/// Longest period in days that is accepted: ten years.
const DAYS_MAX: u16 = 3_650;

/// A period by the days of a zone. An incident belongs to the one in which it was declared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Period {
    /// All time.
    #[default]
    All,
    /// Number of 24-hour periods up to now.
    Days(u16),
    Year(i16),
    /// Year, and quarter from 1.
    Quarter(i16, i8),
    /// Year, and month from 1.
    Month(i16, i8),
}

impl FromStr for Period {
    type Err = String;

    /// Parses `90d`, `2026`, `2026-Q4`, `2026-11` or `all`.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let word = word.to_ascii_lowercase();
        let read = || {
            if word == "all" {
                return Some(Self::All);
            }
            if let Some(days) = word.strip_suffix('d') {
                let days = digits(days, 1..=4)?;
                return u16::try_from(days)
                    .ok()
                    .filter(|n| (1..=DAYS_MAX).contains(n))
                    .map(Self::Days);
            }
            let (year, part) = word.split_once('-').map_or((&*word, None), |(y, p)| (y, Some(p)));
            let year = digits(year, 4..=4).filter(|year| *year >= 2000)?;
            let Some(part) = part else {
                return Some(Self::Year(year));
            };
            if let Some(quarter) = part.strip_prefix('q') {
                let quarter = digits(quarter, 1..=1).filter(|n| (1..=4).contains(n))?;
                return Some(Self::Quarter(year, i8::try_from(quarter).ok()?));
            }
            let month = digits(part, 2..=2).filter(|n| (1..=12).contains(n))?;
            Some(Self::Month(year, i8::try_from(month).ok()?))
        };
        read().ok_or_else(|| {
            format!("\"{word}\" is not a period such as 90d, 2026-11, 2026-Q4, 2026 or all")
        })
    }
}

/// Parses a number with that many ASCII digits.
fn digits(word: &str, length: std::ops::RangeInclusive<usize>) -> Option<i16> {
    let fits = length.contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    word.parse().ok().filter(|_| fits)
}

/// The times that limit a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub until: Timestamp,
}

impl Bounds {
    #[must_use]
    pub fn contain(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

impl Period {
    /// The bounds in a zone; `Days` ends at `now`.
    #[must_use]
    pub fn bounds(self, now: Timestamp, zone: &TimeZone) -> Bounds {
        let begin = |day: Date| first_shown(day.to_datetime(jiff::civil::Time::midnight()), zone);
        let (year, month, months) = match self {
            Self::All => return Bounds { from: Timestamp::MIN, until: Timestamp::MAX },
            Self::Days(days) => {
                let length = SignedDuration::from_hours(24 * i64::from(days));
                let from = now.saturating_sub(length).unwrap_or(Timestamp::MIN);
                return Bounds { from, until: Timestamp::MAX };
            }
            Self::Year(year) => (year, 1, 12),
            Self::Quarter(year, quarter) => (year, 3 * quarter - 2, 3),
            Self::Month(year, month) => (year, month, 1),
        };
        // `from_str` accepts only years and months that exist.
        let behind = month + months;
        let until =
            if behind > 12 { date(year + 1, behind - 12, 1) } else { date(year, behind, 1) };
        Bounds { from: begin(date(year, month, 1)), until: begin(until) }
    }
}

impl fmt::Display for Period {
    /// A phrase that follows `declared`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => write!(f, "at any time"),
            Self::Days(1) => write!(f, "in the last 24 hours"),
            Self::Days(days) => write!(f, "in the last {days} days"),
            Self::Year(year) => write!(f, "in {year}"),
            Self::Quarter(year, quarter) => write!(f, "in {year}-Q{quarter}"),
            Self::Month(year, month) => write!(f, "in {year}-{month:02}"),
        }
    }
}
