//! Atom (RFC 4287) and RSS 2.0.
//!
//! One feed has an entry for each incident and each maintenance, under an id that stays: readers
//! that hide edits show each once. Another has an entry for each update. All are bounded, so that
//! a poll stays cheap whatever happened: a reader that polls sees what is new long before it
//! leaves the feed.

use std::cmp::Reverse;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::super::views::update_id;
use super::base_url::BaseUrl;
use super::told::{changed, last_change, newest_updates};
use super::xml::{Xml, escape};
use crate::core::config::Component;
use crate::core::incident::model::{Incident, Update};
use crate::core::incident::status::Status;
use crate::core::site::renderer::Site;
use crate::core::text::markup::text_html;

/// How many incidents and maintenances a feed has.
const INCIDENTS_MAX: usize = 50;
/// How many updates the feed of updates has.
const UPDATES_MAX: usize = 100;
/// What the entries of a feed may take, in bytes, unless the newest one alone takes more: feed
/// readers give up on files of a few megabytes.
const ENTRIES_BYTES_MAX: usize = 512 * 1024;

/// What a feed is.
struct Feed<'a> {
    /// What is said of all of it in a line.
    title: String,
    /// Its own path.
    path: &'a str,
    /// What it is called for ever, as a path.
    id: &'a str,
    /// When it last changed, if it did.
    updated: Option<Timestamp>,
    entries: Vec<Entry>,
}

struct Entry {
    id: String,
    link: String,
    title: String,
    published: Timestamp,
    updated: Timestamp,
    html: String,
}

pub(super) fn incidents_atom(site: &Site, base_url: &BaseUrl, status: &Status) -> String {
    incidents(site, base_url, status, "/feed.atom").atom(site, base_url)
}

pub(super) fn incidents_rss(site: &Site, base_url: &BaseUrl, status: &Status) -> String {
    incidents(site, base_url, status, "/feed.rss").rss(site, base_url)
}

fn incidents<'a>(site: &Site, base_url: &BaseUrl, status: &Status, path: &'a str) -> Feed<'a> {
    let entries = incident_entries(site, base_url, status.kept().collect());
    Feed {
        title: site.texts.machine.incidents.replace("{title}", &site.config.title),
        path,
        id: "/history",
        updated: entries.first().map(|entry| entry.updated).or(status.since),
        entries,
    }
}

/// What affects a component, or did at some time: its end is told to those who were told of its
/// beginning.
pub(super) fn component_atom(
    site: &Site,
    base_url: &BaseUrl,
    status: &Status,
    component: &Component,
) -> String {
    let of_component = |incident: &&Incident| incident.ever_affected().contains(&component.id);
    let title = site.texts.machine.component.replace("{component}", &component.name);
    let path = format!("/components/{}/feed.atom", component.id);
    let feed = Feed {
        title: title.replace("{title}", &site.config.title),
        path: &path,
        id: &format!("/components/{}", component.id),
        updated: status.components.get(&component.id).map(|standing| standing.shown.at),
        entries: incident_entries(site, base_url, status.kept().filter(of_component).collect()),
    };
    feed.atom(site, base_url)
}

pub(super) fn updates_atom(site: &Site, base_url: &BaseUrl, status: &Status) -> String {
    let updates = |incident| newest_updates(incident).into_iter().map(move |told| (incident, told));
    let mut all: Vec<(&Incident, (usize, &Update))> = status.kept().flat_map(updates).collect();
    all.sort_by_key(|(incident, (index, update))| Reverse((update.at, incident.number, *index)));
    let entries: Vec<Entry> = all
        .into_iter()
        .take(UPDATES_MAX)
        .map(|(incident, (index, update))| update_entry(site, base_url, incident, index, update))
        .collect();
    let feed = Feed {
        title: site.texts.machine.updates.replace("{title}", &site.config.title),
        path: "/updates.atom",
        id: "/updates",
        updated: entries.iter().map(|entry| entry.updated).max().or(status.since),
        entries,
    };
    feed.atom(site, base_url)
}

/// The one that changed last comes first.
fn incident_entries(site: &Site, base_url: &BaseUrl, mut incidents: Vec<&Incident>) -> Vec<Entry> {
    incidents.sort_by_key(|incident| Reverse((last_change(incident), incident.number)));
    let newest = incidents.into_iter().take(INCIDENTS_MAX);
    newest.map(|incident| incident_entry(site, base_url, incident)).collect()
}

fn incident_entry(site: &Site, base_url: &BaseUrl, incident: &Incident) -> Entry {
    let told = newest_updates(incident);
    let mut html: String =
        told.iter().map(|(index, update)| update_html(site, incident, *index, update)).collect();
    let next = incident
        .next_update_by
        .map(|by| site.texts.machine.next_update.replace("{at}", &site.readable(by)));
    let older = (told.len() < incident.updates.len()).then(|| site.texts.machine.older.clone());
    let lines = [older, site.planned(incident), next, site.affected(&incident.components)];
    html.extend(lines.into_iter().flatten().map(|line| paragraph(&line)));
    Entry {
        id: base_url.tag(&format!("/incidents/{}", incident.number)),
        link: base_url.incident(incident.number),
        title: incident.title.clone(),
        published: incident.opened,
        updated: last_change(incident),
        html,
    }
}

fn update_entry(
    site: &Site,
    base_url: &BaseUrl,
    incident: &Incident,
    index: usize,
    update: &Update,
) -> Entry {
    let (number, nth) = (incident.number, index + 1);
    let mut html = update_html(site, incident, index, update);
    html.extend(site.affected(&update.components).map(|line| paragraph(&line)));
    Entry {
        id: base_url.tag(&format!("/incidents/{number}/updates/{nth}")),
        link: format!("{}#{}", base_url.incident(number), update_id(index)),
        title: format!("{}: {}", site.texts.stage(update.stage), incident.title),
        published: update.at,
        updated: changed(update),
        html,
    }
}

fn paragraph(line: &str) -> String {
    format!("<p>{}</p>", escape(line))
}

/// When, the stage in the first `<strong>`, and what was said.
fn update_html(site: &Site, incident: &Incident, index: usize, update: &Update) -> String {
    let mut when = site.readable(update.at);
    if site.config.publish_names && !update.by.is_empty() {
        when.push_str(" · ");
        when.push_str(&update.by);
    }
    if let Some(at) = update.corrected {
        when.push_str(" · ");
        when.push_str(&site.texts.machine.corrected.replace("{at}", &site.readable(at)));
    }
    let stage = escape(site.texts.stage(update.stage));
    let head = format!("<p><small>{}</small><br><strong>{stage}</strong>", escape(&when));
    if update.text.is_empty() {
        return format!("{head} - {}</p>", escape(site.silent(incident, index)));
    }
    let text = text_html(&update.text);
    match text.strip_prefix("<p>") {
        Some(text) => format!("{head} - {text}"),
        None => format!("{head}</p>{text}"),
    }
}

impl Feed<'_> {
    fn atom(&self, site: &Site, base_url: &BaseUrl) -> String {
        let language = ("xml:lang", site.texts.tag.as_str());
        let namespace = ("xmlns", "http://www.w3.org/2005/Atom");
        let own = [("rel", "self"), ("type", "application/atom+xml")];
        let mut xml = Xml::document();
        xml.open("feed", &[namespace, language]);
        xml.leaf("id", &[], &base_url.tag(self.id));
        xml.leaf("title", &[], &self.title);
        xml.leaf("updated", &[], &seconds(self.updated()));
        link(&mut xml, &own, &base_url.url(self.path));
        link(&mut xml, &[("rel", "alternate"), ("type", "text/html")], &base_url.url("/"));
        xml.open("author", &[]);
        xml.leaf("name", &[], &site.config.title);
        xml.close("author");
        let entries = self.entries.iter().map(|entry| {
            let mut xml = Xml::part();
            xml.open("entry", &[]);
            xml.leaf("id", &[], &entry.id);
            xml.leaf("title", &[], &entry.title);
            xml.leaf("published", &[], &seconds(entry.published));
            xml.leaf("updated", &[], &seconds(entry.updated));
            link(&mut xml, &[("rel", "alternate"), ("type", "text/html")], &entry.link);
            xml.leaf("content", &[("type", "html")], &entry.html);
            xml.close("entry");
            xml.finish()
        });
        push_bounded(&mut xml, entries);
        xml.close("feed");
        xml.finish()
    }

    fn rss(&self, site: &Site, base_url: &BaseUrl) -> String {
        let own = [("rel", "self"), ("type", "application/rss+xml")];
        let mut xml = Xml::document();
        xml.open("rss", &[("version", "2.0"), ("xmlns:atom", "http://www.w3.org/2005/Atom")]);
        xml.open("channel", &[]);
        xml.leaf("title", &[], &self.title);
        xml.leaf("link", &[], &base_url.url("/"));
        xml.leaf("description", &[], &self.title);
        xml.leaf("language", &[], &site.texts.tag);
        xml.leaf("lastBuildDate", &[], &mail_date(self.updated()));
        let href = base_url.url(self.path);
        xml.empty("atom:link", &[own[0], own[1], ("href", &href)]);
        let entries = self.entries.iter().map(|entry| {
            let mut xml = Xml::part();
            xml.open("item", &[]);
            xml.leaf("title", &[], &entry.title);
            xml.leaf("link", &[], &entry.link);
            // Without the page's address the link is none that holds for ever.
            if base_url.base.is_empty() {
                xml.leaf("guid", &[("isPermaLink", "false")], &entry.id);
            } else {
                xml.leaf("guid", &[("isPermaLink", "true")], &entry.link);
            }
            xml.leaf("pubDate", &[], &mail_date(entry.updated));
            xml.leaf("description", &[], &entry.html);
            xml.close("item");
            xml.finish()
        });
        push_bounded(&mut xml, entries);
        xml.close("channel");
        xml.close("rss");
        xml.finish()
    }

    fn updated(&self) -> Timestamp {
        self.updated.unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

fn link(xml: &mut Xml, kind: &[(&str, &str)], href: &str) {
    let attributes: Vec<(&str, &str)> = kind.iter().copied().chain([("href", href)]).collect();
    xml.empty("link", &attributes);
}

/// Adds entries while there is room; the first in any case.
fn push_bounded(xml: &mut Xml, entries: impl Iterator<Item = String>) {
    let mut bytes = 0;
    for entry in entries {
        if bytes > 0 && bytes + entry.len() > ENTRIES_BYTES_MAX {
            return;
        }
        bytes += entry.len();
        xml.push(&entry);
    }
}

/// RFC 3339 to the second.
fn seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// RFC 822 with four digits of the year, as RSS wants it.
fn mail_date(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}
