//! Invented states in which every feature of the templates occurs at least once.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::page::SiteError;
use super::renderer::Site;
use crate::config::Config;
use crate::incident::events::StatusEvent;
use crate::incident::fold::{Recorded, Restored, fold};
use crate::incident::history::MonthDocument;
use crate::incident::model::{Impact, Incident, MonthPart, Number, Stage, Window};
use crate::incident::status::Status;
use crate::text::Text;

/// The time of the first record: 2026-10-30T12:00:00Z, so that the history spans two months.
const START: Timestamp = Timestamp::constant(1_793_361_600, 0);
/// The time between two records.
const STEP: SignedDuration = SignedDuration::from_hours(7);

/// Renders all pages. Returns the name of the first page that does not change with the revision.
pub(super) fn first_without_revision(site: &Site) -> Result<Option<String>, SiteError> {
    for page in site.static_pages()? {
        drop(page);
    }
    for status in statuses(site.config()) {
        let later = Status { edition: status.edition + 1, ..status.clone() };
        for (page, again) in site.current(&status)?.iter().zip(site.current(&later)?) {
            // There is no edition before the first record.
            if status.edition > 0 && page.bytes == again.bytes {
                let template = page
                    .name
                    .strip_suffix("/index.html")
                    .map_or_else(|| page.name.clone(), |folder| format!("{folder}.html"));
                return Ok(Some(template));
            }
        }
        let names = &status.component_names;
        for incident in status.kept() {
            let later = Incident { edition: incident.edition + 1, ..incident.clone() };
            if site.incident(incident, names)?.bytes == site.incident(&later, names)?.bytes {
                return Ok(Some("incident.html".to_owned()));
            }
        }
        for month in status.months.keys() {
            let document = |later: u64| {
                let mut document = MonthDocument::new(*month);
                for incident in status.kept().filter(|incident| incident.month == *month) {
                    let listed_edition = incident.listed_edition + later;
                    document.merge(&Incident { listed_edition, ..incident.clone() }, &status);
                }
                document
            };
            if site.month(&document(0), names)?.bytes == site.month(&document(1), names)?.bytes {
                return Ok(Some("month.html".to_owned()));
            }
        }
    }
    Ok(None)
}

/// The status before the first record, after each record, and at the end.
fn statuses(config: &Config) -> Vec<Status> {
    let mut statuses = vec![Status::default()];
    for events in history(config) {
        let Some(mut status) = statuses.last().cloned() else { break };
        let revision = status.revision + 1;
        let passed = i32::try_from(status.revision).unwrap_or(i32::MAX);
        let at = START.saturating_add(STEP * passed).unwrap_or(START);
        let earliest = if status.revision == 0 { at } else { status.at };
        let mut all = status.ledger.new_days(earliest, at, &config.time_zone);
        all.extend(events);
        let recorded = Recorded { revision, at, by: "Sample" };
        // The events below continue each other; a test checks that.
        if fold(&mut status, all.iter(), recorded, &Restored::new()).is_err() {
            break;
        }
        statuses.push(status);
    }
    statuses
}

/// The events of each record.
fn history(config: &Config) -> Vec<Vec<StatusEvent>> {
    let after = |steps: i32| START.saturating_add(STEP * steps).unwrap_or(START);
    let month = |month| MonthPart::first_of(jiff::civil::Date::constant(2026, month, 1));
    let (october, november) = (month(10), month(11));
    let text = || Text::plain("A sample\nof two lines");
    let ids: Vec<String> = config.components().map(|component| component.id.clone()).collect();
    let first: Vec<String> = ids.iter().take(1).cloned().collect();
    let opened = |number, month: MonthPart, impact, components: &[String], next_update_by| {
        let components = components.to_vec();
        StatusEvent::Opened {
            number,
            update: 0,
            month,
            impact,
            components,
            next_update_by,
            began: None,
            text: text(),
        }
    };
    let said = |number: Number, impact, stage, next_update_by, text| {
        let title = "A sample".to_owned();
        StatusEvent::Updated {
            number,
            update: 0,
            title,
            impact,
            stage,
            components: None,
            next_update_by,
            ended: None,
            text,
        }
    };
    let scheduled = |number, from, until| StatusEvent::Scheduled {
        number,
        update: 0,
        month: november,
        window: Window { from: after(from), until: after(until) },
        components: ids.clone(),
        text: text(),
    };
    let title = || "A sample".to_owned();
    let (minor, major, critical) = (Impact::Minor, Impact::Major, Impact::Critical);
    let planned = Impact::Maintenance;
    let silent = Text::default;
    let records = vec![
        vec![opened(1, october, minor, &first, Some(after(9)))],
        vec![said(1, minor, Stage::Identified, Some(after(1)), text())],
        vec![StatusEvent::Corrected {
            number: 1,
            update: 2,
            title: title(),
            impact: minor,
            stage: Stage::Identified,
            text: text(),
        }],
        vec![said(1, minor, Stage::Resolved, None, silent())],
        vec![StatusEvent::PostMortem {
            number: 1,
            update: 0,
            title: title(),
            impact: minor,
            text: text(),
        }],
        vec![scheduled(2, 6, 8)],
        vec![said(2, planned, Stage::InProgress, None, silent())],
        vec![StatusEvent::Extended {
            number: 2,
            update: 0,
            title: title(),
            until: after(9),
            stage: Stage::InProgress,
            text: text(),
        }],
        vec![said(2, planned, Stage::Completed, None, silent()), scheduled(3, 90, 91)],
        vec![said(3, planned, Stage::Cancelled, None, text()), scheduled(4, 80, 81)],
        vec![scheduled(5, 11, 70)],
        vec![said(5, planned, Stage::InProgress, None, silent())],
        vec![opened(6, november, major, &ids, Some(after(13)))],
        vec![said(6, major, Stage::Monitoring, Some(after(14)), text())],
        vec![said(6, major, Stage::Identified, Some(after(15)), text())],
        vec![said(6, major, Stage::Identified, Some(after(16)), text())],
        vec![said(6, major, Stage::Identified, Some(after(16)), text())],
        vec![opened(7, november, critical, &[], None)],
        vec![opened(8, november, minor, &first, Some(after(60)))],
    ];
    numbered(records)
}

/// Gives each update the next number of its incident.
fn numbered(mut records: Vec<Vec<StatusEvent>>) -> Vec<Vec<StatusEvent>> {
    let mut counts: BTreeMap<Number, u32> = BTreeMap::new();
    for event in records.iter_mut().flatten() {
        if let StatusEvent::Opened { number, update, .. }
        | StatusEvent::Updated { number, update, .. }
        | StatusEvent::PostMortem { number, update, .. }
        | StatusEvent::Scheduled { number, update, .. }
        | StatusEvent::Extended { number, update, .. } = event
        {
            let count = counts.entry(*number).or_default();
            *count += 1;
            *update = *count;
        }
    }
    records
}
