//! Folds events about an incident's alert.

use super::events::ResponseEvent;
use super::milestone::Milestone;
use super::model::Response;
use crate::alerts::change::AlertMark;
use crate::alerts::course::Firing;
use crate::alerts::firing::{Condition, Key};
use crate::incident::change::Recorded;

/// Returns `true` if an alert event does not appear in the timeline.
#[must_use]
pub fn is_quiet(event: &ResponseEvent) -> bool {
    let ResponseEvent::Alerted { change: Some(change), .. } = event else { return false };
    change.has(AlertMark::Quiet)
}

/// Folds an alert event into the incident's alert, which is `None` before the first one.
pub fn note_alert(alert: &mut Option<Firing>, recorded: Recorded<'_>, event: &ResponseEvent) {
    let ResponseEvent::Alerted { key, source, condition, at, roster, link, change, .. } = event
    else {
        return;
    };
    let ResponseEvent::Alerted { description, .. } = event else { return };
    let is_first = alert.is_none();
    let firing = alert.get_or_insert_with(|| Firing::new(key.clone(), *source, recorded.at));
    firing.noted = recorded.at;
    if is_first {
        (firing.roster, firing.link) = (roster.clone(), link.clone());
    }
    if description.is_some() {
        firing.description.clone_from(description);
    }
    if let Some(change) = change {
        if !change.fired.is_empty() {
            firing.fired_at = *at;
        }
        firing.apply((recorded.revision, recorded.at), *condition, change);
    } else if firing.key == *key {
        firing.condition = *condition;
        if *condition == Condition::Fired {
            firing.fired_at = *at;
        }
    }
}

impl Response {
    pub(super) fn alerted(&mut self, recorded: Recorded<'_>, event: &ResponseEvent) {
        let course = self.alert.as_ref().map(|alert| &alert.course);
        let counted = course.and_then(|course| course.counted);
        let mitigated = course.and_then(|course| course.mitigated);
        note_alert(&mut self.alert, recorded, event);
        let ResponseEvent::Alerted { title, change, .. } = event else { return };
        if let Some(title) = title {
            self.title = title.title();
        }
        let Some(change) = change else { return };
        if change.has(AlertMark::Counted) {
            self.entries.retain(|entry| Some(entry.1) != counted);
        }
        if let Some(given) = mitigated.filter(|_| change.has(AlertMark::Unmitigated)) {
            self.milestones.take_back(Milestone::Mitigated, given);
        }
    }

    /// Adds the members of a duplicate's alert. Firing ones end the mitigation.
    pub(super) fn adopt(&mut self, moved: Firing, recorded: Recorded<'_>) {
        match &mut self.alert {
            Some(own) => {
                own.absorb(&moved, recorded.at);
                let mitigated = own.course.mitigated.filter(|_| own.condition == Condition::Fired);
                if let Some(given) = mitigated {
                    (own.course.mitigated, own.course.returned) = (None, true);
                    self.milestones.take_back(Milestone::Mitigated, given);
                }
            }
            None => self.alert = Some(moved.adopted()),
        }
        self.touch();
        self.enter(recorded.at, recorded);
    }

    /// Keeps the title from following the alert.
    pub fn name_by_person(&mut self) {
        if let Some(alert) = &mut self.alert {
            alert.course.retitled = true;
        }
    }

    /// Erases the texts of the alert.
    pub fn erase_alert(&mut self) {
        let Some(alert) = &mut self.alert else { return };
        alert.key = Key::erased();
        (alert.roster, alert.link, alert.description) = (None, None, None);
        alert.members.values_mut().for_each(|member| member.name = None);
    }

    /// Marks the alert as handled by a person.
    pub fn touch(&mut self) {
        if let Some(alert) = self.alert.as_mut().filter(|alert| !alert.members.is_empty()) {
            alert.course.touched = true;
        }
    }
}
