//! What templates see of the past: the days of each component, and the last days of everything.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde::Serialize;

use super::renderer::Site;
use super::views::tone;
use crate::core::incident::ledger::{Affected, DAYS_SHOWN, Day};
use crate::core::incident::model::{Impact, Incident, Number};
use crate::core::incident::status::Status;

/// How many days the list of the last ones has.
const RECENT_DAYS: i64 = 14;
/// How many lines a day of that list may have.
const DAY_LINES_MAX: usize = 10;

#[derive(Serialize)]
pub(super) struct GroupView {
    name: Option<String>,
    description: Option<String>,
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
    /// The days on which it was affected, oldest first.
    days: Vec<DayView>,
}

#[derive(Serialize)]
struct DayView {
    /// Where its bar begins, in per cent of the width of 90.
    x: String,
    tone: &'static str,
    /// The day, what was the matter and for how long.
    text: String,
}

/// The days that the ledger covers.
#[derive(Serialize)]
pub(super) struct PeriodView {
    /// How many of the places at the left have no day.
    before: usize,
    days: usize,
    from: String,
    to: String,
}

/// A day of the last ones.
#[derive(Serialize)]
pub(super) struct RecentView {
    date: String,
    /// What went on that day; nothing where it is certain that there were no incidents.
    lines: Vec<LineView>,
    /// Whether there is more than the lines say.
    more: bool,
    /// Whether it is certain that there was no incident.
    quiet: bool,
}

#[derive(Serialize)]
struct LineView {
    number: Number,
    title: String,
    tone: &'static str,
    impact: String,
    /// How long it lasted, on the day on which it ended.
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
                components: group
                    .components
                    .iter()
                    .map(|component| {
                        let impact = status.impact_on(&component.id);
                        let uptime = status.ledger.uptime_thousandths(&component.id, status.at);
                        ComponentView {
                            id: component.id.clone(),
                            name: component.name.clone(),
                            description: component.description.clone(),
                            tone: impact.map_or("good", tone),
                            status: self.texts.status(impact).to_owned(),
                            uptime: uptime.map(|share| self.texts.percent(share)),
                            days: self.affected_days(status, &component.id),
                        }
                    })
                    .collect(),
            })
            .collect()
    }

    fn affected_days(&self, status: &Status, component: &str) -> Vec<DayView> {
        let days = shown(status);
        let before = DAYS_SHOWN - days.len();
        days.enumerate()
            .filter_map(|(index, day)| {
                let affected = day.affected.get(component)?;
                let text = self.texts.words("day");
                Some(DayView {
                    x: place(before + index),
                    tone: tone(affected.worst()?),
                    text: text
                        .replace("{date}", &self.texts.day(day.date))
                        .replace("{what}", &self.spent(affected)),
                })
            })
            .collect()
    }

    /// How long a component was affected, and how.
    fn spent(&self, affected: &Affected) -> String {
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

    /// The last days, today first: what went on, or that nothing did where that is certain. A day
    /// of which neither is known is left out.
    pub(super) fn recent(&self, status: &Status) -> Vec<RecentView> {
        let (Some(today), Some(since)) = (status.ledger.days().back(), status.since) else {
            return Vec::new();
        };
        let certain_from = self.certain_from(status, self.date(since));
        let days = (0..RECENT_DAYS).filter_map(|back| today.date.checked_sub(back.days()).ok());
        days.filter_map(|date| {
            let mut there: Vec<&Incident> =
                status.kept().filter(|incident| self.is_on(incident, date, status.at)).collect();
            there.sort_by_key(|incident| std::cmp::Reverse((incident.began(), incident.number)));
            let quiet = date >= certain_from && !there.iter().any(|i| !i.is_maintenance());
            let more = there.len() > DAY_LINES_MAX;
            let lines = there.iter().take(DAY_LINES_MAX);
            let lines: Vec<_> = lines.map(|incident| self.line(incident, date)).collect();
            (quiet || !lines.is_empty()).then(|| RecentView {
                date: self.texts.day(date),
                lines,
                more,
                quiet,
            })
        })
        .collect()
    }

    fn line(&self, incident: &Incident, date: Date) -> LineView {
        let ended = incident.resolved.filter(|ended| self.date(*ended) == date);
        LineView {
            number: incident.number,
            title: incident.title.clone(),
            tone: tone(incident.impact),
            impact: self.texts.impact(incident.impact).to_owned(),
            duration: ended.map(|at| self.texts.duration(at.duration_since(incident.began()))),
        }
    }

    /// Whether an incident or a maintenance went on at some time of that day.
    fn is_on(&self, incident: &Incident, date: Date, now: Timestamp) -> bool {
        let (began, ended) = (incident.began(), incident.resolved.unwrap_or(now));
        began <= ended && self.date(began) <= date && date <= self.date(ended)
    }

    /// The first day of which all incidents are known: what is kept no longer ended before it.
    fn certain_from(&self, status: &Status, since: Date) -> Date {
        let from = status.evicted_until.and_then(|at| self.date(at).tomorrow().ok());
        from.map_or(since, |from| from.max(since))
    }

    pub(super) fn date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.config.time_zone.clone()).date()
    }
}

/// The days that are shown, oldest first: no more than there are places.
fn shown(status: &Status) -> impl ExactSizeIterator<Item = &Day> + Clone {
    let days = status.ledger.days();
    days.range(days.len().saturating_sub(DAYS_SHOWN)..)
}

/// Where the bar of a day begins: bars are 0.7 wide and 1 apart, so that 90 of them take 89.7.
fn place(index: usize) -> String {
    let hundredths = index * 100_000 / 897;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
