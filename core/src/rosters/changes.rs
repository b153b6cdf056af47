//! Differences that a new roster file makes: the people on call now and in the next turns.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::cover::LevelName;
use super::hand_over::SIGHT;
use super::roster::{Level, Rosters, is_same};
use super::rota::is_same_people;
use crate::text::time::spoken_with_weekday;

/// Number of turns that are compared and shown.
const TURNS: usize = 5;

/// A level whose people change now or in the next turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelChange {
    pub level: LevelName,
    /// On call now according to the current file; empty if the level is new.
    pub before: Vec<String>,
    /// On call now according to the new file; empty if the level is gone.
    pub after: Vec<String>,
    /// The next turns in the new file, each with its start.
    pub next: Vec<(Timestamp, Vec<String>)>,
    /// Zone in which times are shown.
    zone: TimeZone,
}

impl LevelChange {
    /// Returns `true` if someone who is on call now no longer would be.
    #[must_use]
    pub fn replaces_somebody(&self) -> bool {
        self.before.iter().any(|name| !self.after.contains(name))
    }
}

/// Changed levels in the order of the new file, then those that it no longer has.
#[must_use]
pub fn changes(before: &Rosters, after: &Rosters, now: Timestamp) -> Vec<LevelChange> {
    let nothing = Level::default();
    let mut changes = Vec::new();
    for (roster, level) in levels(after) {
        let old = level_of(before, roster, &level.name).unwrap_or(&nothing);
        let turns = turns(level, now);
        if turns != self::turns(old, now) || on_call(old, now) != on_call(level, now) {
            changes.push(change(roster, (old, level), turns, now));
        }
    }
    for (roster, old) in levels(before) {
        if level_of(after, roster, &old.name).is_none() {
            changes.push(change(roster, (old, &nothing), Vec::new(), now));
        }
    }
    changes
}

fn levels(rosters: &Rosters) -> impl Iterator<Item = (&str, &Level)> {
    let levels = rosters.rosters.iter();
    levels.flat_map(|roster| roster.levels.iter().map(|level| (roster.name.as_str(), level)))
}

fn level_of<'a>(rosters: &'a Rosters, roster: &str, level: &str) -> Option<&'a Level> {
    let mut levels = levels(rosters);
    levels.find(|(of, known)| is_same(of, roster) && is_same(&known.name, level)).map(|(_, l)| l)
}

fn change(
    roster: &str,
    (old, new): (&Level, &Level),
    next: Vec<(Timestamp, Vec<String>)>,
    now: Timestamp,
) -> LevelChange {
    let named = if new.name.is_empty() { old } else { new };
    let zone = named.layers.first().map_or(TimeZone::UTC, |layer| layer.zone.clone());
    let level = LevelName { roster: roster.to_owned(), level: named.name.clone() };
    let (before, after) = (on_call(old, now), on_call(new, now));
    LevelChange { level, before, after, next, zone }
}

fn on_call(level: &Level, now: Timestamp) -> Vec<String> {
    level.on_call(now).people.into_iter().map(str::to_owned).collect()
}

/// The next hand-overs, each with the people on call from then on.
fn turns(level: &Level, now: Timestamp) -> Vec<(Timestamp, Vec<String>)> {
    let until = now.checked_add(SIGHT).unwrap_or(Timestamp::MAX);
    let mut turns: Vec<(Timestamp, Vec<&str>)> = Vec::new();
    let mut people = level.on_call(now).people;
    for shift in level.shifts(now, until).filter(|shift| shift.start > now) {
        if is_same_people(&people, &shift.on_call.people) {
            continue;
        }
        people.clone_from(&shift.on_call.people);
        turns.push((shift.start, shift.on_call.people));
        if turns.len() == TURNS {
            break;
        }
    }
    let owned = |people: Vec<&str>| people.into_iter().map(str::to_owned).collect();
    turns.into_iter().map(|(at, people)| (at, owned(people))).collect()
}

/// Lines for a terminal; empty if nothing changes.
#[must_use]
pub fn changes_text(changes: &[LevelChange]) -> String {
    let names = |people: &[String]| match people {
        [] => "nobody".to_owned(),
        people => people.join(", "),
    };
    let mut text = String::new();
    for change in changes {
        let LevelChange { level, before, after, next, zone } = change;
        let (now, was) = (names(after), names(before));
        let change =
            if before == after { "as before".to_owned() } else { format!("instead of {was}") };
        let _ = writeln!(text, "{} {}, on call now: {now}, {change}", level.roster, level.level);
        for (at, people) in next {
            let _ = writeln!(text, "  {}  {}", spoken_with_weekday(*at, zone), names(people));
        }
    }
    text
}
