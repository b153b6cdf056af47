//! The files that programs read: feeds, Statuspage's JSON, badges and the calendar.
//!
//! Sizes are bounded by what the state keeps and by the limits below: whatever is left out is on
//! the incident's own page, which every entry links.

mod api;
mod badge;
mod calendar;
mod feed;
mod xml;

use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;

use super::{Page, Site};
use crate::core::config::Component;
use crate::core::incident::model::{Incident, Number, Update};
use crate::core::incident::status::Status;

/// How many updates of an incident a file tells, the newest ones.
const UPDATES_MAX: usize = 50;
/// What the texts of these updates may take, in bytes, unless the newest one alone takes more.
const TEXTS_BYTES_MAX: usize = 16 * 1024;

impl Site {
    /// The files about everything. They are of the state's revision.
    #[must_use]
    pub fn machine_pages(&self, status: &Status) -> Vec<Page> {
        let base_url = BaseUrl::of(self.config.public_url.as_deref());
        let impact = status.impact();
        let badge = badge::Badge {
            label: &self.config.title,
            message: self.texts.overall(impact),
            impact,
            language: &self.texts.tag,
        };
        let mut files = vec![
            ("feed.atom".to_owned(), feed::incidents_atom(self, &base_url, status)),
            ("feed.rss".to_owned(), feed::incidents_rss(self, &base_url, status)),
            ("updates.atom".to_owned(), feed::updates_atom(self, &base_url, status)),
            ("badge.svg".to_owned(), badge.svg()),
            ("badge.json".to_owned(), badge.json()),
            ("maintenance.ics".to_owned(), calendar::calendar(self, &base_url, status)),
        ];
        files.extend(api::files(self, &base_url, status));
        pages(files, status.revision)
    }

    /// The files about one component. They are of the revision of its last change, and say nothing
    /// that changes without it: neither the time, nor what is the matter with others.
    #[must_use]
    pub fn component_pages(&self, status: &Status, component: &Component) -> Vec<Page> {
        let base_url = BaseUrl::of(self.config.public_url.as_deref());
        let impact = status.impact_on(&component.id);
        let badge = badge::Badge {
            label: &component.name,
            message: self.texts.status(impact),
            impact,
            language: &self.texts.tag,
        };
        let file = |name: &str| format!("components/{}/{name}", component.id);
        let files = vec![
            (file("feed.atom"), feed::component_atom(self, &base_url, status, component)),
            (file("badge.svg"), badge.svg()),
            (file("badge.json"), badge.json()),
        ];
        pages(
            files,
            status.components.get(&component.id).map_or(0, |standing| standing.shown.revision),
        )
    }

    /// A time in the page's zone, as people read it.
    fn readable(&self, at: Timestamp) -> String {
        self.texts.date_time(at, &self.config.time_zone)
    }

    /// What the update at this place says, without formatting.
    fn told(&self, incident: &Incident, index: usize) -> String {
        match incident.updates.get(index) {
            Some(update) if !update.text.is_empty() => update.text.to_plain(),
            _ => self.silent(incident, index).to_owned(),
        }
    }

    /// The components of a list of ids, as people call them; `None` of an empty list.
    fn affected(&self, components: &[String]) -> Option<String> {
        let names: Vec<&str> = components.iter().map(|id| self.config.component_name(id)).collect();
        let texts = &self.texts.machine;
        (!names.is_empty()).then(|| texts.affected.replace("{components}", &names.join(", ")))
    }

    /// When a maintenance is to be; `None` of an incident.
    fn planned(&self, incident: &Incident) -> Option<String> {
        let window = incident.window?;
        let text = self.texts.machine.planned.replace("{from}", &self.readable(window.from));
        Some(text.replace("{until}", &self.readable(window.until)))
    }
}

fn pages(files: Vec<(String, String)>, revision: u64) -> Vec<Page> {
    let page = |(name, text)| Page { name, revision, bytes: Bytes::from(text) };
    files.into_iter().map(page).collect()
}

/// What the files say that is said nowhere else, in the page's language.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileTexts {
    incidents: String,
    updates: String,
    component: String,
    calendar: String,
    affected: String,
    planned: String,
    next_update: String,
    corrected: String,
    older: String,
}

/// Where the site is, for those who read a file away from it.
///
/// Without a known address, links are relative to the root of wherever the file was found, and
/// names are of `localhost`.
struct BaseUrl {
    base: String,
    host: String,
    path: String,
}

impl BaseUrl {
    fn of(public_url: Option<&str>) -> Self {
        let base = public_url.unwrap_or_default().to_owned();
        let behind_scheme = base.split_once("://").map_or("", |(_, rest)| rest);
        let (authority, path) = match behind_scheme.find('/') {
            Some(slash) => behind_scheme.split_at(slash),
            None => (behind_scheme, ""),
        };
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let host = authority.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let path = path.to_owned();
        let host = if host.is_empty() { "localhost".to_owned() } else { host };
        Self { base, host, path }
    }

    /// The address of a path that begins with a slash.
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The address of an incident's page.
    fn incident(&self, number: Number) -> String {
        self.url(&format!("/incidents/{number}/"))
    }

    /// A name that never changes (RFC 4151), with the year that Statuspage gives its own.
    fn tag(&self, path: &str) -> String {
        format!("tag:{},2005:{}{path}", self.host, self.path)
    }
}

/// The newest updates of an incident, newest first, each with its place from 0: what a file tells.
fn newest_updates(incident: &Incident) -> Vec<(usize, &Update)> {
    let mut bytes = 0;
    let newest_first = incident.updates.iter().enumerate().rev().take(UPDATES_MAX);
    let fits = |(index, update): &(usize, &Update)| {
        bytes += update.text.bytes();
        bytes <= TEXTS_BYTES_MAX || index + 1 == incident.updates.len()
    };
    newest_first.take_while(fits).collect()
}

/// When an update was said, or corrected.
fn changed(update: &Update) -> Timestamp {
    update.corrected.map_or(update.at, |corrected| corrected.max(update.at))
}

/// When anything that an incident says changed last.
fn last_change(incident: &Incident) -> Timestamp {
    incident.updates.iter().map(changed).max().unwrap_or(incident.opened)
}
