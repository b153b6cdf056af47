//! The files that programs read: feeds, Statuspage's JSON, badges and the calendar.
//!
//! Sizes are bounded by what the state keeps and by the limits below: whatever is left out is on
//! the incident's own page, which every entry links.

mod api;
mod badge;
mod base_url;
mod calendar;
mod feed;
mod told;
mod xml;

use bytes::Bytes;

use super::page::Page;
use super::renderer::Site;
use crate::core::config::Component;
use crate::core::incident::status::Status;
use base_url::BaseUrl;

impl Site {
    /// All files for programs.
    #[must_use]
    pub fn all_files(&self, status: &Status) -> Vec<Page> {
        let components = self.config.components();
        let components = components.flat_map(|component| self.component_pages(status, component));
        components.chain(self.machine_pages(status)).collect()
    }

    /// Those that changed after a revision.
    #[must_use]
    pub fn files_changed_after(&self, status: &Status, revision: u64) -> Vec<Page> {
        self.all_files(status).into_iter().filter(|page| page.revision > revision).collect()
    }

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
}

fn pages(files: Vec<(String, String)>, revision: u64) -> Vec<Page> {
    let page = |(name, text)| Page { name, revision, bytes: Bytes::from(text) };
    files.into_iter().map(page).collect()
}
