//! The window of a planned time, for a maintenance or a cover.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::dates::next_yearly;
use super::schedule::{Day, End, Moment, Plan};
use crate::incident::model::Window;
use crate::text::markdown::escape;
use crate::text::time::short_time;

/// The longest maintenance or cover.
pub const LENGTH_HOURS_MAX: i64 = 31 * 24;
/// A maintenance or cover may begin this long after its announcement.
pub const AHEAD_HOURS_MAX: i64 = 400 * 24;
/// A maintenance whose end is an earlier time of day than its start ends on the next day, if it is
/// then no longer than this. Otherwise a slip is more likely.
const OVERNIGHT_MAX: SignedDuration = SignedDuration::from_hours(12);
/// A start this far back still means "now".
const JUST_NOW: SignedDuration = SignedDuration::from_mins(5);

/// Reasons why a planned time is refused. Times are in the zone that they were typed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unplannable {
    /// It begins in the past.
    Past(String),
    /// It does not end after its start.
    EndsBefore {
        from: String,
        until: String,
    },
    EndPast(String),
    TooLong,
    /// Shorter than a minute.
    TooShort,
    TooFar,
    /// The clocks skip this time.
    Skipped {
        /// The wall-clock time that does not exist.
        time: String,
        /// The zone whose clocks skip it.
        zone: String,
    },
    /// The clocks show this time twice.
    Twice {
        /// The wall-clock time that exists twice.
        time: String,
        /// The earlier of the two, with its offset.
        first: String,
        /// The later of the two, with its offset.
        second: String,
    },
}

impl Unplannable {
    /// The sentence about a maintenance.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::Past(from) => format!(
                "{from} has passed. Write a later time, with its day unless it is today, or `now`."
            ),
            Self::EndsBefore { from, until } => {
                format!("The end ({until}) isn't after the start ({from}).")
            }
            Self::EndPast(until) => {
                format!("The end ({until}) has passed. `complete` ends a maintenance now.")
            }
            Self::TooLong => {
                format!("A maintenance can last up to {} days.", LENGTH_HOURS_MAX / 24)
            }
            Self::TooShort => "A maintenance lasts at least a minute.".to_owned(),
            Self::TooFar => {
                format!("A maintenance can be announced up to {} days ahead.", AHEAD_HOURS_MAX / 24)
            }
            Self::Skipped { time, zone } => {
                format!(
                    "{time} doesn't exist in {}: the clocks are moved forward then.",
                    escape(zone)
                )
            }
            Self::Twice { time, first, second } => {
                format!(
                    "{time} exists twice, because the clocks are moved back. Write `{first}` or `{second}`."
                )
            }
        }
    }
}

/// The window of a plan at `now`, in its zone or the page's.
///
/// # Errors
/// [`Unplannable`] if no maintenance can have that time.
pub fn planned_window(
    plan: &Plan,
    now: Timestamp,
    page_zone: &TimeZone,
) -> Result<Window, Unplannable> {
    let named = plan.zone.as_ref().and_then(|name| TimeZone::get(name).ok());
    let zone = named.as_ref().unwrap_or(page_zone);
    let from = moment(plan.from, now, zone)?;
    if from < now - JUST_NOW {
        return Err(Unplannable::Past(short_time(from, now, zone)));
    }
    let until = until(plan.until, from, now, zone)?;
    if until <= now {
        return Err(Unplannable::EndPast(short_time(until, now, zone)));
    }
    check(Window { from, until }, now)
}

/// The moment at `now`, in a zone. A time of day without a day is today's.
pub(crate) fn moment(
    moment: Moment,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Timestamp, Unplannable> {
    match moment {
        Moment::Now => Ok(now),
        Moment::In(length) => now.checked_add(length).map_err(|_| Unplannable::TooFar),
        Moment::Exact(at) => Ok(at),
        Moment::Local(day, time) => {
            let ahead_of = (now - JUST_NOW).to_zoned(zone.clone()).datetime();
            local(day.unwrap_or(Day::Today), time, now, ahead_of, zone)
        }
    }
}

/// The day at `now`: a weekday is the next one, or today.
pub(crate) fn date(day: Day, now: Timestamp, zone: &TimeZone) -> Result<Date, Unplannable> {
    let today = now.to_zoned(zone.clone()).datetime();
    date_of(day, Time::MAX, today, today).map_err(|_| Unplannable::TooFar)
}

/// The next such day, `from` included.
pub(crate) fn date_from(
    day: Day,
    now: Timestamp,
    from: Date,
    zone: &TimeZone,
) -> Result<Date, Unplannable> {
    let today = now.to_zoned(zone.clone()).datetime();
    let ahead_of = from.to_datetime(Time::MIN);
    date_of(day, Time::MAX, today, ahead_of).map_err(|_| Unplannable::TooFar)
}

/// The new end of a running or planned maintenance. A duration counts from `window`'s end.
///
/// # Errors
/// [`Unplannable`] if the maintenance cannot end then.
pub fn moved_end(
    end: End,
    window: Window,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Timestamp, Unplannable> {
    let until = match end {
        End::After(length) => window.until.checked_add(length).map_err(|_| Unplannable::TooLong)?,
        // A time of day alone is today's while the maintenance runs.
        End::At(_) => match until(end, window.from.max(now), now, zone) {
            Err(Unplannable::EndsBefore { until, .. }) if window.from <= now => {
                return Err(Unplannable::EndPast(until));
            }
            until => until?,
        },
    };
    if until <= now {
        return Err(Unplannable::EndPast(short_time(until, now, zone)));
    }
    Ok(check(Window { from: window.from, until }, now)?.until)
}

fn until(
    end: End,
    from: Timestamp,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Timestamp, Unplannable> {
    let until = match end {
        End::After(length) => return from.checked_add(length).map_err(|_| Unplannable::TooLong),
        End::At(Moment::Now) => now,
        End::At(Moment::In(length)) => now.checked_add(length).map_err(|_| Unplannable::TooFar)?,
        End::At(Moment::Exact(at)) => at,
        End::At(Moment::Local(Some(day), time)) => {
            local(day, time, now, from.to_zoned(zone.clone()).datetime(), zone)?
        }
        End::At(Moment::Local(None, time)) => {
            let start = from.to_zoned(zone.clone());
            let same_day = start.date().to_datetime(time);
            let overnight = start.date().tomorrow().ok().map(|day| day.to_datetime(time));
            match overnight.filter(|_| same_day <= start.datetime()) {
                Some(overnight) if resolve(overnight, zone)? < from + OVERNIGHT_MAX => {
                    resolve(overnight, zone)?
                }
                _ => resolve(same_day, zone)?,
            }
        }
    };
    if until <= from {
        let (from, until) = (short_time(from, now, zone), short_time(until, now, zone));
        return Err(Unplannable::EndsBefore { from, until });
    }
    Ok(until)
}

fn check(window: Window, now: Timestamp) -> Result<Window, Unplannable> {
    if window.from.duration_since(now).as_hours() >= AHEAD_HOURS_MAX {
        return Err(Unplannable::TooFar);
    }
    let length = window.until.duration_since(window.from);
    if length > SignedDuration::from_hours(LENGTH_HOURS_MAX) {
        return Err(Unplannable::TooLong);
    }
    if length < SignedDuration::from_mins(1) {
        return Err(Unplannable::TooShort);
    }
    Ok(window)
}

/// A time of day on a day. A weekday is the first one on which the time comes after `ahead_of`.
fn local(
    day: Day,
    time: Time,
    now: Timestamp,
    ahead_of: DateTime,
    zone: &TimeZone,
) -> Result<Timestamp, Unplannable> {
    let today = now.to_zoned(zone.clone()).datetime();
    let date = date_of(day, time, today, ahead_of).map_err(|_| Unplannable::TooFar)?;
    resolve(date.to_datetime(time), zone)
}

fn date_of(day: Day, time: Time, today: DateTime, ahead_of: DateTime) -> Result<Date, jiff::Error> {
    let today = today.date();
    match day {
        Day::Today => Ok(today),
        Day::Tomorrow => today.checked_add(1.day()),
        Day::On(weekday) => {
            let later = i64::from(time <= ahead_of.time());
            ahead_of.date().checked_add(later.days()).and_then(|from| first(weekday, from))
        }
        Day::Next(weekday) => {
            today.max(ahead_of.date()).checked_add(1.day()).and_then(|from| first(weekday, from))
        }
        Day::Date(date) => Ok(date),
        Day::Yearly(month, day) => {
            Ok(next_yearly((month, day), today.max(ahead_of.date())).unwrap_or(today))
        }
    }
}

/// The first such weekday, `from` included.
fn first(weekday: Weekday, from: Date) -> Result<Date, jiff::Error> {
    let days = from.weekday().until(weekday);
    from.checked_add(i64::from(days).days())
}

/// The moment of a wall-clock time, which a clock change may skip or repeat.
fn resolve(time: DateTime, zone: &TimeZone) -> Result<Timestamp, Unplannable> {
    let shown = || time.strftime("%Y-%m-%d %H:%M").to_string();
    let ambiguous = zone.to_ambiguous_zoned(time);
    match ambiguous.offset() {
        AmbiguousOffset::Gap { .. } => Err(Unplannable::Skipped {
            time: shown(),
            zone: zone.iana_name().unwrap_or("this zone").to_owned(),
        }),
        AmbiguousOffset::Fold { before, after } => {
            let with = |offset| format!("{}{offset}", time.strftime("%Y-%m-%dT%H:%M"));
            Err(Unplannable::Twice { time: shown(), first: with(before), second: with(after) })
        }
        AmbiguousOffset::Unambiguous { .. } => {
            let at = ambiguous.compatible().map_err(|_| Unplannable::TooFar);
            at.map(|zoned| zoned.timestamp())
        }
    }
}
