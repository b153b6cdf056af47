//! The alert of an incident: its members, and its effects on the incident.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::change::{AlertChange, AlertMark, Series};
use super::firing::{AlertSource, BURST, Condition, Key};
use super::members::{AlertDigest, KnownMember};
use crate::incident::model::Number;
use crate::incident::severity::Severity;
use crate::sealed;

/// Firings that begin within this time of each other are a series: the alert flaps.
pub const FLAP_WINDOW: SignedDuration = SignedDuration::from_mins(30);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Firing {
    pub key: Key,
    pub source: AlertSource,
    /// Fired while any member fires.
    pub condition: Condition,
    /// Start of the last firing by the monitor's clock, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fired_at: Option<Timestamp>,
    /// Time of the last recorded delivery.
    pub noted: Timestamp,
    /// The roster that a rule names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "sealed")]
    pub roster: Option<String>,
    /// The alert's page in the monitor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "sealed")]
    pub link: Option<String>,
    /// The text below its title, shortened to one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "sealed")]
    pub description: Option<String>,
    /// Up to [`MEMBERS_MAX`](super::members::MEMBERS_MAX) members.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<AlertDigest, KnownMember>,
    /// Further firing members, which are only counted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u32,
    /// The part of these that belongs to groups other than [`Course::group`], by group. Each
    /// group's own notifications count it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out_elsewhere: BTreeMap<AlertDigest, u32>,
    #[serde(default, skip_serializing_if = "Course::is_default")]
    pub course: Course,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// The alert's history in its incident.
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<Series>,
    /// Time at which the last firing of the series was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fired: Option<Timestamp>,
    /// Last change between firing and resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turned: Option<Timestamp>,
    /// The last severity that it gave the incident.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Time of its mitigation of the incident, if that still stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mitigated: Option<Timestamp>,
    /// Time at which the incident closed automatically.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<Timestamp>,
    /// Start of the launch if the alert still fires then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_at: Option<Timestamp>,
    /// The closed incident of an earlier firing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows: Option<Number>,
    /// Revision of the timeline entry that counts the firings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub flapping: bool,
    /// A rule closes the incident when the alert resolves.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub closes_on_resolve: bool,
    /// A person has acted on the incident.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub touched: bool,
    /// A person has renamed the incident.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub retitled: bool,
    /// It fired again after it had mitigated the incident.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub returned: bool,
    /// The incident was opened manually and got this alert from a duplicate.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
}

impl Course {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Firing {
    /// The alert before its first event is folded.
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
            left_out_elsewhere: BTreeMap::new(),
            course: Course::default(),
        }
    }

    /// Deliveries within [`BURST`] of the last recorded one count as one.
    #[must_use]
    pub fn is_in_burst(&self, now: Timestamp) -> bool {
        now.duration_since(self.noted) < BURST
    }

    /// Both the arrival and the start by the monitor's clock must be close to those of the last
    /// firing.
    #[must_use]
    pub fn is_in_series(&self, now: Timestamp, began: Option<Timestamp>) -> bool {
        let is_near = |earlier: Option<Timestamp>, later: Option<Timestamp>| {
            let apart = earlier.zip(later).map(|(earlier, later)| later.duration_since(earlier));
            apart.map(|apart| apart <= FLAP_WINDOW)
        };
        is_near(self.course.fired, Some(now)).unwrap_or(false)
            && is_near(self.fired_at, began).unwrap_or(true)
    }

    pub fn firing(&self) -> impl Iterator<Item = (&AlertDigest, &KnownMember)> {
        self.members.iter().filter(|(_, member)| member.condition == Condition::Fired)
    }

    /// The members of a group that are only counted.
    #[must_use]
    pub fn left_out_of(&self, group: AlertDigest) -> u32 {
        if self.course.group == Some(group) {
            let elsewhere = self.left_out_elsewhere.values();
            return elsewhere.fold(self.left_out, |left, other| left.saturating_sub(*other));
        }
        self.left_out_elsewhere.get(&group).copied().unwrap_or_default()
    }

    /// Folds a change. `condition` is the alert's condition after it.
    pub fn apply(
        &mut self,
        (revision, at): (u64, Timestamp),
        condition: Condition,
        change: &AlertChange,
    ) {
        self.change_members(change);
        if *self.course.group.get_or_insert(change.group) != change.group {
            let others = self.left_out.saturating_sub(self.left_out_of(change.group));
            self.leave_out_elsewhere(change.group, change.left_out.saturating_sub(others));
        }
        self.left_out = change.left_out;
        let course = &mut self.course;
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
            let member = self.members.entry(*id);
            let member = member.or_insert_with(|| KnownMember::fired(group, *fired_at));
            member.fire(group, *fired_at);
            if let Some(name) = names.next() {
                member.name = Some(name.clone());
            }
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

    /// Adds the members of a maintenance or a duplicate. If both have a member, the one that fires
    /// wins, with the newest times of both.
    pub fn absorb(&mut self, other: &Self, at: Timestamp) {
        for (id, member) in &other.members {
            let known = self.members.entry(*id).or_insert_with(|| member.clone());
            let (fired_at, resolved_at) = (known.fired_at, known.resolved_at);
            if known.condition == Condition::Resolved && member.condition == Condition::Fired {
                known.clone_from(member);
            }
            known.fired_at = fired_at.max(member.fired_at);
            known.resolved_at = resolved_at.max(member.resolved_at);
        }
        let own = other.course.group.map(|group| (group, other.left_out_of(group)));
        let elsewhere = other.left_out_elsewhere.iter().map(|(group, count)| (*group, *count));
        for (group, count) in own.into_iter().chain(elsewhere) {
            self.left_out = self.left_out.saturating_add(count);
            if self.course.group != Some(group) {
                let count = self.left_out_of(group).saturating_add(count);
                self.leave_out_elsewhere(group, count);
            }
        }
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

    fn leave_out_elsewhere(&mut self, group: AlertDigest, count: u32) {
        if count == 0 {
            self.left_out_elsewhere.remove(&group);
        } else {
            self.left_out_elsewhere.insert(group, count);
        }
    }

    /// Moves all members out, for the incident that this one duplicates.
    #[must_use]
    pub fn give_away(&mut self) -> Self {
        let given = self.clone();
        self.members.clear();
        self.left_out = 0;
        self.left_out_elsewhere.clear();
        self.condition = Condition::Resolved;
        self.course.group = None;
        self.course.launch_at = None;
        given
    }

    /// The alert as the original of a duplicate takes it over: nothing that it did to the duplicate
    /// counts, and the original keeps its title.
    #[must_use]
    pub fn adopted(self) -> Self {
        let Course { group, series, fired, turned, flapping, .. } = self.course;
        let course = Course { group, series, fired, turned, flapping, ..Course::default() };
        Self { course: Course { retitled: true, adopted: true, ..course }, ..self }
    }

    /// Ends flapping after a quiet time.
    pub fn settle(&mut self) {
        self.course.flapping = false;
        self.course.counted = None;
    }
}
