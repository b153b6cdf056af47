//! Times and lengths of time as people read and type them.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// Removes the punctuation that separates a word from what follows.
#[must_use]
pub fn unpunctuated(word: &str) -> &str {
    word.trim_end_matches([':', ',', '.'])
}

/// Parses a length of time, such as `90m`, `1h30m` or `2 hours`, and returns it with the number of
/// words that it has. A day is 24 hours.
#[must_use]
pub fn read_length(words: &[&str]) -> Option<(SignedDuration, usize)> {
    let word = unpunctuated(words.first()?).to_ascii_lowercase();
    let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        let unit = unpunctuated(words.get(1)?).to_ascii_lowercase();
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

/// Date and time in a zone: `2026-11-23 22:00 CET`.
#[must_use]
pub fn spoken(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string()
}

/// Length of time in its two largest units: `45 s`, `12 min 30 s`, `26 h 5 min`. Hours are the
/// largest unit.
#[must_use]
pub fn spoken_length(length: SignedDuration) -> String {
    let sign = if length.is_negative() { "−" } else { "" };
    let seconds = length.as_secs().unsigned_abs();
    let (large, small) = match seconds {
        0..60 => ((seconds, "s"), None),
        60..3_600 => ((seconds / 60, "min"), Some((seconds % 60, "s"))),
        _ => ((seconds / 3_600, "h"), Some((seconds % 3_600 / 60, "min"))),
    };
    let small = small.filter(|(number, _)| *number > 0);
    let small = small.map_or(String::new(), |(number, unit)| format!(" {number} {unit}"));
    format!("{sign}{} {}{small}", large.0, large.1)
}

/// A length for a document: to the minute, which is as exact as people remember.
#[must_use]
pub fn rounded_length(length: SignedDuration) -> String {
    let length = SignedDuration::from_mins((length.as_secs() + 30).div_euclid(60));
    if length.is_zero() { "less than a minute".to_owned() } else { spoken_length(length) }
}

/// Date and time with the weekday, `Mon 2026-11-23 22:00 CET`, for use where the wrong day would
/// matter.
#[must_use]
pub fn spoken_with_weekday(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %Y-%m-%d %H:%M %Z").to_string()
}

/// Time for an answer about on-call turns, whose zone may not be the page's: `Mon 23 Nov 22:00 CET`.
#[must_use]
pub fn short_with_zone(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %-d %b %H:%M %Z").to_string()
}

/// Abbreviations of time zones. Each is ambiguous, or applies only in part of the year, so it is
/// rejected with a suggestion of the most likely zone.
const SHORT_ZONES: [(&str, &[&str]); 33] = [
    ("America/New_York", &["EST", "EDT", "ET", "EST5EDT"]),
    ("America/Chicago", &["CST", "CDT", "CST6CDT"]),
    ("America/Denver", &["MST", "MDT", "MST7MDT"]),
    ("America/Los_Angeles", &["PST", "PDT", "PT", "PST8PDT"]),
    ("America/Anchorage", &["AKST", "AKDT"]),
    ("America/Halifax", &["AST", "ADT"]),
    ("America/St_Johns", &["NST", "NDT"]),
    ("America/Sao_Paulo", &["BRT", "BRST"]),
    ("America/Argentina/Buenos_Aires", &["ART"]),
    ("Pacific/Honolulu", &["HST"]),
    ("Pacific/Auckland", &["NZST", "NZDT"]),
    ("Australia/Sydney", &["AEST", "AEDT"]),
    ("Australia/Adelaide", &["ACST", "ACDT"]),
    ("Australia/Perth", &["AWST"]),
    ("Europe/London", &["BST"]),
    ("Europe/Lisbon", &["WET", "WEST"]),
    ("Europe/Berlin", &["CET", "CEST", "MET", "MEST", "MEZ", "MESZ"]),
    ("Europe/Helsinki", &["EET", "EEST"]),
    ("Europe/Moscow", &["MSK"]),
    ("Europe/Istanbul", &["TRT"]),
    ("Africa/Lagos", &["WAT"]),
    ("Africa/Maputo", &["CAT"]),
    ("Africa/Nairobi", &["EAT"]),
    ("Africa/Johannesburg", &["SAST"]),
    ("Asia/Kolkata", &["IST"]),
    ("Asia/Karachi", &["PKT"]),
    ("Asia/Dubai", &["GST"]),
    ("Asia/Jakarta", &["WIB"]),
    ("Asia/Singapore", &["SGT"]),
    ("Asia/Manila", &["PHT"]),
    ("Asia/Hong_Kong", &["HKT"]),
    ("Asia/Seoul", &["KST"]),
    ("Asia/Tokyo", &["JST"]),
];

/// Zone that an abbreviation such as `EST` most likely means.
#[must_use]
pub fn named_zone(abbreviation: &str) -> Option<&'static str> {
    let is_it = |short: &&str| short.eq_ignore_ascii_case(abbreviation);
    let found = SHORT_ZONES.iter().find(|(_, shorts)| shorts.iter().any(is_it));
    found.map(|(zone, _)| *zone)
}

/// Time for an answer in a chat, as people say it: `14:33`, `yesterday 14:33`, `tomorrow 14:33`,
/// `Mon 23 Nov 14:33`; of a different year `23 Nov 2025 14:33`.
#[must_use]
pub fn short_time(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let [at, now] = [at, now].map(|at| at.to_zoned(zone.clone()));
    let (day, today) = (at.date(), now.date());
    let format = match () {
        () if day == today => "%H:%M",
        () if today.yesterday().is_ok_and(|yesterday| day == yesterday) => "yesterday %H:%M",
        () if today.tomorrow().is_ok_and(|tomorrow| day == tomorrow) => "tomorrow %H:%M",
        () if day.year() == today.year() => "%a %-d %b %H:%M",
        () => "%-d %b %Y %H:%M",
    };
    at.strftime(format).to_string()
}

/// First moment at which the clocks of a zone show a time. For a time that they show twice this is
/// the first one, and for a time that they skip it is the jump. So the order of times is also the
/// order of moments.
#[must_use]
pub fn first_shown(time: DateTime, zone: &TimeZone) -> Timestamp {
    let limit = if time.year() < 2000 { Timestamp::MIN } else { Timestamp::MAX };
    let offset = match zone.to_ambiguous_timestamp(time).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Fold { before, .. } => before,
        AmbiguousOffset::Gap { after, .. } => {
            // With the offset after the jump, the skipped time is before the jump.
            let Ok(earlier) = after.to_timestamp(time) else {
                return limit;
            };
            let jump = zone.following(earlier).find(|jump| jump.offset() == after);
            return jump.map_or(limit, |jump| jump.timestamp());
        }
    };
    offset.to_timestamp(time).unwrap_or(limit)
}
