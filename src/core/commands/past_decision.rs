//! What a time that was typed for something past means.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::past::{Past, PastDay};
use super::refusal::Refusal;
use crate::core::text::time::{first_shown, spoken};

/// Clocks of people differ from those of machines: this much ahead still means "now".
const JUST_NOW: SignedDuration = SignedDuration::from_mins(2);

/// The moment that is meant, by a zone's clocks, at `now`. A time of day without a day is today's,
/// or yesterday's where that is nearer: at ten past midnight, 23:50 was twenty minutes ago.
///
/// # Errors
/// A refusal where that moment is still to come.
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
            "{} is still to come, so nothing was recorded. Write when it was, such as `14:05`, `20m \
             ago` or `yesterday 23:50`.",
            spoken(at, zone)
        )));
    }
    Ok(at.min(now))
}
