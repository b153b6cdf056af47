//! The milestones of an incident on a time axis, as an SVG picture.

use std::fmt::Write as _;

use jiff::tz::TimeZone;

use super::source::local;
use crate::response::milestone::Milestone;
use crate::response::model::Response;

/// The axis' length in the picture's units. Labels may extend beyond its ends.
const WIDTH: i64 = 600;
/// The width of a label. A closer one goes to the next row.
const LABEL: i64 = 150;
const ROW: i64 = 58;

/// The milestones in order and to scale; empty if only one is known.
#[must_use]
pub fn strip(response: &Response, zone: &TimeZone) -> String {
    let known = |milestone: Milestone| Some((milestone, response.milestones.at(milestone)?));
    let mut all: Vec<_> = Milestone::ALL.into_iter().filter_map(known).collect();
    // Closing at the time of resolution is not shown.
    let resolved = response.milestones.at(Milestone::Resolved);
    all.retain(|(milestone, at)| *milestone != Milestone::Closed || Some(*at) != resolved);
    all.sort_by_key(|(_, at)| *at);
    let (Some((_, first)), Some((_, last))) = (all.first().copied(), all.last().copied()) else {
        return String::new();
    };
    let all_ms = i64::try_from(last.duration_since(first).as_millis()).unwrap_or(i64::MAX);
    if all_ms <= 0 {
        return String::new();
    }
    let mut ends: Vec<i64> = Vec::new();
    let mut marks = String::new();
    let mut said = Vec::new();
    for (milestone, at) in all {
        let passed = i64::try_from(at.duration_since(first).as_millis()).unwrap_or(0);
        let x = 60 + passed.saturating_mul(WIDTH) / all_ms;
        let row = ends.iter().position(|end| end + LABEL <= x).unwrap_or(ends.len());
        ends.resize(ends.len().max(row + 1), i64::MIN / 2);
        if let Some(end) = ends.get_mut(row) {
            *end = x;
        }
        let (word, time) = (milestone.word(), local(at, zone, "%H:%M"));
        let y = 38 + ROW * i64::try_from(row).unwrap_or(0);
        let _ = write!(
            marks,
            "<path d=\"M{x} 10V{}\"/><circle cx=\"{x}\" cy=\"10\" r=\"5\"/>\
             <text x=\"{x}\" y=\"{y}\">{word}<tspan x=\"{x}\" dy=\"1.1em\">{time}</tspan></text>",
            y - 20,
        );
        said.push(format!("{word} {time}"));
    }
    let height = 68 + ROW * i64::try_from(ends.len().saturating_sub(1)).unwrap_or(0);
    format!(
        "<svg class=\"strip\" viewBox=\"0 0 {} {height}\" role=\"img\" aria-label=\"{}\">\
         <path class=\"line\" d=\"M60 10H{}\"/>{marks}</svg>\n",
        WIDTH + 120,
        said.join(", "),
        60 + WIDTH,
    )
}
