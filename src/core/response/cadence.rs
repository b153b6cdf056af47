//! The cadence of customer updates, and the reminders that follow from it. All of it is derived from
//! the record, so that nothing has to be cancelled.

use jiff::{SignedDuration, Timestamp};

use super::milestone::Milestone;
use super::model::{Reminder, Response};
use super::role::Role;

/// A missing lead or severity is asked for again after this many times as long.
const AGAIN_TIMES: i32 = 3;
/// After this many times as long it is not asked for any more.
const NEVER_TIMES: i32 = 9;

/// When reminders are sent; `None` for never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// Since the last customer update, until the next one is asked for.
    pub nudge: Option<SignedDuration>,
    /// Since the last customer update, until the next one is overdue.
    pub overdue: Option<SignedDuration>,
    /// Since the last entry in the timeline, until the next one is asked for.
    pub silence: Option<SignedDuration>,
    /// Before a promised customer update is due, when it is asked for; it is again when it does not
    /// come.
    pub promise: Option<SignedDuration>,
    /// Since the opening, until a missing lead or severity is asked for; it is once again, after
    /// three times as long.
    pub lead: Option<SignedDuration>,
}

impl Default for Cadence {
    fn default() -> Self {
        let minutes = |minutes| Some(SignedDuration::from_mins(minutes));
        Self {
            nudge: minutes(45),
            overdue: minutes(60),
            silence: minutes(45),
            promise: minutes(5),
            lead: minutes(5),
        }
    }
}

/// The promise of the next customer update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// When it was made.
    pub made: Timestamp,
    /// When the update is due.
    pub due: Timestamp,
}

impl Promise {
    /// The reminder of it: so long before it is due, unless it was made even later, and when it is
    /// broken.
    fn reminder(self, before: SignedDuration, now: Timestamp) -> Option<(Reminder, Timestamp)> {
        if now >= self.due {
            return Some((Reminder::PromiseBroken, self.due));
        }
        let asked = self.due.checked_sub(before).ok()?;
        (self.made < asked && asked <= now).then_some((Reminder::PromiseDue, self.due))
    }
}

/// Intervals between customer updates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Intervals {
    /// How many there are, the one until the end included.
    pub count: usize,
    /// How many were too long.
    pub over: usize,
    /// The longest.
    pub longest: SignedDuration,
}

impl Intervals {
    /// The share of intervals that were short enough, rounded down; `None` where there are none.
    #[must_use]
    pub fn share_percent(&self) -> Option<usize> {
        ((self.count - self.over) * 100).checked_div(self.count)
    }
}

/// The intervals between customer updates of an incident until its end, or until `now`, beginning
/// with its declaration. The time in which it was closed does not count.
#[must_use]
pub fn intervals(response: &Response, longest: SignedDuration, now: Timestamp) -> Intervals {
    let end = response.milestones.at(Milestone::Closed).unwrap_or(now);
    let mut begins = response.milestones.at(Milestone::Declared);
    let mut updates = response.told.clone();
    updates.sort();
    let mut intervals = Intervals::default();
    let ends = response.closed.iter().map(|closed| (closed.0, Some(closed.1)));
    for (end, reopened) in ends.chain([(end, None)]) {
        let Some(begin) = begins else { break };
        let within = updates.iter().copied().filter(|at| begin < *at && *at < end);
        let mut last = begin;
        for at in within.chain([end]) {
            let interval = at.duration_since(last);
            if interval.is_positive() {
                intervals.count += 1;
                intervals.over += usize::from(interval > longest);
                intervals.longest = intervals.longest.max(interval);
            }
            last = at;
        }
        begins = reopened;
    }
    intervals
}

impl Response {
    /// The last customer update, else the declaration or the reopening: customers have been waiting
    /// since then. Nobody waits for news of what is not on the page, unless somebody was told of it.
    #[must_use]
    pub fn waiting_since(&self) -> Option<Timestamp> {
        let declared = self.milestones.at(Milestone::Declared);
        let since = self.told.iter().max().copied().or(declared).max(self.reopened());
        since.filter(|_| self.is_public() || !self.told.is_empty())
    }

    fn reopened(&self) -> Option<Timestamp> {
        self.closed.last().map(|closed| closed.1)
    }

    /// The last entry in the timeline.
    #[must_use]
    pub fn quiet_since(&self) -> Option<Timestamp> {
        self.entries.iter().map(|entry| entry.0).max().max(self.entered_later)
    }

    /// Whether nobody leads, and whether the severity is missing.
    #[must_use]
    pub fn lacks_lead_and_severity(&self) -> (bool, bool) {
        (self.holders(Role::Commander).next().is_none(), self.severity.is_none())
    }

    /// The reminders that are due at `now`, the most urgent first, each with the beginning of the
    /// window that it is for. One that was sent for its window is not due in it again.
    #[must_use]
    pub fn reminders(
        &self,
        cadence: &Cadence,
        promise: Option<Promise>,
        now: Timestamp,
    ) -> Vec<(Reminder, Timestamp)> {
        if !self.is_open() {
            return Vec::new();
        }
        let is_over = |since: Timestamp, bound: Option<SignedDuration>| {
            bound.is_some_and(|bound| now.duration_since(since) >= bound)
        };
        let mut due = Vec::new();
        let promised = cadence.promise.zip(promise);
        due.extend(promised.and_then(|(before, promise)| promise.reminder(before, now)));
        // Until then, customers know when to expect the next update.
        let is_promised = promise.is_some_and(|promise| now < promise.due);
        if let Some(since) = self.waiting_since().filter(|_| !is_promised) {
            if is_over(since, cadence.overdue) {
                due.push((Reminder::Overdue, since));
            } else if promise.is_none() && is_over(since, cadence.nudge) {
                due.push((Reminder::Nudge, since));
            }
        }
        let lead = cadence.lead.and_then(|after| self.lead_or_severity(after, now));
        due.extend(lead.map(|at| (Reminder::LeadOrSeverity, at)));
        let quiet = self.quiet_since().filter(|since| is_over(*since, cadence.silence));
        due.extend(quiet.map(|since| (Reminder::Silence, since)));
        due.retain(|(reminder, since)| self.reminded.get(reminder) != Some(since));
        due
    }

    /// When a missing lead or severity was due to be asked for last.
    fn lead_or_severity(&self, first: SignedDuration, now: Timestamp) -> Option<Timestamp> {
        let opened = self.milestones.at(Milestone::Declared).max(self.reopened())?;
        let after = match now.duration_since(opened) {
            passed if passed >= first * NEVER_TIMES => return None,
            passed if passed >= first * AGAIN_TIMES => first * AGAIN_TIMES,
            passed if passed >= first => first,
            _ => return None,
        };
        let is_missing = self.lacks_lead_and_severity() != (false, false);
        opened.checked_add(after).ok().filter(|_| is_missing)
    }

    /// Whether a reminder is still right.
    #[must_use]
    pub fn still_calls_for(
        &self,
        reminder: Reminder,
        since: Timestamp,
        promise: Option<Promise>,
    ) -> bool {
        let is_right = match reminder {
            Reminder::Nudge | Reminder::Overdue => self.waiting_since() == Some(since),
            Reminder::PromiseDue | Reminder::PromiseBroken => {
                promise.is_some_and(|promise| promise.due == since)
            }
            Reminder::LeadOrSeverity => self.lacks_lead_and_severity() != (false, false),
            Reminder::Silence => self.quiet_since() == Some(since),
        };
        self.is_open() && is_right
    }
}
