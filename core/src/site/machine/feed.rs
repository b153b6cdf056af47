//! Atom (RFC 4287) and RSS 2.0.
//!
//! One feed has an entry per incident and maintenance with a constant id; readers that hide edits
//! show each once. Another has an entry per update. All are bounded to keep polling cheap: a reader
//! sees a new entry long before it leaves the feed.

use std::cmp::Reverse;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::super::views::{shown, update_id};
use super::base_url::BaseUrl;
use super::told::{changed, has_affected, last_change, newest_updates};
use super::xml::{Xml, escape};
use crate::config::Component;
use crate::incident::model::{Incident, Number, Stage, Update};
use crate::incident::status::{ComponentNames, Status};
use crate::sealed::{Erasable as _, REMOVED};
use crate::site::render_cache::{RenderCache, Rendered, RenderedUpdate};
use crate::site::renderer::Site;
use crate::text::Text;
use crate::text::markup::text_html;

/// The limit of incidents and maintenance windows.
const INCIDENTS_MAX: usize = 50;
/// The limit of updates in the feed of updates.
const UPDATES_MAX: usize = 100;
/// The limit of all entries in bytes, except that the newest is always included. Feed readers give
/// up on files of a few megabytes.
const ENTRIES_BYTES_MAX: usize = 512 * 1024;

struct Feed<'a> {
    title: String,
    /// Its own path.
    path: &'a str,
    /// A path as its constant identity.
    id: &'a str,
    updated: Timestamp,
    /// In the order of the feed.
    entries: Vec<&'a str>,
}

struct Entry {
    id: String,
    link: String,
    title: String,
    published: Timestamp,
    updated: Timestamp,
    html: String,
}

pub(super) fn incidents_atom(
    site: &Site,
    base_url: &BaseUrl,
    status: &Status,
    cache: &RenderCache,
) -> String {
    let newest = newest(cache.all());
    let entries = newest.iter().map(|rendered| &*rendered.atom).collect();
    incidents(site, status, "/feed.atom", &newest, entries).atom(site, base_url)
}

pub(super) fn incidents_rss(
    site: &Site,
    base_url: &BaseUrl,
    status: &Status,
    cache: &RenderCache,
) -> String {
    let newest = newest(cache.all());
    let items = newest.iter().map(|rendered| &*rendered.rss).collect();
    incidents(site, status, "/feed.rss", &newest, items).rss(site, base_url)
}

fn incidents<'a>(
    site: &Site,
    status: &Status,
    path: &'a str,
    newest: &[&Rendered],
    entries: Vec<&'a str>,
) -> Feed<'a> {
    let title = site.texts.machine.incidents.replace("{title}", &site.config.title);
    let updated = newest.first().map_or_else(|| since(status), |newest| newest.changed);
    Feed { title, path, id: "/history", updated, entries }
}

/// Incidents that affect a component or once did, so that subscribers who saw the start also see
/// the end.
pub(super) fn component_atom(
    site: &Site,
    base_url: &BaseUrl,
    status: &Status,
    component: &Component,
    cache: &RenderCache,
) -> String {
    let of_it = |rendered: &&Rendered| has_affected(&rendered.incident, &component.id);
    let title = site.texts.machine.component.replace("{component}", &component.name);
    let feed = Feed {
        title: title.replace("{title}", &site.config.title),
        path: &format!("/components/{}/feed.atom", component.id),
        id: &format!("/components/{}", component.id),
        updated: status.standing(&component.id).shown.at,
        entries: newest(cache.all().filter(of_it)).iter().map(|one| &*one.atom).collect(),
    };
    feed.atom(site, base_url)
}

pub(super) fn updates_atom<'a>(
    site: &Site,
    base_url: &BaseUrl,
    status: &Status,
    cache: &'a RenderCache,
) -> String {
    let of = |rendered: &'a Rendered| {
        let number = rendered.incident.number;
        rendered.updates.iter().map(move |update| (number, update))
    };
    let mut all: Vec<(Number, &RenderedUpdate)> = cache.all().flat_map(of).collect();
    all.sort_unstable_by_key(|(number, update)| Reverse((update.at, *number, update.index)));
    all.truncate(UPDATES_MAX);
    let feed = Feed {
        title: site.texts.machine.updates.replace("{title}", &site.config.title),
        path: "/updates.atom",
        id: "/updates",
        updated: all.iter().map(|(_, one)| one.changed).max().unwrap_or_else(|| since(status)),
        entries: all.iter().map(|(_, update)| &*update.atom).collect(),
    };
    feed.atom(site, base_url)
}

/// The feed's date without entries.
fn since(status: &Status) -> Timestamp {
    status.since.unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The latest change first.
fn newest<'a>(all: impl Iterator<Item = &'a Rendered>) -> Vec<&'a Rendered> {
    let mut newest: Vec<&Rendered> = all.collect();
    newest.sort_unstable_by_key(|one| Reverse((one.changed, one.incident.number)));
    newest.truncate(INCIDENTS_MAX);
    newest
}

/// An incident's entry in Atom, and its item in RSS.
pub(super) fn incident_entries(
    site: &Site,
    base_url: &BaseUrl,
    incident: &Incident,
    names: &ComponentNames,
) -> (String, String) {
    let told = newest_updates(incident);
    let mut html: String =
        told.iter().map(|(index, update)| update_html(site, incident, *index, update)).collect();
    let next = incident
        .next_update_by
        .map(|by| site.texts.machine.next_update.replace("{at}", &site.readable(by)));
    let older = (told.len() < incident.updates.len()).then(|| site.texts.machine.older.clone());
    let lines = [older, site.planned(incident), next, site.affected(&incident.components, names)];
    html.extend(lines.into_iter().flatten().map(|line| paragraph(&line)));
    let entry = Entry {
        id: base_url.tag(&format!("/incidents/{}", incident.number)),
        link: base_url.incident(incident.number),
        title: match incident.resolved {
            Some(_) => {
                let ended = match incident.stage {
                    Stage::PostMortem => Stage::Resolved,
                    stage => stage,
                };
                let title = site.texts.machine.ended.replace("{stage}", site.texts.stage(ended));
                title.replace("{title}", site.title(&incident.title))
            }
            None => site.title(&incident.title).to_owned(),
        },
        published: incident.opened,
        updated: last_change(incident),
        html,
    };
    (entry.atom(), entry.rss(base_url))
}

/// The newest updates of an incident, newest first.
pub(super) fn update_entries(
    site: &Site,
    base_url: &BaseUrl,
    incident: &Incident,
    names: &ComponentNames,
) -> Vec<RenderedUpdate> {
    let newest = newest_updates(incident).into_iter().take(UPDATES_MAX);
    let rendered = newest.map(|(index, update)| RenderedUpdate {
        index,
        at: update.at,
        changed: changed(update),
        atom: update_entry(site, base_url, incident, (index, update), names).atom().into(),
    });
    rendered.collect()
}

fn update_entry(
    site: &Site,
    base_url: &BaseUrl,
    incident: &Incident,
    (index, update): (usize, &Update),
    names: &ComponentNames,
) -> Entry {
    let (number, nth) = (incident.number, update.number);
    let mut html = update_html(site, incident, index, update);
    html.extend(site.affected(&update.components, names).map(|line| paragraph(&line)));
    Entry {
        id: base_url.tag(&format!("/incidents/{number}/updates/{nth}")),
        link: format!("{}#{}", base_url.incident(number), update_id(update)),
        title: format!("{}: {}", site.texts.stage(update.stage), site.title(&incident.title)),
        published: update.at,
        updated: changed(update),
        html,
    }
}

fn paragraph(line: &str) -> String {
    format!("<p>{}</p>", escape(line))
}

/// Time, stage in the first `<strong>`, and text.
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
    let Some(text) = shown(incident, index, update) else {
        return format!("{head} - {}</p>", escape(site.silent(incident, index)));
    };
    if *text == Text::erased() {
        return format!("{head} - {}</p>", escape(site.title(REMOVED)));
    }
    let text = text_html(&text);
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
        xml.leaf("updated", &[], &seconds(self.updated));
        link(&mut xml, &own, &base_url.url(self.path));
        link(&mut xml, &[("rel", "alternate"), ("type", "text/html")], &base_url.url("/"));
        xml.open("author", &[]);
        xml.leaf("name", &[], &site.config.title);
        xml.close("author");
        push_bounded(&mut xml, &self.entries);
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
        xml.leaf("lastBuildDate", &[], &mail_date(self.updated));
        let href = base_url.url(self.path);
        xml.empty("atom:link", &[own[0], own[1], ("href", &href)]);
        push_bounded(&mut xml, &self.entries);
        xml.close("channel");
        xml.close("rss");
        xml.finish()
    }
}

impl Entry {
    fn atom(&self) -> String {
        let mut xml = Xml::part();
        xml.open("entry", &[]);
        xml.leaf("id", &[], &self.id);
        xml.leaf("title", &[], &self.title);
        xml.leaf("published", &[], &seconds(self.published));
        xml.leaf("updated", &[], &seconds(self.updated));
        link(&mut xml, &[("rel", "alternate"), ("type", "text/html")], &self.link);
        xml.leaf("content", &[("type", "html")], &self.html);
        xml.close("entry");
        xml.finish()
    }

    fn rss(&self, base_url: &BaseUrl) -> String {
        let mut xml = Xml::part();
        xml.open("item", &[]);
        xml.leaf("title", &[], &self.title);
        xml.leaf("link", &[], &self.link);
        // Without the page's address, the link is not permanent.
        if base_url.base.is_empty() {
            xml.leaf("guid", &[("isPermaLink", "false")], &self.id);
        } else {
            xml.leaf("guid", &[("isPermaLink", "true")], &self.link);
        }
        xml.leaf("pubDate", &[], &mail_date(self.updated));
        xml.leaf("description", &[], &self.html);
        xml.close("item");
        xml.finish()
    }
}

fn link(xml: &mut Xml, kind: &[(&str, &str)], href: &str) {
    let attributes: Vec<(&str, &str)> = kind.iter().copied().chain([("href", href)]).collect();
    xml.empty("link", &attributes);
}

/// Adds entries up to the limit; the first one always.
fn push_bounded(xml: &mut Xml, entries: &[&str]) {
    let mut bytes = 0;
    for entry in entries {
        if bytes > 0 && bytes + entry.len() > ENTRIES_BYTES_MAX {
            return;
        }
        bytes += entry.len();
        xml.push(entry);
    }
}

/// RFC 3339 to the second.
fn seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// RFC 822 with a year of four digits, as RSS requires.
fn mail_date(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}
