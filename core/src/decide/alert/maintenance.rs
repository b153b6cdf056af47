//! Alerts about components under announced maintenance. They are noted there, and open an incident
//! only if they outlast it.

use super::news::News;
use super::notices::{said, severity_fact};
use super::notified::Notified;
use super::opening::VIA;
use super::outcome::{AlertEffect, AlertOutcome};
use crate::alerts::alert::{Condition, Member};
use crate::alerts::change::{AlertChange, AlertMark, Series};
use crate::alerts::course::Firing;
use crate::alerts::firing_words::firing_words;
use crate::commands::context::Context;
use crate::commands::on_call::reach::announcement_start;
use crate::incident::model::{Number, Stage};
use crate::log::record::Event;
use crate::response::events::ResponseEvent;
use crate::response::internal_text::InternalText;
use crate::response::milestone::{Milestone, ReadingSource as Known};
use crate::response::model::Visibility;
use crate::text::Text;

impl Notified<'_> {
    /// The maintenance in progress of any of these components, unless a rule opens incidents
    /// regardless.
    pub(super) fn maintenance_of(&self, components: &[String]) -> Option<Number> {
        if self.opening.during_maintenance {
            return None;
        }
        let now = self.now();
        let mut running = self.context.state.status.maintenance.values().filter(|maintenance| {
            maintenance.window.is_some_and(|window| window.stage(now) == Stage::InProgress)
        });
        let is_of = |component: &String| components.contains(component);
        let found = running.find(|maintenance| maintenance.components.iter().any(is_of));
        found.map(|maintenance| maintenance.number)
    }

    /// Notes firing members in a maintenance.
    pub(super) fn noted(&self, number: Number, fresh: &[&Member]) -> AlertEffect {
        let firing = self.context.state.alerts.of_maintenance(number);
        let mut change = News::fresh(fresh).change(self, firing);
        self.keep_quiet_where_full(number, &mut change);
        change.severity = Some(self.opening.severity(self.alert));
        let title = &self.alert.title;
        let event = self.alerted(number, Condition::Fired, (title, None), change);
        AlertEffect { fate: AlertOutcome::Noted, number: Some(number), events: vec![event] }
    }

    /// Handles another delivery for members noted in a maintenance.
    pub(super) fn noted_again(&self, number: Number, members: &[&Member]) -> Option<AlertEffect> {
        let firing = self.context.state.alerts.of_maintenance(number)?;
        let news = News::of(self, firing, members);
        if news.is_empty() {
            return Some(AlertEffect::nothing(AlertOutcome::Repeated, Some(number)));
        }
        let mut change = news.change(self, Some(firing));
        self.keep_quiet_where_full(number, &mut change);
        let condition = news.condition(firing, &change);
        let single = self.alert.members.len() == 1 && firing.members.len() <= 1;
        let words = if single { self.alert.title.clone() } else { news.words() };
        let event = self.alerted(number, condition, (&words, None), change);
        Some(AlertEffect { fate: AlertOutcome::Noted, number: Some(number), events: vec![event] })
    }

    fn keep_quiet_where_full(&self, maintenance: Number, change: &mut AlertChange) {
        if self.context.state.alerts.noted_in(maintenance).len() >= NOTED_MAX {
            change.marks.push(AlertMark::Quiet);
        }
    }
}

/// The limit of alert entries in a maintenance's timeline.
const NOTED_MAX: usize = 200;

impl Context<'_> {
    /// Opens an incident for alerts that still fire after their maintenance, and drops the others.
    pub(super) fn after_maintenance(&self) -> Vec<Event> {
        let is_over =
            |(number, _): &(Number, &Firing)| !self.state.status.maintenance.contains_key(number);
        // One at a time: each takes the next number.
        let Some((maintenance, firing)) = self.state.alerts.maintenances().find(is_over) else {
            return Vec::new();
        };
        let moved = |to| Event::Response(ResponseEvent::MaintenanceAlertsMoved { maintenance, to });
        if firing.condition == Condition::Resolved {
            return vec![moved(None)];
        }
        let number = self.state.next_number;
        let title = format!("Alerts still fire after maintenance #{maintenance}");
        let declared = ResponseEvent::Declared {
            number,
            visibility: Visibility::Internal,
            components: Vec::new(),
            impact: None,
            text: InternalText::new(Text::plain(&title)),
        };
        let detected = ResponseEvent::Reached {
            number,
            milestone: Milestone::Detected,
            at: firing.fired_at.unwrap_or(self.time()),
            source: Known::Recorded,
            via: Some(VIA.to_owned()),
            was: None,
        };
        let severity = firing.course.severity;
        let graded = severity.map(|severity| ResponseEvent::Graded { number, severity });
        let text = match firing_words(firing) {
            words if words.is_empty() => {
                "Alerts that were noted in it have not resolved.".to_owned()
            }
            words => format!("Still firing: {words}"),
        };
        let heading = format!("{}: {title}", announcement_start(number));
        let facts = severity.map(severity_fact).into_iter().collect();
        let said = said(None, heading, text.clone(), facts, firing.link.as_deref());
        let change = AlertChange {
            group: firing.course.group.unwrap_or_default(),
            series: Some(Series { firings: 1, since: self.time() }),
            severity,
            ..AlertChange::default()
        };
        let alerted = ResponseEvent::Alerted {
            number,
            key: firing.key.clone(),
            source: firing.source,
            condition: Condition::Fired,
            at: firing.fired_at,
            deliveries: 1,
            roster: firing.roster.clone(),
            link: firing.link.clone(),
            description: firing.description.clone(),
            text: InternalText::new(Text::plain(&text)),
            title: None,
            change: Some(Box::new(change)),
        };
        let responses =
            [Some(declared), Some(detected), graded, Some(alerted)].into_iter().flatten();
        let events = responses.map(Event::Response).chain([moved(Some(number)), said]);
        let launched = if self.can_launch() { Context::launched(number) } else { Vec::new() };
        events.chain(launched).collect()
    }
}
