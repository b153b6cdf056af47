//! Answers to `timeline` and about tasks.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::commands::fit::{PAGE_BYTES_MAX, TEXTS_BYTES_MAX, fit};
use crate::commands::lines::copyable;
use crate::commands::questions::{heading, milestones};
use crate::commands::timeline::{PAGE_ENTRIES, Portion};
use crate::config::Config;
use crate::decide::Asked;
use crate::incident::model::{Incident, Update};
use crate::incident::status::ComponentNames;
use crate::log::state::State;
use crate::response::milestone::Milestone;
use crate::response::model::{Entry, Response};
use crate::text::markdown::escape;
use crate::text::time::short_time;
use crate::timeline::{TimelineEntry, entries_of};

/// The limit of public updates in the summary.
const WORDS_MAX: usize = 20;

pub(super) fn timeline(
    asked: &Asked,
    response: &Response,
    portion: Portion,
    state: &State,
    config: &Config,
) -> String {
    match portion {
        Portion::Summary => {
            let incident = asked.about.as_ref().and_then(|about| about.incident.as_deref());
            summary(response, incident, state, asked.at, config)
        }
        Portion::Page(page) => entries(asked, response, Some(page), state, config),
        Portion::Entry(_) => entries(asked, response, None, state, config),
    }
}

fn summary(
    response: &Response,
    incident: Option<&Incident>,
    state: &State,
    now: Timestamp,
    config: &Config,
) -> String {
    let mut lines = vec![heading(response, state, config)];
    lines.extend(milestones(response, now, config));
    let known = |milestone: &Milestone| response.milestones.at(*milestone).is_some();
    let wanted = Milestone::ALL.iter().filter(|milestone| **milestone < Milestone::Resolved);
    let missing: Vec<&str> = wanted.filter(|m| !known(m)).map(|m| m.word()).collect();
    if !missing.is_empty() {
        lines.push(format!("Missing: {}", missing.join(", ")));
    }
    let updates = incident.map_or(&[][..], |incident| &incident.updates);
    let skipped = updates.len().saturating_sub(WORDS_MAX);
    if skipped > 0 {
        lines.push(format!("On the page, after {skipped} earlier:"));
    } else if !updates.is_empty() {
        lines.push("On the page:".to_owned());
    }
    lines.extend(public_words(updates.get(skipped..).unwrap_or_default(), now, &config.time_zone));
    let count = response.entries.len();
    let all = copyable(&format!("timeline full #{}", response.number));
    lines.push(match count {
        1 => format!("1 entry: {all}"),
        count => format!("{count} entries: {all}"),
    });
    lines.join("\n\n")
}

fn public_words(updates: &[Update], now: Timestamp, zone: &TimeZone) -> Vec<String> {
    let texts: Vec<String> = updates.iter().map(|update| update.text.to_plain()).collect();
    let told = updates.iter().zip(fit(&texts, PAGE_BYTES_MAX));
    let line = |(update, (text, _)): (&Update, (String, bool))| {
        let (time, stage) = (short_time(update.at, now, zone), update.stage.word());
        if text.is_empty() { format!("{time} {stage}") } else { format!("{time} {stage}: {text}") }
    };
    told.map(line).collect()
}

/// A page of the timeline, or one of its entries.
fn entries(
    asked: &Asked,
    response: &Response,
    page: Option<usize>,
    state: &State,
    config: &Config,
) -> String {
    let number = response.number;
    let pages = response.entries.len().div_ceil(PAGE_ENTRIES);
    let place = page.map_or(String::new(), |page| format!(", page {page} of {pages}"));
    let mut lines = vec![format!("**Timeline of #{number}** {}{place}", escape(&response.title))];
    let told: Vec<_> = asked
        .entries
        .iter()
        .map(|entry| one(asked, response, *entry, (config, &state.status.component_names)))
        .collect();
    let bodies: Vec<String> = told.iter().map(|told| body(told)).collect();
    let mut shortened = None;
    let bytes_max = if page.is_some() { PAGE_BYTES_MAX } else { TEXTS_BYTES_MAX };
    let entries = asked.entries.iter().zip(&told).zip(fit(&bodies, bytes_max));
    for (((place, Entry(happened, _)), told), (body, is_whole)) in entries {
        let zone = &config.time_zone;
        let time = short_time(*happened, asked.at, zone);
        let first = told.first();
        let by = first.map(|told| told.by.as_str()).filter(|by| !by.is_empty());
        let by = by.map_or(String::new(), |by| format!(", {}", escape(by)));
        let recorded = first.map(|told| short_time(told.recorded, asked.at, zone));
        let late = recorded.filter(|recorded| *recorded != time);
        let late = late.map_or(String::new(), |at| format!(" (recorded {at})"));
        lines.push(format!("**{time}**{by}{late}: {body}"));
        if !is_whole {
            shortened.get_or_insert(*place);
        }
    }
    if let Some(place) = shortened {
        let line = copyable(&format!("timeline full #{number} entry {place}"));
        lines.push(format!("Shortened to fit (…). A whole entry: {line}"));
    }
    if let Some(page) = page.filter(|page| *page < pages) {
        let next = copyable(&format!("timeline full #{number} page {}", page + 1));
        lines.push(format!("Next: {next}"));
    }
    lines.join("\n\n")
}

/// One entry from its record.
fn one(
    asked: &Asked,
    response: &Response,
    (_, Entry(happened, revision)): (usize, Entry),
    (config, names): (&Config, &ComponentNames),
) -> Vec<TimelineEntry> {
    let record = asked.records.iter().find(|record| record.revision == revision);
    let told = record.map(|record| entries_of(record, response, config, names));
    told.into_iter().flatten().filter(|told| told.at == happened).collect()
}

fn body(told: &[TimelineEntry]) -> String {
    let parts = told.iter().map(|TimelineEntry { said, .. }| match said.text.as_str() {
        "" => said.what.clone(),
        text => format!("{}: {text}", said.what),
    });
    parts.collect::<Vec<_>>().join("; ")
}
