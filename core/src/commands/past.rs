//! Past times as people type them, and their moments.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::refusal::Refusal;
use super::schedule::{Day, Moment, Unreadable, read_moment};
use crate::text::time::{first_shown, read_length, short_time, unpunctuated};

/// A past time, as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    /// `20m ago`.
    Ago(SignedDuration),
    /// A time with its offset from UTC.
    Exact(Timestamp),
    /// `13:40`: today, or yesterday if that is nearer.
    Time(Time),
    /// `yesterday 13:40`, `2026-11-21 13:40`.
    On(PastDay, Time),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PastDay {
    Today,
    Yesterday,
    /// `2026-11-21`.
    Date(Date),
}

/// Reads a past time, with or without `at` in front. Returns it with its number of words; `None` if
/// the words do not begin with a time.
///
/// # Errors
/// [`Unreadable::Impossible`] for a time that does not exist.
pub fn read_past(words: &[&str]) -> Result<Option<(Past, usize)>, Unreadable> {
    let at = usize::from(words.first().is_some_and(|word| word.eq_ignore_ascii_case("at")));
    let words = words.get(at..).unwrap_or_default();
    let Some((past, taken)) = read(words)? else {
        return Ok(None);
    };
    Ok(Some((past, at + taken)))
}

fn read(words: &[&str]) -> Result<Option<(Past, usize)>, Unreadable> {
    if let Some((length, taken)) = read_length(words) {
        let ago = words.get(taken).is_some_and(|w| unpunctuated(w).eq_ignore_ascii_case("ago"));
        return Ok(Some((Past::Ago(length), taken + usize::from(ago))));
    }
    let is_yesterday =
        words.first().is_some_and(|word| unpunctuated(word).eq_ignore_ascii_case("yesterday"));
    if is_yesterday {
        let at = words.get(1).is_some_and(|word| word.eq_ignore_ascii_case("at"));
        let behind = words.get(1 + usize::from(at)..).unwrap_or_default();
        return Ok(match read_moment(behind)? {
            Some((Moment::Local(None, time), taken)) => {
                Some((Past::On(PastDay::Yesterday, time), 1 + usize::from(at) + taken))
            }
            _ => None,
        });
    }
    Ok(match read_moment(words)? {
        Some((Moment::Now, taken)) => Some((Past::Ago(SignedDuration::ZERO), taken)),
        Some((Moment::Exact(at), taken)) => Some((Past::Exact(at), taken)),
        Some((Moment::Local(None, time), taken)) => Some((Past::Time(time), taken)),
        Some((Moment::Local(Some(Day::Today), time), taken)) => {
            Some((Past::On(PastDay::Today, time), taken))
        }
        Some((Moment::Local(Some(Day::Date(date)), time), taken)) => {
            Some((Past::On(PastDay::Date(date), time), taken))
        }
        _ => None,
    })
}

/// People's clocks differ from machines': this much ahead still means "now".
const JUST_NOW: SignedDuration = SignedDuration::from_mins(2);

/// The moment by a zone's clock, at `now`. A time of day without a day is today's, or yesterday's
/// if that is nearer: at ten past midnight, 23:50 was twenty minutes ago.
///
/// # Errors
/// The moment is in the future.
pub fn past_moment(past: Past, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, Refusal> {
    let today = now.to_zoned(zone.clone()).date();
    let shown = |time: DateTime| first_shown(time, zone);
    let yesterday = || today.yesterday().unwrap_or(today);
    let at = match past {
        Past::Ago(length) => now.saturating_sub(length).unwrap_or(now),
        Past::Exact(at) => at,
        Past::On(PastDay::Today, time) => shown(today.to_datetime(time)),
        Past::On(PastDay::Yesterday, time) => shown(yesterday().to_datetime(time)),
        Past::On(PastDay::Date(date), time) => shown(date.to_datetime(time)),
        Past::Time(time) => {
            let at = shown(today.to_datetime(time));
            let is_far_ahead = now.checked_add(12.hours()).is_ok_and(|noon| at > noon);
            if is_far_ahead { shown(yesterday().to_datetime(time)) } else { at }
        }
    };
    if at > now.saturating_add(JUST_NOW).unwrap_or(now) {
        return Err(Refusal::new(format!(
            "{} is in the future. Nothing was recorded. Type a past time: `hh:mm`, `<n>m ago` or `yesterday hh:mm`.",
            short_time(at, now, zone)
        )));
    }
    Ok(at.min(now))
}
