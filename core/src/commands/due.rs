//! The due day of an action item: `by friday`, `by 15 December`, `in 2 weeks`, `by end of next
//! week`.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan as _};

use super::dates::{all_numbers, dated, day_of_month, month, next_yearly};
use super::reader::without_closing;
use super::refusal::Refusal;
use super::schedule::{Day, read_day};
use super::words::nearest;
use crate::text::clean_name;
use crate::text::markdown::{escape, excerpt};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// `by friday`.
    On(Day),
    /// `by the 15th`: the next one.
    OnThe(i8),
    /// `in 2 weeks`.
    In(i32, Unit),
    /// `by end of week`, and with 1 `by end of next week`.
    EndOf(Unit, i32),
}

/// A calendar unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// The limit of days, weeks or months ahead.
const AHEAD_MAX: i32 = 1_000;

const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The due day at the end of a text that begins at `start`, and the end of the text before it.
///
/// # Errors
/// Words after `by` look like a day but cannot be read.
pub(super) fn last_due(plain: &str, start: usize) -> Result<Option<(Due, usize)>, Refusal> {
    let part = plain.get(start..).unwrap_or_default();
    if let Some((at, words)) = behind_last(part, &["by", "due"]) {
        match read_due(&words)? {
            Some(due) => return Ok(Some((due, start + at))),
            None if is_like_a_day(&words) => return Err(unreadable(&words.join(" "))),
            None => {}
        }
    }
    let length = behind_last(part, &["in", "within"]);
    Ok(length.and_then(|(at, words)| Some((ahead(&words)?, start + at))))
}

/// Place of the last of these words, with the words after it.
fn behind_last<'a>(part: &'a str, heads: &[&str]) -> Option<(usize, Vec<&'a str>)> {
    let mut at = part.len();
    let mut words = Vec::new();
    for word in part.split_whitespace().rev() {
        at = part.get(..at)?.rfind(word)?;
        if heads.iter().any(|head| word.eq_ignore_ascii_case(head)) {
            words.reverse();
            return (!words.is_empty()).then_some((at, words));
        }
        words.push(word);
    }
    None
}

/// Reads a day that takes up all of the words.
fn read_due(words: &[&str]) -> Result<Option<Due>, Refusal> {
    let unreadable = |_| unreadable(&words.join(" "));
    if let Some((day, taken)) = read_day(words).map_err(unreadable)?
        && taken == words.len()
    {
        return Ok(Some(Due::On(day)));
    }
    let lower: Vec<String> =
        words.iter().map(|word| without_closing(word).to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let lower = match &lower[..] {
        ["the" | "this" | "on" | "coming", rest @ ..] => rest,
        all => all,
    };
    Ok(match lower {
        ["in", length @ ..] => ahead(length),
        ["end" | "close", "of", "business"] | ["eod" | "cob" | "tonight"] => {
            Some(Due::On(Day::Today))
        }
        ["eow"] => Some(Due::EndOf(Unit::Week, 0)),
        ["eom"] => Some(Due::EndOf(Unit::Month, 0)),
        ["eoq"] => Some(Due::EndOf(Unit::Quarter, 0)),
        ["eoy"] => Some(Due::EndOf(Unit::Year, 0)),
        ["end", "of", rest @ ..] => end_of(rest),
        ["next", name] => unit(name).map(|unit| Due::EndOf(unit, 1)),
        ["week" | "month" | "quarter" | "year"] => end_of(lower),
        [one] => match day_of_month(one).filter(|_| one.ends_with(char::is_alphabetic)) {
            Some(day) => Some(Due::OnThe(day)),
            None => numeric(one)?.map(Due::On),
        },
        all => match read_day(all).map_err(unreadable)? {
            Some((day, taken)) if taken == all.len() => Some(Due::On(day)),
            _ => None,
        },
    })
}

fn end_of(words: &[&str]) -> Option<Due> {
    match words {
        ["the" | "this", name] | [name] => unit(name).map(|unit| Due::EndOf(unit, 0)),
        ["next", name] | ["the", "next", name] => unit(name).map(|unit| Due::EndOf(unit, 1)),
        _ => None,
    }
}

fn unit(word: &str) -> Option<Unit> {
    Some(match word {
        "day" | "days" => Unit::Day,
        "week" | "weeks" => Unit::Week,
        "month" | "months" => Unit::Month,
        "quarter" => Unit::Quarter,
        "year" | "years" => Unit::Year,
        _ => return None,
    })
}

/// `2 weeks`, `a month`.
fn ahead(words: &[&str]) -> Option<Due> {
    let [count, name] = words else {
        return None;
    };
    let count = match count.to_ascii_lowercase().as_str() {
        "a" | "one" => 1,
        "two" => 2,
        "three" => 3,
        "four" => 4,
        "six" => 6,
        digits => digits.parse().ok().filter(|count| (1..=AHEAD_MAX).contains(count))?,
    };
    let unit = unit(&without_closing(name).to_ascii_lowercase())?;
    (unit != Unit::Quarter).then_some(Due::In(count, unit))
}

/// `15.12.`, `15/12/2026`, `2026/12/15`.
fn numeric(word: &str) -> Result<Option<Day>, Refusal> {
    let dots: Vec<&str> = word.split('.').collect();
    if let [day, month] = dots[..]
        && let Some([number, of]) = all_numbers([day, month])
        && day.len() == 2
        && month.len() == 2
    {
        return Ok(dated((number, of, None), word).ok());
    }
    let slashes: Vec<&str> = word.split('/').collect();
    let numbers = match slashes[..] {
        [one, two, three] => all_numbers([one, two, three]),
        _ => None,
    };
    let Some([one, two, three]) = numbers else {
        return Ok(None);
    };
    let read = |parts| dated(parts, word).map_err(|_| unreadable(word));
    if one > 31 {
        return read((three, two, Some(one))).map(Some);
    }
    match (read((one, two, Some(three))), read((two, one, Some(three)))) {
        (Ok(day), Ok(other)) if day == other => Ok(Some(day)),
        (Ok(Day::Date(day)), Ok(Day::Date(other))) => Err(Refusal::new(format!(
            "`{word}` can be `{day}` or `{other}`, so nothing was recorded. Write the one you mean."
        ))),
        (day, other) => day.or(other).map(Some),
    }
}

/// True if words after `by` mean a day or a time rather than a cause or an amount.
fn is_like_a_day(words: &[&str]) -> bool {
    let lower: Vec<String> =
        words.iter().map(|word| without_closing(word).to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let Some(first) = lower.first().copied() else {
        return false;
    };
    let second = lower.get(1).copied().unwrap_or_default();
    let is_weekday = |word: &str| {
        word.len() > 5 && !word.contains('\'') && nearest(word, WEEKDAYS.into_iter()).is_some()
    };
    let is_part_of_day = |word: &str| {
        ["", "morning", "afternoon", "evening", "night", "noon", "at", "next", "end"]
            .contains(&word)
            || is_clock(word)
    };
    match first {
        "the" | "this" | "next" => {
            unit(second).is_some()
                || is_weekday(second)
                || month(second).is_some()
                || ["end", "weekend", "sprint", "iteration", "release"].contains(&second)
                || second.starts_with(|c: char| c.is_ascii_digit())
        }
        "end" | "start" | "beginning" | "middle" => second == "of",
        "today" | "tomorrow" => is_part_of_day(second),
        "tonight" | "noon" | "midnight" | "eod" | "cob" | "eow" | "eom" | "eoq" | "eoy"
        | "weekend" | "christmas" | "easter" | "q1" | "q2" | "q3" | "q4" => true,
        // Both are names of people, too.
        "may" | "jan" => second.starts_with(|c: char| c.is_ascii_digit()),
        _ if is_weekday(first) => is_part_of_day(second),
        _ if month(first).is_some() => {
            second.is_empty() || second.starts_with(|c: char| c.is_ascii_digit())
        }
        _ => is_like_a_date(first, second),
    }
}

fn is_clock(word: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let half = ["am", "pm"].iter().find_map(|end| word.strip_suffix(end));
    half.is_some_and(digits) || word.split_once(':').is_some_and(|(h, m)| digits(h) && digits(m))
}

/// `31.11.2026`, `2026-13-01`, `15/13/26`, `32nd`, `15 Decembre`, `17:00`.
fn is_like_a_date(first: &str, second: &str) -> bool {
    let parts: Vec<&str> = first.split(['.', '/', '-']).collect();
    let is_number =
        |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_date = parts.len() == 3 && parts.iter().all(is_number);
    let digits = first.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let is_ordinal =
        is_number(&digits) && ["st", "nd", "rd", "th"].iter().any(|end| first.ends_with(end));
    let is_of_month = is_number(&digits)
        && second.len() > 2
        && (month(second).is_some() || second.get(..3).is_some_and(|s| month(s).is_some()));
    is_date || is_ordinal || is_of_month || is_clock(first)
}

fn unreadable(words: &str) -> Refusal {
    Refusal::new(format!(
        "I can't read “{}” as a day. Nothing was recorded. Type `by <day>`: tomorrow, a weekday, \
         a date such as 15 December, or in 2 weeks.",
        escape(&excerpt(&clean_name(words)))
    ))
}

impl Due {
    /// Today or later.
    ///
    /// # Errors
    /// The day is past.
    pub(super) fn date(self, today: Date) -> Result<Date, Refusal> {
        let next = |from: Date, weekday: Weekday| {
            let ahead = from.weekday().until(weekday);
            from.saturating_add(i64::from(ahead).days())
        };
        let tomorrow = today.saturating_add(1.day());
        let due = match self {
            Self::On(Day::Today) => today,
            Self::On(Day::Tomorrow) => tomorrow,
            Self::On(Day::On(weekday)) => next(today, weekday),
            Self::On(Day::Next(weekday)) => next(tomorrow, weekday),
            Self::On(Day::Date(date)) => date,
            Self::On(Day::Yearly(month, day)) => next_yearly((month, day), today).unwrap_or(today),
            Self::OnThe(day) => {
                let months = (0..=12).map(|ahead: i64| today.first_of_month() + ahead.months());
                let mut days = months.filter_map(|first| first.with().day(day).build().ok());
                days.find(|date| *date >= today).unwrap_or(today)
            }
            Self::In(count, unit) => today.saturating_add(span(count, unit)),
            Self::EndOf(unit, ahead) => end(unit, ahead, today),
        };
        if due < today {
            return Err(Refusal::new(format!(
                "{due} has passed. Nothing was recorded. Type a later day."
            )));
        }
        Ok(due)
    }
}

fn span(count: i32, unit: Unit) -> Span {
    match unit {
        Unit::Day => count.days(),
        Unit::Week => count.weeks(),
        Unit::Month => count.months(),
        Unit::Quarter => (3 * count).months(),
        Unit::Year => count.years(),
    }
}

/// The last day of this unit, or of a later one. A week ends on Friday; typed at the weekend, on
/// Sunday.
fn end(unit: Unit, ahead: i32, today: Date) -> Date {
    let day = today.saturating_add(span(ahead, unit));
    match unit {
        Unit::Day => day,
        Unit::Week => {
            let from_monday = i64::from(day.weekday().to_monday_zero_offset());
            let monday = day.saturating_sub(from_monday.days());
            let friday = monday.saturating_add(4.days());
            if friday < today { monday.saturating_add(6.days()) } else { friday }
        }
        Unit::Month => day.last_of_month(),
        Unit::Quarter => {
            let left = (3 - day.month() % 3) % 3;
            day.first_of_month().saturating_add(i64::from(left).months()).last_of_month()
        }
        Unit::Year => day.last_of_year(),
    }
}
