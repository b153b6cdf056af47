//! Monthly reports: uptime of every component against its target, and incidents.

use jiff::civil::Date;
use serde::Serialize;

use super::page::{Page, SiteError};
use super::pages::About;
use super::renderer::Site;
use super::views::{MonthView, SummaryView};
use crate::incident::history::Summary;
use crate::incident::model::{Incident, MonthPart};
use crate::incident::report::{MonthReport, last_months};
use crate::incident::status::Status;

/// The limit of incidents in a report.
const INCIDENTS_MAX: usize = 100;

/// The data of `report.html`.
#[derive(Serialize)]
struct ReportPage {
    page: About,
    title: String,
    from: String,
    to: String,
    target: Option<String>,
    components: Vec<ComponentLine>,
    incidents: Vec<SummaryView>,
    history: Option<MonthView>,
    revision: u64,
}

#[derive(Serialize)]
struct ComponentLine {
    name: String,
    uptime: Option<String>,
    /// `None` without a target.
    met: Option<bool>,
    /// Durations by impact; empty if it was not affected.
    spent: String,
}

impl Site {
    /// Possible reports, newest first: of this month and the previous one.
    fn reported(&self, status: &Status) -> Vec<(Date, MonthReport)> {
        let ids = || self.config.components().map(|component| component.id.as_str());
        let months = last_months(self.date(status.at)).into_iter();
        months.filter_map(|first| Some((first, MonthReport::of(status, first, ids())?))).collect()
    }

    pub(super) fn report_links(&self, status: &Status) -> Vec<MonthView> {
        let link = |(first, _): (Date, MonthReport)| {
            let month = MonthPart::first_of(first);
            MonthView { path: format!("/reports/{month}/"), title: self.texts.month(month) }
        };
        self.reported(status).into_iter().map(link).collect()
    }

    pub(super) fn reports(&self, status: &Status) -> Result<Vec<Page>, SiteError> {
        let reported = self.reported(status);
        reported.iter().map(|(first, report)| self.report(status, *first, report)).collect()
    }

    fn report(
        &self,
        status: &Status,
        first: Date,
        report: &MonthReport,
    ) -> Result<Page, SiteError> {
        let month = MonthPart::first_of(first);
        let in_month = self.texts.month(month);
        let words = |name| self.texts.words(name).replace("{month}", &in_month);
        let path = format!("/reports/{month}/");
        let target = self.config.uptime_target;
        let line = |(id, affected)| {
            let uptime = report.uptime_thousandths(affected);
            ComponentLine {
                name: self.config.component_name(id, &status.component_names).to_owned(),
                uptime: uptime.map(|share| self.texts.percent(share)),
                met: uptime.zip(target).map(|(share, target)| share >= target),
                spent: self.spent(affected),
            }
        };
        let mut incidents: Vec<&Incident> = status
            .kept()
            .filter(|incident| {
                let end = incident.resolved.unwrap_or(status.at);
                let (began, ended) = (self.date(incident.began()), self.date(end));
                // Planned work that has not begun, or was called off before, is no report.
                incident.began() <= end
                    && began.first_of_month() <= first
                    && first <= ended.first_of_month()
            })
            .collect();
        incidents.sort_by_key(|incident| std::cmp::Reverse((incident.began(), incident.number)));
        let incidents = incidents.iter().take(INCIDENTS_MAX);
        let has_history = status.months.contains_key(&month);
        let title = words("report");
        let context = ReportPage {
            page: self.plain(&title, &words("described_report"), Some(&path)),
            title,
            from: self.texts.date(report.days.0),
            to: self.texts.date(report.days.1),
            target: target.map(|target| self.texts.percent(target)),
            components: report.components.iter().map(|(id, of)| line((id.as_str(), of))).collect(),
            incidents: incidents
                .map(|incident| {
                    let names = &status.component_names;
                    self.summary_view(incident.number, &Summary::of(incident), names)
                })
                .collect(),
            history: has_history.then(|| self.month_view(month)),
            revision: status.edition,
        };
        let name = format!("reports/{month}/index.html");
        self.page("report.html", name, status.edition, &context)
    }
}
