//! Times as people type them for a maintenance, and what they mean in the page's zone.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::model::Window;

/// The longest maintenance.
pub const LENGTH_HOURS_MAX: i64 = 31 * 24;
/// How long before its beginning a maintenance may be announced.
pub const AHEAD_HOURS_MAX: i64 = 400 * 24;
/// A maintenance whose end is a time of day alone, and an earlier one than its beginning, ends on
/// the next day if it is no longer than this; else a slip is more likely.
const OVERNIGHT_MAX: SignedDuration = SignedDuration::from_hours(12);
/// A beginning this far back still means "now".
const JUST_NOW: SignedDuration = SignedDuration::from_mins(5);

/// A planned time as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The beginning.
    pub from: Moment,
    /// The end.
    pub until: End,
    /// The zone that was named; else the page's.
    pub zone: Option<String>,
}

/// A point in time as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// `now`.
    Now,
    /// A time with its offset from UTC.
    Exact(Timestamp),
    /// A time of day on a day. Where none is said, a beginning is today's, and an end is of the same
    /// night.
    Local(Option<Day>, Time),
}

/// A day as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// `today`.
    Today,
    /// `tomorrow`.
    Tomorrow,
    /// `2026-11-23`.
    On(Date),
}

/// An end as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// `to 23:30`.
    At(Moment),
    /// `for 90m`.
    After(SignedDuration),
}

/// Why what was typed is no planned time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// A beginning was expected, and this was found; nothing where the text ended.
    From(Option<String>),
    /// `to` and an end, or `for` and a length, were expected.
    Until(Option<String>),
    /// This looks like a time or a day, and there is none such.
    Impossible(String),
    /// This looks like a zone, and there is none such.
    Zone(String),
}

/// Why a planned time cannot be taken. Times are in the zone they were typed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unplannable {
    /// It begins in the past.
    Past(String),
    /// It ends before it begins, or at once.
    EndsBefore {
        /// The beginning.
        from: String,
        /// The end.
        until: String,
    },
    /// The end is in the past.
    EndPast(String),
    /// It is longer than a maintenance may be.
    TooLong,
    /// It is shorter than a minute.
    TooShort,
    /// It is further ahead than a maintenance may be.
    TooFar,
    /// The clocks skip this time.
    Skipped {
        /// The time.
        time: String,
        /// The zone.
        zone: String,
    },
    /// The clocks show this time twice.
    Twice {
        /// The time.
        time: String,
        /// The first of the two, with its offset.
        first: String,
        /// The second.
        second: String,
    },
}

/// Reads a planned time from the words of a command. Gives how many of them it took.
///
/// # Errors
/// [`Unreadable`] with the word that does not fit.
pub fn read_plan(words: &[&str]) -> Result<(Plan, usize), Unreadable> {
    let (from, mut taken) = read_moment(words)?.ok_or_else(|| Unreadable::From(first(words)))?;
    let (until, more) = read_end(words.get(taken..).unwrap_or_default())?;
    taken += more;
    let before = words.get(taken - 1).copied().unwrap_or_default();
    let zone = match words.get(taken) {
        Some(word) if !before.ends_with(':') => read_zone(word)?,
        _ => None,
    };
    taken += usize::from(zone.is_some());
    Ok((Plan { from, until, zone }, taken))
}

/// Reads `to <time>` or `for <length>`. Gives how many words it took.
///
/// # Errors
/// [`Unreadable`] with the word that does not fit.
pub fn read_end(words: &[&str]) -> Result<(End, usize), Unreadable> {
    let expected = || Unreadable::Until(first(words));
    let rest = words.get(1..).unwrap_or_default();
    match words.first().map(|word| word.to_ascii_lowercase()).as_deref() {
        Some("to" | "until" | "till" | "-" | "–" | "—") => {
            let (moment, taken) =
                read_moment(rest)?.ok_or_else(|| Unreadable::Until(first(rest)))?;
            Ok((End::At(moment), taken + 1))
        }
        Some("for") => {
            let (length, taken) = read_length(rest).ok_or_else(expected)?;
            Ok((End::After(length), taken + 1))
        }
        _ => Err(expected()),
    }
}

fn first(words: &[&str]) -> Option<String> {
    words.first().map(|word| super::text::clean_name(word))
}

/// A word without the punctuation that separates it from what follows.
fn bare(word: &str) -> &str {
    word.trim_end_matches([':', ',', '.'])
}

fn read_moment(words: &[&str]) -> Result<Option<(Moment, usize)>, Unreadable> {
    let Some(word) = words.first().map(|word| bare(word)) else {
        return Ok(None);
    };
    if word.eq_ignore_ascii_case("now") {
        return Ok(Some((Moment::Now, 1)));
    }
    if let Some((date, time)) = word.split_once(['T', 't'])
        && date.len() == 10
    {
        return read_iso(word, date, time).map(|moment| Some((moment, 1)));
    }
    let Some(day) = read_day(word)? else {
        return Ok(read_time(word)?.map(|time| (Moment::Local(None, time), 1)));
    };
    // "tomorrow at 22:00"
    let at = words.get(1).is_some_and(|word| word.eq_ignore_ascii_case("at"));
    let place = 1 + usize::from(at);
    let time = words.get(place).map(|word| read_time(bare(word))).transpose()?.flatten();
    let time =
        time.ok_or_else(|| Unreadable::From(words.get(place).copied().and_then(|w| first(&[w]))));
    Ok(Some((Moment::Local(Some(day), time?), place + 1)))
}

/// `2026-11-23T22:00`, with seconds or not, with an offset or not.
fn read_iso(word: &str, date: &str, time: &str) -> Result<Moment, Unreadable> {
    let impossible = || Unreadable::Impossible(super::text::clean_name(word));
    if time.ends_with(['Z', 'z']) || time.contains(['+', '-']) {
        return word.to_ascii_uppercase().parse().map(Moment::Exact).map_err(|_| impossible());
    }
    let date = date.parse().map_err(|_| impossible())?;
    let time = time.parse().map_err(|_| impossible())?;
    Ok(Moment::Local(Some(Day::On(date)), time))
}

fn read_day(word: &str) -> Result<Option<Day>, Unreadable> {
    if word.eq_ignore_ascii_case("today") {
        return Ok(Some(Day::Today));
    }
    if word.eq_ignore_ascii_case("tomorrow") {
        return Ok(Some(Day::Tomorrow));
    }
    let like_a_date = word.len() == 10
        && word.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !like_a_date {
        return Ok(None);
    }
    word.parse()
        .map(|date| Some(Day::On(date)))
        .map_err(|_| Unreadable::Impossible(word.to_owned()))
}

/// `22:00`, `9:30`, `10pm`, `10:30pm`.
fn read_time(word: &str) -> Result<Option<Time>, Unreadable> {
    let lower = word.to_ascii_lowercase();
    let (clock, half) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(clock), _) => (clock, Some(0)),
        (_, Some(clock)) => (clock, Some(12)),
        _ => (lower.as_str(), None),
    };
    let (hour, minute) = match clock.split_once(':') {
        Some(parts) => parts,
        None if half.is_some() => (clock, "00"),
        None => return Ok(None),
    };
    let is_clock = (1..=2).contains(&hour.len())
        && minute.len() == 2
        && hour.bytes().chain(minute.bytes()).all(|byte| byte.is_ascii_digit());
    if !is_clock {
        return Ok(None);
    }
    let number = |digits: &str| digits.parse::<i8>().ok();
    let hour = match half {
        Some(half) => number(hour).filter(|hour| (1..=12).contains(hour)).map(|h| h % 12 + half),
        None => number(hour),
    };
    let time =
        hour.zip(number(minute)).and_then(|(hour, minute)| Time::new(hour, minute, 0, 0).ok());
    time.map(Some).ok_or_else(|| Unreadable::Impossible(word.to_owned()))
}

/// `UTC` or a name with a slash such as `Europe/Berlin`: anything else is text.
fn read_zone(word: &str) -> Result<Option<String>, Unreadable> {
    let word = bare(word);
    if word.eq_ignore_ascii_case("utc") || word.eq_ignore_ascii_case("gmt") {
        return Ok(Some("UTC".to_owned()));
    }
    let is_name = |part: &str| {
        let like_a_name = |c: char| c.is_ascii_alphanumeric() || "_-+".contains(c);
        part.starts_with(|c: char| c.is_ascii_alphabetic()) && part.chars().all(like_a_name)
    };
    if !word.contains('/') || !word.split('/').all(is_name) {
        return Ok(None);
    }
    match TimeZone::get(word) {
        Ok(_) => Ok(Some(word.to_owned())),
        Err(_) => Err(Unreadable::Zone(super::text::clean_name(word))),
    }
}

/// A length of time: `90m`, `1h30m`, `2 hours`. Gives how many words it took. A day is 24 hours.
#[must_use]
pub fn read_length(words: &[&str]) -> Option<(SignedDuration, usize)> {
    let word = bare(words.first()?).to_ascii_lowercase();
    let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        let unit = bare(words.get(1)?).to_ascii_lowercase();
        return Some((times(&word, &unit)?, 2));
    }
    let mut sum = SignedDuration::ZERO;
    let mut rest = word.as_str();
    while !rest.is_empty() {
        let (digits, behind) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let end = behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(end);
        sum = sum.checked_add(times(digits, unit)?)?;
        rest = behind;
    }
    Some((sum, 1))
}

fn times(digits: &str, unit: &str) -> Option<SignedDuration> {
    let number: i64 = digits.parse().ok()?;
    let minutes = match unit {
        "m" | "min" | "mins" | "minute" | "minutes" => number,
        "h" | "hr" | "hrs" | "hour" | "hours" => number.checked_mul(60)?,
        "d" | "day" | "days" => number.checked_mul(24 * 60)?,
        _ => return None,
    };
    (1..=100_000).contains(&minutes).then(|| SignedDuration::from_mins(minutes))
}

impl Plan {
    /// What the plan means at `now`, in the zone that it names or else in the page's.
    ///
    /// # Errors
    /// [`Unplannable`] when it is no time that a maintenance can have.
    pub fn window(&self, now: Timestamp, page_zone: &TimeZone) -> Result<Window, Unplannable> {
        let named = self.zone.as_ref().and_then(|name| TimeZone::get(name).ok());
        let zone = named.as_ref().unwrap_or(page_zone);
        let from = match self.from {
            Moment::Now => now,
            Moment::Exact(at) => at,
            Moment::Local(day, time) => local(day.unwrap_or(Day::Today), time, now, zone)?,
        };
        if from < now - JUST_NOW {
            return Err(Unplannable::Past(spoken(from, zone)));
        }
        let until = until(self.until, from, now, zone)?;
        if until <= now {
            return Err(Unplannable::EndPast(spoken(until, zone)));
        }
        check(Window { from, until }, now)
    }
}

/// The end of a running or planned maintenance when it is moved: a length counts from `window`'s
/// end.
///
/// # Errors
/// [`Unplannable`] when it is no time that the maintenance can end.
pub fn moved_end(
    end: End,
    window: Window,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Timestamp, Unplannable> {
    let until = match end {
        End::After(length) => window.until.checked_add(length).map_err(|_| Unplannable::TooLong)?,
        // A time of day alone is that of the day on which it is said, while the maintenance runs.
        End::At(_) => match until(end, window.from.max(now), now, zone) {
            Err(Unplannable::EndsBefore { until, .. }) if window.from <= now => {
                return Err(Unplannable::EndPast(until));
            }
            until => until?,
        },
    };
    if until <= now {
        return Err(Unplannable::EndPast(spoken(until, zone)));
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
        End::At(Moment::Exact(at)) => at,
        End::At(Moment::Local(Some(day), time)) => local(day, time, now, zone)?,
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
        let (from, until) = (spoken(from, zone), spoken(until, zone));
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

fn local(day: Day, time: Time, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, Unplannable> {
    let today = now.to_zoned(zone.clone()).date();
    let date = match day {
        Day::Today => today,
        Day::Tomorrow => today.checked_add(1.day()).map_err(|_| Unplannable::TooFar)?,
        Day::On(date) => date,
    };
    resolve(date.to_datetime(time), zone)
}

/// The moment of a wall-clock time, which the change of the clocks may skip or show twice.
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

/// A time for people, in a zone.
#[must_use]
pub fn spoken(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string()
}
