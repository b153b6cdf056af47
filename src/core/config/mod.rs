//! What the page is called and what it covers: the contents of `status.toml`, as values.

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
use super::launch::place::Launch;
use super::response::cadence::Cadence;
use super::response::model::Visibility;
use super::text::time::read_length;
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

/// The page's configuration. Its default is a page without components, in UTC.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the file")]
pub struct Config {
    /// The page's title.
    pub title: String,
    /// The zone that times are shown in.
    pub time_zone: TimeZone,
    /// The zone's name, such as `Europe/Berlin`.
    pub time_zone_name: String,
    /// Where visitors get help: an `https:`, `http:` or `mailto:` link.
    pub support: Option<String>,
    /// Whether the names of those who post are shown.
    pub publish_names: bool,
    /// Whether incidents are opened without being published, unless it is said otherwise.
    pub internal_first: bool,
    /// How soon after an update of an open incident the next one is promised, unless it says so
    /// itself.
    pub update_every: Option<SignedDuration>,
    /// The uptime that reports of a month compare with, in thousandths of a per cent.
    pub uptime_target: Option<u64>,
    /// The components in the order of the page, those of a group side by side.
    pub groups: Vec<Group>,
    /// How often those outside are to hear something.
    pub cadence: Cadence,
    /// The impact that a severity stands for where none is typed.
    pub severity: SeverityImpacts,
    /// Whether there is a way to speak in the channel unasked. Else answers carry what is to be said.
    pub notifies: bool,
    /// What is done about alerts: the first rule that matches counts.
    pub alerts: Vec<Rule>,
    /// What helps with them: for the responders alone, and nothing that pages are made from.
    pub guides: Guides,
    /// The page's address without a slash at the end, where it is known.
    pub public_url: Option<String>,
    /// The language that the site is shown in.
    pub language: Language,
    /// A team's own wording of reviews.
    pub review: Option<ReviewTemplate>,
    /// Whether answers link pages that only responders read. Pages for visitors never do.
    pub responder_links: bool,
    /// How it looks. What that needs of [`Config::files`] comes in later.
    pub theme: Theme,
    /// A team's own words for what roles are for; `None` for those of the language.
    pub duties: Option<Duties>,
    /// Directory ids of the people who may withdraw, unpublish and undo what others recorded; empty
    /// where everybody may. From the environment.
    pub correctors: Vec<String>,
    /// The files that are part of the configuration.
    pub files: Files,
    /// Where incidents get their work item and channel.
    pub launch: Launch,
}

/// Files that `status.toml` names, as paths relative to its folder and never outside of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// The logo's.
    pub logo: Option<String>,
    /// The stylesheet's.
    pub stylesheet: Option<String>,
    /// The folder of the templates.
    pub templates: Option<String>,
    /// The file of what roles are for.
    pub duties: Option<String>,
    /// The wording of reviews.
    pub review: Option<String>,
}

/// A team's own wording of reviews. Whether it can be filled in, the review checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewTemplate {
    /// The file as `status.toml` calls it.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// The file as written.
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

/// The template alone, or a table with it.
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

/// How many links the top and the bottom may have each: every page carries them.
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
    /// Reads the text of a `status.toml`.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let (config, problems) = Self::read(text);
        problems.end(config)
    }

    /// Reads the text of a `status.toml` as far as it can be read: the configuration, with defaults
    /// in place of wrong values, and a sentence for each problem.
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

    /// What roles are for: the team's own words, or ours; `None` where those are damaged.
    #[must_use]
    pub fn duties(&self) -> Option<Cow<'_, Duties>> {
        let own = self.duties.as_ref().map(Cow::Borrowed);
        own.or_else(|| Duties::of(self.language).map(Cow::Owned))
    }

    /// The impact of what is put on the page: as typed, else by its severity.
    #[must_use]
    pub fn impact(&self, typed: Option<Impact>, severity: Option<Severity>) -> Impact {
        let by_severity = || severity.map(|severity| self.severity.of(severity));
        typed.or_else(by_severity).unwrap_or(Impact::DEFAULT)
    }

    /// The visibility of an incident where none is typed.
    #[must_use]
    pub fn visibility(&self) -> Visibility {
        if self.internal_first { Visibility::Internal } else { Visibility::Public }
    }

    /// All components, in the order of the page.
    pub fn components(&self) -> impl Iterator<Item = &Component> {
        self.groups.iter().flat_map(|group| &group.components)
    }

    /// What people call a component: its id where it is configured no longer.
    #[must_use]
    pub fn component_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.components().find(|component| component.id == id).map_or(id, |found| &found.name)
    }

    /// The id of the component that is called so, or has this id.
    #[must_use]
    pub fn component_id(&self, name: &str) -> Option<String> {
        component_id(&self.groups, name)
    }

    /// The address of an incident's page, where the page's own is known.
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

/// A path into the folder of `status.toml`: what lies elsewhere is not deployed with it.
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

/// A percentage in thousandths.
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
    TimeZone::get(name).map_err(|_| {
        format!(
            "time_zone = \"{name}\" is not a zone of the IANA database such as \"Europe/Berlin\""
        )
    })
}
