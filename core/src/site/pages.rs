//! The pages for people. The same status gives the same bytes.

use bytes::Bytes;
use jiff::SignedDuration;
use jiff::civil::Date;
use minijinja::value::Serde;
use serde::Serialize;
use serde_json::json;

use super::brand;
use super::days::{GroupView, PeriodView, RecentView, UptimeView};
use super::headline::Headline;
use super::page::{Page, SiteError};
use super::renderer::Site;
use super::views::{IncidentView, MonthView, SummaryView, TimeView};
use crate::config::Component;
use crate::incident::history::{MonthDocument, Summary};
use crate::incident::model::{Incident, MonthPart, Number, Stage, Withdrawal};
use crate::incident::status::{ComponentNames, Status};
use crate::text::markup::text_html;

/// The limit of updates per open incident on the index; its own page has all.
const INDEX_UPDATES_MAX: usize = 2;
/// The limit of planned maintenance on the index.
const INDEX_PLANNED_MAX: usize = 10;
/// Maintenance that begins within this time is shown above the components.
const SOON: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Site {
    /// The front page.
    ///
    /// # Errors
    /// [`SiteError`], as for all pages.
    pub fn index(&self, status: &Status) -> Result<Page, SiteError> {
        let headline = self.headline(status);
        let mut open: Vec<&Incident> = status.open.values().map(AsRef::as_ref).collect();
        open.sort_by_key(|incident| std::cmp::Reverse((incident.impact, incident.number)));
        let view = |incident: &&Incident| self.short_view(incident, status, INDEX_UPDATES_MAX);
        let mut maintenance: Vec<&Incident> =
            status.maintenance.values().map(AsRef::as_ref).collect();
        maintenance.sort_by_key(|incident| (incident.began(), incident.number));
        let (running, planned): (Vec<&Incident>, Vec<&Incident>) =
            maintenance.into_iter().partition(|incident| incident.stage == Stage::InProgress);
        let planned = planned.into_iter().take(INDEX_PLANNED_MAX);
        let (soon, planned): (Vec<&Incident>, Vec<&Incident>) =
            planned.partition(|incident| incident.began().duration_since(status.at) <= SOON);
        let today = MonthPart::first_of(self.date(status.at));
        let newest = status.months.range(..=today.last()).next_back();
        let context = Index {
            page: About {
                title: format!("{} – {}", headline.text, self.config.title),
                description: self.texts.words("describe").replace("{overall}", &headline.text),
                path: Some("/".to_owned()),
                kind: "website",
                live: true,
                data: None,
            },
            overall: headline,
            open: open.iter().map(view).collect(),
            running: running.iter().map(view).collect(),
            soon: soon.iter().map(view).collect(),
            planned: planned.iter().map(view).collect(),
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

    /// The pages that change with every public record. The front page is last, because it links the
    /// others.
    ///
    /// # Errors
    /// [`SiteError`], as for all pages.
    pub fn current(&self, status: &Status) -> Result<Vec<Page>, SiteError> {
        let mut pages = self.reports(status)?;
        pages.extend([self.uptime(status)?, self.history(status)?, self.index(status)?]);
        Ok(pages)
    }

    /// The uptime of every component, with its affected days and the calculation.
    fn uptime(&self, status: &Status) -> Result<Page, SiteError> {
        let (title, text) =
            (self.texts.words("uptime_title"), self.texts.words("described_uptime"));
        let context = UptimePage {
            page: self.plain(title, text, Some("/uptime/")),
            period: self.period(status),
            components: self.uptimes(status),
            reports: self.report_links(status),
            revision: status.edition,
        };
        self.page("uptime.html", "uptime/index.html".to_owned(), status.edition, &context)
    }

    /// All months in the status, by year.
    fn history(&self, status: &Status) -> Result<Page, SiteError> {
        let mut years: Vec<YearView> = Vec::new();
        for (month, count) in status.months.iter().rev() {
            let MonthView { path, title } = self.month_view(*month);
            let line = MonthLine { path, title, count: *count };
            let year = month.first_day().map_or(0, Date::year);
            match years.last_mut().filter(|last| last.year == year) {
                Some(last) => last.months.push(line),
                None => years.push(YearView { year, months: vec![line] }),
            }
        }
        let title = self.texts.words("history");
        let page = self.plain(title, title, Some("/history/"));
        let context = HistoryPage { page, years, revision: status.edition };
        self.page("history.html", "history/index.html".to_owned(), status.edition, &context)
    }

    /// The page of an incident or a maintenance. `names` are those of the status.
    ///
    /// # Errors
    /// [`SiteError`], as for all pages.
    pub fn incident(&self, incident: &Incident, names: &ComponentNames) -> Result<Page, SiteError> {
        let path = format!("/incidents/{}/", incident.number);
        if let Some(withdrawal) = &incident.withdrawal {
            return self.withdrawn(incident, withdrawal, &path);
        }
        let context = IncidentPage {
            page: About {
                title: format!("{} – {}", self.title(&incident.title), self.config.title),
                description: self.description(incident),
                data: Some(self.incident_data(incident, &path)),
                path: Some(path),
                kind: "article",
                live: true,
            },
            incident: self.incident_view(incident, names),
            revision: incident.edition,
        };
        let name = format!("incidents/{}/index.html", incident.number);
        self.page("incident.html", name, incident.edition, &context)
    }

    /// The page of a withdrawn incident, without any of its former texts.
    fn withdrawn(
        &self,
        incident: &Incident,
        withdrawal: &Withdrawal,
        path: &str,
    ) -> Result<Page, SiteError> {
        let what = if incident.is_maintenance() { "maintenance_withdrawn" } else { "withdrawn" };
        let title = self.texts.words(what);
        let context = WithdrawnPage {
            page: self.plain(title, title, Some(path)),
            title: title.to_owned(),
            at: self.time(withdrawal.at),
            reason: (!withdrawal.reason.is_empty()).then(|| text_html(&withdrawal.reason)),
            revision: incident.edition,
        };
        let name = format!("incidents/{}/index.html", incident.number);
        self.page("withdrawn.html", name, incident.edition, &context)
    }

    /// A month of the history. `names` are those of the status.
    ///
    /// # Errors
    /// [`SiteError`], as for all pages.
    pub fn month(
        &self,
        document: &MonthDocument,
        names: &ComponentNames,
    ) -> Result<Page, SiteError> {
        let lines = document.incidents.iter().rev().filter(|(_, line)| !line.withdrawn);
        let view = |(number, line): (&Number, &Summary)| self.summary_view(*number, line, names);
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
            incidents: lines.map(view).collect(),
            previous: document.previous.map(|month| self.month_view(month)),
            next: document.next.map(|month| self.month_view(month)),
            revision: document.edition(),
        };
        let name = format!("history/{}/index.html", document.month);
        self.page("month.html", name, document.edition(), &context)
    }

    /// Pages and files that no record changes, of edition 0: the page for unknown addresses, the
    /// one about subscriptions, and the script.
    ///
    /// # Errors
    /// [`SiteError`], as for all pages.
    pub fn static_pages(&self) -> Result<Vec<Page>, SiteError> {
        let mut pages = vec![self.not_found()?, self.subscribe()?, self.script.clone()];
        pages.extend(brand::assets(&self.config.theme));
        Ok(pages)
    }

    /// The page for unknown addresses.
    ///
    /// # Errors
    /// [`SiteError`], as for all pages.
    pub fn not_found(&self) -> Result<Page, SiteError> {
        let page = self.plain(self.texts.words("lost"), self.texts.words("lost_text"), None);
        self.page("404.html", "404.html".to_owned(), 0, &PlainPage { page, revision: 0 })
    }

    fn subscribe(&self) -> Result<Page, SiteError> {
        let (title, text) = (self.texts.words("get_updates"), self.texts.words("follow_text"));
        let page = self.plain(title, text, Some("/subscribe/"));
        let named = |component: &Component| NamedComponent {
            id: component.id.clone(),
            name: component.name.clone(),
        };
        let components = self.config.components().map(named).collect();
        let context = SubscribePage { page, components, revision: 0 };
        self.page("subscribe.html", "subscribe/index.html".to_owned(), 0, &context)
    }

    pub(super) fn plain(&self, title: &str, description: &str, path: Option<&str>) -> About {
        About {
            title: format!("{title} – {}", self.config.title),
            description: description.to_owned(),
            path: path.map(str::to_owned),
            kind: "website",
            live: false,
            data: None,
        }
    }

    pub(super) fn page(
        &self,
        template: &str,
        name: String,
        edition: u64,
        context: &impl Serialize,
    ) -> Result<Page, SiteError> {
        let html = self.environment.get_template(template)?.render(Serde(context))?;
        Ok(Page { name, edition, bytes: Bytes::from(html) })
    }

    /// JSON-LD for search engines, safe within HTML: an event for a maintenance, live coverage for
    /// an incident.
    fn incident_data(&self, incident: &Incident, path: &str) -> String {
        let url = self.config.public_url.as_ref().map(|base| format!("{base}{path}"));
        let seconds = |at| self.time(at).iso;
        let data = match incident.window {
            Some(window) => json!({
                "@context": "https://schema.org",
                "@type": "Event",
                "name": self.title(&incident.title),
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
                "headline": self.title(&incident.title),
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
        // Prevents `<` from ending the element or starting a comment.
        data.to_string().replace('<', "\\u003c")
    }
}

/// The data of `index.html`.
#[derive(Serialize)]
struct Index {
    page: About,
    overall: Headline,
    open: Vec<IncidentView>,
    running: Vec<IncidentView>,
    soon: Vec<IncidentView>,
    planned: Vec<IncidentView>,
    groups: Vec<GroupView>,
    period: Option<PeriodView>,
    recent: Vec<RecentView>,
    since: Option<String>,
    history: Option<MonthView>,
    revision: u64,
    at: Option<TimeView>,
}

/// The data of `uptime.html`.
#[derive(Serialize)]
struct UptimePage {
    page: About,
    period: Option<PeriodView>,
    components: Vec<UptimeView>,
    reports: Vec<MonthView>,
    revision: u64,
}

/// The data of `history.html`.
#[derive(Serialize)]
struct HistoryPage {
    page: About,
    years: Vec<YearView>,
    revision: u64,
}

#[derive(Serialize)]
struct YearView {
    year: i16,
    months: Vec<MonthLine>,
}

#[derive(Serialize)]
struct MonthLine {
    path: String,
    title: String,
    count: u32,
}

/// The data of `subscribe.html`.
#[derive(Serialize)]
struct SubscribePage {
    page: About,
    components: Vec<NamedComponent>,
    revision: u64,
}

#[derive(Serialize)]
struct NamedComponent {
    id: String,
    name: String,
}

/// The data of `incident.html`.
#[derive(Serialize)]
struct IncidentPage {
    page: About,
    incident: IncidentView,
    revision: u64,
}

/// The data of `month.html`.
#[derive(Serialize)]
struct MonthPage {
    page: About,
    title: String,
    incidents: Vec<SummaryView>,
    previous: Option<MonthView>,
    next: Option<MonthView>,
    revision: u64,
}

/// The data of `withdrawn.html`.
#[derive(Serialize)]
struct WithdrawnPage {
    page: About,
    title: String,
    at: TimeView,
    /// HTML; `None` without a reason.
    reason: Option<String>,
    revision: u64,
}

/// The data of a page that shows nothing of the status.
#[derive(Serialize)]
struct PlainPage {
    page: About,
    revision: u64,
}

/// Metadata of a page for other programs.
#[derive(Serialize)]
pub(super) struct About {
    title: String,
    description: String,
    /// From the root; `None` for a page without an address of its own.
    path: Option<String>,
    /// Open Graph's type.
    kind: &'static str,
    /// True if the script keeps it up to date.
    live: bool,
    /// JSON-LD.
    data: Option<String>,
}
