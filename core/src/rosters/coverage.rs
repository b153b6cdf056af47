//! Gaps, overlaps and overlong shifts of a level.

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::roster::{Level, Override, OverrideChange};
use super::rota::{Shift, is_same_people};

/// Default length of a check, in days: long enough to include both clock changes of a year.
pub const CHECKED_DAYS: u16 = 400;
/// Maximum time on call without a break before it is reported.
const LONG: SignedDuration = SignedDuration::from_hours(4 * 24);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// Nobody is on call.
    Gap,
    /// Nobody is on call, and the file says that this is intended.
    PlannedGap,
    /// Layers of the same order put people on call together.
    Overlap,
    /// Someone is on call for more than four days without a break.
    LongTurn,
    /// An override changes nothing.
    NoEffect,
    /// The same person is on call at two levels of a roster.
    TwoLevels,
}

/// A period of a level that deserves attention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub kind: FindingKind,
    /// A gap or an overlap is clipped to the period that was checked.
    pub start: Timestamp,
    /// Clipped like `start`.
    pub end: Timestamp,
    /// The people on call, empty in a gap. For [`FindingKind::NoEffect`], a description of the override.
    pub people: Vec<String>,
}

/// Findings that repeat weekly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// Number of occurrences.
    pub times: usize,
    pub first: Finding,
}

/// Findings in a period, ordered by start.
#[must_use]
pub fn findings(level: &Level, from: Timestamp, until: Timestamp) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for shift in level.shifts(from, until) {
        if let Some(kind) = kind(&shift) {
            let people = names(&shift);
            let (start, end) = (shift.start.max(from), shift.end.min(until));
            if kind == FindingKind::Gap {
                gap(&mut found, level, start, end);
            } else {
                push(&mut found, Finding { kind, start, end, people });
            }
        }
    }
    found.extend(long_turns(level, from, until));
    found.extend(without_effect(level, from, until));
    found.sort_by_key(|finding| (finding.start, finding.kind));
    found
}

/// Adds a gap, split into its planned and unplanned parts.
fn gap(found: &mut Vec<Finding>, level: &Level, start: Timestamp, end: Timestamp) {
    let planned = Level { layers: level.unstaffed.clone(), ..Level::default() };
    for part in planned.parts(start, end) {
        let kind = if part.people.is_empty() { FindingKind::Gap } else { FindingKind::PlannedGap };
        push(found, Finding { kind, start: part.start, end: part.end, people: Vec::new() });
    }
}

fn kind(shift: &Shift<'_>) -> Option<FindingKind> {
    if shift.on_call.people.is_empty() {
        return Some(FindingKind::Gap);
    }
    shift.on_call.is_overlap.then_some(FindingKind::Overlap)
}

fn names(shift: &Shift<'_>) -> Vec<String> {
    shift.on_call.people.iter().map(|name| (*name).to_owned()).collect()
}

/// Adds a finding, or extends an equal one that ends where this one starts.
fn push(found: &mut Vec<Finding>, finding: Finding) {
    let goes_on = |last: &&mut Finding| {
        last.kind == finding.kind && last.people == finding.people && last.end == finding.start
    };
    match found.iter_mut().rev().find(goes_on) {
        Some(last) => last.end = finding.end,
        None => found.push(finding),
    }
}

/// Each starts with the person's first turn, even if that began before the period.
fn long_turns(level: &Level, from: Timestamp, until: Timestamp) -> Vec<Finding> {
    // Kept apart from those that have ended, so that each shift searches only a few.
    let mut going: Vec<Finding> = Vec::new();
    let mut ended = Vec::new();
    for shift in level.shifts(from, until) {
        let (over, on): (Vec<_>, Vec<_>) = going.drain(..).partition(|turn| turn.end < shift.start);
        ended.extend(over);
        going = on;
        for person in names(&shift) {
            let (start, end) = (shift.start, shift.end);
            push(
                &mut going,
                Finding { kind: FindingKind::LongTurn, start, end, people: vec![person] },
            );
        }
    }
    ended.extend(going);
    ended.retain(|turn| turn.end.duration_since(turn.start) > LONG);
    ended
}

/// Overrides that overlap the period without changing anything in it.
fn without_effect(level: &Level, from: Timestamp, until: Timestamp) -> Vec<Finding> {
    let mut found = Vec::new();
    for (place, over) in level.overrides.iter().enumerate() {
        let (start, end) = (over.start.max(from), over.end.min(until));
        if start >= end {
            continue;
        }
        let is_then = |other: &Override| other.start < end && start < other.end;
        let others = level.overrides.iter().enumerate();
        let others = others.filter(|(other, over)| *other != place && is_then(over));
        let overrides: Vec<Override> = others.map(|(_, over)| over.clone()).collect();
        let without = Level { overrides, ..level.clone() };
        let (with, without) = (level.parts(start, end), without.parts(start, end));
        let is_same = with.len() == without.len()
            && with.iter().zip(&without).all(|(one, other)| {
                one.end == other.end && is_same_people(&one.people, &other.people)
            });
        if is_same {
            let people = vec![described(&over.change)];
            found.push(Finding { kind: FindingKind::NoEffect, start, end, people });
        }
    }
    found
}

fn described(change: &OverrideChange) -> String {
    match change {
        OverrideChange::Only(only) => format!("{only} alone"),
        OverrideChange::Add(added) => format!("adds {added}"),
        OverrideChange::Remove(removed) => format!("removes {removed}"),
        OverrideChange::Replace { removed, added } => format!("{added} for {removed}"),
    }
}

/// Periods in which the same person is on call at both levels, so that nobody can help them.
#[must_use]
pub fn at_both(levels: [&Level; 2], from: Timestamp, until: Timestamp) -> Vec<Finding> {
    let [one, other] = levels.map(|level| level.parts(from, until));
    let (mut ones, mut others) = (one.iter().peekable(), other.iter().peekable());
    let mut found = Vec::new();
    while let (Some(one), Some(other)) = (ones.peek(), others.peek()) {
        let (start, end) = (one.start.max(other.start), one.end.min(other.end));
        let both = one.people.iter().filter(|name| other.people.contains(name));
        for person in both {
            let people = vec![(*person).to_owned()];
            push(&mut found, Finding { kind: FindingKind::TwoLevels, start, end, people });
        }
        // Both may end at the same time.
        let (ends_first, ends_too) = (one.end <= other.end, other.end <= one.end);
        if ends_first {
            ones.next();
        }
        if ends_too {
            others.next();
        }
    }
    found
}

/// Groups findings that repeat at the same weekdays and times in `zone`.
#[must_use]
pub fn by_week(findings: &[Finding], zone: &TimeZone) -> Vec<Repeated> {
    let mut repeated: Vec<Repeated> = Vec::new();
    for finding in findings {
        let same =
            repeated.iter_mut().find(|other| in_week(&other.first, zone) == in_week(finding, zone));
        match same {
            Some(other) => other.times += 1,
            None => repeated.push(Repeated { times: 1, first: finding.clone() }),
        }
    }
    repeated
}

/// Identity of a finding for [`by_week`]: everything except the week in which it starts.
fn in_week<'a>(
    finding: &'a Finding,
    zone: &TimeZone,
) -> (FindingKind, [(Weekday, Time); 2], i64, &'a [String]) {
    let [start, end] = [finding.start, finding.end].map(|at| zone.to_datetime(at));
    let days = end.date().duration_since(start.date()).as_hours() / 24;
    let edges = [start, end].map(|edge| (edge.weekday(), edge.time()));
    (finding.kind, edges, days, &finding.people)
}
