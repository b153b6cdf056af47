//! The published pages: from the state to bytes. The same state gives the same bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value, filters};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::config::Config;
use super::history::MonthDocument;
use super::markup::text_html;
use super::model::{Impact, Incident, Month, Number, Stage, State};

/// How many updates of an open incident the index shows; its own page has them all.
const INDEX_UPDATES_MAX: usize = 4;
/// How many closed incidents the index lists.
const INDEX_CLOSED_MAX: usize = 10;

const STYLE: &str = include_str!("../../templates/style.css");
const TEMPLATES: &[(&str, &str)] = &[
    ("layout.html", include_str!("../../templates/layout.html")),
    ("incident-parts.html", include_str!("../../templates/incident-parts.html")),
    ("index.html", include_str!("../../templates/index.html")),
    ("incident.html", include_str!("../../templates/incident.html")),
    ("month.html", include_str!("../../templates/month.html")),
    ("404.html", include_str!("../../templates/404.html")),
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

/// Why a page could not be made: a template is wrong.
#[derive(Debug, thiserror::Error)]
#[error("a template cannot be used: {0}")]
pub struct SiteError(#[from] minijinja::Error);

/// The templates and what they are filled with besides the state.
pub struct Site {
    environment: Environment<'static>,
    config: Config,
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
            environment.add_template(name, source)?;
        }
        let style: String = STYLE.lines().map(str::trim).collect::<Vec<_>>().join("\n");
        let hash = BASE64.encode(Sha256::digest(style.as_bytes()));
        environment.add_global("style", Value::from_safe_string(style));
        environment.add_global("style_hash", format!("sha256-{hash}"));
        environment.add_global("site_title", config.title.clone());
        environment.add_global("support", config.support.clone());
        environment.add_global("zone", config.time_zone_name.clone());
        environment.add_global("public_url", config.public_url.clone());
        let look = look(&config);
        Ok(Self { environment, config, look })
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
        let overall = Overall::of(state);
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
                    "impact": summary.impact.word(),
                    "opened": self.time(summary.opened),
                    "resolved": summary.resolved.map(|at| self.time(at)),
                    "duration": ended.map(duration),
                })
            })
            .collect();
        let context = json!({
            "canonical": format!("/history/{}/", document.month),
            "title": document.month.title(),
            "incidents": incidents,
            "previous": document.previous.map(MonthView::of),
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
            impact: incident.impact.word(),
            tone: tone(incident.impact),
            stage: incident.stage.title(),
            components: incident
                .components
                .iter()
                .map(|id| self.config.component_name(id).to_owned())
                .collect(),
            opened: self.time(incident.opened),
            resolved: incident.resolved.map(|at| self.time(at)),
            duration: incident.resolved.map(|at| duration(at.duration_since(incident.opened))),
            month: MonthView::of(incident.month),
            updates: shown
                .map(|(index, update)| UpdateView {
                    id: format!("update-{}", index + 1),
                    stage: update.stage.title(),
                    at: self.time(update.at),
                    by: self.config.publish_names.then(|| update.by.clone()),
                    text: if update.text.is_empty() && update.stage == Stage::Resolved {
                        "<p>This incident has been resolved.</p>".to_owned()
                    } else {
                        text_html(&update.text)
                    },
                    corrected: update.corrected.map(|at| self.time(at)),
                })
                .collect(),
            updates_total: incident.updates.len(),
        }
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
                        let impact = worst(
                            state.open.values().filter(|i| i.components.contains(&component.id)),
                        );
                        ComponentView {
                            name: component.name.clone(),
                            description: component.description.clone(),
                            tone: impact.map_or("good", tone),
                            status: match impact {
                                None => "Operational",
                                Some(Impact::Minor) => "Degraded performance",
                                Some(Impact::Major) => "Partial outage",
                                Some(Impact::Critical) => "Major outage",
                            },
                        }
                    })
                    .collect(),
            })
            .collect()
    }

    /// A time in the page's zone, and for machines.
    fn time(&self, at: Timestamp) -> TimeView {
        let seconds = Timestamp::from_second(at.as_second()).unwrap_or(at);
        TimeView {
            iso: seconds.to_string(),
            text: at
                .to_zoned(self.config.time_zone.clone())
                .strftime("%b %-d, %Y, %H:%M %Z")
                .to_string(),
        }
    }
}

/// To be raised when this program makes other pages from the same templates and the same state.
const LOOK: u32 = 1;

fn look(config: &Config) -> String {
    let Config { title, time_zone_name, support, publish_names, groups, public_url, .. } = config;
    let made_from = format!(
        "{LOOK} {STYLE:?} {TEMPLATES:?} {title:?} {time_zone_name:?} {support:?} {publish_names:?} \
         {groups:?} {public_url:?}",
    );
    super::model::sha256_hex(made_from.as_bytes())
}

/// How the page as a whole stands: its colour and its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overall {
    tone: &'static str,
    text: &'static str,
}

impl Overall {
    /// The worst impact of what is open decides.
    #[must_use]
    pub fn of(state: &State) -> Self {
        let impact = worst(state.open.values());
        Self {
            tone: impact.map_or("good", tone),
            text: match impact {
                None => "All systems operational",
                Some(Impact::Minor) => "Degraded performance",
                Some(Impact::Major) => "Partial outage",
                Some(Impact::Critical) => "Major outage",
            },
        }
    }
}

fn worst<'a>(incidents: impl Iterator<Item = &'a Incident>) -> Option<Impact> {
    incidents.map(|incident| incident.impact).max()
}

/// The class that colours an impact: amber for the least, red for more.
fn tone(impact: Impact) -> &'static str {
    match impact {
        Impact::Minor => "warn",
        Impact::Major | Impact::Critical => "bad",
    }
}

/// A length of time in its two largest units, such as `2 h 5 min`.
#[must_use]
pub fn duration(duration: SignedDuration) -> String {
    let minutes = duration.as_mins().max(0);
    let (days, hours, minutes) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => "less than a minute".to_owned(),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, 0, _) => format!("{days} d"),
        (days, hours, _) => format!("{days} d {hours} h"),
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

impl MonthView {
    fn of(month: Month) -> Self {
        Self { path: format!("/history/{month}/"), title: month.title() }
    }
}

#[derive(Serialize)]
struct IncidentView {
    number: Number,
    path: String,
    title: String,
    impact: &'static str,
    tone: &'static str,
    stage: &'static str,
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
    stage: &'static str,
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
    status: &'static str,
}
