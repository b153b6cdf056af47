//! Which incident an alert gets when many are open.

use super::notified::Notified;
use super::outcome::{ALERTED_CEILING, ALERTED_MAX, NoDecision};
use crate::core::alerts::course::Firing;
use crate::core::alerts::firing::Condition;
use crate::core::alerts::members::MEMBERS_MAX;
use crate::core::incident::model::Number;
use crate::core::incident::severity::Severity;
use crate::core::response::milestone::Milestone;
use crate::core::response::model::{Response, TIMELINE_MAX};

/// Where an alert goes that no incident knows.
pub(super) enum Room<'a> {
    /// Into an incident of its own, after this one was closed.
    Own(Option<&'a Response>),
    /// Into that of another alert.
    Shared(Number),
}

impl<'a> Notified<'a> {
    /// Room for an alert. Incidents that are over take none: the one that has been for longest
    /// closes where nobody has done anything about it.
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

/// Whether the alert of an incident is over and no person has done anything about the incident.
fn is_done(response: &Response, firing: &Firing) -> bool {
    let is_untouched = !firing.course.touched
        && response.milestones.at(Milestone::Acknowledged).is_none()
        && response.roles.is_empty()
        && response.tasks.is_empty()
        && response.actions.is_empty();
    firing.condition == Condition::Resolved && !response.is_public() && is_untouched
}
