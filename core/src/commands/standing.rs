//! An incident's state in a line or two for a phone, with its lead and the next update.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::lines::name_list;
use crate::config::Config;
use crate::incident::model::{Impact, Incident, Number, Stage, Window};
use crate::log::state::State;
use crate::response::milestone::Milestone;
use crate::response::model::{Response, Visibility};
use crate::response::overview::start;
use crate::response::role::Role;
use crate::text::capitalised;
use crate::text::card::Tone;
use crate::text::time::{short_time, spoken_length};

/// An incident or maintenance in the state. All returned texts are plain.
#[derive(Clone, Copy)]
pub(crate) struct Standing<'a> {
    pub(crate) number: Number,
    pub(crate) incident: Option<&'a Incident>,
    pub(crate) response: Option<&'a Response>,
    pub(crate) state: &'a State,
    pub(crate) config: &'a Config,
    pub(crate) now: Timestamp,
}

impl<'a> Standing<'a> {
    pub(crate) fn of(number: Number, state: &'a State, now: Timestamp, config: &'a Config) -> Self {
        let (incident, response) = (state.status.incident(number), state.response(number));
        Self { number, incident, response, state, config, now }
    }

    /// For a response that may have been evicted.
    pub(crate) fn of_response(
        response: &'a Response,
        state: &'a State,
        now: Timestamp,
        config: &'a Config,
    ) -> Self {
        Self { response: Some(response), ..Self::of(response.number, state, now, config) }
    }

    pub(crate) fn title(&self) -> &'a str {
        let of_response = self.response.map(|response| &response.title);
        // An incident off the page has its title in the response only.
        let of_incident = self.incident.map(|it| &it.title).filter(|title| !title.is_empty());
        of_incident.or(of_response).map_or("", |title| title)
    }

    pub(crate) fn is_open(&self) -> bool {
        match (self.incident, self.response) {
            (Some(incident), _) if incident.withdrawal.is_none() => incident.resolved.is_none(),
            (_, Some(response)) => response.is_open(),
            (_, None) => false,
        }
    }

    /// True if no other incident is open, so `ic me` needs no number.
    pub(crate) fn is_alone(&self) -> bool {
        self.state.open_numbers().iter().all(|number| *number == self.number)
    }

    fn time(&self, at: Timestamp) -> String {
        short_time(at, self.now, &self.config.time_zone)
    }

    fn names(&self, ids: &[String]) -> String {
        let names = &self.state.status.component_names;
        let names: Vec<&str> = ids.iter().map(|id| self.config.component_name(id, names)).collect();
        name_list(&names)
    }

    /// ` on Checkout and Search`; empty without components.
    fn on(&self, ids: &[String]) -> String {
        if ids.is_empty() { String::new() } else { format!(" on {}", self.names(ids)) }
    }

    /// The state in words, with its urgency.
    pub(crate) fn state(&self) -> (String, Tone) {
        match (self.incident, self.response) {
            (Some(incident), response) => self.public(incident, response),
            (None, Some(response)) => self.internal(response),
            (None, None) => (String::new(), Tone::Neutral),
        }
    }

    /// The state right after an update, so that the answer to it can be repeated.
    pub(crate) fn state_at(&self, update: Option<u32>) -> (String, Tone) {
        let before = self.incident.filter(|it| !it.is_maintenance() && it.withdrawal.is_none());
        let then = before.and_then(|incident| {
            let update = incident.updates.iter().find(|it| Some(it.number) == update)?;
            let (last, opened) = (incident.updates.last()?, incident.opened);
            (last.number != update.number).then_some((update, opened))
        });
        let Some((update, opened)) = then else { return self.state() };
        match update.stage {
            Stage::Resolved => {
                let end = update.ended.unwrap_or(update.at);
                (self.ended("Resolved", end, end.duration_since(opened)), Tone::Good)
            }
            Stage::PostMortem => self.state(),
            stage => self.ongoing(update.impact, &update.components, stage),
        }
    }

    fn ongoing(&self, impact: Impact, components: &[String], stage: Stage) -> (String, Tone) {
        let tone = if impact == Impact::Minor { Tone::Warning } else { Tone::Attention };
        let (impact, on) = (impact_words(impact), self.on(components));
        (format!("{impact}{on} · {}", stage.word()), tone)
    }

    fn public(&self, incident: &Incident, response: Option<&Response>) -> (String, Tone) {
        if let Some(withdrawal) = &incident.withdrawal {
            return match response {
                Some(response) => self.internal(response),
                None => (format!("Withdrawn {}", self.time(withdrawal.at)), Tone::Neutral),
            };
        }
        if let Some(window) = incident.window {
            return self.maintenance(incident, window);
        }
        if let Some(of) = incident.duplicate_of.or(response.and_then(|known| known.duplicate_of)) {
            return (format!("Closed as a duplicate of #{of}"), Tone::Good);
        }
        if let Some(end) = incident.resolved {
            let added =
                if incident.stage == Stage::PostMortem { " · post-mortem added" } else { "" };
            let length = end.duration_since(incident.opened);
            return (format!("{}{added}", self.ended("Resolved", end, length)), Tone::Good);
        }
        self.ongoing(incident.impact, &incident.components, incident.stage)
    }

    fn maintenance(&self, incident: &Incident, window: Window) -> (String, Tone) {
        let on = self.on(&incident.components);
        match incident.stage {
            Stage::InProgress => {
                let until = self.time(window.until);
                (format!("Maintenance{on} in progress · until {until}"), Tone::Neutral)
            }
            Stage::Scheduled => {
                let words = short_window(window, self.now, &self.config.time_zone);
                (format!("Maintenance{on} scheduled · {words}"), Tone::Neutral)
            }
            stage => (format!("Maintenance{on} {}", stage.word()), Tone::Good),
        }
    }

    fn internal(&self, response: &Response) -> (String, Tone) {
        if let Some(of) = response.duplicate_of {
            return (format!("Closed as a duplicate of #{of}"), Tone::Good);
        }
        if let Some(at) = response.withdrawn {
            return (format!("Withdrawn {}", self.time(at)), Tone::Neutral);
        }
        let where_to = match response.visibility {
            Visibility::Public => "",
            Visibility::Internal => "Internal, not on the page",
            Visibility::Drill => "Drill, not on the page",
        };
        let mut parts: Vec<String> = Vec::new();
        parts.extend((!where_to.is_empty()).then(|| where_to.to_owned()));
        if let Some(end) = response.ended() {
            let declared = response.milestones.at(Milestone::Declared);
            let began = start(response, self.incident).or(declared).unwrap_or(end);
            let closed = self.ended("closed", end, end.duration_since(began));
            parts.push(closed);
            return (capitalised(&parts.join(" · ")), Tone::Good);
        }
        let names = self.names(&response.components);
        parts.extend((!names.is_empty()).then_some(names));
        parts.push(response.stage.word().to_owned());
        (capitalised(&parts.join(" · ")), Tone::Attention)
    }

    /// Without a length if it ended before it was declared, and nothing else says when it began.
    fn ended(&self, word: &str, end: Timestamp, length: SignedDuration) -> String {
        if length.is_negative() {
            return format!("{word} {}", self.time(end));
        }
        let minutes = SignedDuration::from_mins(length.as_mins());
        let length = if minutes.is_zero() {
            "less than a minute".to_owned()
        } else {
            spoken_length(minutes)
        };
        format!("{word} {} after {length}", self.time(end))
    }

    /// Age, severity, lead, and the time of the next customer update; nothing once it is closed.
    pub(crate) fn people(&self) -> Option<String> {
        if !self.is_open() || self.incident.is_some_and(Incident::is_maintenance) {
            return None;
        }
        let declared = self.response.and_then(|known| known.milestones.at(Milestone::Declared));
        let since = self.incident.map(|incident| incident.opened).or(declared);
        let severity = self.response.and_then(|known| known.severity);
        let parts = [
            since.map(|since| {
                let word = if declared == Some(since) { "opened" } else { "since" };
                format!("{word} {}", self.time(since))
            }),
            severity.map(|severity| format!("severity {}", severity.number())),
            self.lead().map(|name| format!("{name} leads")),
            self.next_update(),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" · "))
    }

    /// The name of the incident commander.
    pub(crate) fn lead(&self) -> Option<&'a str> {
        let holder = self.response?.holders(Role::Commander).next()?;
        Some(&holder.person.name)
    }

    fn next_update(&self) -> Option<String> {
        let incident = self.incident?;
        let at = self.time(incident.next_update_by?);
        Some(if self.state.status.is_overdue(incident) {
            format!("customer update overdue since {at}")
        } else {
            format!("next update by {at}")
        })
    }
}

/// The impact in the word that is typed, with the page's words for it.
fn impact_words(impact: Impact) -> String {
    let word = capitalised(impact.word());
    let label = impact.label().to_lowercase();
    if impact == Impact::Maintenance { word } else { format!("{word} ({label})") }
}

/// A window in short: its end without the day where that is the day of its beginning.
pub(crate) fn short_window(window: Window, now: Timestamp, zone: &TimeZone) -> String {
    let from = short_time(window.from, now, zone);
    let [first, last] = [window.from, window.until].map(|at| at.to_zoned(zone.clone()));
    let until = if first.date() == last.date() {
        last.strftime("%H:%M").to_string()
    } else {
        short_time(window.until, now, zone)
    };
    format!("{from} to {until}")
}
