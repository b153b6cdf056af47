//! Cadence of customer updates, and the reminders that follow from it. Everything is derived from
//! the record, so that no reminder ever has to be cancelled.

use jiff::{SignedDuration, Timestamp};

use super::milestone::Milestone;
use super::model::{Reminder, Response};
use super::role::Role;

/// Multiple of [`Cadence::lead`] after which a missing lead or severity is asked for again.
const AGAIN_TIMES: i32 = 3;
/// Multiple of [`Cadence::lead`] after which it is no longer asked for.
const NEVER_TIMES: i32 = 9;

/// Delays of reminders; `None` disables one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// From the last customer update to a request for the next one.
    pub nudge: Option<SignedDuration>,
    /// From the last customer update until the next one counts as overdue.
    pub overdue: Option<SignedDuration>,
    /// From the last entry in the timeline to a request for another.
    pub silence: Option<SignedDuration>,
    /// Lead time before a promised customer update is due. A second reminder follows if it does not
    /// come.
    pub promise: Option<SignedDuration>,
    /// From the opening to a request for a missing lead or severity, which is repeated once, after
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
    pub made: Timestamp,
    pub due: Timestamp,
}

impl Promise {
    /// The reminder due at `now`: one `before` the update is due, unless the promise was made later
    /// than that, and one when the promise is broken.
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
    /// Includes the one up to the end.
    pub count: usize,
    /// Number of intervals that were too long.
    pub over: usize,
    pub longest: SignedDuration,
}

impl Intervals {
    /// Share of intervals that were short enough, rounded down; `None` without intervals.
    #[must_use]
    pub fn share_percent(&self) -> Option<usize> {
        ((self.count - self.over) * 100).checked_div(self.count)
    }
}

/// Intervals between customer updates of an incident, from its declaration until its end or `now`.
/// Time in which it was closed does not count.
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
    /// Time since which customers have been waiting: the last customer update, else the declaration
    /// or the reopening. `None` if the incident is not on the page and no customer was informed.
    #[must_use]
    pub fn waiting_since(&self) -> Option<Timestamp> {
        let declared = self.milestones.at(Milestone::Declared);
        let since = self.told.iter().max().copied().or(declared).max(self.reopened());
        since.filter(|_| self.is_public() || !self.told.is_empty())
    }

    fn reopened(&self) -> Option<Timestamp> {
        self.closed.last().map(|closed| closed.1)
    }

    /// Time of the last entry in the timeline.
    #[must_use]
    pub fn quiet_since(&self) -> Option<Timestamp> {
        self.entries.iter().map(|entry| entry.0).max().max(self.entered_later)
    }

    /// Missing facts: (no incident commander, no severity).
    #[must_use]
    pub fn lacks_lead_and_severity(&self) -> (bool, bool) {
        (self.holders(Role::Commander).next().is_none(), self.severity.is_none())
    }

    /// Reminders due at `now`, the most urgent first, each with the start of the window that it is
    /// for. One already sent for its window is left out.
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

    /// Time at which a missing lead or severity was last due to be asked for.
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

    /// Returns `true` if the reminder has not been overtaken by events since it was queued.
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
