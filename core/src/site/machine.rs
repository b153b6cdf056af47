//! The files for programs: feeds, Statuspage's JSON, badges and the calendar.
//!
//! Each file has its own last change in the status, carries its edition, and depends on nothing
//! else. Sizes are bounded by the state's limits and by limits of the formats. Anything left out is
//! on the incident's own page, which every entry links.

mod api;
mod badge;
mod base_url;
mod calendar;
mod feed;
mod json;
mod told;
mod xml;

use std::sync::Arc;

use bytes::Bytes;

use super::page::Page;
use super::render_cache::{RenderCache, Rendered};
use super::renderer::Site;
use crate::config::{Component, Config};
use crate::incident::model::Incident;
use crate::incident::status::{Change, Status};
use api::{Api, ApiFile};
use badge::Badge;
use base_url::BaseUrl;
use told::last_change;

#[derive(Clone, Copy)]
enum File<'a> {
    FeedAtom,
    FeedRss,
    UpdatesAtom,
    Calendar,
    BadgeSvg,
    BadgeJson,
    Api(ApiFile),
    ComponentFeed(&'a Component),
    ComponentBadgeSvg(&'a Component),
    ComponentBadgeJson(&'a Component),
}

impl Site {
    /// Every file for programs, including those of all configured components, each with the edition
    /// of its own last change.
    #[must_use]
    pub fn all_files(&self, status: &Status) -> Vec<Page> {
        self.files(&mut RenderCache::default(), status, |_| true)
    }

    /// Files with a change after a revision. Others are not rendered, and unchanged parts come from
    /// the cache, which has to be passed in again.
    #[must_use]
    pub fn files_changed_after(
        &self,
        cache: &mut RenderCache,
        status: &Status,
        revision: u64,
    ) -> Vec<Page> {
        self.files(cache, status, |change| change.revision > revision)
    }

    fn files(
        &self,
        cache: &mut RenderCache,
        status: &Status,
        wanted: impl Fn(Change) -> bool,
    ) -> Vec<Page> {
        let files = File::all(&self.config).into_iter().map(|file| (file, file.change(status)));
        let files: Vec<(File<'_>, Change)> = files.filter(|(_, change)| wanted(*change)).collect();
        if files.is_empty() {
            return Vec::new();
        }
        let base_url = BaseUrl::of(self.config.public_url.as_deref());
        let api = Api::new(self, &base_url, status);
        cache.refresh(status, |incident| self.rendered(&base_url, &api, incident));
        let page = |(file, change): (File<'_>, Change)| {
            let text = match file {
                File::FeedAtom => feed::incidents_atom(self, &base_url, status, cache),
                File::FeedRss => feed::incidents_rss(self, &base_url, status, cache),
                File::UpdatesAtom => feed::updates_atom(self, &base_url, status, cache),
                File::Calendar => calendar::calendar(self, &base_url, status),
                File::BadgeSvg => self.badge(status).svg(),
                File::BadgeJson => self.badge(status).json(),
                File::Api(file) => api.file(file, change, cache),
                File::ComponentFeed(component) => {
                    feed::component_atom(self, &base_url, status, component, cache)
                }
                File::ComponentBadgeSvg(component) => self.component_badge(status, component).svg(),
                File::ComponentBadgeJson(component) => {
                    self.component_badge(status, component).json()
                }
            };
            Page { name: file.name(), edition: change.edition, bytes: Bytes::from(text) }
        };
        let pages = files.into_iter().map(page).collect();
        cache.bound();
        pages
    }

    fn rendered(&self, base_url: &BaseUrl, api: &Api<'_>, incident: &Arc<Incident>) -> Rendered {
        let names = api.names();
        let (atom, rss) = feed::incident_entries(self, base_url, incident, names);
        Rendered {
            incident: Arc::clone(incident),
            changed: last_change(incident),
            json_fields: api.incident_fields(incident).into(),
            atom: atom.into(),
            rss: rss.into(),
            updates: feed::update_entries(self, base_url, incident, names),
        }
    }

    fn badge(&self, status: &Status) -> Badge<'_> {
        let (label, impact) = (self.config.title.as_str(), status.impact());
        Badge { label, message: self.texts.overall(impact), impact, language: &self.texts.tag }
    }

    fn component_badge<'a>(&'a self, status: &Status, component: &'a Component) -> Badge<'a> {
        let (label, impact) = (component.name.as_str(), status.impact_on(&component.id));
        Badge { label, message: self.texts.status(impact), impact, language: &self.texts.tag }
    }
}

impl<'a> File<'a> {
    fn all(config: &'a Config) -> Vec<Self> {
        let feeds = [Self::FeedAtom, Self::FeedRss, Self::UpdatesAtom];
        let others = [Self::Calendar, Self::BadgeSvg, Self::BadgeJson];
        let of_component = |component: &'a Component| {
            let badges = [Self::ComponentBadgeSvg(component), Self::ComponentBadgeJson(component)];
            [Self::ComponentFeed(component)].into_iter().chain(badges)
        };
        let api = ApiFile::ALL.into_iter().map(Self::Api);
        let components = config.components().flat_map(of_component);
        feeds.into_iter().chain(others).chain(api).chain(components).collect()
    }

    fn name(self) -> String {
        match self {
            Self::FeedAtom => "feed.atom".to_owned(),
            Self::FeedRss => "feed.rss".to_owned(),
            Self::UpdatesAtom => "updates.atom".to_owned(),
            Self::Calendar => "maintenance.ics".to_owned(),
            Self::BadgeSvg => "badge.svg".to_owned(),
            Self::BadgeJson => "badge.json".to_owned(),
            Self::Api(file) => format!("api/v2/{}.json", file.name()),
            Self::ComponentFeed(component) => format!("components/{}/feed.atom", component.id),
            Self::ComponentBadgeSvg(component) => format!("components/{}/badge.svg", component.id),
            Self::ComponentBadgeJson(component) => {
                format!("components/{}/badge.json", component.id)
            }
        }
    }

    /// The last change of the file's content.
    fn change(self, status: &Status) -> Change {
        let changes = &status.changes;
        match self {
            Self::FeedAtom | Self::FeedRss | Self::UpdatesAtom => {
                changes.incidents.later(changes.maintenance)
            }
            Self::Calendar => changes.maintenance,
            Self::BadgeSvg | Self::BadgeJson => changes.overall,
            Self::Api(file) => file.change(status),
            Self::ComponentFeed(component) => status.standing(&component.id).shown,
            Self::ComponentBadgeSvg(component) | Self::ComponentBadgeJson(component) => {
                status.standing(&component.id).status
            }
        }
    }
}
