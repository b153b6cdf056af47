//! Validates one layer of a roster file.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use toml::Spanned;
use toml::value::Datetime;

use super::refused::{Refused, at_most, person_named, refused};
use super::tables::{FileGap, FileLayer, FileTurn, FileWindow};
use crate::rosters::roster::{Layer, Rosters, TURN_DAYS_MAX, TurnLength, Window};
use crate::text::time::named_zone;

/// Valid years of a layer's times: time zone rules further away are of no use to a rota.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2199;
/// Maximum number of turns in a rotation.
const TURNS_MAX: usize = 100;
const TURN_PEOPLE_MAX: usize = 20;

pub(super) fn layer(given: Spanned<FileLayer>, people: &Rosters) -> Result<Layer, Refused> {
    let given = given.into_inner();
    let zone = zone(&given.zone)?;
    let (from, until) = bounds(given.from.as_ref(), given.until.as_ref())?;
    Ok(Layer {
        order: given.order,
        zone,
        anchor: civil("anchor", &given.anchor)?,
        turn: turn_length(&given.turn)?,
        turns: turns(&given.members, people)?,
        window: given.window.map(window).transpose()?,
        from,
        until,
    })
}

/// A planned gap, represented as a layer of one turn that is active while nobody is on call.
pub(super) fn gap(given: Spanned<FileGap>) -> Result<Layer, Refused> {
    let at = given.span();
    let given = given.into_inner();
    if given.window.is_none() && given.from.is_none() && given.until.is_none() {
        return Err(refused(&at, "the gap has no time: set `window`, or `from` and `until`"));
    }
    let (from, until) = bounds(given.from.as_ref(), given.until.as_ref())?;
    Ok(Layer {
        order: 0,
        zone: zone(&given.zone)?,
        anchor: from.unwrap_or(DateTime::constant(2000, 1, 1, 0, 0, 0, 0)),
        turn: TurnLength::Weeks(1),
        turns: vec![vec![String::new()]],
        window: given.window.map(window).transpose()?,
        from,
        until,
    })
}

/// Start and end of the validity of a layer or gap.
fn bounds(
    from: Option<&Spanned<Datetime>>,
    until: Option<&Spanned<Datetime>>,
) -> Result<(Option<DateTime>, Option<DateTime>), Refused> {
    let time =
        |key, given: Option<&Spanned<Datetime>>| given.map(|given| civil(key, given)).transpose();
    let bounds = (time("from", from)?, time("until", until)?);
    if let ((Some(from), Some(until)), Some(given)) = (bounds, until)
        && until <= from
    {
        let reason = format!("until = {until} is not after from = {from}");
        return Err(refused(&given.span(), reason));
    }
    Ok(bounds)
}

/// An IANA time zone. Abbreviations are rejected even if the database has them: `EST`, for example,
/// has no daylight saving time, which hardly anyone intends.
pub(super) fn zone(given: &Spanned<String>) -> Result<TimeZone, Refused> {
    if let Some(meant) = named_zone(given.get_ref()) {
        let short = given.get_ref();
        let reason = format!(
            "zone = \"{short}\" is an abbreviation, which can mean several zones: write the zone \
             that is meant, such as \"{meant}\""
        );
        return Err(refused(&given.span(), reason));
    }
    TimeZone::get(given.get_ref()).map_err(|_| {
        let reason = format!(
            "zone = \"{}\" is not a zone of the IANA database such as \"Europe/Berlin\"",
            given.get_ref()
        );
        refused(&given.span(), reason)
    })
}

/// A local date and time, without an offset.
pub(super) fn civil(key: &str, given: &Spanned<Datetime>) -> Result<DateTime, Refused> {
    let wrong = |why: &str| {
        let reason = format!("{key} = {} {why}", given.get_ref());
        refused(&given.span(), reason)
    };
    let Datetime { date: Some(date), time: Some(_), offset } = *given.get_ref() else {
        return Err(wrong("is not a date with a time, such as 2026-11-23T09:00:00"));
    };
    if offset.is_some() {
        return Err(wrong("has an offset: leave it out, for `zone` says what the clocks show"));
    }
    let date = i16::try_from(date.year)
        .ok()
        .zip(i8::try_from(date.month).ok().zip(i8::try_from(date.day).ok()));
    let date = date.and_then(|(year, (month, day))| Date::new(year, month, day).ok());
    let Some(date) = date else {
        return Err(wrong("is not a day of the calendar"));
    };
    if !YEARS.contains(&date.year()) {
        return Err(wrong(&format!("is not in the years {} to {}", YEARS.start(), YEARS.end())));
    }
    Ok(date.to_datetime(time_of_day(key, given)?))
}

/// The time of day, to the second.
fn time_of_day(key: &str, given: &Spanned<Datetime>) -> Result<Time, Refused> {
    let time = given.get_ref().time.and_then(|time| {
        let (second, nanosecond) = (time.second.unwrap_or(0), time.nanosecond.unwrap_or(0));
        let [hour, minute, second] = [time.hour, time.minute, second].map(i8::try_from);
        let time = Time::new(hour.ok()?, minute.ok()?, second.ok()?, 0).ok()?;
        (nanosecond == 0).then_some(time)
    });
    time.ok_or_else(|| {
        let reason = format!("{key} = {} is not a time to the second", given.get_ref());
        refused(&given.span(), reason)
    })
}

fn turn_length(given: &Spanned<String>) -> Result<TurnLength, Refused> {
    let wrong = || {
        let reason = format!(
            "turn = \"{}\" is not a length of 1 hour to {TURN_DAYS_MAX} days such as \"12 hours\", \
             \"1 day\" or \"2 weeks\"",
            given.get_ref()
        );
        refused(&given.span(), reason)
    };
    let text = given.get_ref().trim();
    let (number, unit) =
        text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let number: u32 = number.parse().map_err(|_| wrong())?;
    let (turn, most) = match unit.trim() {
        "h" | "hour" | "hours" => (TurnLength::Hours(number), TURN_DAYS_MAX * 24),
        "d" | "day" | "days" => (TurnLength::Days(number), TURN_DAYS_MAX),
        "w" | "week" | "weeks" => (TurnLength::Weeks(number), TURN_DAYS_MAX / 7),
        _ => return Err(wrong()),
    };
    if (1..=most).contains(&number) { Ok(turn) } else { Err(wrong()) }
}

fn turns(
    given: &Spanned<Vec<Spanned<FileTurn>>>,
    people: &Rosters,
) -> Result<Vec<Vec<String>>, Refused> {
    if given.get_ref().is_empty() {
        return Err(refused(
            &given.span(),
            "members = [] is empty: name the people who take the turns",
        ));
    }
    at_most(given.get_ref(), TURNS_MAX, "turns in one layer")?;
    given.get_ref().iter().map(|turn| turn_of(turn, people)).collect()
}

fn turn_of(given: &Spanned<FileTurn>, people: &Rosters) -> Result<Vec<String>, Refused> {
    let FileTurn(names) = given.get_ref();
    if names.is_empty() {
        return Err(refused(
            &given.span(),
            "a turn is empty: name the person who takes it, or remove it",
        ));
    }
    if names.len() > TURN_PEOPLE_MAX {
        let reason = format!("more than {TURN_PEOPLE_MAX} people in one turn");
        return Err(refused(&given.span(), reason));
    }
    let mut turn = Vec::new();
    for name in names {
        let name = person_named(name, &given.span(), people)?;
        if turn.contains(&name) {
            return Err(refused(&given.span(), format!("\"{name}\" is twice in one turn")));
        }
        turn.push(name);
    }
    Ok(turn)
}

fn window(given: Spanned<FileWindow>) -> Result<Window, Refused> {
    let at = given.span();
    let given = given.into_inner();
    let hours = match (&given.from, &given.to) {
        (None, None) => None,
        (Some(from), Some(to)) => Some((clock("from", from)?, clock("to", to)?)),
        _ => return Err(refused(&at, "a window has both `from` and `to`, or neither")),
    };
    if let (Some((from, to)), Some(given)) = (hours, &given.to)
        && from == to
    {
        let reason = format!(
            "the window begins and ends at {to}: leave out `from` and `to` for whole days; an end \
             before the beginning is one on the next day"
        );
        return Err(refused(&given.span(), reason));
    }
    let mut days = Vec::new();
    match &given.days {
        None => days.extend(Weekday::Sunday.cycle_forward().take(7)),
        Some(list) if list.get_ref().is_empty() => {
            return Err(refused(&list.span(), "days = [] is empty: leave it out for every day"));
        }
        Some(list) => {
            for given in list.get_ref() {
                let day = weekday(given)?;
                if days.contains(&day) {
                    let reason = format!("the day \"{}\" is there twice", given.get_ref());
                    return Err(refused(&given.span(), reason));
                }
                days.push(day);
            }
        }
    }
    if given.days.is_none() && hours.is_none() {
        let reason = "the window is empty: set `days`, or `from` and `to`, or leave it out";
        return Err(refused(&at, reason));
    }
    Ok(Window { days, hours })
}

/// A time of day without a date.
fn clock(key: &str, given: &Spanned<Datetime>) -> Result<Time, Refused> {
    let Datetime { date, offset, .. } = given.get_ref();
    if date.is_some() || offset.is_some() {
        let reason = format!("{key} = {} is not a time of day such as 09:00:00", given.get_ref());
        return Err(refused(&given.span(), reason));
    }
    time_of_day(key, given)
}

fn weekday(given: &Spanned<String>) -> Result<Weekday, Refused> {
    let day = match given.get_ref().to_lowercase().as_str() {
        "mon" | "monday" => Weekday::Monday,
        "tue" | "tuesday" => Weekday::Tuesday,
        "wed" | "wednesday" => Weekday::Wednesday,
        "thu" | "thursday" => Weekday::Thursday,
        "fri" | "friday" => Weekday::Friday,
        "sat" | "saturday" => Weekday::Saturday,
        "sun" | "sunday" => Weekday::Sunday,
        _ => {
            let reason = format!(
                "days: \"{}\" is not one of mon, tue, wed, thu, fri, sat, sun",
                given.get_ref()
            );
            return Err(refused(&given.span(), reason));
        }
    };
    Ok(day)
}
