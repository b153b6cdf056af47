//! Incidents as CSV for spreadsheets (RFC 4180), one row each.

use super::milestone::Milestone;
use super::statistics::Measure;
use super::summary::Summary;

/// Header row. Times are in UTC, durations in whole seconds; unknown values are empty.
#[must_use]
pub fn heading() -> String {
    let about = ["number", "visibility", "severity", "impact", "components", "title"];
    let times = Milestone::ALL.map(Milestone::word);
    let lengths = Measure::ALL.map(column);
    let promises = ["promises_kept", "promises_broken"];
    let fields: Vec<&str> = about.into_iter().chain(times).chain(lengths).chain(promises).collect();
    fields.join(",") + "\r\n"
}

fn column(measure: Measure) -> &'static str {
    match measure {
        Measure::Detect => "detect_seconds",
        Measure::Acknowledge => "acknowledge_seconds",
        Measure::Mitigate => "mitigate_seconds",
        Measure::ResolveFromStart => "resolve_from_start_seconds",
        Measure::ResolveFromDetection => "resolve_from_detection_seconds",
        Measure::ResolveFromDeclaration => "resolve_from_declaration_seconds",
    }
}

#[must_use]
pub fn line(summary: &Summary, title: &str) -> String {
    let mut fields = vec![
        summary.number.to_string(),
        summary.visibility.word().to_owned(),
        summary.severity.map_or(String::new(), |severity| severity.number().to_string()),
        summary.impact.map_or(String::new(), |impact| impact.word().to_owned()),
        text(&summary.components.join(" ")),
        text(title),
    ];
    let time = |milestone: Milestone| summary.times.get(&milestone);
    fields.extend(Milestone::ALL.map(|milestone| {
        time(milestone).map_or(String::new(), |at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    }));
    fields.extend(Measure::ALL.map(|measure| {
        measure.of(&summary.times).map_or(String::new(), |length| length.as_secs().to_string())
    }));
    fields.extend([summary.promises_kept, summary.promises_broken].map(|n| n.to_string()));
    fields.join(",") + "\r\n"
}

/// A text as a field. One that a spreadsheet would run as a formula is prefixed with an apostrophe.
#[must_use]
pub fn text(text: &str) -> String {
    let formula =
        text.trim_start().starts_with(['=', '+', '-', '@']) || text.starts_with(['\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\r', '\n']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}
