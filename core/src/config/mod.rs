//! The configuration of the page: `status.toml`, as values.

mod alerts;
mod cadence;
mod components;
pub mod duties;
pub mod guide;
pub mod language;
mod launch;
mod lines;
mod problems;
pub mod severity;
pub mod theme;

use std::borrow::Cow;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde::Deserialize;
use toml::Spanned;

use super::alerts::rule::Rule;
use super::incident::model::{Impact, Number};
use super::incident::severity::Severity;
use super::incident::status::ComponentNames;
use super::launch::place::Launch;
use super::response::cadence::Cadence;
use super::response::model::Visibility;
use super::text::time::{named_zone, read_length};
use super::text::{clean_name, is_safe_link};
pub use components::{Component, Group};
use components::{FileComponent, FileGroup, component_id, groups};
use duties::Duties;
use guide::Guides;
use language::Language;
use launch::FileLaunch;
use lines::{line, one_line};
pub use problems::{ConfigError, Problems};
use severity::{FileSeverity, SeverityImpacts};
use theme::{Accent, Link, Theme};

/// Configuration of the page. By default, it has no components and uses UTC.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the file")]
pub struct Config {
    pub title: String,
    /// Zone in which times are shown.
    pub time_zone: TimeZone,
    /// Name of the zone, such as `Europe/Berlin`.
    pub time_zone_name: String,
    /// Help for visitors: an `https:`, `http:` or `mailto:` link.
    pub support: Option<String>,
    /// `true` if the page shows the names of authors and of mentioned people.
    pub publish_names: bool,
    /// `true` if incidents are internal at first, unless the command says otherwise.
    pub internal_first: bool,
    /// Time after which an update promises the next one, unless the update itself says when.
    pub update_every: Option<SignedDuration>,
    /// Target that monthly reports compare with, in thousandths of a per cent.
    pub uptime_target: Option<u64>,
    /// In the order of the page.
    pub groups: Vec<Group>,
    /// Times of reminders to post updates.
    pub cadence: Cadence,
    /// Default impact for each severity.
    pub severity: SeverityImpacts,
    /// `true` if messages can be sent to the channel proactively. Otherwise answers contain them.
    pub notifies: bool,
    /// Alert rules. The first one that matches applies.
    pub alerts: Vec<Rule>,
    /// Help for responders with the components. Pages are never generated from it.
    pub guides: Guides,
    /// Address of the page without a trailing slash, if known.
    pub public_url: Option<String>,
    pub language: Language,
    /// Custom template for reviews.
    pub review: Option<ReviewTemplate>,
    /// `true` if answers link the pages for responders. Public pages never do.
    pub responder_links: bool,
    /// Parts that come from [`Config::files`] are added after parsing.
    pub theme: Theme,
    /// Custom descriptions of the roles; `None` uses those of the language.
    pub duties: Option<Duties>,
    /// Directory ids of the people who may withdraw, unpublish, mark duplicates, erase, and undo
    /// records of other people, from the environment. Empty allows everyone.
    pub correctors: Vec<String>,
    pub files: Files,
    pub launch: Launch,
}

/// Files named in `status.toml`, as paths relative to its folder and never outside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    pub logo: Option<String>,
    pub stylesheet: Option<String>,
    /// Folder of the templates.
    pub templates: Option<String>,
    /// Descriptions of the roles.
    pub duties: Option<String>,
    /// Template for reviews.
    pub review: Option<String>,
}

/// Custom template for reviews. The review checks whether it can be rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewTemplate {
    /// File as written in `status.toml`.
    pub name: String,
    pub text: String,
}

/// `status.toml` as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: Option<String>,
    time_zone: Option<String>,
    support: Option<String>,
    #[serde(default)]
    publish_names: bool,
    #[serde(default)]
    internal_first: bool,
    update_every: Option<String>,
    uptime_target: Option<f64>,
    language: Option<String>,
    accent: Option<String>,
    logo: Option<String>,
    stylesheet: Option<String>,
    templates: Option<String>,
    duties: Option<String>,
    #[serde(default)]
    review: FileReview,
    #[serde(default)]
    launch: FileLaunch,
    #[serde(default)]
    links: FileLinks,
    #[serde(default)]
    components: Vec<FileComponent>,
    #[serde(default)]
    groups: Vec<FileGroup>,
    #[serde(default)]
    alerts: Vec<Spanned<alerts::FileRule>>,
    #[serde(default)]
    cadence: cadence::FileCadence,
    #[serde(default)]
    severity: FileSeverity,
}

/// Only the template, or a table that contains it.
#[derive(Deserialize)]
#[serde(untagged)]
enum FileReview {
    Template(String),
    Table(FileReviewTable),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileReviewTable {
    template: Option<String>,
    links: Option<bool>,
}

impl Default for FileReview {
    fn default() -> Self {
        Self::Table(FileReviewTable::default())
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLinks {
    #[serde(default)]
    header: Vec<FileLink>,
    #[serde(default)]
    footer: Vec<FileLink>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLink {
    text: String,
    address: String,
}

/// Maximum number of links in the header, and in the footer. Every page contains them.
const LINKS_MAX: usize = 8;

impl Default for Config {
    fn default() -> Self {
        Self {
            title: "Service status".to_owned(),
            time_zone: TimeZone::UTC,
            time_zone_name: "UTC".to_owned(),
            support: None,
            publish_names: false,
            internal_first: false,
            update_every: None,
            uptime_target: None,
            groups: Vec::new(),
            cadence: Cadence::default(),
            severity: SeverityImpacts::default(),
            notifies: false,
            alerts: Vec::new(),
            guides: Guides::new(),
            public_url: None,
            correctors: Vec::new(),
            language: Language::default(),
            review: None,
            responder_links: true,
            theme: Theme::default(),
            duties: None,
            files: Files::default(),
            launch: Launch::default(),
        }
    }
}

impl Config {
    /// Parses the text of a `status.toml`.
    ///
    /// # Errors
    /// Returns all problems of the configuration.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let (config, problems) = Self::read(text);
        problems.end(config)
    }

    /// Parses as much of a `status.toml` as possible. Returns the configuration, with defaults
    /// instead of wrong values, and a sentence for each problem.
    #[must_use]
    pub fn read(text: &str) -> (Self, Problems) {
        let default = Self::default();
        let file: File = match toml::from_str(text) {
            Ok(file) => file,
            Err(error) => return (default, Problems(vec![one_line(&error, text)])),
        };
        let mut problems = Problems::default();
        let title = file.title.map_or(Ok(default.title), |title| page_title(&title));
        let zone = file.time_zone.and_then(|name| Some((problems.note(zone(&name))?, name)));
        let (time_zone, time_zone_name) =
            zone.unwrap_or((default.time_zone, default.time_zone_name));
        let (groups, guides) = groups(file.components, file.groups, &mut problems);
        let mut alerts = Vec::new();
        for rule in alerts::rules(file.alerts, |name| component_id(&groups, name)) {
            let rule =
                rule.map_err(|wrong| format!("line {}: {}", line(text, wrong.at.start), wrong.why));
            alerts.extend(problems.note(rule));
        }
        let review = match file.review {
            FileReview::Template(template) => {
                FileReviewTable { template: Some(template), links: None }
            }
            FileReview::Table(table) => table,
        };
        let config = Self {
            title: problems.or_default(title),
            time_zone,
            time_zone_name,
            support: file.support.and_then(|link| problems.note(support(link))),
            publish_names: file.publish_names,
            internal_first: file.internal_first,
            uptime_target: file.uptime_target.and_then(|it| problems.note(uptime_target(it))),
            update_every: file.update_every.and_then(|length| problems.note(update_every(&length))),
            groups,
            cadence: cadence::cadence(&file.cadence, &mut problems),
            severity: problems.or_default(SeverityImpacts::read(&file.severity)),
            notifies: default.notifies,
            alerts,
            guides,
            public_url: None,
            correctors: Vec::new(),
            language: file
                .language
                .map_or(default.language, |tag| problems.or_default(language(&tag))),
            review: None,
            responder_links: review.links.unwrap_or(default.responder_links),
            theme: Theme {
                accent: file.accent.and_then(|accent| problems.note(Accent::parse(&accent))),
                header_links: problems.or_default(links("header", file.links.header)),
                footer_links: problems.or_default(links("footer", file.links.footer)),
                ..default.theme
            },
            duties: None,
            files: Files {
                logo: problems.or_default(path("logo", file.logo)),
                stylesheet: problems.or_default(path("stylesheet", file.stylesheet)),
                templates: problems.or_default(path("templates", file.templates)),
                duties: problems.or_default(path("duties", file.duties)),
                review: problems.or_default(path("review", review.template)),
            },
            launch: file.launch.checked(&mut problems),
        };
        (config, problems)
    }

    /// Descriptions of the roles: custom ones, or else those of the language. `None` if the latter
    /// are damaged.
    #[must_use]
    pub fn duties(&self) -> Option<Cow<'_, Duties>> {
        let own = self.duties.as_ref().map(Cow::Borrowed);
        own.or_else(|| Duties::of(self.language).map(Cow::Owned))
    }

    /// Impact of a public entry: the typed one, otherwise that of its severity.
    #[must_use]
    pub fn impact(&self, typed: Option<Impact>, severity: Option<Severity>) -> Impact {
        let by_severity = || severity.map(|severity| self.severity.of(severity));
        typed.or_else(by_severity).unwrap_or(Impact::DEFAULT)
    }

    /// Default visibility of an incident.
    #[must_use]
    pub fn visibility(&self) -> Visibility {
        if self.internal_first { Visibility::Internal } else { Visibility::Public }
    }

    /// In the order of the page.
    pub fn components(&self) -> impl Iterator<Item = &Component> {
        self.groups.iter().flat_map(|group| &group.components)
    }

    #[must_use]
    pub fn component(&self, id: &str) -> Option<&Component> {
        self.components().find(|component| component.id == id)
    }

    /// Name of a component: as it is configured, otherwise as the log has it, otherwise its id.
    #[must_use]
    pub fn component_name<'a>(&'a self, id: &'a str, known: &'a ComponentNames) -> &'a str {
        let configured = self.component(id).map(|component| component.name.as_str());
        configured.or_else(|| known.get(id)).unwrap_or(id)
    }

    /// Id of the component with this name or id.
    #[must_use]
    pub fn component_id(&self, name: &str) -> Option<String> {
        component_id(&self.groups, name)
    }

    /// Address of an incident's page, if the address of the site is known.
    #[must_use]
    pub fn incident_url(&self, number: Number) -> Option<String> {
        self.public_url.as_ref().map(|base| format!("{base}/incidents/{number}/"))
    }
}

fn page_title(title: &str) -> Result<String, String> {
    match title.trim() {
        "" => Err("title is empty: give the page a name".to_owned()),
        title => Ok(title.to_owned()),
    }
}

fn support(link: String) -> Result<String, String> {
    if is_safe_link(&link) {
        return Ok(link);
    }
    Err(format!("support = \"{link}\" is not a link that starts with https:, http: or mailto:"))
}

fn language(tag: &str) -> Result<Language, String> {
    Language::of(tag).ok_or_else(|| {
        let known = Language::ALL.map(Language::tag).join(", ");
        format!("language = \"{tag}\" is not one of {known}")
    })
}

fn links(place: &str, links: Vec<FileLink>) -> Result<Vec<Link>, String> {
    if links.len() > LINKS_MAX {
        return Err(format!("links.{place} has more than {LINKS_MAX} links"));
    }
    let checked = links.into_iter().map(|FileLink { text, address }| {
        let shown = clean_name(&text);
        if shown.is_empty() {
            let why = format!("links.{place}: text = \"{text}\" of {address} shows nothing");
            return Err(why);
        }
        if !is_safe_link(&address) {
            return Err(format!(
                "links.{place}: address = \"{address}\" is not a link that starts with https:, \
                 http: or mailto:"
            ));
        }
        Ok(Link { text: shown, address })
    });
    checked.collect()
}

/// Checks that a path is inside the folder of `status.toml`, because other files are not deployed
/// with it.
fn path(key: &str, path: Option<String>) -> Result<Option<String>, String> {
    let Some(path) = path else {
        return Ok(None);
    };
    let is_inside = |part: &str| !part.is_empty() && part != ".." && !part.contains(['\\', ':']);
    if !path.split('/').all(is_inside) {
        return Err(format!(
            "{key} = \"{path}\" is not a path below the folder of this file, such as site/{key}"
        ));
    }
    Ok(Some(path))
}

/// Converts a percentage to thousandths of a per cent.
fn uptime_target(percent: f64) -> Result<u64, String> {
    let thousandths = format!("{:.0}", percent * 1_000.0).parse().ok();
    thousandths.filter(|it| (1..=100_000).contains(it)).ok_or_else(|| {
        format!("uptime_target = {percent} is not a percentage up to 100, such as 99.9")
    })
}

fn update_every(text: &str) -> Result<SignedDuration, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match read_length(&words) {
        Some((length, taken)) if taken == words.len() => Ok(length),
        _ => Err(format!(
            "update_every = \"{text}\" is not a length of time such as \"30m\" or \"2h\""
        )),
    }
}

fn zone(name: &str) -> Result<TimeZone, String> {
    // "EST" is a zone of the database, but without daylight saving time, which nobody intends.
    if let Some(meant) = named_zone(name) {
        return Err(format!(
            "time_zone = \"{name}\" can mean several time zones: write one such as \"{meant}\""
        ));
    }
    TimeZone::get(name).map_err(|_| {
        format!(
            "time_zone = \"{name}\" is not a zone of the IANA database such as \"Europe/Berlin\""
        )
    })
}
