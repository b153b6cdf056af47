//! Assigns the members of a delivery to incidents.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::notified::Notified;
use super::outcome::{AlertEffect, AlertOutcome};
use crate::alerts::alert::{Condition, Member};
use crate::alerts::course::Firing;
use crate::alerts::members::{AlertDigest, KnownMember};
use crate::incident::model::Number;
use crate::log::record::Event;
use crate::response::events::ResponseEvent;
use crate::response::model::Response;

/// A sender that repeats what fires gives up a notification when the next one of its group is due:
/// Alertmanager's default `group_interval`.
const LATE_COPY_MAX: SignedDuration = SignedDuration::from_mins(5);

/// The members of a delivery, by their incident.
#[derive(Default)]
pub(super) struct Homes<'a> {
    pub(super) open: BTreeMap<Number, Vec<&'a Member>>,
    /// Resolved members that still fire in an incident that was closed.
    pub(super) closed_before: BTreeMap<Number, Vec<&'a Member>>,
    /// Members noted in a maintenance.
    pub(super) maintenance: BTreeMap<Number, Vec<&'a Member>>,
    /// Firing members that no open incident knows.
    pub(super) fresh: Vec<&'a Member>,
    /// Resolved members that no open incident knows.
    pub(super) resolved: Vec<&'a Member>,
    /// Set if a member's firing is old: it began before its incident was closed, or before it
    /// resolved.
    pub(super) over: Option<Over>,
    /// The last closed incident that knew the fresh members or their group.
    pub(super) closed: Option<Number>,
}

/// A firing that is not new.
pub(super) struct Over {
    /// The closed incident that it belongs to, if known.
    pub(super) closed: Option<Number>,
}

fn of_alert(response: &Response) -> Option<(&Response, &Firing)> {
    Some((response, response.alert.as_ref()?))
}

fn knows_group(firing: &Firing, group: AlertDigest) -> bool {
    firing.course.group == Some(group)
        || firing.left_out_elsewhere.contains_key(&group)
        || firing.members.values().any(|m| m.group == group)
}

impl<'a> Notified<'a> {
    /// Incidents with alerts, newest first. Evicted ones are missing.
    pub(super) fn alerted_incidents(
        &self,
    ) -> impl DoubleEndedIterator<Item = (&'a Response, &'a Firing)> {
        self.context.state.responses.values().rev().filter_map(|response| of_alert(response))
    }

    pub(super) fn homes(&self) -> Homes<'a> {
        let mut homes = Homes::default();
        let (mut fresh, mut resolved) = (Vec::new(), Vec::new());
        let mut last = None;
        for member in &self.alert.members {
            let id = self.id(member);
            if let Some(number) = self.open_home(id, last) {
                last = Some(number);
                homes.open.entry(number).or_default().push(member);
            } else if let Some(number) = self.maintenance_home(id) {
                homes.maintenance.entry(number).or_default().push(member);
            } else if member.condition == Condition::Resolved {
                if let Some(number) = self.fires_in_closed(id) {
                    homes.closed_before.entry(number).or_default().push(member);
                } else if !self.has_ended_since(member) {
                    resolved.push(member);
                }
            } else if let Some(over) = self.is_over(member) {
                homes.over = Some(over);
            } else {
                fresh.push(member);
            }
        }
        let group_home = || {
            let open = self.alerted_incidents().filter(|(response, _)| response.is_open());
            let of_group = open.filter(|(_, firing)| knows_group(firing, self.group()));
            of_group.map(|(response, _)| response.number).next()
        };
        // Members that are reported together are one problem.
        let most = homes.open.iter().max_by_key(|(_, members)| members.len());
        if let Some(number) = most.map(|(number, _)| *number).or_else(group_home) {
            let members = homes.open.entry(number).or_default();
            members.extend(fresh);
            members.extend(resolved);
            return homes;
        }
        let closed = self.alerted_incidents().filter(|(response, _)| !response.is_open());
        let knows = |firing: &Firing| {
            knows_group(firing, self.group())
                || fresh.iter().any(|member| firing.members.contains_key(&self.id(member)))
        };
        homes.closed = closed.filter(|(_, f)| knows(f)).map(|(r, _)| r.number).next();
        (homes.fresh, homes.resolved) = (fresh, resolved);
        homes
    }

    /// The open incident that knows a member. Tries the previous member's first, because most share
    /// it.
    fn open_home(&self, id: AlertDigest, last: Option<Number>) -> Option<Number> {
        let last = last.and_then(|number| self.context.state.response(number)).and_then(of_alert);
        let mut all = last.into_iter().chain(self.alerted_incidents());
        let home = all.find(|(r, firing)| r.is_open() && firing.members.contains_key(&id));
        home.map(|(response, _)| response.number)
    }

    /// The closed incident in which a member still fires.
    fn fires_in_closed(&self, id: AlertDigest) -> Option<Number> {
        let mut closed = self.alerted_incidents().filter(|(response, _)| !response.is_open());
        let fires = closed.find(|(_, firing)| {
            firing.members.get(&id).is_some_and(|member| member.condition == Condition::Fired)
        });
        fires.map(|(response, _)| response.number)
    }

    fn maintenance_home(&self, id: AlertDigest) -> Option<Number> {
        let mut all = self.context.state.alerts.maintenances();
        all.find(|(_, firing)| firing.members.contains_key(&id)).map(|(number, _)| number)
    }

    /// Recognises a firing that is not new: it began before its incident was closed, or before the
    /// member resolved.
    fn is_over(&self, member: &Member) -> Option<Over> {
        let (id, began) = (self.id(member), self.start(member));
        let mut closed = self.alerted_incidents().filter(|(response, _)| !response.is_open());
        let known = closed.find_map(|(response, firing)| {
            Some((response.number, firing, firing.members.get(&id)?))
        });
        let is_over = self.is_old(member, known.map(|(.., known)| known))
            || known.is_some_and(|(_, firing, known)| {
                let has_ended = self.last_end(id).is_some_and(|end| known.fired_at <= Some(end));
                known.condition == Condition::Fired
                    && !has_ended
                    && self.goes_on(firing, known, began)
            });
        is_over.then(|| Over { closed: known.map(|(number, ..)| number) })
    }

    /// True if a delivered firing had ended before.
    ///
    /// A monitor that loses sight of an alert reports its end, and later the same firing again, with
    /// its old start. Nothing but the time of arrival tells that from a late copy.
    pub(super) fn is_old(&self, member: &Member, known: Option<&KnownMember>) -> bool {
        let Some(began) = self.start(member) else { return false };
        let may_be_a_copy = |end: Timestamp| {
            !self.alert.source.repeats_firings()
                || self.now().duration_since(end) < LATE_COPY_MAX
                || known.is_some_and(|known| Some(began) < known.fired_at)
        };
        let last_end = self.last_end(self.id(member));
        last_end.is_some_and(|end| began < end && may_be_a_copy(end))
            || known.is_some_and(|known| {
                known.outlived(began) && known.resolved_at.is_none_or(may_be_a_copy)
            })
    }

    /// The newest known end of a member. Several incidents may have known it, and none when it
    /// ended.
    fn last_end(&self, id: AlertDigest) -> Option<Timestamp> {
        let incidents = self.alerted_incidents().map(|(_, firing)| firing);
        let maintenances = self.context.state.alerts.maintenances().map(|(_, firing)| firing);
        let known = incidents.chain(maintenances).filter_map(|firing| firing.members.get(&id));
        let ends = known.filter_map(|member| member.resolved_at);
        ends.chain(self.context.state.alerts.resolved(id)).max()
    }

    /// True if a member still fires as it did when its incident was closed.
    fn goes_on(&self, firing: &Firing, known: &KnownMember, began: Option<Timestamp>) -> bool {
        match (began, known.fired_at) {
            (Some(began), Some(known)) => began <= known,
            (None, _) => firing.is_in_burst(self.now()),
            (Some(_), None) => false,
        }
    }

    /// Remembers the ends of members that no open incident knows, so that a late delivery of an
    /// earlier firing opens nothing.
    pub(super) fn resolved_nowhere(&self, homes: &Homes<'_>) -> AlertEffect {
        let ends = homes.resolved.iter().filter_map(|m| Some((self.id(m), self.end(m)?)));
        let members: Vec<_> = ends.collect();
        let mut events = Vec::new();
        if !members.is_empty() {
            let forgotten = self.context.state.alerts.over(members.len());
            events.push(Event::Response(ResponseEvent::AlertsResolved { members, forgotten }));
        }
        AlertEffect { fate: AlertOutcome::NothingOpen, number: None, events }
    }

    /// True if this end of the member, or a later one, is known already.
    fn has_ended_since(&self, member: &Member) -> bool {
        let end = self.end(member);
        end.is_some() && self.last_end(self.id(member)) >= end
    }
}
