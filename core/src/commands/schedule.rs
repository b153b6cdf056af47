//! Reads planned times of a maintenance, cover or action item.

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::dates::read_date;
pub use super::dates::{Day, Unreadable};
use crate::text::clean_name;
use crate::text::time::{named_zone, read_length, unpunctuated};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub from: Moment,
    pub until: End,
    /// The name of a time zone; `None` for the page's.
    pub zone: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// `now`.
    Now,
    In(SignedDuration),
    /// A time with its offset from UTC.
    Exact(Timestamp),
    /// A time of day. Without a day, a start is today, and an end is in the same night.
    Local(Option<Day>, Time),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// `to 23:30`.
    At(Moment),
    /// `for 90m`.
    After(SignedDuration),
}

/// Reads a planned time, with its number of words.
///
/// # Errors
/// [`Unreadable`] with the word that does not fit.
pub fn read_plan(words: &[&str]) -> Result<(Plan, usize), Unreadable> {
    let parts: Vec<(&str, usize)> = words
        .iter()
        .enumerate()
        .flat_map(|(place, word)| parts_of_range(word).map(move |part| (part, place)))
        .collect();
    let pieces: Vec<&str> = parts.iter().map(|(part, _)| *part).collect();
    let (plan, taken) = read_pieces(&pieces)?;
    let words = taken.checked_sub(1).and_then(|last| parts.get(last)).map_or(0, |(_, n)| n + 1);
    Ok((plan, words))
}

/// `22:00-23:30` as three words; any other word unchanged.
fn parts_of_range(word: &str) -> impl Iterator<Item = &str> {
    let is_like_a_time = |word: &str| !matches!(read_time(unpunctuated(word)), Ok(None));
    let dash = word.char_indices().find(|(_, c)| DASHES.contains(c));
    let range = dash.and_then(|(at, dash)| {
        let (from, until) = (word.get(..at)?, word.get(at + dash.len_utf8()..)?);
        (is_like_a_time(from) && is_like_a_time(until)).then_some([from, "-", until])
    });
    let (range, single) = match range {
        Some(parts) => (Some(parts), None),
        None => (None, Some(word)),
    };
    range.into_iter().flatten().chain(single)
}

/// Signs between two times.
const DASHES: [char; 3] = ['-', '–', '—'];

fn read_pieces(words: &[&str]) -> Result<(Plan, usize), Unreadable> {
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

/// Reads `to <time>` or `for <length>`, with the number of words.
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
    words.first().map(|word| clean_name(word))
}

pub(crate) fn read_moment(words: &[&str]) -> Result<Option<(Moment, usize)>, Unreadable> {
    let Some(word) = words.first().map(|word| unpunctuated(word)) else {
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
    if word.eq_ignore_ascii_case("in") {
        let rest = words.get(1..).unwrap_or_default();
        let (length, taken) = read_length(rest).ok_or_else(|| Unreadable::From(first(rest)))?;
        return Ok(Some((Moment::In(length), taken + 1)));
    }
    let Some((day, taken)) = read_day(words)? else {
        return Ok(read_time(word)?.map(|time| (Moment::Local(None, time), 1)));
    };
    // "tomorrow at 22:00"
    let at = words.get(taken).is_some_and(|word| word.eq_ignore_ascii_case("at"));
    let behind = words.get(taken + usize::from(at)..).unwrap_or_default();
    let time = behind.first().map(|word| read_time(unpunctuated(word))).transpose()?.flatten();
    let time = time.ok_or_else(|| Unreadable::From(first(behind)))?;
    Ok(Some((Moment::Local(Some(day), time), taken + usize::from(at) + 1)))
}

/// `2026-11-23T22:00`, with or without seconds and offset.
fn read_iso(word: &str, date: &str, time: &str) -> Result<Moment, Unreadable> {
    let impossible = || Unreadable::Impossible(clean_name(word));
    if time.ends_with(['Z', 'z']) || time.contains(['+', '-']) {
        return word.to_ascii_uppercase().parse().map(Moment::Exact).map_err(|_| impossible());
    }
    let date = date.parse().map_err(|_| impossible())?;
    let time = time.parse().map_err(|_| impossible())?;
    Ok(Moment::Local(Some(Day::Date(date)), time))
}

/// A day with its number of words.
pub(crate) fn read_day(words: &[&str]) -> Result<Option<(Day, usize)>, Unreadable> {
    let Some(word) = words.first().map(|word| unpunctuated(word)) else {
        return Ok(None);
    };
    if word.eq_ignore_ascii_case("today") {
        return Ok(Some((Day::Today, 1)));
    }
    if word.eq_ignore_ascii_case("tomorrow") {
        return Ok(Some((Day::Tomorrow, 1)));
    }
    if let Some(weekday) = weekday(word) {
        return Ok(Some((Day::On(weekday), 1)));
    }
    if word.eq_ignore_ascii_case("next")
        && let Some(weekday) = words.get(1).and_then(|word| weekday(unpunctuated(word)))
    {
        return Ok(Some((Day::Next(weekday), 2)));
    }
    read_date(words)
}

fn weekday(word: &str) -> Option<Weekday> {
    Some(match word.to_ascii_lowercase().as_str() {
        "monday" | "mon" => Weekday::Monday,
        "tuesday" | "tue" | "tues" => Weekday::Tuesday,
        "wednesday" | "wed" => Weekday::Wednesday,
        "thursday" | "thu" | "thur" | "thurs" => Weekday::Thursday,
        "friday" | "fri" => Weekday::Friday,
        "saturday" | "sat" => Weekday::Saturday,
        "sunday" | "sun" => Weekday::Sunday,
        _ => return None,
    })
}

/// `22:00`, `9:30`, `10pm`, `10:30pm`.
pub(super) fn read_time(word: &str) -> Result<Option<Time>, Unreadable> {
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

/// `UTC` or a name with a slash such as `Europe/Berlin`. An abbreviation in capitals is refused;
/// anything else is text.
pub(super) fn read_zone(word: &str) -> Result<Option<String>, Unreadable> {
    let word = unpunctuated(word);
    if let Some(meant) = named_zone(word).filter(|_| !word.contains(char::is_lowercase)) {
        return Err(Unreadable::ShortZone(word.to_owned(), meant));
    }
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
        Err(_) => Err(Unreadable::Zone(clean_name(word))),
    }
}
