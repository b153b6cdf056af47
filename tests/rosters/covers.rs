//! Covers and swaps in the channel, compared with two oracles: the command's meaning applied to
//! Python's rota of the bare file, and Python's rota of the file that `roster get` prints
//! afterwards.

use std::fmt::Write as _;
use std::fs;

use jiff::{SignedDuration, Timestamp, ToSpan as _};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use status_update::core::commands::refusal::RefusalKind;
use status_update::core::config::Config;
use status_update::core::decide::Decision;
use status_update::core::log::fold::fold_bytes;
use status_update::core::log::state::State;
use status_update::core::log::undo::Recent;
use status_update::core::rosters::cover::{COVERS_MAX, Cover};
use status_update::core::rosters::cover_text::with_covers;
use status_update::core::rosters::effective::effective;
use status_update::core::rosters::events::RosterEvent;
use status_update::core::rosters::file::{self, BYTES_MAX};

use super::at;
use super::oracle::{ZONES, layer, rota};
use crate::cases::thread::{Handled, Thread};
use crate::properties::inputs::{scrap, settings};
use crate::support::tools::{self, PythonTools};

/// The sender is Ada.
const PEOPLE: &str = "[[people]]\nname = \"Ada\"\nid = \"0b7d2c1e\"\n[[people]]\nname = \"Grace\"\n\
                      [[people]]\nname = \"Linus\"\n[[people]]\nname = \"Mary\"\n\
                      [[people]]\nname = \"Rosalind\"\n\n[[rosters]]\nname = \"Checkout\"\n\n";
const NAMES: &[&str] = &["me", "Grace", "Linus", "Mary", "Rosalind"];
/// The compared period of rotas, in days; covers end within it.
const DAYS: i64 = 300;

/// Start, end, people.
type Rota = Vec<(i64, i64, Vec<String>)>;

#[derive(Clone, Debug)]
enum Typed {
    Cover {
        name: &'static str,
        start: i64,
        length: i64,
    },
    /// In one of Ada's times.
    Swap {
        name: &'static str,
        which: usize,
    },
    /// The last one that was recorded.
    Back,
}

/// Times in seconds, none of them over before the last command.
fn typed() -> impl Strategy<Value = Typed> {
    let name = || prop::sample::select(NAMES);
    let start = (4..250 * 24 * 4_i64).prop_map(|quarter| quarter * 900);
    let length =
        prop_oneof![(1..96_i64).prop_map(|q| q * 900), (1..30_i64).prop_map(|d| d * 86_400)];
    prop_oneof![
        5 => (name(), start.clone(), length)
            .prop_map(|(name, start, length)| Typed::Cover { name, start, length }),
        5 => (name(), any::<usize>()).prop_map(|(name, which)| Typed::Swap { name, which }),
        2 => Just(Typed::Back),
    ]
}

/// Python's rota of a file.
fn oracle(python: &PythonTools, toml: &str, from: Timestamp, until: Timestamp) -> Rota {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rosters.toml");
    fs::write(&path, toml).unwrap();
    let mut script = python.script("rotas.py");
    script.env("PYTHONTZPATH", "").arg(&path);
    let output = script.args([from, until].map(|at| at.as_second().to_string())).output().unwrap();
    assert!(output.status.success(), "{}\n{toml}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    serde_json::from_value(answer["Checkout primary"].clone()).unwrap()
}

/// A rota with others on call for a while.
fn cut(rota: &Rota, start: i64, end: i64, change: impl Fn(&[String]) -> Vec<String>) -> Rota {
    let mut edges: Vec<i64> = rota.iter().flat_map(|(from, until, _)| [*from, *until]).collect();
    let (first, last) = (rota[0].0, rota[rota.len() - 1].1);
    edges.extend([start.clamp(first, last), end.clamp(first, last)]);
    edges.sort_unstable();
    edges.dedup();
    let mut changed: Rota = Vec::new();
    for edge in edges.windows(2) {
        let there = rota.iter().find(|(from, until, _)| *from <= edge[0] && edge[0] < *until);
        let mut people = there.unwrap().2.clone();
        if start <= edge[0] && edge[0] < end {
            people = change(&people);
            people.sort();
        }
        match changed.last_mut() {
            Some(last) if last.2 == people => last.1 = edge[1],
            _ => changed.push((edge[0], edge[1], people)),
        }
    }
    changed
}

fn behind(rota: &Rota, from: i64) -> Rota {
    let later = rota.iter().filter(|(_, until, _)| *until > from);
    later.map(|(start, until, people)| (*start.max(&from), *until, people.clone())).collect()
}

fn covers(thread: &Thread) -> Vec<Cover> {
    let events = thread.records.last().unwrap().roster();
    let covered = events.filter_map(|event| match event {
        RosterEvent::Covered { cover } => Some(cover.clone()),
        _ => None,
    });
    covered.collect()
}

/// Number of recorded covers, swaps and removals.
fn compare(python: &PythonTools, zone: &'static str, runner: &mut TestRunner) -> [usize; 3] {
    let layers = prop::collection::vec(layer(prop::sample::select(ZONES), 2026), 0..2);
    let parts = (layer(Just(zone), 2026), layers, prop::collection::vec(typed(), 18));
    let (first, others, commands) = parts.new_tree(runner).unwrap().current();
    let mut toml = PEOPLE.to_owned();
    for layer in [first].into_iter().chain(others) {
        writeln!(toml, "{layer}").unwrap();
    }
    let begun = at("2027-01-15T10:00:00Z");
    let until = begun + (24 * DAYS).hours();
    let config = Config::parse(&format!("time_zone = \"{zone}\"\n")).unwrap();
    let mut thread = Thread::new(config, begun);
    assert!(matches!(thread.set_rosters(&toml), Decision::Record(_)), "{toml}");
    let mut expected = oracle(python, &toml, begun, until);
    // The rota before each command that can be taken back.
    let mut before: Vec<(Rota, Vec<Cover>)> = Vec::new();
    let mut counts = [0; 3];
    for command in commands {
        let spoken = |seconds: i64| (begun + SignedDuration::from_secs(seconds)).to_string();
        let sent = thread.now.as_second();
        match command {
            Typed::Cover { name, start, length } => {
                let (from, to) = (spoken(start), spoken(start + length));
                let said = thread.say(&format!("cover primary {name} {from} to {to}"));
                if let Decision::Record(_) = said.decision() {
                    counts[0] += 1;
                    before.push((expected.clone(), covers(&thread)));
                    let name = if name == "me" { "Ada" } else { name };
                    let start = (begun.as_second() + start).max(sent);
                    expected =
                        cut(&expected, start, at(&to).as_second(), |_| vec![name.to_owned()]);
                }
            }
            Typed::Swap { name, which } => {
                let is_hers = |(start, _, people): &&(i64, i64, Vec<String>)| {
                    *start > sent && people.iter().any(|person| person == "Ada")
                };
                let hers: Vec<_> = expected.iter().filter(is_hers).collect();
                let Some((from, until, _)) = hers.get(which % hers.len().max(1)) else { continue };
                let moment = i64::midpoint(*from, *until) - begun.as_second();
                let said = thread.say(&format!("swap primary with {name} {}", spoken(moment)));
                if let Decision::Record(_) = said.decision() {
                    counts[1] += 1;
                    let swapped = covers(&thread);
                    let [given, taken] = &swapped[..] else { panic!("{swapped:?}") };
                    let moment = begun + SignedDuration::from_secs(moment);
                    let now = Timestamp::from_second(sent).unwrap();
                    assert!(given.start <= moment.max(now) && moment < given.end, "{given:?}");
                    assert!(given.end <= taken.start, "{swapped:?}");
                    before.push((expected.clone(), swapped.clone()));
                    for (cover, from, to) in [(given, "Ada", name), (taken, name, "Ada")] {
                        let (start, end) = (cover.start.as_second(), cover.end.as_second());
                        expected = cut(&expected, start, end, |people| {
                            assert!(people.iter().any(|person| person == from), "{cover:?}");
                            assert!(people.iter().all(|person| person != to), "{cover:?}");
                            let others = people.iter().filter(|person| *person != from).cloned();
                            others.chain([to.to_owned()]).collect()
                        });
                    }
                }
            }
            Typed::Back => {
                let Some((rota, covers)) = before.pop() else { continue };
                // The other half of a swap goes with it.
                let cover = covers.first().unwrap();
                thread.say(&format!("uncover {}", cover.number)).expect_record();
                counts[2] += 1;
                expected = rota;
            }
        }
    }
    let now = thread.now;
    let known = &thread.state.rosters;
    let ours = effective(known).unwrap();
    assert_eq!(ours.misfits, []);
    let rota = rota(&ours.rosters.rosters[0].levels[0], now, until);
    let printed = with_covers(&toml, &known.covers, &ours, now);
    assert_eq!(rota, behind(&expected, now.as_second()), "{zone}: what was said\n{printed}");
    assert_eq!(rota, oracle(python, &printed, now, until), "{zone}: what is printed\n{printed}");
    counts
}

#[test]
fn commands_match_the_oracle() {
    let Some(python) = tools::python("requirements.txt", "site-packages") else { return };
    let mut runner = TestRunner::deterministic();
    let mut counts = [0; 3];
    for zone in ZONES {
        let more = compare(&python, zone, &mut runner);
        counts = std::array::from_fn(|place| counts[place] + more[place]);
    }
    let [covers, swaps, back] = counts;
    assert!(covers > 40 && swaps > 10 && back > 10, "{counts:?} say little");
}

/// A team's week, with the sender in it.
const WEEKLY: &str = "[[rosters.layers]]\nlevel = \"primary\"\nzone = \"UTC\"\n\
                      anchor = 2026-11-16T09:00:00\nturn = \"1 week\"\nmembers = [\"Ada\", \"Grace\"]\n";

fn weekly() -> Thread {
    let mut thread = Thread::new(Config::default(), at("2026-11-16T10:00:00Z"));
    let set = thread.set_rosters(&format!("{PEOPLE}{WEEKLY}"));
    assert!(matches!(set, Decision::Record(_)), "{set:?}");
    thread
}

/// Folding the log from its start results in the same state, whatever was evicted.
fn assert_replayed(thread: &Thread) {
    let mut state = State::default();
    for bytes in &thread.log {
        fold_bytes(&mut state, bytes).unwrap();
    }
    assert_eq!(state, thread.state);
}

#[test]
fn past_covers_are_evicted_and_their_numbers_stay_used() {
    let mut thread = weekly();
    thread.limits.covers = 2;
    for hour in 0..6 {
        let cover = format!("cover Mary {}:00 to {}:30", 11 + hour, 11 + hour);
        thread.say(&cover).expect_record();
        assert_eq!(covers(&thread)[0].number, hour + 1);
        thread.now = at("2026-11-16T10:00:00Z") + i64::from(hour + 2).hours();
    }
    let numbers = |thread: &Thread| -> Vec<u32> {
        thread.state.rosters.covers.iter().map(|cover| cover.number).collect()
    };
    // The last one ended half an hour ago, and nothing has been recorded since.
    assert_eq!(numbers(&thread), [4, 5, 6]);
    thread.say("cover Mary 18:00 to 18:30").expect_record();
    assert_eq!(numbers(&thread), [5, 6, 7]);
    thread.say("uncover 7").expect_record();
    thread.say("cover Mary 18:00 to 18:30").expect_record();
    assert_eq!(numbers(&thread), [5, 6, 8]);
    assert_replayed(&thread);
}

#[test]
fn there_are_as_many_covers_ahead_as_there_may_be() {
    let mut thread = weekly();
    let say = |thread: &mut Thread, number: usize| {
        let start = at("2026-11-17T00:00:00Z") + i64::try_from(number).unwrap().hours();
        let end = start + SignedDuration::from_mins(30);
        thread.say(&format!("cover Mary {start} to {end}")).decision().clone()
    };
    for number in 0..COVERS_MAX {
        let decision = say(&mut thread, number);
        assert!(matches!(decision, Decision::Record(_)), "{number}: {decision:?}");
    }
    let full = say(&mut thread, COVERS_MAX);
    assert!(
        matches!(&full, Decision::Refuse(why) if why.kind == Some(RefusalKind::TooManyCovers)),
        "{full:?}"
    );
    assert_replayed(&thread);
    // With a file of the largest size, the state stays small, but for the last minutes' records, which
    // can be undone.
    let bytes = |state: &State| {
        let kept = State { recent: Recent::default(), ..state.clone() };
        serde_json::to_vec(&kept).unwrap().len()
    };
    let small = bytes(&thread.state);
    assert!(small < 64 * 1024, "{small}");
    let largest = format!("{PEOPLE}{WEEKLY}{}", "# \"\\\n".repeat(24_000));
    let text = largest.get(..BYTES_MAX.min(largest.len())).unwrap().trim_end_matches(['"', '\\']);
    assert!(matches!(thread.set_rosters(text), Decision::Record(_)));
    let large = bytes(&thread.state);
    assert!(large < 3 * BYTES_MAX, "{large}");
    assert_replayed(&thread);
}

#[test]
fn a_file_that_is_broken_changes_nothing() {
    let mut thread = weekly();
    let before = thread.state.clone();
    let broken = format!("{PEOPLE}{}", WEEKLY.replace("\"Grace\"", "\"Grase\""));
    let decision = thread.set_rosters(&broken);
    let Decision::Refuse(refusal) = decision else {
        panic!("{decision:?}");
    };
    let words = refusal.to_markdown();
    assert!(words.contains("nobody is called \"Grase\""), "{words}");
    assert_eq!(thread.state, before);
}

proptest! {
    #![proptest_config(settings(300))]

    /// For any text after the verb, nothing panics, a refusal changes nothing, and the log contains
    /// everything.
    #[test]
    fn anything_can_be_typed(
        messages in prop::collection::vec(
            (
                prop::sample::select(&["cover ", "swap ", "uncover ", "oncall "][..]),
                prop::collection::vec(prop_oneof![
                    6 => prop::sample::select(&[
                        "primary", "Checkout", "with", "me", "@Mary", "Grace", "Rosalind", "from",
                        "to", "for", "2h", "now", "today", "friday", "18:00", "22:00", "until",
                        "in", "2", "hours", "1", "#2", "Europe/Berlin", "2026-11-30", ":", "why",
                        "9999-12-30T21:59:59Z", "0001-01-01T00:00:00Z", "9999-12-30", "0001-01-02",
                    ][..]).prop_map(str::to_owned),
                    1 => scrap(),
                ], 0..9),
            ),
            1..12,
        ),
    ) {
        let mut thread = weekly();
        for (verb, words) in messages {
            let before = thread.state.clone();
            let said = thread.say(&format!("{verb}{}", words.join(" ")));
            if let Handled::Decided { decision, .. } = said
                && !matches!(*decision, Decision::Record(_))
            {
                prop_assert_eq!(&thread.state, &before);
            }
        }
        assert_replayed(&thread);
        let known = &thread.state.rosters;
        let ours = effective(known).unwrap();
        prop_assert_eq!(&ours.misfits, &vec![]);
        let text = known.text.as_deref().unwrap();
        let printed = with_covers(text, &known.covers, &ours, thread.now);
        prop_assert!(file::parse(&printed).is_ok(), "{}", printed);
    }
}
