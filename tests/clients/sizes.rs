//! Files for programs stay bounded, however much is written; the oldest parts are left out.

use jiff::SignedDuration;
use status_update::core::incident::model::{
    INCIDENT_BYTES_MAX, Impact, Incident, MAINTENANCES_MAX, MonthPart, OPEN_INCIDENTS_MAX, Stage,
    TEXT_CHARS_MAX, UPDATES_MAX, Update, Window,
};
use status_update::core::incident::status::Status;
use status_update::core::log::evict::Limits;
use status_update::core::site::page::Page;
use status_update::core::site::renderer::Site;
use status_update::core::text::Text;
use std::sync::Arc;

use super::published::{after, config, pages, text};

/// As many updates as fit, each with this text.
fn incident(number: u32, maintenance: bool, ended: bool, said: &Text) -> Incident {
    let count = (INCIDENT_BYTES_MAX / said.bytes()).clamp(1, UPDATES_MAX);
    let opened = after(i64::from(number) * 1_000);
    let components: Vec<String> = config().components().map(|one| one.id.clone()).collect();
    let (stage, end) = if maintenance {
        (Stage::Scheduled, Stage::Completed)
    } else {
        (Stage::Investigating, Stage::Resolved)
    };
    let stage = if ended { end } else { stage };
    let update = |index: usize| Update {
        number: u32::try_from(index).unwrap() + 1,
        at: opened + SignedDuration::from_secs(i64::try_from(index).unwrap()),
        by: "Inês Carvalho".to_owned(),
        stage,
        impact: Impact::Major,
        components: components.clone(),
        text: said.clone(),
        corrected: None,
        ended: None,
        records: Vec::new(),
    };
    let until = opened + SignedDuration::from_hours(1);
    Incident {
        number,
        title: said.to_plain().chars().take(120).collect(),
        impact: if maintenance { Impact::Maintenance } else { Impact::Major },
        components: components.clone(),
        stage,
        month: MonthPart::first_of(jiff::civil::date(2026, 11, 1)),
        window: maintenance.then_some(Window { from: opened, until }),
        opened,
        resolved: ended.then_some(until),
        next_update_by: None,
        updates: (0..count).map(update).collect(),
        updates_recorded: u32::try_from(count).unwrap(),
        revision: u64::from(number),
        listed: u64::from(number),
        edition: u64::from(number),
        listed_edition: u64::from(number),
        impact_corrections: Vec::new(),
        amended: None,
        backfilled: None,
        duplicate_of: None,
        withdrawal: None,
    }
}

/// As much as a state can hold.
fn full(said: &Text) -> Status {
    let mut status =
        Status { revision: 1_000, edition: 1_000, since: Some(after(0)), ..Status::default() };
    let mut number = 0;
    let mut next = |maintenance, ended| {
        number += 1;
        Arc::new(incident(number, maintenance, ended, said))
    };
    for _ in 0..Limits::DEFAULT.closed {
        status.closed.extend([next(false, true), next(true, true)]);
    }
    let bytes = |status: &Status| status.closed.iter().map(|i| i.bytes()).sum::<usize>();
    while bytes(&status) > Limits::DEFAULT.closed_bytes {
        status.closed.pop_front();
    }
    status.open =
        (0..OPEN_INCIDENTS_MAX).map(|_| next(false, false)).map(|i| (i.number, i)).collect();
    status.maintenance =
        (0..MAINTENANCES_MAX).map(|_| next(true, false)).map(|i| (i.number, i)).collect();
    status.at = after(1_000_000);
    status
}

fn published(status: &Status) -> Vec<Page> {
    let mut config = config();
    config.public_url = Some("https://status.example.com".to_owned());
    pages(&Site::new(config).unwrap(), status)
}

const KIB: usize = 1024;

#[test]
fn every_file_is_bounded() {
    let texts = [
        // The longest texts, of characters that grow most when escaped.
        Text::plain(&"\"<&".repeat(TEXT_CHARS_MAX / 3)),
        Text::plain(&"漢".repeat(TEXT_CHARS_MAX)),
        // As many as there can be.
        Text::plain("Still failing"),
    ];
    for said in &texts {
        for page in published(&full(said)) {
            let limit = match page.name.rsplit_once('.').unwrap() {
                ("api/v2/status", _) | (_, "svg") => 2 * KIB,
                ("api/v2/components", _) => 16 * KIB,
                (name, "json") if name.ends_with("badge") => KIB,
                (_, "json") => 3 * KIB * KIB,
                (_, "ics") => 900 * KIB,
                _ => 513 * KIB,
            };
            assert!(page.bytes.len() <= limit, "{}: {}", page.name, page.bytes.len());
        }
    }
}

/// An ordinary year, so that the limits are known to be far away.
#[test]
fn polled_files_are_small() {
    let said = Text::plain("Payments fail for some customers. We are looking into it.");
    let mut status = full(&said);
    status.open.retain(|number, _| number % 20 == 0);
    status.maintenance.retain(|number, _| number % 20 == 0);
    let going_on = status.open.values_mut().chain(status.maintenance.values_mut());
    for incident in going_on.chain(&mut status.closed).map(Arc::make_mut) {
        incident.updates.truncate(5);
        incident.components.truncate(2);
        incident.updates.iter_mut().for_each(|update| update.components.truncate(2));
    }
    for page in published(&status) {
        let limit = match &*page.name {
            "api/v2/summary.json" => 24 * KIB,
            "api/v2/incidents.json" | "api/v2/scheduled-maintenances.json" => 200 * KIB,
            _ => 128 * KIB,
        };
        assert!(page.bytes.len() <= limit, "{}: {}", page.name, page.bytes.len());
    }
}

#[test]
fn the_newest_is_shown_and_the_rest_is_linked() {
    let status = full(&Text::plain("Still failing"));
    let pages = published(&status);
    let atom = text(&pages, "feed.atom");
    let ids: Vec<u32> = atom
        .split("<id>tag:status.example.com,2005:/incidents/")
        .skip(1)
        .map(|part| part.split('<').next().unwrap().parse().unwrap())
        .collect();
    // 25 open and 25 planned, the last changed first.
    assert!(ids.is_sorted_by(|a, b| a > b), "{ids:?}");
    assert_eq!(ids.first(), Some(&150));
    assert!(ids.len() >= 25, "{}", ids.len());
    assert!(atom.contains("Older updates are on the incident's page."));
    let updates = text(&pages, "updates.atom");
    assert_eq!(updates.matches("<entry>").count(), 100);
    let last = status.maintenance[&150].updates.len();
    assert!(updates.contains(&format!("/incidents/150/#u{last}\"")), "{updates:.2000}");
    let incidents = text(&pages, "api/v2/incidents.json");
    assert_eq!(incidents.matches("\"shortlink\"").count(), 50);
    let open: Vec<u32> = status.open.keys().copied().collect();
    for number in open {
        assert!(incidents.contains(&format!(
            "\"shortlink\":\"https://status.example.com/incidents/{number}/\""
        )));
    }
}
