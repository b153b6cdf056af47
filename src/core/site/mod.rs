//! The published pages: from the state to bytes. The same state gives the same bytes.

pub mod language;
pub mod look;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use jiff::Timestamp;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value, filters};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::config::Config;
use super::history::MonthDocument;
use super::markup::text_html;
use super::model::{Impact, Incident, Month, Number, Update};
use super::state::State;
use language::Language;

/// How many updates of an open incident the index shows; its own page has them all.
const INDEX_UPDATES_MAX: usize = 4;
/// How many closed incidents the index lists.
const INDEX_CLOSED_MAX: usize = 10;

const STYLE: &str = include_str!("../../../templates/style.css");
const TEMPLATES: &[(&str, &str)] = &[
    ("layout.html", include_str!("../../../templates/layout.html")),
    ("incident-parts.html", include_str!("../../../templates/incident-parts.html")),
    ("index.html", include_str!("../../../templates/index.html")),
    ("incident.html", include_str!("../../../templates/incident.html")),
    ("month.html", include_str!("../../../templates/month.html")),
    ("404.html", include_str!("../../../templates/404.html")),
];

/// A page as it is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its name in the site.
    pub name: String,
    /// The revision that changed what it shows last.
    pub revision: u64,
    /// The content.
    pub bytes: Bytes,
}

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A template does not parse, or asks for what is not there.
    #[error("a template cannot be used: {0}")]
    Template(#[from] minijinja::Error),
    /// The file of a language cannot be read.
    #[error("the texts of the language cannot be read")]
    Language,
}

/// The templates and what they are filled with besides the state.
pub struct Site {
    environment: Environment<'static>,
    config: Config,
    language: Language,
    look: String,
}

impl Site {
    /// Reads the templates.
    ///
    /// # Errors
    /// [`SiteError`] when one does not parse.
    pub fn new(config: Config) -> Result<Self, SiteError> {
        // Only what the templates use: the rest would be a tenth of the program.
        let mut environment = Environment::empty();
        environment.add_filter("capitalize", filters::capitalize);
        environment.add_filter("join", filters::join);
        environment.add_filter("length", filters::length);
        environment.add_filter("safe", filters::safe);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        let mut syntax = SyntaxConfig::builder();
        syntax.trim_blocks(true).lstrip_blocks(true);
        environment.set_syntax(syntax.build()?);
        for (name, source) in TEMPLATES {
            match config.look.templates.get(name) {
                Some(own) => environment.add_template_owned(*name, own.to_owned())?,
                None => environment.add_template(name, source)?,
            }
        }
        config.look.add_globals(&mut environment);
        let style = config.look.style(STYLE);
        let hash = BASE64.encode(Sha256::digest(style.as_bytes()));
        environment.add_global("style", Value::from_safe_string(style));
        environment.add_global("style_hash", format!("sha256-{hash}"));
        environment.add_global("site_title", config.title.clone());
        environment.add_global("support", config.support.clone());
        environment.add_global("zone", config.time_zone_name.clone());
        environment.add_global("public_url", config.public_url.clone());
        let look = look(&config);
        let language = Language::get(&config.language).ok_or(SiteError::Language)?;
        Ok(Self { environment, config, language, look })
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// A digest of what pages look like besides the state: where it differs, they are to be made
    /// anew.
    #[must_use]
    pub fn look(&self) -> &str {
        &self.look
    }

    /// The page that shows how things are.
    ///
    /// # Errors
    /// [`SiteError`], as for all pages.
    pub fn index(&self, state: &State) -> Result<Page, SiteError> {
        let impact = state.impact();
        let overall =
            json!({ "tone": impact.map_or("good", tone), "text": self.language.overall(impact) });
        let mut open: Vec<&Incident> = state.open.values().collect();
        open.sort_by_key(|incident| std::cmp::Reverse((incident.impact, incident.number)));
        let open: Vec<IncidentView> = open
            .into_iter()
            .map(|incident| self.incident_view(incident, INDEX_UPDATES_MAX))
            .collect();
        let mut closed: Vec<&Incident> = state.closed.iter().collect();
        closed.sort_by_key(|incident| std::cmp::Reverse((incident.resolved, incident.number)));
        let closed: Vec<IncidentView> = closed
            .into_iter()
            .take(INDEX_CLOSED_MAX)
            .map(|incident| self.incident_view(incident, 1))
            .collect();
        let context = json!({
            "canonical": "/",
            "overall": overall,
            "open": open,
            "closed": closed,
            "groups": self.groups(state),
            "newest_month": state.months.keys().next_back(),
            "revision": state.revision,
            "at": (state.revision > 0).then(|| self.time(state.at)),
        });
        self.page("index.html", "index.html".to_owned(), state.revision, &context)
    }

    /// An incident's own page.
    ///
    /// # Errors
    /// [`SiteError`], as for all pages.
    pub fn incident(&self, incident: &Incident) -> Result<Page, SiteError> {
        let context = json!({
            "canonical": format!("/incidents/{}/", incident.number),
            "incident": self.incident_view(incident, usize::MAX),
            "revision": incident.revision,
        });
        let name = format!("incidents/{}/index.html", incident.number);
        self.page("incident.html", name, incident.revision, &context)
    }

    /// A month of the history.
    ///
    /// # Errors
    /// [`SiteError`], as for all pages.
    pub fn month(&self, document: &MonthDocument) -> Result<Page, SiteError> {
        let incidents: Vec<_> = document
            .incidents
            .iter()
            .rev()
            .map(|(number, summary)| {
                let ended = summary.resolved.map(|at| at.duration_since(summary.opened));
                json!({
                    "number": number,
                    "title": summary.title,
                    "impact": self.language.impact(summary.impact),
                    "opened": self.time(summary.opened),
                    "resolved": summary.resolved.map(|at| self.time(at)),
                    "duration": ended.map(|length| self.language.duration(length)),
                })
            })
            .collect();
        let context = json!({
            "canonical": format!("/history/{}/", document.month),
            "title": self.language.month(document.month),
            "incidents": incidents,
            "previous": document.previous.map(|month| self.month_view(month)),
            "revision": document.revision(),
        });
        let name = format!("history/{}/index.html", document.month);
        self.page("month.html", name, document.revision(), &context)
    }

    /// The page for addresses that lead nowhere.
    ///
    /// # Errors
    /// [`SiteError`], as for all pages.
    pub fn not_found(&self) -> Result<Page, SiteError> {
        let context = json!({ "canonical": null, "revision": 0 });
        self.page("404.html", "404.html".to_owned(), 0, &context)
    }

    /// The pages that do not depend on the state.
    ///
    /// # Errors
    /// [`SiteError`], as for all pages.
    pub fn static_pages(&self) -> Result<Vec<Page>, SiteError> {
        let mut pages = vec![self.not_found()?];
        pages.extend(self.config.look.assets());
        Ok(pages)
    }

    fn page(
        &self,
        template: &str,
        name: String,
        revision: u64,
        context: &serde_json::Value,
    ) -> Result<Page, SiteError> {
        let html = self.environment.get_template(template)?.render(Serde(context))?;
        Ok(Page { name, revision, bytes: Bytes::from(html) })
    }

    fn incident_view(&self, incident: &Incident, updates_max: usize) -> IncidentView {
        let shown = incident.updates.iter().enumerate().rev().take(updates_max);
        IncidentView {
            number: incident.number,
            path: format!("/incidents/{}/", incident.number),
            title: incident.title.clone(),
            impact: self.language.impact(incident.impact).to_owned(),
            tone: tone(incident.impact),
            stage: self.language.stage(incident.stage).to_owned(),
            components: incident
                .components
                .iter()
                .map(|id| self.config.component_name(id).to_owned())
                .collect(),
            opened: self.time(incident.opened),
            resolved: incident.resolved.map(|at| self.time(at)),
            duration: incident
                .resolved
                .map(|at| self.language.duration(at.duration_since(incident.began()))),
            month: self.month_view(incident.month),
            updates: shown
                .map(|(index, update)| UpdateView {
                    id: format!("update-{}", index + 1),
                    stage: self.language.stage(update.stage).to_owned(),
                    at: self.time(update.at),
                    by: self.config.publish_names.then(|| update.by.clone()),
                    text: self.said(update),
                    corrected: update.corrected.map(|at| self.time(at)),
                })
                .collect(),
            updates_total: incident.updates.len(),
        }
    }

    /// What an update says, as HTML.
    fn said(&self, update: &Update) -> String {
        if update.text.is_empty() {
            return format!("<p>{}</p>", self.language.silent(update.stage));
        }
        text_html(&update.text)
    }

    fn groups(&self, state: &State) -> Vec<GroupView> {
        let groups = self.config.groups.iter();
        groups
            .map(|group| GroupView {
                name: group.name.clone(),
                description: group.description.clone(),
                components: group
                    .components
                    .iter()
                    .map(|component| {
                        let impact = state.impact_on(&component.id);
                        ComponentView {
                            name: component.name.clone(),
                            description: component.description.clone(),
                            tone: impact.map_or("good", tone),
                            status: self.language.status(impact).to_owned(),
                        }
                    })
                    .collect(),
            })
            .collect()
    }

    fn month_view(&self, month: Month) -> MonthView {
        MonthView { path: format!("/history/{month}/"), title: self.language.month(month) }
    }

    /// A time in the page's zone, and for machines.
    fn time(&self, at: Timestamp) -> TimeView {
        let seconds = Timestamp::from_second(at.as_second()).unwrap_or(at);
        TimeView {
            iso: seconds.to_string(),
            text: self.language.date_time(at, &self.config.time_zone),
        }
    }
}

/// To be raised when this program makes other pages from the same templates and the same state.
const LOOK: u32 = 1;

fn look(config: &Config) -> String {
    let made_from = format!("{LOOK} {STYLE:?} {TEMPLATES:?} {}", config.looks());
    super::model::sha256_hex(made_from.as_bytes())
}

/// The class that colours an impact: amber for the least, red for more.
fn tone(impact: Impact) -> &'static str {
    match impact {
        Impact::Maintenance => "info",
        Impact::Minor => "warn",
        Impact::Major | Impact::Critical => "bad",
    }
}

#[derive(Serialize)]
struct TimeView {
    iso: String,
    text: String,
}

#[derive(Serialize)]
struct MonthView {
    path: String,
    title: String,
}

#[derive(Serialize)]
struct IncidentView {
    number: Number,
    path: String,
    title: String,
    impact: String,
    tone: &'static str,
    stage: String,
    components: Vec<String>,
    opened: TimeView,
    resolved: Option<TimeView>,
    duration: Option<String>,
    month: MonthView,
    /// Newest first.
    updates: Vec<UpdateView>,
    updates_total: usize,
}

#[derive(Serialize)]
struct UpdateView {
    id: String,
    stage: String,
    at: TimeView,
    by: Option<String>,
    /// HTML, made by [`text_html`].
    text: String,
    corrected: Option<TimeView>,
}

#[derive(Serialize)]
struct GroupView {
    name: Option<String>,
    description: Option<String>,
    components: Vec<ComponentView>,
}

#[derive(Serialize)]
struct ComponentView {
    name: String,
    description: Option<String>,
    tone: &'static str,
    status: String,
}
