//! The people on call at a moment: at clock changes, and for any question.

use jiff::{SignedDuration, Timestamp, ToSpan as _};
use proptest::prelude::*;
use status_update::core::rosters::roster::{Level, Rosters};

use super::oracle::{ZONES, layer};
use super::{at, rosters};
use crate::properties::inputs::settings;

const PEOPLE: &str = "[[people]]\nname = \"Ada\"\n[[people]]\nname = \"Grace\"\n\
                      [[people]]\nname = \"Linus\"\n[[people]]\nname = \"Mary\"\n\
                      [[people]]\nname = \"Rosalind\"\n";

fn one_layer(zone: &str, anchor: &str, turn: &str, more: &str) -> Rosters {
    rosters(&format!(
        "{PEOPLE}[[rosters]]\nname = \"Checkout\"\n[[rosters.layers]]\nlevel = \"primary\"\n\
         zone = \"{zone}\"\nanchor = {anchor}\nturn = \"{turn}\"\nmembers = [\"Ada\", \"Grace\"]\n\
         {more}"
    ))
}

/// All shifts in a period as text: start, end, people.
fn shifts(rosters: &Rosters, from: &str, until: &str) -> Vec<String> {
    let level = &rosters.rosters[0].levels[0];
    let shifts = level.shifts(at(from), at(until));
    let told = |at: Timestamp| at.strftime("%d %H:%M").to_string();
    shifts
        .map(|shift| {
            let people = shift.on_call.people.join("+");
            format!("{} - {} {people}", told(shift.start), told(shift.end))
        })
        .collect()
}

#[test]
fn days_follow_the_clocks_and_hours_do_not() {
    // Berlin's night of 25 October 2026 has 25 hours.
    let days = one_layer("Europe/Berlin", "2026-10-23T09:00:00", "1 day", "");
    let (from, until) = ("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z");
    assert_eq!(
        shifts(&days, from, until),
        ["24 07:00 - 25 08:00 Grace", "25 08:00 - 26 08:00 Ada"]
    );
    let hours = one_layer("Europe/Berlin", "2026-10-23T09:00:00", "24 hours", "");
    assert_eq!(
        shifts(&hours, from, until),
        ["24 07:00 - 25 07:00 Grace", "25 07:00 - 26 07:00 Ada"]
    );
}

#[test]
fn a_skipped_time_is_the_jump_and_a_repeated_one_the_first() {
    // On 28 March 2027 Berlin's clocks jump from 02:00 to 03:00, at 01:00 UTC.
    let spring = one_layer("Europe/Berlin", "2027-03-27T02:30:00", "1 day", "");
    assert_eq!(
        shifts(&spring, "2027-03-27T12:00:00Z", "2027-03-28T12:00:00Z"),
        ["27 01:30 - 28 01:00 Ada", "28 01:00 - 29 00:30 Grace"]
    );
    let autumn = one_layer("Europe/Berlin", "2026-10-24T02:30:00", "1 day", "");
    assert_eq!(
        shifts(&autumn, "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"),
        ["24 00:30 - 25 00:30 Ada", "25 00:30 - 26 01:30 Grace"]
    );
    // Half an hour, on 4 October 2026 at 02:00.
    let howe = one_layer("Australia/Lord_Howe", "2026-10-03T02:15:00", "1 day", "");
    assert_eq!(
        shifts(&howe, "2026-10-03T00:00:00Z", "2026-10-04T00:00:00Z"),
        ["02 15:45 - 03 15:30 Ada", "03 15:30 - 04 15:15 Grace"]
    );
}

/// Apia had no 30 December 2011, a Friday: nobody works office hours on it, a day later either.
#[test]
fn a_window_on_a_skipped_day_does_not_exist() {
    let window = "window = { days = [\"thu\", \"fri\"], from = 09:00:00, to = 17:00:00 }\n";
    let apia = one_layer("Pacific/Apia", "2011-12-01T00:00:00", "1 day", window);
    let worked: Vec<String> = shifts(&apia, "2011-12-29T00:00:00Z", "2012-01-06T12:00:00Z")
        .into_iter()
        .filter(|shift| !shift.ends_with(' '))
        .collect();
    assert_eq!(
        worked,
        ["29 19:00 - 30 03:00 Ada", "04 19:00 - 05 03:00 Grace", "05 19:00 - 06 03:00 Ada"]
    );
}

#[test]
fn a_window_over_midnight_belongs_to_the_day_on_which_it_begins() {
    let window = "window = { days = [\"fri\"], from = 22:00:00, to = 06:00:00 }\n";
    let friday = one_layer("UTC", "2026-11-27T00:00:00", "1 day", window);
    assert_eq!(
        shifts(&friday, "2026-11-27T12:00:00Z", "2026-11-28T12:00:00Z"),
        [
            "21 06:00 - 27 22:00 ",
            "27 22:00 - 28 00:00 Ada",
            "28 00:00 - 28 06:00 Grace",
            "28 06:00 - 04 22:00 "
        ]
    );
}

#[test]
fn the_next_hand_over_is_shown() {
    let over = "[[overrides]]\nroster = \"Checkout\"\nlevel = \"primary\"\nzone = \"UTC\"\n\
                start = 2026-11-24T09:00:00\nend = 2026-11-26T09:00:00\n\
                remove = \"Ada\"\nadd = \"Mary\"\nby = \"Ada\"\nwhy = \"The dentist\"\n";
    let rosters = one_layer("UTC", "2026-11-23T09:00:00", "1 week", over);
    let level = &rosters.rosters[0].levels[0];
    let told = |now: &str| {
        let next = level.hand_over(at(now), at(now) + (24 * 30).hours()).unwrap();
        format!("{} {}", next.at, next.to.join("+"))
    };
    assert_eq!(told("2026-11-23T09:00:00Z"), "2026-11-24T09:00:00Z Mary");
    assert_eq!(told("2026-11-24T09:00:00Z"), "2026-11-26T09:00:00Z Ada");
    assert_eq!(told("2026-11-26T09:00:00Z"), "2026-11-30T09:00:00Z Grace");
    // Nobody else takes turns.
    let alone = one_layer("UTC", "2026-11-23T09:00:00", "1 day", "");
    let mut level = alone.rosters[0].levels[0].clone();
    level.layers[0].turns.truncate(1);
    assert_eq!(level.hand_over(at("2026-11-23T09:00:00Z"), at("2027-11-23T09:00:00Z")), None);
}

/// A backup has the same members with an anchor one turn later: it is the previous turn's person.
#[test]
fn a_backup_is_the_person_of_the_previous_turn() {
    let file = include_str!("coverage/around_the_clock.toml");
    let rosters = rosters(file);
    let levels = &rosters.rosters[0].levels;
    let mut now = at(super::NOW);
    for _ in 0..40 {
        let backup = levels[1].on_call(now).people;
        assert_eq!(levels[0].on_call(now - (24 * 3).hours()).people, backup);
        assert_ne!(levels[0].on_call(now).people, backup);
        now += (24 * 3).hours();
    }
}

fn level() -> impl Strategy<Value = (String, Level)> {
    let zone = || prop::sample::select(ZONES);
    let layers = prop::collection::vec(layer(zone(), 2026), 1..4);
    layers.prop_map(|layers| {
        let file = format!("{PEOPLE}[[rosters]]\nname = \"Checkout\"\n{}", layers.join("\n"));
        let level = rosters(&file).rosters.remove(0).levels.remove(0);
        (file, level)
    })
}

proptest! {
    #![proptest_config(settings(200))]

    /// Each shift follows the one before, is the same wherever in it is asked, and is a change.
    #[test]
    fn shifts_are_whole_and_without_holes(
        (file, level) in level(),
        seconds in 0..10 * 365 * 24 * 3_600_i64,
    ) {
        let now = at("2026-01-01T00:00:00Z") + SignedDuration::from_secs(seconds);
        let shifts: Vec<_> = level.shifts_from(now).take(6).collect();
        let Some(first) = shifts.first() else {
            return Err(TestCaseError::fail("no shift"));
        };
        prop_assert!(first.start <= now && now < first.end, "{file}");
        for pair in shifts.windows(2) {
            prop_assert_eq!(pair[0].end, pair[1].start);
            prop_assert_ne!(&pair[0].on_call, &pair[1].on_call);
        }
        for shift in shifts.iter().filter(|shift| shift.end < Timestamp::MAX) {
            // Before the first layer counts, a gap has always been.
            let begun = shift.start.max(now);
            let length = shift.end.duration_since(begun).as_secs();
            for part in [0, length / 3, length - 1] {
                let moment = begun + SignedDuration::from_secs(part);
                prop_assert_eq!(&level.on_call(moment), &shift.on_call);
                let again = level.shifts_from(moment).next();
                prop_assert_eq!(again.as_ref(), Some(shift), "asked at {}: {}", moment, file);
            }
        }
    }
}
