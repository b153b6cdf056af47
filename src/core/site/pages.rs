//! The pages for people. The same status gives the same bytes.

use bytes::Bytes;
use minijinja::value::Serde;
use serde::Serialize;
use serde_json::json;

use super::brand;
use super::days::{GroupView, PeriodView, RecentView};
use super::page::{Page, SiteError};
use super::renderer::Site;
use super::views::{IncidentView, MonthView, SummaryView, TimeView, tone};
use crate::core::incident::history::MonthDocument;
use crate::core::incident::model::{Incident, MonthPart, Stage};
use crate::core::incident::status::Status;

/// How many updates of an open incident the index shows; its own page has them all.
const INDEX_UPDATES_MAX: usize = 3;
/// How many planned maintenances the index shows.
const INDEX_PLANNED_MAX: usize = 10;

impl Site {
    /// The page that shows how things are.
    ///
    /// # Errors
    /// [`SiteError`], as for all pages.
    pub fn index(&self, status: &Status) -> Result<Page, SiteError> {
        let impact = status.impact();
        let overall = self.texts.overall(impact);
        let mut open: Vec<&Incident> = status.open.values().map(AsRef::as_ref).collect();
        open.sort_by_key(|incident| std::cmp::Reverse((incident.impact, incident.number)));
        let view = |incident: &&Incident| self.short_view(incident, status, INDEX_UPDATES_MAX);
        let mut maintenance: Vec<&Incident> =
            status.maintenance.values().map(AsRef::as_ref).collect();
        maintenance.sort_by_key(|incident| (incident.began(), incident.number));
        let (running, planned): (Vec<&Incident>, Vec<&Incident>) =
            maintenance.into_iter().partition(|incident| incident.stage == Stage::InProgress);
        let today = MonthPart::first_of(self.date(status.at));
        let describe = self.texts.words("describe").replace("{overall}", overall);
        let titles = open.iter().chain(&running).map(|incident| incident.title.as_str());
        let description = titles.fold(describe, |text, title| format!("{text} {title}."));
        let newest = status.months.range(..=today.last()).next_back();
        let context = Index {
            page: About {
                title: format!("{overall} – {}", self.config.title),
                description,
                path: Some("/".to_owned()),
                kind: "website",
                live: true,
                data: None,
            },
            overall: OverallView { tone: impact.map_or("good", tone), text: overall },
            open: open.iter().map(view).collect(),
            running: running.iter().map(view).collect(),
            planned: planned.iter().take(INDEX_PLANNED_MAX).map(view).collect(),
            groups: self.groups(status),
            period: self.period(status),
            recent: self.recent(status),
            since: status.since.map(|at| self.texts.date(self.date(at))),
            history: newest.map(|(month, _)| self.month_view(*month)),
            revision: status.edition,
            at: (status.edition > 0).then(|| self.time(status.at)),
        };
        self.page("index.html", "index.html".to_owned(), status.edition, &context)
    }

    /// The page of an incident or a maintenance.
    ///
    /// # Errors
    /// [`SiteError`], as for all pages.
    pub fn incident(&self, incident: &Incident) -> Result<Page, SiteError> {
        let path = format!("/incidents/{}/", incident.number);
        let context = IncidentPage {
            page: About {
                title: format!("{} – {}", incident.title, self.config.title),
                description: self.description(incident),
                data: Some(self.incident_data(incident, &path)),
                path: Some(path),
                kind: "article",
                live: true,
            },
            incident: self.incident_view(incident),
            revision: incident.edition,
        };
        let name = format!("incidents/{}/index.html", incident.number);
        self.page("incident.html", name, incident.edition, &context)
    }

    /// A month of the history.
    ///
    /// # Errors
    /// [`SiteError`], as for all pages.
    pub fn month(&self, document: &MonthDocument) -> Result<Page, SiteError> {
        let lines = document.incidents.iter().rev();
        let title = self.texts.month(document.month);
        let description = self.texts.words("described_month").replace("{month}", &title);
        let context = MonthPage {
            page: About {
                title: format!("{title} – {}", self.config.title),
                description,
                path: Some(format!("/history/{}/", document.month)),
                kind: "website",
                live: false,
                data: None,
            },
            title,
            incidents: lines.map(|(number, line)| self.summary_view(*number, line)).collect(),
            previous: document.previous.map(|month| self.month_view(month)),
            revision: document.edition(),
        };
        let name = format!("history/{}/index.html", document.month);
        self.page("month.html", name, document.edition(), &context)
    }

    /// The pages and files that no record changes, of edition 0: the page for addresses that lead
    /// nowhere, the one about uptime, and the script.
    ///
    /// # Errors
    /// [`SiteError`], as for all pages.
    pub fn static_pages(&self) -> Result<Vec<Page>, SiteError> {
        let mut pages = vec![self.not_found()?, self.uptime()?, self.script.clone()];
        pages.extend(brand::assets(&self.config.theme));
        Ok(pages)
    }

    /// The page for addresses that lead nowhere.
    ///
    /// # Errors
    /// [`SiteError`], as for all pages.
    pub fn not_found(&self) -> Result<Page, SiteError> {
        let page = self.plain(self.texts.words("lost"), self.texts.words("lost_text"), None);
        self.page("404.html", "404.html".to_owned(), 0, &PlainPage { page, revision: 0 })
    }

    fn uptime(&self) -> Result<Page, SiteError> {
        let (title, text) = (self.texts.words("how"), self.texts.words("uptime_share"));
        let page = self.plain(title, text, Some("/uptime/"));
        let context = PlainPage { page, revision: 0 };
        self.page("uptime.html", "uptime/index.html".to_owned(), 0, &context)
    }

    fn plain(&self, title: &str, description: &str, path: Option<&str>) -> About {
        About {
            title: format!("{title} – {}", self.config.title),
            description: description.to_owned(),
            path: path.map(str::to_owned),
            kind: "website",
            live: false,
            data: None,
        }
    }

    fn page(
        &self,
        template: &str,
        name: String,
        edition: u64,
        context: &impl Serialize,
    ) -> Result<Page, SiteError> {
        let html = self.environment.get_template(template)?.render(Serde(context))?;
        Ok(Page { name, edition, bytes: Bytes::from(html) })
    }

    /// What search engines read of an incident: JSON-LD, harmless within HTML. A maintenance is an
    /// event, an incident a coverage that is added to as long as it lasts.
    fn incident_data(&self, incident: &Incident, path: &str) -> String {
        let url = self.config.public_url.as_ref().map(|base| format!("{base}{path}"));
        let seconds = |at| self.time(at).iso;
        let data = match incident.window {
            Some(window) => json!({
                "@context": "https://schema.org",
                "@type": "Event",
                "name": incident.title,
                "description": self.description(incident),
                "startDate": seconds(window.from),
                "endDate": seconds(window.until),
                "eventStatus": match incident.stage {
                    Stage::Cancelled => "https://schema.org/EventCancelled",
                    _ => "https://schema.org/EventScheduled",
                },
                "eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode",
                "location": { "@type": "VirtualLocation", "url": self.config.public_url },
                "organizer": { "@type": "Organization", "name": self.config.title },
            }),
            None => json!({
                "@context": "https://schema.org",
                "@type": "LiveBlogPosting",
                "headline": incident.title,
                "description": self.description(incident),
                "url": url,
                "inLanguage": self.texts.tag,
                "datePublished": seconds(incident.opened),
                "dateModified": incident.updates.last().map(|u| seconds(u.corrected.unwrap_or(u.at))),
                "coverageStartTime": seconds(incident.opened),
                "coverageEndTime": incident.resolved.map(seconds),
                "author": { "@type": "Organization", "name": self.config.title },
            }),
        };
        // No `<` ends the element, and none begins a comment in it.
        data.to_string().replace('<', "\\u003c")
    }
}

/// What `index.html` sees.
#[derive(Serialize)]
struct Index<'a> {
    page: About,
    overall: OverallView<'a>,
    open: Vec<IncidentView>,
    running: Vec<IncidentView>,
    planned: Vec<IncidentView>,
    groups: Vec<GroupView>,
    period: Option<PeriodView>,
    recent: Vec<RecentView>,
    since: Option<String>,
    history: Option<MonthView>,
    revision: u64,
    at: Option<TimeView>,
}

/// How everything is.
#[derive(Serialize)]
struct OverallView<'a> {
    tone: &'static str,
    text: &'a str,
}

/// What `incident.html` sees.
#[derive(Serialize)]
struct IncidentPage {
    page: About,
    incident: IncidentView,
    revision: u64,
}

/// What `month.html` sees.
#[derive(Serialize)]
struct MonthPage {
    page: About,
    title: String,
    incidents: Vec<SummaryView>,
    previous: Option<MonthView>,
    revision: u64,
}

/// What a page sees that shows nothing of the status.
#[derive(Serialize)]
struct PlainPage {
    page: About,
    revision: u64,
}

/// What a page says about itself to other programs.
#[derive(Serialize)]
struct About {
    title: String,
    description: String,
    /// From the root; `None` for a page without an address of its own.
    path: Option<String>,
    /// Open Graph's type.
    kind: &'static str,
    /// Whether the script keeps it up to date.
    live: bool,
    /// JSON-LD.
    data: Option<String>,
}
