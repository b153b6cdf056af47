//! Template data of the past: the days of each component, and recent days.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde::Serialize;

use super::renderer::Site;
use super::views::{MonthView, tone};
use crate::config::Component;
use crate::incident::ledger::{Affected, DAYS_SHOWN, Day};
use crate::incident::model::{Impact, Incident, MonthPart, Number};
use crate::incident::status::Status;

/// Number of days in the list of recent ones.
const RECENT_DAYS: i64 = 14;
/// The limit of lines per day in that list.
const DAY_LINES_MAX: usize = 10;

#[derive(Serialize)]
pub(super) struct GroupView {
    name: Option<String>,
    description: Option<String>,
    /// Of the worst component.
    tone: &'static str,
    status: String,
    /// The worst impact of its components on each day.
    days: Vec<MarkView>,
    components: Vec<ComponentView>,
}

#[derive(Serialize)]
struct ComponentView {
    id: String,
    name: String,
    description: Option<String>,
    tone: &'static str,
    status: String,
    /// In per cent; `None` until a whole day is on record.
    uptime: Option<String>,
    days: Vec<MarkView>,
}

/// The affected days of one tone within a bar, as one path.
#[derive(Serialize)]
struct MarkView {
    tone: &'static str,
    path: String,
}

/// A component on the uptime page.
#[derive(Serialize)]
pub(super) struct UptimeView {
    id: String,
    name: String,
    uptime: Option<String>,
    /// Affected days, newest first.
    days: Vec<DayView>,
}

#[derive(Serialize)]
struct DayView {
    tone: &'static str,
    /// The day, its impacts and their durations.
    text: String,
    /// The incidents of that day, or its month if they are evicted.
    links: Vec<LinkView>,
}

#[derive(Serialize)]
struct LinkView {
    path: String,
    title: String,
}

/// The worst impact on each affected day, by the day's place in a bar.
type Marks = BTreeMap<usize, Impact>;

/// The days that the ledger covers.
#[derive(Serialize)]
pub(super) struct PeriodView {
    /// Number of empty places on the left.
    before: usize,
    days: usize,
    from: String,
    to: String,
}

/// A recent day.
#[derive(Serialize)]
pub(super) struct RecentView {
    date: String,
    /// Incidents and maintenance of the day; empty if it is certain that there were none.
    lines: Vec<LineView>,
    /// True if there are more than `lines`.
    more: bool,
    /// True if it is certain that there was no incident.
    quiet: bool,
}

#[derive(Serialize)]
struct LineView {
    number: Number,
    title: String,
    tone: &'static str,
    impact: String,
    /// The total duration, on the day of its end.
    duration: Option<String>,
}

impl Site {
    /// The components with their days.
    pub(super) fn groups(&self, status: &Status) -> Vec<GroupView> {
        let groups = self.config.groups.iter();
        groups
            .map(|group| GroupView {
                name: group.name.clone(),
                description: group.description.clone(),
                ..self.group(status, &group.components)
            })
            .collect()
    }

    fn group(&self, status: &Status, components: &[Component]) -> GroupView {
        let mut all = Marks::new();
        let mut worst = None;
        let mut view = |component: &Component| {
            let impact = status.impact_on(&component.id);
            worst = worst.max(impact);
            let marks = marks(status, &component.id);
            for (place, impact) in &marks {
                let known = all.entry(*place).or_insert(*impact);
                *known = (*known).max(*impact);
            }
            ComponentView {
                id: component.id.clone(),
                name: component.name.clone(),
                description: component.description.clone(),
                tone: impact.map_or("good", tone),
                status: self.texts.status(impact).to_owned(),
                uptime: self.uptime_of(status, &component.id),
                days: paths(&marks),
            }
        };
        let components = components.iter().map(&mut view).collect();
        GroupView {
            name: None,
            description: None,
            tone: worst.map_or("good", tone),
            status: self.texts.status(worst).to_owned(),
            days: paths(&all),
            components,
        }
    }

    /// An affected component never shows 100 %, even before its first downtime is booked.
    fn uptime_of(&self, status: &Status, component: &str) -> Option<String> {
        let is_down = status.impact_on(component) >= Some(Impact::Major);
        let most = if is_down { 99_999 } else { 100_000 };
        let share = status.ledger.uptime_thousandths(component, status.at)?;
        Some(self.texts.percent(share.min(most)))
    }

    /// All components with their affected days; after them, those that are no longer configured and
    /// were affected.
    pub(super) fn uptimes(&self, status: &Status) -> Vec<UptimeView> {
        let ids = self.config.components().map(|component| component.id.as_str());
        let affected = shown(status).flat_map(|day| day.affected.keys().map(String::as_str));
        let former: BTreeSet<&str> =
            affected.filter(|id| self.config.component(id).is_none()).collect();
        let view = |id: &str| UptimeView {
            id: id.to_owned(),
            name: self.config.component_name(id, &status.component_names).to_owned(),
            uptime: self.uptime_of(status, id),
            days: self.affected_days(status, id),
        };
        ids.chain(former).map(view).collect()
    }

    fn affected_days(&self, status: &Status, component: &str) -> Vec<DayView> {
        let newest_first = shown(status).rev();
        newest_first
            .filter_map(|day| {
                let affected = day.affected.get(component)?;
                let text = self.texts.words("day");
                Some(DayView {
                    tone: tone(affected.worst()?),
                    text: text
                        .replace("{date}", &self.texts.day(day.date))
                        .replace("{what}", &self.spent(affected)),
                    links: self.links(status, component, day.date),
                })
            })
            .collect()
    }

    /// Links to the causes of a component's impact on a day.
    fn links(&self, status: &Status, component: &str, date: Date) -> Vec<LinkView> {
        let affected = |incident: &&Incident| {
            incident.ever_affected().contains(component) && self.is_on(incident, date, status.at)
        };
        let link = |incident: &Incident| LinkView {
            path: format!("/incidents/{}/", incident.number),
            title: self.title(&incident.title).to_owned(),
        };
        let links: Vec<LinkView> = status.kept().filter(affected).map(link).collect();
        let month = MonthPart::first_of(date);
        if links.is_empty() && status.months.contains_key(&month) {
            let MonthView { path, title } = self.month_view(month);
            return vec![LinkView { path, title }];
        }
        links
    }

    /// Durations by impact.
    pub(super) fn spent(&self, affected: &Affected) -> String {
        let kinds = [
            (Impact::Critical, affected.critical_ms),
            (Impact::Major, affected.major_ms),
            (Impact::Minor, affected.minor_ms),
            (Impact::Maintenance, affected.maintenance_ms),
        ];
        let spent = kinds.into_iter().filter(|(_, ms)| *ms > 0).map(|(impact, ms)| {
            let length = SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX));
            let text = self.texts.words("spent");
            text.replace("{status}", self.texts.status(Some(impact)))
                .replace("{duration}", &self.texts.duration(length))
        });
        spent.collect::<Vec<_>>().join(", ")
    }

    /// The days that the ledger covers; `None` before the first.
    pub(super) fn period(&self, status: &Status) -> Option<PeriodView> {
        let days = shown(status);
        let count = days.len();
        let (first, last) = (days.clone().next()?, days.last()?);
        Some(PeriodView {
            before: DAYS_SHOWN - count,
            days: count,
            from: self.texts.day(first.date),
            to: self.texts.day(last.date),
        })
    }

    /// Recent days, today first, with the incidents that ended then. A day without known incidents
    /// is listed as quiet if that is certain, and otherwise left out. Current incidents are shown
    /// elsewhere on the page.
    pub(super) fn recent(&self, status: &Status) -> Vec<RecentView> {
        let (Some(today), Some(since)) = (status.ledger.days().back(), status.since) else {
            return Vec::new();
        };
        let certain_from = self.certain_from(status, self.date(since));
        let days = (0..RECENT_DAYS).filter_map(|back| today.date.checked_sub(back.days()).ok());
        let days = days.filter_map(|date| {
            let mut there: Vec<&Incident> =
                status.kept().filter(|incident| self.is_on(incident, date, status.at)).collect();
            let quiet = date >= certain_from && !there.iter().any(|i| !i.is_maintenance());
            there.retain(|incident| incident.resolved.is_some());
            there.sort_by_key(|incident| std::cmp::Reverse((incident.began(), incident.number)));
            let more = there.len() > DAY_LINES_MAX;
            let lines = there.iter().take(DAY_LINES_MAX);
            let lines: Vec<_> = lines.map(|incident| self.line(incident, date)).collect();
            (quiet || !lines.is_empty())
                .then_some((date, RecentView { date: self.texts.day(date), lines, more, quiet }))
        });
        self.with_quiet_days_joined(days)
    }

    /// Joins consecutive quiet days into one line.
    fn with_quiet_days_joined(
        &self,
        days: impl Iterator<Item = (Date, RecentView)>,
    ) -> Vec<RecentView> {
        let mut joined: Vec<RecentView> = Vec::new();
        // The last day of the run that the last line stands for, while the run may continue.
        let mut run: Option<(Date, Date)> = None;
        for (date, view) in days {
            let is_empty = view.quiet && view.lines.is_empty();
            match (run, joined.last_mut()) {
                (Some((newest, oldest)), Some(last))
                    if is_empty && date.tomorrow().ok() == Some(oldest) =>
                {
                    run = Some((newest, date));
                    let period = self.texts.words("period");
                    last.date = period
                        .replace("{from}", &self.texts.day(date))
                        .replace("{to}", &self.texts.day(newest));
                }
                _ => {
                    run = is_empty.then_some((date, date));
                    joined.push(view);
                }
            }
        }
        joined
    }

    fn line(&self, incident: &Incident, date: Date) -> LineView {
        let ended = incident.resolved.filter(|ended| self.date(*ended) == date);
        LineView {
            number: incident.number,
            title: self.title(&incident.title).to_owned(),
            tone: tone(incident.impact),
            impact: self.texts.impact(incident.impact).to_owned(),
            duration: ended.map(|at| self.texts.duration(at.duration_since(incident.began()))),
        }
    }

    /// True if an incident or a maintenance was active at any time of that day.
    fn is_on(&self, incident: &Incident, date: Date, now: Timestamp) -> bool {
        let (began, ended) = (incident.began(), incident.resolved.unwrap_or(now));
        began <= ended && self.date(began) <= date && date <= self.date(ended)
    }

    /// The first day whose incidents are all known: no evicted incident ended on it or later.
    fn certain_from(&self, status: &Status, since: Date) -> Date {
        let from = status.evicted_until.and_then(|at| self.date(at).tomorrow().ok());
        from.map_or(since, |from| from.max(since))
    }

    pub(super) fn date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.config.time_zone.clone()).date()
    }
}

/// The affected days of a component. Today's mark includes the current impact, for which no time
/// may be booked yet.
fn marks(status: &Status, component: &str) -> Marks {
    let days = shown(status);
    let before = DAYS_SHOWN - days.len();
    let worst =
        |(index, day): (usize, &Day)| Some((before + index, day.affected.get(component)?.worst()?));
    let mut marks: Marks = days.enumerate().filter_map(worst).collect();
    if let Some(now) = status.impact_on(component) {
        let today = marks.entry(DAYS_SHOWN - 1).or_insert(now);
        *today = now.max(*today);
    }
    marks
}

/// Bars are 0.7 wide and 1 apart, so that 90 of them take 89.7. A line is drawn in their middle.
fn paths(marks: &Marks) -> Vec<MarkView> {
    let mut paths: BTreeMap<&'static str, String> = BTreeMap::new();
    for (place, impact) in marks {
        let path = paths.entry(tone(*impact)).or_default();
        let _ = write!(path, "M{place} 0v1");
    }
    paths.into_iter().map(|(tone, path)| MarkView { tone, path }).collect()
}

/// The shown days, oldest first, limited to the number of places.
fn shown(status: &Status) -> impl ExactSizeIterator<Item = &Day> + DoubleEndedIterator + Clone {
    let days = status.ledger.days();
    days.range(days.len().saturating_sub(DAYS_SHOWN)..)
}
