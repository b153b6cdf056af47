//! Chooses the incident of a new alert when many are open.

use super::notified::Notified;
use super::outcome::{ALERTED_CEILING, ALERTED_MAX, NoDecision};
use crate::alerts::course::Firing;
use crate::alerts::firing::Condition;
use crate::alerts::members::MEMBERS_MAX;
use crate::incident::model::Number;
use crate::incident::severity::Severity;
use crate::response::milestone::Milestone;
use crate::response::model::{Response, TIMELINE_MAX};

/// The incident for an alert that no incident knows.
pub(super) enum Room<'a> {
    /// A new incident, after closing this one.
    Own(Option<&'a Response>),
    /// The incident of a different alert.
    Shared(Number),
}

impl<'a> Notified<'a> {
    /// Resolved incidents do not use up the limit: the one that resolved first is closed if nobody
    /// has acted on it.
    pub(super) fn room(&self, severity: Severity) -> Result<Room<'a>, NoDecision> {
        let open = || self.alerted_incidents().filter(|(response, _)| response.is_open());
        let count = open().count();
        if count < ALERTED_MAX {
            return Ok(Room::Own(None));
        }
        let over = open().filter(|(response, firing)| is_done(response, firing));
        if let Some((over, _)) = over.min_by_key(|(response, f)| (f.course.turned, response.number))
        {
            return Ok(Room::Own(Some(over)));
        }
        let firing = open().filter(|(_, firing)| firing.condition == Condition::Fired).count();
        let is_own = firing < ALERTED_MAX || severity == Severity::Critical;
        if is_own && count < ALERTED_CEILING {
            return Ok(Room::Own(None));
        }
        let has_room = |(response, firing): &(&Response, &Firing)| {
            firing.members.len() < MEMBERS_MAX && response.entries.len() < TIMELINE_MAX
        };
        let shared = open().find(has_room).map(|(response, _)| Room::Shared(response.number));
        shared.ok_or(NoDecision::NoRoom)
    }
}

/// True if the alert has resolved and nobody has acted on the incident.
fn is_done(response: &Response, firing: &Firing) -> bool {
    let is_untouched = !firing.course.touched
        && response.milestones.at(Milestone::Acknowledged).is_none()
        && response.roles.is_empty()
        && response.tasks.is_empty()
        && response.actions.is_empty();
    firing.condition == Condition::Resolved && !response.is_public() && is_untouched
}
