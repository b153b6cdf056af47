//! An incident for an alert that no open incident knows.

use jiff::{SignedDuration, Timestamp};

use super::course::marked;
use super::home::Homes;
use super::news::News;
use super::notices::room_notice;
use super::notified::Notified;
use super::open::closed;
use super::outcome::{AlertEffect, AlertOutcome, NoDecision};
use super::room::Room;
use crate::alerts::alert::{Condition, Member};
use crate::alerts::change::{AlertChange, AlertMark, Series};
use crate::commands::context::Context;
use crate::incident::events::StatusEvent;
use crate::incident::model::{Impact, Number, OPEN_INCIDENTS_MAX, Stage};
use crate::incident::severity::Severity;
use crate::log::record::Event;
use crate::response::events::ResponseEvent;
use crate::response::internal_text::InternalText;
use crate::response::milestone::{Milestone, ReadingSource as Known};
use crate::response::model::{Response, Visibility};
use crate::text::Text;
use crate::text::time::spoken;

/// Recorded as the way in which an alert's incident was detected.
pub(super) const VIA: &str = "monitoring";

impl Notified<'_> {
    /// The outcome for firing members that no open incident knows.
    pub(super) fn opened(&self, homes: &Homes<'_>) -> Result<AlertEffect, NoDecision> {
        let state = self.context.state;
        let before = homes.closed.and_then(|number| state.response(number));
        if let Some(outcome) = before.and_then(|before| self.reopened(before, &homes.fresh)) {
            return Ok(outcome);
        }
        let components = self.components();
        if let Some(number) = self.maintenance_of(&components) {
            return Ok(self.noted(number, &homes.fresh));
        }
        let severity = self.opening.severity(self.alert);
        let over = match self.room(severity)? {
            Room::Own(over) => over,
            Room::Shared(number) => return Ok(self.crowded(number, &homes.fresh)),
        };
        let mut events: Vec<Event> = Vec::new();
        if let Some(over) = over {
            let firing = over.alert.as_ref();
            events.extend(firing.map(|firing| marked(over, firing, vec![AlertMark::Closed])));
            events.push(closed(state, over));
            events.push(room_notice(over));
        }
        let follows = before.filter(|before| !is_closed_by_rule(before));
        events.extend(self.opening_events(components, &homes.fresh, follows));
        Ok(AlertEffect { fate: AlertOutcome::Opened, number: Some(state.next_number), events })
    }

    fn components(&self) -> Vec<String> {
        let named = || {
            let name = self.alert.component.as_deref()?;
            self.context.config.component_id(name)
        };
        self.opening.component.clone().or_else(named).into_iter().collect()
    }

    fn opening_events(
        &self,
        components: Vec<String>,
        fresh: &[&Member],
        follows: Option<&Response>,
    ) -> Vec<Event> {
        let Self { context, alert, opening, .. } = self;
        let number = context.state.next_number;
        let severity = opening.severity(alert);
        // If the page is full, the incident is opened internally.
        let publish = opening.publish && context.state.status.open.len() < OPEN_INCIDENTS_MAX;
        let details = self.details(follows);
        let (opened, more) = if publish {
            let opened = StatusEvent::Opened {
                number,
                update: 1,
                month: context.month(),
                impact: impact(severity),
                components,
                next_update_by: context.promise(None),
                // The author of the rule knows its titles, but not the texts below them.
                began: None,
                text: Text::plain(&alert.title),
            };
            (Event::Status(opened), details)
        } else {
            let text = InternalText::new(Text::plain(&format!("{}\n{details}", alert.title)));
            let visibility = Visibility::Internal;
            let declared =
                ResponseEvent::Declared { number, visibility, components, impact: None, text };
            (Event::Response(declared), String::new())
        };
        let detected = ResponseEvent::Reached {
            number,
            milestone: Milestone::Detected,
            at: self.began().unwrap_or(self.now()),
            source: Known::Recorded,
            via: Some(VIA.to_owned()),
            was: None,
        };
        let graded = ResponseEvent::Graded { number, severity };
        let mut change = News::fresh(fresh).change(self, None);
        change.series = Some(Series { firings: 1, since: self.now() });
        change.severity = Some(severity);
        change.follows = follows.map(|closed| closed.number);
        let launch = self.launch(&mut change, number);
        let alerted = self.alerted(number, Condition::Fired, (&more, None), change);
        let planned = self.planned(number).map(Event::Response);
        // The launch's own message says more, once its steps are done.
        let is_launched = context.can_launch() && context.config.notifies;
        let notice = (!is_launched).then(|| self.opened_notice(number, follows));
        let events = [opened, Event::Response(detected), Event::Response(graded), alerted];
        events.into_iter().chain(planned).chain(launch).chain(notice).collect()
    }

    /// Launches at once, or after the alert has fired for a while.
    fn launch(&self, change: &mut AlertChange, number: Number) -> Vec<Event> {
        if !self.context.can_launch() {
            return Vec::new();
        }
        let delay = self.context.config.launch.alert_delay;
        if delay.is_zero() {
            return Context::launched(number);
        }
        change.launch_at = self.now().checked_add(delay).ok();
        Vec::new()
    }

    /// Work that the provider has planned needs no investigation.
    fn planned(&self, number: Number) -> Option<ResponseEvent> {
        let (from, until) = self.alert.planned?;
        let zone = &self.context.config.time_zone;
        let text = format!("Planned from {} to {}", spoken(from, zone), spoken(until, zone));
        Some(ResponseEvent::Updated {
            number,
            note: 1,
            title: InternalText::new(Text::plain(&self.alert.title)).title(),
            stage: if from > self.now() { Stage::Scheduled } else { Stage::InProgress },
            ended: None,
            text: InternalText::new(Text::plain(&text)),
        })
    }

    /// The alert's text below its title.
    fn details(&self, follows: Option<&Response>) -> String {
        let (title, description) = (&self.alert.title, &self.alert.description);
        let link = self.alert.link.clone();
        let follows = follows.map(|closed| format!("See #{}, which was closed.", closed.number));
        let description = description.lines().filter(|line| line != title);
        let description = Some(description.collect::<Vec<_>>().join("\n"));
        let parts = description.into_iter().chain(link).chain(follows);
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// Joins an existing incident, because the limit of open incidents is reached.
    fn crowded(&self, number: Number, fresh: &[&Member]) -> AlertEffect {
        let firing = self.context.state.response(number).and_then(|r| r.alert.as_ref());
        let mut change = News::fresh(fresh).change(self, firing);
        change.marks.push(AlertMark::Crowded);
        let text = format!("There is no room for an incident of its own: {}", self.alert.title);
        let alerted = self.alerted(number, Condition::Fired, (&text, None), change);
        let events = vec![alerted, self.crowded_notice(number)];
        AlertEffect { fate: AlertOutcome::Crowded, number: Some(number), events }
    }

    /// Reopens the incident that a rule closed a short while ago.
    fn reopened(&self, response: &Response, fresh: &[&Member]) -> Option<AlertEffect> {
        let (number, now) = (response.number, self.now());
        let firing = response.alert.as_ref()?;
        let closed: Timestamp = firing.course.closed?;
        let window: SignedDuration = self.opening.reopen_within;
        let is_recent = now.duration_since(closed) <= window;
        let visible = match self.context.state.status.incident(number) {
            None => Some(None),
            Some(incident) if self.opening.publish => Some(Some(incident)),
            // An alert does not reopen what a person published.
            Some(_) => None,
        };
        if !is_closed_by_rule(response) || !is_recent {
            return None;
        }
        let title = response.title.clone();
        let opened = match visible? {
            None => Event::Response(ResponseEvent::Reopened {
                number,
                note: response.notes.next(),
                title: title.clone(),
                text: InternalText::default(),
            }),
            Some(incident) => Event::Status(StatusEvent::Reopened {
                number,
                update: incident.next_update(),
                title: incident.title.clone(),
                impact: incident.impact,
                next_update_by: self.context.promise(None),
                text: Text::default(),
            }),
        };
        let mut outcome = self.joined(number, fresh)?;
        // The message about the reopening says it already.
        let is_flapping = |event: &Event| match event {
            Event::Response(ResponseEvent::Alerted { change: Some(change), .. }) => {
                change.has(AlertMark::Flapping) || firing.course.flapping
            }
            _ => false,
        };
        if !outcome.events.iter().any(is_flapping) {
            outcome.events.retain(|event| !matches!(event, Event::Delivery(_)));
            outcome.events.push(self.reopened_notice(number, &title));
        }
        outcome.events.insert(0, opened);
        outcome.fate = AlertOutcome::Reopened;
        Some(outcome)
    }
}

/// True if a rule, or this program to make room, closed the incident, and nobody has acted on it
/// since.
fn is_closed_by_rule(response: &Response) -> bool {
    let closed = response.milestones.at(Milestone::Closed);
    let by_rule = response.alert.as_ref().and_then(|firing| firing.course.closed);
    closed.is_some() && closed == by_rule
}

/// The customer impact that the page shows for a severity.
fn impact(severity: Severity) -> Impact {
    match severity {
        Severity::Critical => Impact::Critical,
        Severity::High => Impact::Major,
        Severity::Medium | Severity::Low => Impact::Minor,
    }
}
