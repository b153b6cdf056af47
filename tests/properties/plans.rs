//! The times of maintenance: whatever the clocks do, the announced time is the typed one.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, ToSpan as _};
use proptest::prelude::*;
use status_update::core::commands::schedule::read_plan;
use status_update::core::commands::window::{Unplannable, planned_window};
use status_update::core::incident::model::Window;

use super::inputs::settings;

/// Daylight saving of an hour or half an hour, in both hemispheres, changes at midnight, and none.
const ZONES: &[&str] = &[
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
    "UTC",
];

const DAYS: &[(&str, Weekday)] = &[
    ("monday", Weekday::Monday),
    ("Tue", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thurs", Weekday::Thursday),
    ("Friday", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

fn zone() -> impl Strategy<Value = TimeZone> {
    prop::sample::select(ZONES).prop_map(|name| TimeZone::get(name).unwrap())
}

/// Of two years, minute by minute; one half within a week before a change of some zone's clocks.
fn now() -> impl Strategy<Value = Timestamp> {
    let start = Date::constant(2026, 1, 1).to_zoned(TimeZone::UTC).unwrap().timestamp();
    let any =
        (0..2 * 365 * 24 * 60_i64).prop_map(move |minutes| start + Span::new().minutes(minutes));
    let changes = (zone(), 0..4_usize, 0..7 * 24 * 60_i64).prop_map(move |(zone, nth, before)| {
        let change = zone.following(start).nth(nth).map_or(start, |change| change.timestamp());
        change - Span::new().minutes(before)
    });
    prop_oneof![any, changes]
}

/// Times of day, mostly at night, when clocks change.
fn time() -> impl Strategy<Value = Time> {
    let hour = prop_oneof![2 => 0..5_i8, 1 => 0..24_i8];
    (hour, 0..60_i8).prop_map(|(hour, minute)| Time::constant(hour, minute, 0, 0))
}

fn planned(typed: &str, now: Timestamp, zone: &TimeZone) -> Result<Window, Unplannable> {
    let words: Vec<&str> = typed.split_whitespace().collect();
    let (plan, taken) = read_plan(&words).unwrap();
    assert_eq!(taken, words.len(), "{typed}");
    planned_window(&plan, now, zone)
}

/// True if the zone's clocks show this time exactly once.
fn is_shown_once(time: DateTime, zone: &TimeZone) -> bool {
    !zone.to_ambiguous_zoned(time).is_ambiguous()
}

fn text(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}

proptest! {
    #![proptest_config(settings(2_000))]

    #[test]
    fn a_weekday_is_the_next_one_by_the_clocks_of_the_zone(
        zone in zone(),
        now in now(),
        (name, weekday) in prop::sample::select(DAYS),
        (begin, end) in (time(), time()),
        next in any::<bool>(),
    ) {
        let next_word = if next { "next " } else { "" };
        let typed = format!("{next_word}{name} {}-{}", text(begin), text(end));
        let today = now.to_zoned(zone.clone());
        match planned(&typed, now, &zone) {
            Ok(window) => {
                let [from, until] =
                    [window.from, window.until].map(|at| at.to_zoned(zone.clone()).datetime());
                prop_assert_eq!((from.weekday(), from.time(), until.time()), (weekday, begin, end));
                prop_assert!(window.from < window.until);
                // Never in the past, and no such weekday was skipped.
                prop_assert!(window.from >= now - SignedDuration::from_mins(5));
                let earlier = from.date() - 7.days();
                let passed = earlier < today.date()
                    || earlier == today.date() && (next || begin < today.time());
                prop_assert!(passed, "{from}, now {today}");
                prop_assert!(!next || from.date() > today.date());
            }
            Err(Unplannable::Skipped { .. } | Unplannable::Twice { .. }) => {
                let days = (0..9).map(|day| today.date() + day.days());
                let of_day = days.flat_map(|day| [day.to_datetime(begin), day.to_datetime(end)]);
                let any = of_day.into_iter().any(|time| !is_shown_once(time, &zone));
                prop_assert!(any, "{typed} at {today}");
            }
            Err(Unplannable::EndsBefore { .. }) => prop_assert!(end <= begin, "{typed} at {today}"),
            Err(Unplannable::EndPast(_)) => {
                // It was over when it was announced: it began in the last five minutes.
                let since = today.time().duration_since(begin).as_secs().rem_euclid(24 * 3_600);
                prop_assert!(since <= 300, "{typed} at {today}");
            }
            Err(other) => prop_assert!(false, "{typed} at {today}: {other:?}"),
        }
    }

    #[test]
    fn one_word_means_what_three_mean(
        zone in zone(),
        now in now(),
        (begin, end) in (time(), time()),
        day in prop::sample::select(&["", "today ", "tomorrow at ", "friday ", "2026-10-25 "][..]),
        dash in prop::sample::select(&["-", "–", "—"][..]),
    ) {
        let [begin, end] = [begin, end].map(text);
        let one = planned(&format!("{day}{begin}{dash}{end}"), now, &zone);
        for words in ["to", "until", "-", dash] {
            let three = planned(&format!("{day}{begin} {words} {end}"), now, &zone);
            prop_assert_eq!(&one, &three);
        }
    }

    #[test]
    fn lengths_are_elapsed_time_whatever_the_clocks_do(
        zone in zone(),
        now in now(),
        (ahead, length) in (1..3_000_i64, 1..3_000_i64),
    ) {
        let window = planned(&format!("in {ahead}m for {length}m"), now, &zone).unwrap();
        prop_assert_eq!(window.from, now + SignedDuration::from_mins(ahead));
        prop_assert_eq!(window.until, window.from + SignedDuration::from_mins(length));
    }
}
