//! What templates see of the past: the days of each component, and the last days of everything.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde::Serialize;

use super::Site;
use super::views::tone;
use crate::core::ledger::{Affected, DAYS_KEPT_MAX, uptime_thousandths};
use crate::core::model::{Impact, Incident, Number};
use crate::core::state::State;

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
    pub(super) fn groups(&self, state: &State) -> Vec<GroupView> {
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
                        let uptime = uptime_thousandths(state, &component.id);
                        ComponentView {
                            id: component.id.clone(),
                            name: component.name.clone(),
                            description: component.description.clone(),
                            tone: impact.map_or("good", tone),
                            status: self.language.status(impact).to_owned(),
                            uptime: uptime.map(|share| self.language.percent(share)),
                            days: self.affected_days(state, &component.id),
                        }
                    })
                    .collect(),
            })
            .collect()
    }

    fn affected_days(&self, state: &State, component: &str) -> Vec<DayView> {
        let before = DAYS_KEPT_MAX.saturating_sub(state.days.len());
        let days = state.days.iter().enumerate();
        days.filter_map(|(index, day)| {
            let affected = day.affected.get(component)?;
            let text = self.language.words("day");
            Some(DayView {
                x: place(before + index),
                tone: tone(affected.worst()?),
                text: text
                    .replace("{date}", &self.language.day(day.date))
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
            let text = self.language.words("spent");
            text.replace("{status}", self.language.status(Some(impact)))
                .replace("{duration}", &self.language.duration(length))
        });
        spent.collect::<Vec<_>>().join(", ")
    }

    /// The days that the ledger covers; `None` before the first.
    pub(super) fn period(&self, state: &State) -> Option<PeriodView> {
        let (first, last) = (state.days.front()?, state.days.back()?);
        Some(PeriodView {
            before: DAYS_KEPT_MAX.saturating_sub(state.days.len()),
            days: state.days.len(),
            from: self.language.day(first.date),
            to: self.language.day(last.date),
        })
    }

    /// The last days, today first: what went on, or that nothing did where that is certain. A day
    /// of which neither is known is left out.
    pub(super) fn recent(&self, state: &State) -> Vec<RecentView> {
        let (Some(today), Some(since)) = (state.days.back(), state.since) else {
            return Vec::new();
        };
        let certain_from = self.certain_from(state, self.date(since), today.date);
        let days = (0..RECENT_DAYS).filter_map(|back| today.date.checked_sub(back.days()).ok());
        days.filter_map(|date| {
            let mut there: Vec<&Incident> =
                state.kept().filter(|incident| self.is_on(incident, date, state.at)).collect();
            there.sort_by_key(|incident| std::cmp::Reverse((incident.began(), incident.number)));
            let quiet = date >= certain_from && !there.iter().any(|i| !i.is_maintenance());
            let more = there.len() > DAY_LINES_MAX;
            let lines = there.iter().take(DAY_LINES_MAX);
            let lines: Vec<_> = lines.map(|incident| self.line(incident, date)).collect();
            (quiet || !lines.is_empty()).then(|| RecentView {
                date: self.language.day(date),
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
            impact: self.language.impact(incident.impact).to_owned(),
            duration: ended.map(|at| self.language.duration(at.duration_since(incident.began()))),
        }
    }

    /// Whether an incident or a maintenance went on at some time of that day.
    fn is_on(&self, incident: &Incident, date: Date, now: Timestamp) -> bool {
        let (began, ended) = (incident.began(), incident.resolved.unwrap_or(now));
        began <= ended && self.date(began) <= date && date <= self.date(ended)
    }

    /// The first day of which all incidents are known: what the state has let go of ended no later
    /// than on the day before.
    ///
    /// Incidents are let go of in the order in which they came in, and those that came in last are
    /// in the order of their ends, but for the ones that were brought back to be changed. Those
    /// were changed after their end, so the first one that was not tells how far back all is known.
    fn certain_from(&self, state: &State, since: Date, today: Date) -> Date {
        let ever = usize::try_from(state.next_number.saturating_sub(1)).unwrap_or(usize::MAX);
        if state.kept().count() >= ever {
            return since;
        }
        let untouched = |incident: &&Incident| {
            let last = incident.updates.last();
            last.is_some_and(|u| u.corrected.is_none() && Some(u.at) == incident.resolved)
        };
        let oldest = state.closed.iter().filter(|i| !i.is_maintenance()).find(untouched);
        let ended = oldest.and_then(|incident| incident.resolved);
        let from = ended.and_then(|at| self.date(at).tomorrow().ok());
        // Without any, today is not certain either.
        from.or(today.tomorrow().ok()).unwrap_or(Date::MAX).max(since)
    }

    pub(super) fn date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.config.time_zone.clone()).date()
    }
}

/// Where the bar of a day begins: bars are 0.7 wide and 1 apart, so that 90 of them take 89.7.
fn place(index: usize) -> String {
    let hundredths = index * 100_000 / 897;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
