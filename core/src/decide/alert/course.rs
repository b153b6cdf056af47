//! Time-driven changes of alerts: the launch after an alert has fired for a while, the end of
//! flapping, and alerts that outlast a maintenance.

use jiff::Timestamp;

use super::notices::said;
use super::open::{closed, mitigated};
use crate::alerts::change::{AlertChange, AlertMark};
use crate::alerts::course::{FLAP_WINDOW, Firing};
use crate::alerts::firing::Condition;
use crate::commands::context::Context;
use crate::log::record::Event;
use crate::response::events::ResponseEvent;
use crate::response::internal_text::InternalText;
use crate::response::model::Response;
use crate::text::time::spoken;

impl Context<'_> {
    /// Due changes for alerts of open incidents.
    pub(in crate::decide) fn alerts_due(&self) -> Vec<Event> {
        let mut events = Vec::new();
        for response in self.state.responses.values().filter(|response| response.is_open()) {
            let Some(firing) = &response.alert else { continue };
            if self.launches_now(response, firing) {
                events.extend(Context::launched(response.number));
            }
            events.extend(self.settled(response, firing));
        }
        events.extend(self.after_maintenance());
        events
    }

    /// True if a launch was waiting for the alert to last, and now begins.
    fn launches_now(&self, response: &Response, firing: &Firing) -> bool {
        let is_due = firing.course.launch_at.is_some_and(|at| at <= self.time());
        let is_launched = self.state.launches.contains_key(&response.number);
        is_due && !is_launched && firing.condition == Condition::Fired && self.can_launch()
    }

    /// Ends the flapping of an alert that has been quiet for long enough.
    fn settled(&self, response: &Response, firing: &Firing) -> Vec<Event> {
        let (course, number) = (&firing.course, response.number);
        let (Some(turned), Some(series), true) = (course.turned, course.series, course.flapping)
        else {
            return Vec::new();
        };
        if self.time().duration_since(turned) < FLAP_WINDOW {
            return Vec::new();
        }
        let condition = firing.condition;
        let ended = ResponseEvent::FlappingEnded { number, condition, series };
        let mut events = vec![Event::Response(ended)];
        let at = |at: Timestamp| spoken(at, &self.config.time_zone);
        let fired = format!(
            "It fired {} times from {} to {}.",
            series.firings,
            at(series.since),
            at(course.fired.unwrap_or(turned))
        );
        let now = match condition {
            Condition::Fired => format!("It has been firing since {}.", at(turned)),
            Condition::Resolved => format!("It has been resolved since {}.", at(turned)),
        };
        let closes_itself = course.closes_on_resolve && !course.adopted;
        let closes = condition == Condition::Resolved && closes_itself;
        let marks = [
            (condition == Condition::Resolved, mitigated(response, turned), AlertMark::Mitigated),
            (closes, Some(closed(self.state, response)), AlertMark::Closed),
        ];
        let marks = marks.into_iter().filter(|(is_so, event, _)| *is_so && event.is_some());
        let (brought, marks): (Vec<_>, Vec<_>) =
            marks.map(|(_, event, mark)| (event, mark)).unzip();
        if !marks.is_empty() {
            events.push(marked(response, firing, marks));
        }
        events.extend(brought.into_iter().flatten());
        let heading = if closes {
            format!("Incident #{number} is closed: its alert has stopped flapping and resolved")
        } else {
            format!("Incident #{number} has stopped flapping: {}", response.title)
        };
        events.push(said(None, heading, format!("{fired} {now}"), Vec::new(), None));
        events
    }
}

/// An event that sets marks without changing members.
pub(super) fn marked(response: &Response, firing: &Firing, marks: Vec<AlertMark>) -> Event {
    let (left_out, group) = (firing.left_out, firing.course.group.unwrap_or_default());
    let marks = [AlertMark::Quiet].into_iter().chain(marks).collect();
    let change = AlertChange { group, left_out, marks, ..AlertChange::default() };
    Event::Response(ResponseEvent::Alerted {
        number: response.number,
        key: firing.key.clone(),
        source: firing.source,
        condition: firing.condition,
        at: None,
        deliveries: 0,
        roster: None,
        link: None,
        description: None,
        text: InternalText::default(),
        title: None,
        change: Some(Box::new(change)),
    })
}
