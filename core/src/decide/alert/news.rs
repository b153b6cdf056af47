//! The new facts in a delivery.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::notified::{NAMED_MAX, Notified, member_names, named};
use crate::alerts::alert::{AlertSource, Condition, Member};
use crate::alerts::change::AlertChange;
use crate::alerts::course::Firing;
use crate::alerts::members::{AlertDigest, MEMBERS_MAX};

/// The new facts that a delivery has about its members.
#[derive(Default)]
pub(super) struct News<'a> {
    /// Members that were unknown.
    pub(super) new: Vec<&'a Member>,
    pub(super) again: Vec<&'a Member>,
    /// Members that have resolved.
    pub(super) ended: Vec<&'a Member>,
    /// Members that their group did not name when it resolved.
    pub(super) silenced: Vec<AlertDigest>,
    /// Number of further firing members that the sender does not name.
    pub(super) more_left_out: u32,
    /// Number of members that were only counted before, and still are.
    counted: usize,
    /// Members with newer times only, which matter for the order of later deliveries.
    restarted: Vec<&'a Member>,
    ended_later: Vec<&'a Member>,
}

impl<'a> News<'a> {
    /// Treats all members as unknown.
    pub(super) fn fresh(members: &[&'a Member]) -> Self {
        Self { new: members.to_vec(), ..Self::default() }
    }

    /// The facts about `members` that `firing` does not have.
    pub(super) fn of(notified: &Notified<'_>, firing: &Firing, members: &[&'a Member]) -> Self {
        let mut news = Self::default();
        for &member in members {
            let (start, end) = (notified.start(member), notified.end(member));
            let id = notified.id(member);
            let known = firing.members.get(&id);
            match (member.condition, known) {
                (Condition::Fired, None) => news.new.push(member),
                (Condition::Fired, Some(known)) if known.condition == Condition::Fired => {
                    if known.fired_at.zip(start).is_some_and(|(known, start)| known < start) {
                        news.restarted.push(member);
                    }
                }
                (Condition::Fired, Some(known)) if notified.is_old(member, Some(known)) => {}
                (Condition::Fired, Some(_)) => news.again.push(member),
                (Condition::Resolved, None) => news.ended_later.push(member),
                (Condition::Resolved, Some(known)) if known.condition == Condition::Fired => {
                    // Azure announces the end of its own problems in a separate event.
                    let source = notified.alert.source;
                    let is_announced = source == AlertSource::AzureMonitor && start.is_none();
                    if is_announced || !known.began_after(start, end) {
                        news.ended.push(member);
                    }
                }
                // A silenced member may still fire; an end before its start is an earlier firing's.
                (Condition::Resolved, Some(known)) if known.silenced => {
                    if !known.began_after(start, end) {
                        news.ended_later.push(member);
                    }
                }
                (Condition::Resolved, Some(known)) => {
                    if known.resolved_at < end {
                        news.ended_later.push(member);
                    }
                }
            }
        }
        let left_out = notified.left_out(Some(firing));
        let kept = firing.left_out_of(notified.group());
        news.more_left_out = left_out.saturating_sub(kept);
        // Of members that do not fit, the number is known.
        let room = MEMBERS_MAX.saturating_sub(firing.firing().count());
        let beyond = news.new.len().saturating_sub(room);
        if beyond > 0 && beyond <= usize::try_from(kept.saturating_sub(left_out)).unwrap_or(0) {
            news.counted = beyond;
            news.new.truncate(room);
        }
        // A repetition tells nothing about members that it does not name.
        let says = !news.ended.is_empty() || left_out < kept;
        if notified.alert.condition == Condition::Resolved && says {
            let reported: BTreeSet<AlertDigest> = members.iter().map(|m| notified.id(m)).collect();
            let group = notified.group();
            // A member that began after the newest end is not part of this delivery.
            let newest = members.iter().filter_map(|member| notified.end(member)).max();
            let is_meant = |began: Option<Timestamp>| {
                began.zip(newest).is_none_or(|(began, newest)| began <= newest)
            };
            let of_group = firing.firing().filter(|(id, member)| {
                member.group == group && !reported.contains(id) && is_meant(member.fired_at)
            });
            news.silenced = of_group.map(|(id, _)| *id).collect();
        }
        news
    }

    pub(super) fn is_empty(&self) -> bool {
        self.new.is_empty()
            && self.again.is_empty()
            && self.ended.is_empty()
            && self.silenced.is_empty()
            && self.more_left_out == 0
    }

    /// True if it has nothing but newer times.
    pub(super) fn orders_only(&self) -> bool {
        self.is_empty() && !(self.restarted.is_empty() && self.ended_later.is_empty())
    }

    /// The resulting change of members, within their limit.
    pub(super) fn change(&self, notified: &Notified<'_>, firing: Option<&Firing>) -> AlertChange {
        let known = firing.map_or(0, |firing| firing.members.len());
        let over = (known + self.new.len() + self.ended_later.len()).saturating_sub(MEMBERS_MAX);
        let resolved = firing.into_iter().flat_map(|firing| &firing.members);
        let resolved = resolved.filter(|(id, member)| {
            member.condition == Condition::Resolved
                && !self.again.iter().any(|again| notified.id(again) == **id)
        });
        let forgotten: Vec<_> = resolved.map(|(id, _)| *id).take(over).collect();
        let beyond = over - forgotten.len();
        let (new, only_counted) = self.new.split_at(self.new.len().saturating_sub(beyond));
        let only_counted = only_counted.len() + self.counted;
        let only_counted = u32::try_from(only_counted).unwrap_or(u32::MAX);
        // A group tells what is left out of itself, and of no other.
        let others =
            firing.map_or(0, |f| f.left_out.saturating_sub(f.left_out_of(notified.group())));
        let left_out = others.saturating_add(notified.left_out(firing));
        let fires = [new, &self.again, &self.restarted].concat();
        let ended = [&self.ended[..], &self.ended_later].concat();
        let named = firing.map_or(0, |firing| {
            firing.firing().filter(|(_, member)| member.name.is_some()).count()
        });
        let unnamed = fires.iter().take(NAMED_MAX.saturating_sub(named));
        AlertChange {
            group: notified.group(),
            names: member_names(&unnamed.copied().collect::<Vec<_>>()),
            fired: fires.iter().map(|m| (notified.id(m), notified.start(m))).collect(),
            resolved: ended.iter().map(|m| (notified.id(m), notified.end(m))).collect(),
            silenced: self.silenced.clone(),
            forgotten,
            left_out: left_out.saturating_add(only_counted),
            ..AlertChange::default()
        }
    }

    /// The alert's condition after the change.
    pub(super) fn condition(&self, firing: &Firing, change: &AlertChange) -> Condition {
        let before = firing.firing().count() + self.new.len() + self.again.len();
        let fires = before > self.ended.len() + self.silenced.len() || change.left_out > 0;
        if fires { Condition::Fired } else { Condition::Resolved }
    }

    /// The text of the timeline entry.
    pub(super) fn words(&self) -> String {
        let mut lines = Vec::new();
        for (what, members) in
            [("Fires", &self.new), ("Fires again", &self.again), ("Resolved", &self.ended)]
        {
            if !members.is_empty() {
                lines.push(format!("{what}: {}", named(members)));
            }
        }
        if self.more_left_out > 0 {
            lines.push(format!("More that fire and are not named: {}", self.more_left_out));
        }
        if !self.silenced.is_empty() {
            lines.push(format!("No longer reported: {}", self.silenced.len()));
        }
        lines.join("\n")
    }
}
