//! Whole days of a cover, by its roster's clock: `friday`, `2026-12-20 to 2026-12-27`, `until
//! monday`.

use jiff::civil::{Date, Time as TimeOfDay};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::places::Place;
use crate::commands::context::Context;
use crate::commands::refusal::Refusal;
use crate::commands::schedule::{Day, Unreadable, read_day, read_time, read_zone};
use crate::commands::window::{AHEAD_HOURS_MAX, LENGTH_HOURS_MAX, Unplannable, date, date_from};
use crate::text::time::{first_shown, read_length, short_with_zone, unpunctuated};

/// Start and end.
pub(super) type Time = (Timestamp, Timestamp);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Days {
    /// The first day; `None` means now.
    from: Option<Day>,
    until: Until,
    /// The name of a time zone; `None` means the roster's.
    zone: Option<String>,
}

/// The end of whole days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Until {
    /// The end of the first day.
    Same,
    /// The end of this day: `friday to sunday`.
    Through(Day),
    /// The beginning of this day: `until monday`.
    Before(Day),
}

/// Reads whole days and their number of words; `None` without days, or with times of day.
///
/// # Errors
/// [`Unreadable`] for a day or a zone that does not exist.
pub(super) fn read_days(words: &[&str]) -> Result<Option<(Days, usize)>, Unreadable> {
    let is_any = |place: usize, of: &[&str]| {
        words.get(place).is_some_and(|word| of.iter().any(|known| word.eq_ignore_ascii_case(known)))
    };
    let day_at = |place: usize| read_day(words.get(place..).unwrap_or_default());
    let (from, mut taken) = match day_at(0)? {
        Some((day, taken)) => (Some(day), taken),
        None => (None, 0),
    };
    let closes = taken.checked_sub(1).and_then(|last| words.get(last));
    let has_more = !closes.is_some_and(|word| word.ends_with(':'));
    let is_before = is_any(taken, &["until", "till"]) || (from.is_none() && is_any(taken, &["to"]));
    let is_through = is_any(taken, &["to", "through", "-", "–", "—"]);
    let until = if has_more && (is_before || is_through) {
        let Some((day, more)) = day_at(taken + 1)? else {
            return Ok(None);
        };
        taken += 1 + more;
        if is_before { Until::Before(day) } else { Until::Through(day) }
    } else if from.is_some() {
        Until::Same
    } else {
        return Ok(None);
    };
    let rest = words.get(taken..).unwrap_or_default();
    let last = taken.checked_sub(1).and_then(|last| words.get(last)).copied().unwrap_or_default();
    let zone = match rest.first() {
        Some(_) if last.ends_with(':') => None,
        Some(word) if is_part_of_day(word, rest) => return Ok(None),
        Some(word) => read_zone(word)?,
        None => None,
    };
    taken += usize::from(zone.is_some());
    Ok(Some((Days { from, until, zone }, taken)))
}

/// True if the word after a day makes it less than a whole one.
fn is_part_of_day(word: &str, words: &[&str]) -> bool {
    let word = unpunctuated(word);
    let parts = ["at", "morning", "noon", "afternoon", "evening", "night", "midnight"];
    let is_length = word.eq_ignore_ascii_case("for")
        && words.get(1..).is_some_and(|rest| read_length(rest).is_some());
    is_length
        || parts.iter().any(|part| word.eq_ignore_ascii_case(part))
        || !matches!(read_time(word), Ok(None))
}

impl Days {
    /// The window at a level, cut to the future.
    ///
    /// # Errors
    /// Nobody can be on call at that time.
    pub(super) fn window(&self, context: &Context, place: Place) -> Result<Time, Refusal> {
        let now = second(context);
        let named = self.zone.as_ref().and_then(|name| TimeZone::get(name).ok());
        let of_level = place.level.layers.first().map(|layer| layer.zone.clone());
        let zone = named.or(of_level).unwrap_or_else(|| context.config.time_zone.clone());
        let (start, end) = self.bounds(now, &zone).map_err(|why| unplannable(&why))?;
        let refused = |why| Err(unplannable(&why));
        if end <= start {
            let until = short_with_zone(end, &zone);
            let from = short_with_zone(start, &zone);
            return refused(if end <= now {
                Unplannable::EndPast(until)
            } else {
                Unplannable::EndsBefore { from, until }
            });
        }
        // A clock change makes a month an hour longer.
        if end.duration_since(start).as_hours() > LENGTH_HOURS_MAX + 1 {
            return refused(Unplannable::TooLong);
        }
        if start.duration_since(now).as_hours() >= AHEAD_HOURS_MAX {
            return refused(Unplannable::TooFar);
        }
        Ok((start, end))
    }

    fn bounds(&self, now: Timestamp, zone: &TimeZone) -> Result<Time, Unplannable> {
        let midnight = |date: Date| first_shown(date.to_datetime(TimeOfDay::MIN), zone);
        let after = |date: Date| date.checked_add(1.day()).map_err(|_| Unplannable::TooFar);
        let first = match self.from {
            Some(day) => date(day, now, zone)?,
            None => now.to_zoned(zone.clone()).date(),
        };
        let end = match self.until {
            Until::Same => after(first)?,
            Until::Through(day) => after(date_from(day, now, first, zone)?)?,
            Until::Before(day) => date_from(day, now, after(first)?, zone)?,
        };
        let start = self.from.map_or(now, |_| midnight(first).max(now));
        Ok((start, midnight(end)))
    }
}

/// Refuses a time at which nobody can be on call.
pub(super) fn unplannable(why: &Unplannable) -> Refusal {
    let why = match why {
        Unplannable::EndPast(until) => format!("The end, {until}, is already over."),
        Unplannable::TooLong => {
            format!("A cover can last up to {} days.", LENGTH_HOURS_MAX / 24)
        }
        Unplannable::TooShort => "A cover lasts at least a minute.".to_owned(),
        Unplannable::TooFar => {
            format!("That is more than {} days ahead.", AHEAD_HOURS_MAX / 24)
        }
        other => other.sentence(),
    };
    Refusal::new(format!("Nothing was changed. {why}"))
}

/// Now, in whole seconds, like rosters.
pub(super) fn second(context: &Context) -> Timestamp {
    to_second(context.time())
}

pub(super) fn to_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
