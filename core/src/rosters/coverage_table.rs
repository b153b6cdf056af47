//! Findings of a roster check, as a table for a terminal.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::fmt::friendly::SpanPrinter;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRound, Timestamp, ToSpan as _, Unit};

use super::coverage::{Finding, FindingKind, Repeated, at_both, by_week, findings};
use super::roster::{Roster, Rosters};
use crate::text::time::spoken_with_weekday;

/// Maximum number of lines per level.
const LINES_MAX: usize = 20;

const PLANNED_GAP: &str = "planned gap";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The table, ending with a line of summary.
    pub text: String,
    /// Number of unplanned gaps.
    pub gaps: usize,
}

/// Checks all rosters for `days` times 24 hours from `from`.
#[must_use]
pub fn check(rosters: &Rosters, from: Timestamp, days: u16) -> Checked {
    let until = from.checked_add((24 * i64::from(days)).hours()).unwrap_or(Timestamp::MAX);
    let mut text = String::new();
    let mut gaps = 0;
    for roster in &rosters.rosters {
        gaps += put_roster(&mut text, roster, from, until);
        text.push('\n');
    }
    put_unreachable(&mut text, rosters);
    let period = match days {
        1 => "the day".to_owned(),
        days => format!("the {days} days"),
    };
    let period = format!("{period} from {}", spoken_with_weekday(from, &TimeZone::UTC));
    let sum = match gaps {
        0 if text.contains(PLANNED_GAP) => format!("Only planned gaps in {period}.\n"),
        0 => format!("Somebody is on call at every level throughout {period}.\n"),
        1 => format!("1 gap in {period}.\n"),
        _ => format!("{gaps} gaps in {period}.\n"),
    };
    Checked { text: text + &sum, gaps }
}

/// Lists people on call for whom the file has no id, e-mail address or phone number.
fn put_unreachable(text: &mut String, rosters: &Rosters) {
    let levels = rosters.rosters.iter().flat_map(|roster| &roster.levels);
    let mut on_call: BTreeSet<&str> = BTreeSet::new();
    for level in levels {
        let turns = level.layers.iter().flat_map(|layer| &layer.turns).flatten();
        let changed = level.overrides.iter().flat_map(|over| over.change.people());
        on_call.extend(turns.map(String::as_str).chain(changed));
    }
    let unreachable = rosters.contacts.iter().filter(|contact| {
        contact.id.is_none() && contact.email.is_none() && contact.phone.is_none()
    });
    let names: Vec<&str> = unreachable
        .map(|contact| contact.name.as_str())
        .filter(|name| on_call.contains(name))
        .collect();
    if !names.is_empty() {
        let names = names.join(", ");
        let _ = writeln!(text, "Cannot be reached, without id, email and phone: {names}\n");
    }
}

/// Columns: level, finding, times, from, until, length, people.
type Row = [String; 7];

fn put_roster(text: &mut String, roster: &Roster, from: Timestamp, until: Timestamp) -> usize {
    // The layers of a level may be in several zones; the table uses that of the first.
    let zone = roster.levels.iter().flat_map(|level| &level.layers).map(|layer| &layer.zone).next();
    let zone = zone.cloned().unwrap_or(TimeZone::UTC);
    let heading = ["level", "found", "times", "first from", "until", "length", "on call"];
    let mut rows = vec![heading.map(str::to_owned)];
    let mut gaps = 0;
    for level in &roster.levels {
        let findings = findings(level, from, until);
        gaps += findings.iter().filter(|finding| finding.kind == FindingKind::Gap).count();
        if findings.is_empty() {
            rows.push(words([&level.name, "covered"]));
        }
        rows_of(&mut rows, &level.name, &findings, &zone);
    }
    for (place, level) in roster.levels.iter().enumerate() {
        for next in roster.levels.iter().skip(place + 1) {
            let levels = format!("{}, {}", level.name, next.name);
            rows_of(&mut rows, &levels, &at_both([level, next], from, until), &zone);
        }
    }
    let topics = roster.topics.join(", ");
    let topics = if topics.is_empty() { topics } else { format!(" ({topics})") };
    let zone = zone.iana_name().unwrap_or("UTC");
    let _ = writeln!(text, "{}{topics}, times of {zone}", roster.name);
    put_rows(text, &rows);
    gaps
}

fn rows_of(rows: &mut Vec<Row>, level: &str, findings: &[Finding], zone: &TimeZone) {
    let repeated = by_week(findings, zone);
    rows.extend(repeated.iter().take(LINES_MAX).map(|found| row(level, found, zone)));
    let more: usize = repeated.iter().skip(LINES_MAX).map(|found| found.times).sum();
    if more > 0 {
        rows.push(words([level, &format!("and {more} more")]));
    }
}

fn words(words: [&str; 2]) -> Row {
    let mut row = Row::default();
    for (cell, word) in row.iter_mut().zip(words) {
        word.clone_into(cell);
    }
    row
}

fn row(level: &str, found: &Repeated, zone: &TimeZone) -> Row {
    let Repeated { times, first } = found;
    let kind = match first.kind {
        FindingKind::Gap => "gap",
        FindingKind::PlannedGap => PLANNED_GAP,
        FindingKind::Overlap => "overlap",
        FindingKind::LongTurn => "long turn",
        FindingKind::NoEffect => "no effect",
        FindingKind::TwoLevels => "same person",
    };
    let people =
        if first.people.is_empty() { "nobody".to_owned() } else { first.people.join(", ") };
    [
        level.to_owned(),
        kind.to_owned(),
        times.to_string(),
        spoken_with_weekday(first.start, zone),
        spoken_with_weekday(first.end, zone),
        length(first.end.duration_since(first.start)),
        people,
    ]
}

/// Elapsed time such as `2d 15h`.
fn length(length: SignedDuration) -> String {
    let largest = SpanRound::new().largest(Unit::Day).days_are_24_hours();
    let span = Span::try_from(length).and_then(|span| span.round(largest)).unwrap_or_default();
    SpanPrinter::new().span_to_string(&span)
}

/// Writes cells as aligned columns.
fn put_rows(text: &mut String, rows: &[Row]) {
    let chars = |cell: &String| cell.chars().count();
    let mut widths = [0; 7];
    for row in rows {
        // A row of two cells leaves the widths of the other columns alone.
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = chars(cell).max(*width);
        }
    }
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(line, "  {cell:<width$}");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
}
