//! Dates as people type them: `2026-12-15`, `15.12.2026`, `15 December`, `December 15, 2026`.

use jiff::civil::{Date, Weekday};

use crate::text::clean_name;
use crate::text::time::unpunctuated;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    Today,
    Tomorrow,
    /// `monday`: the next one; today if the time is still ahead.
    On(Weekday),
    /// `next monday`: the next one after today.
    Next(Weekday),
    /// `2026-11-23`.
    Date(Date),
    /// `23 November`: the next one, as month and day.
    Yearly(i8, i8),
}

/// Reasons why words are not a planned time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// A start is missing; the word in its place, if any.
    From(Option<String>),
    /// `to` and an end, or `for` and a duration, are missing; the word in their place, if any.
    Until(Option<String>),
    /// A time or day that does not exist.
    Impossible(String),
    /// A time zone that does not exist.
    Zone(String),
    /// An abbreviation of several zones, with one that may be meant.
    ShortZone(String, &'static str),
}

/// A leap year: it has every day of a month that any year has.
const LEAP_YEAR: i16 = 2028;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// From 1, by its name or first three letters.
pub(super) fn month(word: &str) -> Option<i8> {
    let word = unpunctuated(word).to_ascii_lowercase();
    let is_it = |name: &str| name == word || name.get(..3) == Some(word.as_str());
    let sept = if word == "sept" { Some(8) } else { None };
    let place = MONTHS.iter().position(|name| is_it(name)).or(sept)?;
    i8::try_from(place + 1).ok()
}

/// `15`, `15.`, `15th`.
pub(super) fn day_of_month(word: &str) -> Option<i8> {
    let word = unpunctuated(word).to_ascii_lowercase();
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end));
    let digits = digits.unwrap_or(&word);
    let is_short = (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|day| is_short && (1..=31).contains(day))
}

/// Returns the date and the number of words; `None` if the words do not begin with one.
///
/// # Errors
/// [`Unreadable::Impossible`] for a date that does not exist.
pub(super) fn read_date(words: &[&str]) -> Result<Option<(Day, usize)>, Unreadable> {
    let Some(first) = words.first().map(|word| unpunctuated(word)) else {
        return Ok(None);
    };
    let is_iso = first.len() == 10
        && first.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if is_iso {
        let date = first.parse().map_err(|_| Unreadable::Impossible(first.to_owned()))?;
        return Ok(Some((Day::Date(date), 1)));
    }
    let numbers: Vec<&str> = first.split('.').collect();
    if let [day, month, year] = numbers[..]
        && let Some([day, month, year]) = all_numbers([day, month, year])
    {
        return dated((day, month, Some(year)), first).map(|day| Some((day, 1)));
    }
    let Some(second) = words.get(1) else {
        return Ok(None);
    };
    let parts = day_of_month(first).zip(month(second));
    let parts = parts.or_else(|| day_of_month(second).zip(month(first)));
    let Some((day, month)) = parts else {
        return Ok(None);
    };
    let year = words.get(2).and_then(|word| year(unpunctuated(word)));
    let typed = words.get(..2 + usize::from(year.is_some())).unwrap_or_default().join(" ");
    let day = dated((i16::from(day), i16::from(month), year), &typed)?;
    Ok(Some((day, 2 + usize::from(year.is_some()))))
}

/// A year of four digits.
fn year(word: &str) -> Option<i16> {
    word.parse().ok().filter(|year| (2000..=9999).contains(year) && word.len() == 4)
}

/// Parses numbers no longer than those of a date.
pub(super) fn all_numbers<const N: usize>(words: [&str; N]) -> Option<[i16; N]> {
    let is_short = |word: &&str| {
        (1..=4).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
    };
    let all = words.iter().all(is_short);
    all.then(|| words.map(|word| word.parse().unwrap_or_default()))
}

/// Builds a date. Without a year, it is the next such day.
pub(super) fn dated(
    (day, month, year): (i16, i16, Option<i16>),
    typed: &str,
) -> Result<Day, Unreadable> {
    let impossible = || Unreadable::Impossible(clean_name(typed));
    let century = |year| if year < 100 { 2000 + year } else { year };
    let day = i8::try_from(day).map_err(|_| impossible())?;
    let month = i8::try_from(month).map_err(|_| impossible())?;
    let date = Date::new(year.map_or(LEAP_YEAR, century), month, day).map_err(|_| impossible())?;
    Ok(match year {
        Some(_) => Day::Date(date),
        None => Day::Yearly(month, day),
    })
}

/// The next such day of a year, not before `from`.
pub(super) fn next_yearly((month, day): (i8, i8), from: Date) -> Option<Date> {
    // Two leap years may be eight years apart.
    let years = (0..=8).filter_map(|ahead| from.year().checked_add(ahead));
    years.filter_map(|year| Date::new(year, month, day).ok()).find(|date| *date >= from)
}
