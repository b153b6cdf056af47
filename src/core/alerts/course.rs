//! The alert of an incident: its members, and what it has done to the incident.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::change::{AlertChange, AlertMark, Series};
use super::firing::{AlertSource, BURST, Condition, Key};
use super::members::{AlertDigest, KnownMember};
use crate::core::incident::model::Number;
use crate::core::incident::severity::Severity;
use crate::core::sealed;

/// Firings that begin within this time of each other are a series: the alert flaps.
pub const FLAP_WINDOW: SignedDuration = SignedDuration::from_mins(30);

/// The alert of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Firing {
    /// Which alert it is.
    pub key: Key,
    /// What sent it.
    pub source: AlertSource,
    /// Whether any member fires.
    pub condition: Condition,
    /// When it fired last, by the monitor's clock, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fired_at: Option<Timestamp>,
    /// When a delivery was last recorded.
    pub noted: Timestamp,
    /// The roster whose people a rule asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "sealed")]
    pub roster: Option<String>,
    /// Where people look at it in the monitor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "sealed")]
    pub link: Option<String>,
    /// What it says below its title, shortened to a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "sealed")]
    pub description: Option<String>,
    /// Its members, [`MEMBERS_MAX`](super::members::MEMBERS_MAX) at most.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<AlertDigest, KnownMember>,
    /// Further members that fire and are only counted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u32,
    /// What it has done to the incident.
    #[serde(default, skip_serializing_if = "Course::is_default")]
    pub course: Course,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// What an alert has done to its incident.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are facts of their own, in any combination"
)]
pub struct Course {
    /// The group that opened the incident.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<AlertDigest>,
    /// The current series of firings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<Series>,
    /// When the last firing of the series was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fired: Option<Timestamp>,
    /// When it last changed between firing and resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turned: Option<Timestamp>,
    /// The severity that it gave the incident last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// When it recorded the mitigation that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mitigated: Option<Timestamp>,
    /// When the incident closed without a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<Timestamp>,
    /// When its launch begins if it still fires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_at: Option<Timestamp>,
    /// The closed incident of an earlier firing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows: Option<Number>,
    /// The revision of the timeline's entry in which firings are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted: Option<u64>,
    /// Whether it flaps.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub flapping: bool,
    /// Whether a rule closes the incident when it resolves.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub closes_on_resolve: bool,
    /// Whether a person has done anything about the incident.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub touched: bool,
    /// Whether a person has named the incident.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub retitled: bool,
    /// Whether it fired again after it had been mitigated.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub returned: bool,
    /// Whether the incident was opened without it, and has it from a duplicate.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
}

impl Course {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Firing {
    /// What is known of an alert before the event that is the first about it is folded.
    #[must_use]
    pub fn new(key: Key, source: AlertSource, at: Timestamp) -> Self {
        Self {
            key,
            source,
            condition: Condition::Resolved,
            fired_at: None,
            noted: at,
            roster: None,
            link: None,
            description: None,
            members: BTreeMap::new(),
            left_out: 0,
            course: Course::default(),
        }
    }

    /// Whether a delivery now still belongs to the last one that was recorded.
    #[must_use]
    pub fn is_in_burst(&self, now: Timestamp) -> bool {
        now.duration_since(self.noted) < BURST
    }

    /// Whether a firing now belongs to a series with the last one, which both the arrival and the
    /// start by the monitor's clock have to say.
    #[must_use]
    pub fn is_in_series(&self, now: Timestamp, began: Option<Timestamp>) -> bool {
        let is_near = |earlier: Option<Timestamp>, later: Option<Timestamp>| {
            let apart = earlier.zip(later).map(|(earlier, later)| later.duration_since(earlier));
            apart.map(|apart| apart <= FLAP_WINDOW)
        };
        is_near(self.course.fired, Some(now)).unwrap_or(false)
            && is_near(self.fired_at, began).unwrap_or(true)
    }

    /// The members that fire.
    pub fn firing(&self) -> impl Iterator<Item = (&AlertDigest, &KnownMember)> {
        self.members.iter().filter(|(_, member)| member.condition == Condition::Fired)
    }

    /// Folds a change that was recorded with a revision at a time, after which the alert is in a
    /// condition.
    pub fn apply(
        &mut self,
        (revision, at): (u64, Timestamp),
        condition: Condition,
        change: &AlertChange,
    ) {
        self.change_members(change);
        self.left_out = change.left_out;
        let course = &mut self.course;
        course.group.get_or_insert(change.group);
        if let Some(series) = change.series {
            course.series = Some(series);
            course.fired = Some(at);
        }
        if course.turned.is_none() || self.condition != condition {
            course.turned = Some(at);
        }
        self.condition = condition;
        course.severity = change.severity.or(course.severity);
        course.launch_at = change.launch_at.or(course.launch_at);
        course.follows = change.follows.or(course.follows);
        course.flapping |= change.has(AlertMark::Flapping);
        course.closes_on_resolve = change.has(AlertMark::ClosesOnResolve);
        if change.has(AlertMark::Counted) {
            course.counted = Some(revision);
        }
        if change.has(AlertMark::Mitigated) {
            course.mitigated = Some(at);
        }
        if change.has(AlertMark::Unmitigated) {
            (course.mitigated, course.returned) = (None, true);
        }
        if change.has(AlertMark::Closed) {
            course.closed = Some(at);
        }
    }

    fn change_members(&mut self, change: &AlertChange) {
        for forgotten in &change.forgotten {
            self.members.remove(forgotten);
        }
        let group = change.group;
        let mut names = change.names.iter();
        for (id, fired_at) in &change.fired {
            let known = self.members.remove(id).and_then(|member| member.name);
            let name = names.next().cloned().or(known);
            self.members.insert(*id, KnownMember { name, ..KnownMember::fired(group, *fired_at) });
        }
        for (id, resolved_at) in &change.resolved {
            let member = self.members.entry(*id);
            member.or_insert_with(|| KnownMember::fired(group, None)).resolve(group, *resolved_at);
        }
        for id in &change.silenced {
            if let Some(member) = self.members.get_mut(id) {
                member.silence();
            }
        }
    }

    /// Adds the members of a different alert, of a maintenance or of a duplicate. Of a member that
    /// both have, the one that fires counts.
    pub fn absorb(&mut self, other: &Self, at: Timestamp) {
        for (id, member) in &other.members {
            let known = self.members.entry(*id).or_insert_with(|| member.clone());
            if known.condition == Condition::Resolved && member.condition == Condition::Fired {
                *known = member.clone();
            }
        }
        self.left_out = self.left_out.saturating_add(other.left_out);
        if self.condition == Condition::Resolved && other.condition == Condition::Fired {
            self.condition = Condition::Fired;
            self.fired_at = other.fired_at;
            self.course.turned = Some(at);
        }
        for (own, others) in
            [(&mut self.link, &other.link), (&mut self.description, &other.description)]
        {
            if own.is_none() {
                own.clone_from(others);
            }
        }
    }

    /// Gives the members away, to the incident that this one is a duplicate of.
    #[must_use]
    pub fn give_away(&mut self) -> Self {
        let given = self.clone();
        self.members.clear();
        self.left_out = 0;
        self.condition = Condition::Resolved;
        self.course.group = None;
        self.course.launch_at = None;
        given
    }

    /// The alert of an incident that was opened without it: what it did was done to the duplicate,
    /// and a person has named this one.
    #[must_use]
    pub fn adopted(self) -> Self {
        let Course { group, series, fired, turned, flapping, .. } = self.course;
        let course = Course { group, series, fired, turned, flapping, ..Course::default() };
        Self { course: Course { retitled: true, adopted: true, ..course }, ..self }
    }

    /// The alert has not changed for long: it no longer flaps.
    pub fn settle(&mut self) {
        self.course.flapping = false;
        self.course.counted = None;
    }
}
