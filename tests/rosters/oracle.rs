//! The same rotas by a program that shares nothing with ours: Python's `zoneinfo` and `dateutil`,
//! over ten years, to the second, from the same files. The seed is fixed.

use std::fmt::Write as _;
use std::fs;

use jiff::civil::{DateTime, date};
use jiff::{Timestamp, ToSpan as _};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use status_update::core::rosters::roster::Level;

use super::rosters;
use crate::support::tools;

/// Changes of an hour, half an hour and two, at midnight and by the moon, across the date line,
/// abolished and introduced, in both hemispheres, and none.
pub const ZONES: &[&str] = &[
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Dublin",
    "America/New_York",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Santiago",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Asia/Pyongyang",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Antarctica/Troll",
];
/// Number of rosters per zone and period.
const ROSTERS: usize = 2;
const NAMES: &[&str] = &["Ada", "Grace", "Linus", "Mary", "Rosalind"];
/// Comes only by overrides that add.
const EXTRA: &str = "Emmy";

/// A time of day, mostly in the night, when clocks change.
pub fn clock() -> impl Strategy<Value = String> {
    let hour = prop_oneof![2 => 0..4, 1 => 0..24];
    let minute = prop_oneof![3 => prop::sample::select(&[0, 30, 15, 59][..]), 1 => 0..60];
    let second = prop_oneof![4 => Just(0), 1 => 0..60];
    (hour, minute, second).prop_map(|(h, m, s)| format!("{h:02}:{m:02}:{s:02}"))
}

/// A day and a time within `years` years.
fn time(from: i16, years: i32) -> impl Strategy<Value = String> {
    (0..years * 365, clock()).prop_map(move |(day, clock)| {
        let day = date(from, 1, 1).checked_add(day.days()).unwrap();
        format!("{day}T{clock}")
    })
}

fn turn() -> impl Strategy<Value = String> {
    prop_oneof![
        (5..60).prop_map(|hours| format!("{hours} hours")),
        (1..10).prop_map(|days| format!("{days} days")),
        (1..4).prop_map(|weeks| format!("{weeks} weeks")),
    ]
}

fn members() -> impl Strategy<Value = String> {
    let one = prop::sample::select(NAMES).prop_map(|name| format!("{name:?}"));
    let several = prop::sample::subsequence(NAMES, 1..3).prop_map(|names| format!("{names:?}"));
    let turns = prop::collection::vec(prop_oneof![3 => one, 1 => several], 1..6);
    turns.prop_map(|turns| format!("[{}]", turns.join(", ")))
}

fn window() -> impl Strategy<Value = String> {
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let days =
        prop::sample::subsequence(days.to_vec(), 1..7).prop_map(|days| format!("days = {days:?}"));
    let hours = (clock(), clock()).prop_filter_map("no window", |(from, to)| {
        (from != to).then(|| format!("from = {from}, to = {to}"))
    });
    let both = (prop::option::of(days), prop::option::of(hours));
    both.prop_map(|(days, hours)| {
        let parts: Vec<String> = [days, hours].into_iter().flatten().collect();
        if parts.is_empty() {
            String::new()
        } else {
            format!("window = {{ {} }}\n", parts.join(", "))
        }
    })
}

/// A layer of the level `primary`, around ten years from one on.
pub fn layer(
    zone: impl Strategy<Value = &'static str>,
    year: i16,
) -> impl Strategy<Value = String> {
    let bound = |key| prop::option::weighted(0.2, time(year, 10).prop_map(move |at| (key, at)));
    let bounds = (bound("from"), bound("until"));
    let parts = (0..3, zone, time(year - 1, 12), turn(), members(), window(), bounds);
    parts.prop_map(|(order, zone, anchor, turn, members, window, (from, until))| {
        let mut layer = format!(
            "[[rosters.layers]]\nlevel = \"primary\"\norder = {order}\nzone = \"{zone}\"\n\
             anchor = {anchor}\nturn = \"{turn}\"\nmembers = {members}\n{window}"
        );
        let until = until.filter(|(_, until)| from.as_ref().is_none_or(|(_, from)| from < until));
        for (key, at) in [from, until].into_iter().flatten() {
            writeln!(layer, "{key} = {at}").unwrap();
        }
        layer
    })
}

/// Overrides of a roster, one after the other, and others at the same time that add somebody else.
fn overrides(roster: String, zone: &'static str, year: i16) -> impl Strategy<Value = String> {
    let name = || prop::sample::select(NAMES);
    let change = (prop::option::of(name()), prop::option::of(name()));
    let change = change.prop_filter("it changes nothing", |(add, remove)| add != remove);
    let times = prop::collection::btree_set(time(year, 10), 16);
    (times, prop::collection::vec(change, 6)).prop_map(move |(times, changes)| {
        let times: Vec<String> = times.into_iter().collect();
        let mut file = String::new();
        let mut put = |start: &str, end: &str, lines: &str| {
            write!(
                file,
                "[[overrides]]\nroster = \"{roster}\"\nlevel = \"primary\"\nzone = \"{zone}\"\n\
                 start = {start}\nend = {end}\n{lines}by = \"Mary\"\nwhy = \"A wedding\"\n\n"
            )
            .unwrap();
        };
        for (place, (add, remove)) in changes.iter().enumerate() {
            let start: DateTime = times[2 * place].parse().unwrap();
            let end: DateTime = times[2 * place + 1].parse().unwrap();
            let mut lines = String::new();
            for (key, name) in [("add", add), ("remove", remove)] {
                if let Some(name) = name {
                    writeln!(lines, "{key} = \"{name}\"").unwrap();
                }
            }
            let [start, end] = [start, end.min(start + 300.days())].map(|at| at.to_string());
            put(&start, &end, &lines);
            if place == 0 {
                put(&start, &end, &format!("add = \"{EXTRA}\"\n"));
            }
        }
        file
    })
}

/// Rosters in every zone, some with layers in further zones.
fn file(year: i16, runner: &mut TestRunner) -> String {
    let mut file = String::new();
    for name in NAMES.iter().chain([&EXTRA]) {
        writeln!(file, "[[people]]\nname = \"{name}\"\n").unwrap();
    }
    let mut overs = String::new();
    for zone in ZONES {
        for number in 0..ROSTERS {
            let name = format!("{zone} {number}");
            writeln!(file, "[[rosters]]\nname = \"{name}\"\n").unwrap();
            let others = prop::collection::vec(layer(prop::sample::select(ZONES), year), 0..3);
            let parts = (layer(Just(*zone), year), others, overrides(name, zone, year));
            let (first, others, over) = parts.new_tree(runner).unwrap().current();
            for layer in [first].into_iter().chain(others) {
                writeln!(file, "{layer}").unwrap();
            }
            overs += &over;
        }
    }
    file + &overs
}

/// Our rota in the oracle's words.
pub fn rota(level: &Level, from: Timestamp, until: Timestamp) -> Vec<(i64, i64, Vec<String>)> {
    let mut rota: Vec<(i64, i64, Vec<String>)> = Vec::new();
    for shift in level.shifts(from, until) {
        let mut people: Vec<String> =
            shift.on_call.people.iter().map(|name| (*name).to_owned()).collect();
        people.sort();
        let (start, end) = (shift.start.max(from), shift.end.min(until));
        assert_eq!(start.subsec_nanosecond(), 0);
        match rota.last_mut() {
            Some(last) if last.2 == people => last.1 = end.as_second(),
            _ => rota.push((start.as_second(), end.as_second(), people)),
        }
    }
    rota
}

fn compare(year: i16) {
    let Some(python) = tools::python("requirements.txt", "site-packages") else { return };
    let toml = file(year, &mut TestRunner::deterministic());
    let ours = rosters(&toml);
    let [from, until] = [year, year + 10]
        .map(|year| date(year, 1, 1).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rosters.toml");
    fs::write(&path, &toml).unwrap();
    // Its own zones, in the pinned version, instead of the machine's.
    let mut script = python.script("rotas.py");
    script.env("PYTHONTZPATH", "").arg(&path);
    let seconds = [from, until].map(|at| at.as_second().to_string());
    let output = script.args(seconds).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let oracle: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(oracle.as_object().unwrap().len(), ZONES.len() * ROSTERS);
    let mut compared = 0;
    for roster in &ours.rosters {
        let theirs = oracle[format!("{} primary", roster.name)].as_array().unwrap();
        let own = rota(&roster.levels[0], from, until);
        compared += own.len();
        for (ours, theirs) in own.iter().zip(theirs) {
            assert_eq!(&json!(ours), theirs, "{}: {}\n{roster:#?}", roster.name, toml.len());
        }
        assert_eq!(own.len(), theirs.len(), "{}", roster.name);
    }
    assert!(compared > 20_000, "{compared} shifts say little");
}

/// With past peculiarities: a day that Apia never had, daylight saving abolished and introduced.
#[test]
fn ten_years_that_were_are_those_of_the_oracle() {
    compare(2010);
}

/// According to the rules for the future.
#[test]
fn ten_years_to_come_are_those_of_the_oracle() {
    compare(2026);
}
