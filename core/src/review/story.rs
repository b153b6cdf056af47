//! The drafted summary of an incident, and its whole timeline.

use std::fmt::Write as _;

use jiff::tz::TimeZone;

use super::communications::Communications;
use super::sections::Sections;
use super::source::local;
use crate::config::Config;
use crate::incident::model::Incident;
use crate::incident::status::ComponentNames;
use crate::log::record::Record;
use crate::response::model::Response;
use crate::response::overview::{bare, overview};
use crate::text::markdown::escape_block;
use crate::timeline::entries;

/// Every entry in Markdown, with its author, and the time of recording if that is later.
#[must_use]
pub fn whole_timeline(
    response: &Response,
    records: &[Record],
    config: &Config,
    names: &ComponentNames,
) -> String {
    let (number, zone) = (response.number, &config.time_zone);
    let mut markdown = format!("# Timeline of #{number}: {}\n", escape_block(&response.title));
    let mut last = String::new();
    for entry in entries(records, response, config, names) {
        let date = local(entry.at, zone, "%A, %-d %B %Y (%Z)");
        if date != last {
            let _ = write!(markdown, "\n## {date}\n\n");
            last = date;
        }
        let late = entry.recorded.duration_since(entry.at).as_mins() > 0;
        let late = late.then(|| format!(" (recorded {})", local(entry.recorded, zone, "%H:%M")));
        let said = &entry.said;
        let text = if said.text.is_empty() { String::new() } else { format!(": {}", said.text) };
        let line = format!("{}{}{text}", said.what, late.unwrap_or_default());
        let time = local(entry.at, zone, "%H:%M");
        let (by, line) = (escape_block(&entry.by), escape_block(&line));
        let by = if by.is_empty() { by } else { format!(" {by}:") };
        let _ = writeln!(markdown, "- **{time}**{by} {line}");
    }
    markdown
}

/// A summary from the known facts, until somebody writes a better one.
pub(super) fn draft(
    (response, incident): (&Response, Option<&Incident>),
    components: &[String],
    told: &Communications,
    sections: &Sections,
    zone: &TimeZone,
) -> String {
    let mut sentences = overview(response, incident, components, zone);
    let cause = sections.causes.first().map(|cause| format!("Cause: {}.", bare(cause)));
    sentences.extend(cause.into_iter().chain(told.first_update(response)));
    sentences.join(" ")
}
