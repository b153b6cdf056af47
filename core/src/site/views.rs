//! Template data of incidents, components and months; `templates/README.md` describes it.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Serialize;

use super::renderer::Site;
use crate::incident::history::Summary;
use crate::incident::model::{Impact, Incident, MonthPart, Number, Stage, Update, Window};
use crate::incident::status::{ComponentNames, Status};
use crate::sealed::{Erasable, REMOVED};
use crate::text::Text;
use crate::text::markup::text_html;

/// The longest description for other programs, in characters.
const DESCRIPTION_CHARS_MAX: usize = 200;

/// The CSS class of an impact: blue for maintenance, amber for minor, red for more.
pub(super) fn tone(impact: Impact) -> &'static str {
    match impact {
        Impact::Maintenance => "info",
        Impact::Minor => "warn",
        Impact::Major | Impact::Critical => "bad",
    }
}

#[derive(Serialize)]
pub(super) struct TimeView {
    pub iso: String,
    pub text: String,
}

#[derive(Serialize)]
pub(super) struct WindowView {
    from: TimeView,
    until: TimeView,
}

#[derive(Serialize)]
pub(super) struct MonthView {
    pub path: String,
    pub title: String,
}

#[derive(Serialize)]
pub(super) struct IncidentView {
    pub number: Number,
    pub title: String,
    /// `incident` or `maintenance`.
    pub kind: &'static str,
    pub impact: String,
    /// By its impact while it is open; grey afterwards.
    pub tone: &'static str,
    pub stage: String,
    /// The stage for programs.
    pub stage_id: Stage,
    pub components: Vec<String>,
    /// The window of a maintenance.
    pub window: Option<WindowView>,
    pub opened: TimeView,
    /// The time of the newest update.
    pub changed: TimeView,
    pub resolved: Option<TimeView>,
    /// Beginning and end of what is over; `None` as for `duration`.
    pub lasted: Option<WindowView>,
    /// `None` while it is open, and for a maintenance cancelled before its start.
    pub duration: Option<String>,
    pub next_update_by: Option<TimeView>,
    /// True if that promise is broken at the time of the state. Only for the front page.
    pub overdue: bool,
    pub month: MonthView,
    /// The last correction of a fact.
    pub amended: Option<TimeView>,
    /// The time of its recording, if that was after its end.
    pub backfilled: Option<TimeView>,
    /// The incident that it duplicates.
    pub duplicate_of: Option<Number>,
    /// Post-mortem texts, newest first; not in `updates`.
    pub post_mortems: Vec<UpdateView>,
    /// Newest first.
    pub updates: Vec<UpdateView>,
    pub updates_total: usize,
}

#[derive(Serialize)]
pub(super) struct UpdateView {
    id: String,
    stage: String,
    at: TimeView,
    by: Option<String>,
    /// HTML from [`text_html`].
    text: String,
    corrected: Option<TimeView>,
}

/// A line of a month's list.
#[derive(Serialize)]
pub(super) struct SummaryView {
    number: Number,
    title: String,
    kind: &'static str,
    impact: String,
    tone: &'static str,
    components: Vec<String>,
    opened: TimeView,
    over: bool,
    duration: Option<String>,
}

impl Site {
    /// An incident or a maintenance for its own page.
    pub(super) fn incident_view(
        &self,
        incident: &Incident,
        names: &ComponentNames,
    ) -> IncidentView {
        let time = |at| self.time(at);
        self.view_of(incident, names, usize::MAX, &time)
    }

    /// A short form for the front page: newest updates only, and times of this year without the
    /// year.
    pub(super) fn short_view(
        &self,
        incident: &Incident,
        status: &Status,
        updates_max: usize,
    ) -> IncidentView {
        let year = self.date(status.at).year();
        let time = |at| {
            let mut view = self.time(at);
            if self.date(at).year() == year {
                view.text = self.texts.day_time(at, &self.config.time_zone);
            }
            view
        };
        let mut view = self.view_of(incident, &status.component_names, updates_max, &time);
        view.overdue = status.is_overdue(incident);
        view
    }

    fn view_of(
        &self,
        incident: &Incident,
        names: &ComponentNames,
        updates_max: usize,
        time: &dyn Fn(Timestamp) -> TimeView,
    ) -> IncidentView {
        let (post_mortems, updates): (Vec<_>, Vec<_>) = incident
            .updates
            .iter()
            .enumerate()
            .rev()
            .partition(|(_, update)| update.stage == Stage::PostMortem);
        let duration = self.length(incident.began(), incident.resolved);
        IncidentView {
            number: incident.number,
            title: self.title(&incident.title).to_owned(),
            kind: kind(incident.impact),
            impact: self.texts.impact(incident.impact).to_owned(),
            tone: incident.resolved.map_or_else(|| tone(incident.impact), |_| "none"),
            stage: self
                .texts
                .stage(match incident.stage {
                    Stage::PostMortem => Stage::Resolved,
                    stage => stage,
                })
                .to_owned(),
            stage_id: incident.stage,
            components: self.names(&incident.components, names),
            window: incident.window.map(|window| self.window_view(window, time)),
            opened: time(incident.opened),
            changed: time(incident.updates.last().map_or(incident.opened, |update| update.at)),
            resolved: incident.resolved.map(time),
            lasted: duration.as_ref().and(incident.resolved).map(|until| {
                let from = incident.began();
                self.window_view(Window { from, until }, time)
            }),
            duration,
            next_update_by: incident.next_update_by.map(time),
            overdue: false,
            month: self.month_view(incident.month),
            amended: incident.amended.map(time),
            backfilled: incident.backfilled.map(time),
            duplicate_of: incident.duplicate_of,
            updates_total: updates.len(),
            post_mortems: post_mortems
                .into_iter()
                .map(|(index, update)| self.update_view(incident, index, update, time))
                .collect(),
            updates: updates
                .into_iter()
                .take(updates_max)
                .map(|(index, update)| self.update_view(incident, index, update, time))
                .collect(),
        }
    }

    /// Within one day, the end has no date and the beginning no zone.
    fn window_view(
        &self,
        Window { from, until }: Window,
        time: &dyn Fn(Timestamp) -> TimeView,
    ) -> WindowView {
        let mut view = WindowView { from: time(from), until: time(until) };
        let zoned = [from, until].map(|at| at.to_zoned(self.config.time_zone.clone()));
        let [from_zone, zone] = zoned.each_ref().map(|at| at.strftime(" %Z").to_string());
        if self.date(from) == self.date(until)
            && from_zone == zone
            && let Some(begin) = view.from.text.strip_suffix(&zone)
        {
            view.from.text.truncate(begin.len());
            view.until.text = format!("{}{zone}", zoned[1].strftime("%H:%M"));
        }
        view
    }

    fn update_view(
        &self,
        incident: &Incident,
        index: usize,
        update: &Update,
        time: &dyn Fn(Timestamp) -> TimeView,
    ) -> UpdateView {
        UpdateView {
            id: update_id(update),
            stage: self.texts.stage(update.stage).to_owned(),
            at: time(update.at),
            by: (self.config.publish_names && !update.by.is_empty()).then(|| update.by.clone()),
            text: self.said(incident, index, update),
            corrected: update.corrected.map(time),
        }
    }

    /// A placeholder if the title was erased.
    pub(super) fn title<'a>(&'a self, title: &'a str) -> &'a str {
        if title == REMOVED { self.texts.words("removed") } else { title }
    }

    /// The text of an update as HTML.
    fn said(&self, incident: &Incident, index: usize, update: &Update) -> String {
        match shown(incident, index, update) {
            Some(text) if *text == Text::erased() => format!("<p>{}</p>", self.title(REMOVED)),
            Some(text) => text_html(&text),
            None => format!("<p>{}</p>", self.silent(incident, index)),
        }
    }

    /// A substitute for a missing text: the stage that it reached, or the impact.
    pub(super) fn silent(&self, incident: &Incident, index: usize) -> &str {
        let is_beginning = matches!(
            incident.updates.get(index).map(|update| update.stage),
            Some(Stage::Investigating | Stage::Scheduled)
        );
        if index == 0 && is_beginning {
            return self.texts.beginning(incident.is_maintenance());
        }
        let of = |index: usize| incident.updates.get(index).map(|it| (it.stage, it.impact));
        let (before, update) = (index.checked_sub(1).and_then(of), of(index));
        let stage = update.map(|(stage, _)| stage);
        let reached = stage.filter(|stage| before.is_none_or(|(before, _)| before != *stage));
        self.texts.silent(reached, update.map(|(_, impact)| impact))
    }

    pub(super) fn summary_view(
        &self,
        number: Number,
        summary: &Summary,
        names: &ComponentNames,
    ) -> SummaryView {
        SummaryView {
            number,
            title: self.title(&summary.title).to_owned(),
            kind: kind(summary.impact),
            impact: self.texts.impact(summary.impact).to_owned(),
            tone: tone(summary.impact),
            components: self.names(&summary.components, names),
            opened: self.time(summary.opened),
            over: summary.resolved.is_some(),
            duration: self.length(summary.opened, summary.resolved),
        }
    }

    /// The newest text, for search engines and chats.
    pub(super) fn description(&self, incident: &Incident) -> String {
        let newest = incident.updates.last();
        let text = newest.map(|u| &u.text).filter(|text| !text.is_empty()).map(Text::to_plain);
        let index = incident.updates.len().saturating_sub(1);
        let silent = || self.silent(incident, index).to_owned();
        let words = text.unwrap_or_else(silent);
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = format!("{}: {words}", self.texts.stage(incident.stage));
        if text.chars().count() <= DESCRIPTION_CHARS_MAX {
            return text;
        }
        text.chars().take(DESCRIPTION_CHARS_MAX - 1).chain(['…']).collect()
    }

    fn length(&self, from: Timestamp, to: Option<Timestamp>) -> Option<String> {
        let to = to.filter(|to| *to >= from)?;
        Some(self.texts.duration(to.duration_since(from)))
    }

    fn names(&self, components: &[String], known: &ComponentNames) -> Vec<String> {
        components.iter().map(|id| self.config.component_name(id, known).to_owned()).collect()
    }

    pub(super) fn month_view(&self, month: MonthPart) -> MonthView {
        MonthView { path: format!("/history/{month}/"), title: self.texts.month(month) }
    }

    /// A time in the page's zone, and for machines.
    pub(super) fn time(&self, at: Timestamp) -> TimeView {
        let seconds = Timestamp::from_second(at.as_second()).unwrap_or(at);
        TimeView {
            iso: seconds.to_string(),
            text: self.texts.date_time(at, &self.config.time_zone),
        }
    }
}

/// The visible text of an update: that of the opening without the title, which is shown above it.
/// `None` if nothing is left.
pub(super) fn shown<'a>(
    incident: &Incident,
    index: usize,
    update: &'a Update,
) -> Option<Cow<'a, Text>> {
    let text = &update.text;
    let plain = text.to_plain();
    let behind_title = |behind: &str| {
        let rest = behind.trim_start_matches(['.', '!', '?', '…']);
        // "Down for some" does not begin with the title "Down".
        let is_over = rest.is_empty()
            || rest.starts_with('\n')
            || rest.starts_with(' ') && rest.len() < behind.len();
        is_over.then(|| text.after(plain.len() - rest.len()))
    };
    let behind = plain.strip_prefix(&incident.title).filter(|_| index == 0);
    let text = behind.and_then(behind_title).map_or(Cow::Borrowed(text), Cow::Owned);
    if text.is_empty() && incident.backfilled.is_some() && !update.text.is_empty() {
        // Nobody was investigating then: the title is all that there is to say.
        return Some(Cow::Borrowed(&update.text));
    }
    (!text.is_empty()).then_some(text)
}

/// The anchor of an update on its incident's page.
pub(super) fn update_id(update: &Update) -> String {
    format!("u{}", update.number)
}

fn kind(impact: Impact) -> &'static str {
    match impact {
        Impact::Maintenance => "maintenance",
        _ => "incident",
    }
}
