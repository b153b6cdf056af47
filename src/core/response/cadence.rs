//! The cadence: how often those outside are told something, and when it is time again. All of it is
//! derived from what was said, so that nothing has to be cancelled.

use jiff::{SignedDuration, Timestamp};

use super::milestone::Milestone;
use super::model::{Reminder, Response};

/// How often is often enough; `None` is never asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// A public word this soon after the one before is early.
    pub early: Option<SignedDuration>,
    /// So long after the last word the next one is asked for.
    pub nudge: Option<SignedDuration>,
    /// So long after the last word the next one is overdue.
    pub overdue: Option<SignedDuration>,
    /// So long after the timeline's last entry the next one is asked for.
    pub silence: Option<SignedDuration>,
}

impl Default for Cadence {
    fn default() -> Self {
        let minutes = |minutes| Some(SignedDuration::from_mins(minutes));
        Self { early: minutes(30), nudge: minutes(45), overdue: minutes(60), silence: minutes(45) }
    }
}

/// How well the cadence was kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// How many times those outside waited for a word, the wait for the end included.
    pub gaps: usize,
    /// How many of those were longer than they may be.
    pub over: usize,
    /// The longest.
    pub longest: SignedDuration,
}

impl Kept {
    /// How many of a hundred gaps were short enough, rounded down; `None` where there was none.
    #[must_use]
    pub fn share_percent(&self) -> Option<usize> {
        ((self.gaps - self.over) * 100).checked_div(self.gaps)
    }
}

/// How well the cadence of an incident was kept until its end, or until `now`: no gap between two
/// words, or between declaration and the first word, was to be longer than `gap_max`. The time in
/// which it was closed counts for nothing.
#[must_use]
pub fn kept(response: &Response, gap_max: SignedDuration, now: Timestamp) -> Kept {
    let end = response.milestones.at(Milestone::Closed).unwrap_or(now);
    let mut begins = response.milestones.at(Milestone::Declared);
    let mut words = response.told.clone();
    words.sort();
    let mut kept = Kept::default();
    let ends = response.closed.iter().map(|closed| (closed.0, Some(closed.1)));
    for (end, reopened) in ends.chain([(end, None)]) {
        let Some(begin) = begins else { break };
        let within = words.iter().copied().filter(|at| begin < *at && *at < end);
        let mut last = begin;
        for at in within.chain([end]) {
            let gap = at.duration_since(last);
            if gap.is_positive() {
                kept.gaps += 1;
                kept.over += usize::from(gap > gap_max);
                kept.longest = kept.longest.max(gap);
            }
            last = at;
        }
        begins = reopened;
    }
    kept
}

impl Response {
    /// Since when those outside wait for a word: the last one, else the declaration.
    #[must_use]
    pub fn waiting_since(&self) -> Option<Timestamp> {
        let declared = self.milestones.at(Milestone::Declared);
        let reopened = self.closed.last().map(|closed| closed.1);
        self.told.iter().max().copied().or(declared).max(reopened)
    }

    /// When something was last entered into the timeline.
    #[must_use]
    pub fn quiet_since(&self) -> Option<Timestamp> {
        self.entries.iter().map(|entry| entry.0).max().max(self.entered_later)
    }

    /// What is to be said of an open incident at `now`, each with the beginning of the window that
    /// it is for; what was said in a window is not said in it again.
    #[must_use]
    pub fn reminders(&self, cadence: &Cadence, now: Timestamp) -> Vec<(Reminder, Timestamp)> {
        let mut reminders = Vec::new();
        if !self.is_open() {
            return reminders;
        }
        let is_over = |since: Timestamp, bound: Option<SignedDuration>| {
            bound.is_some_and(|bound| now.duration_since(since) >= bound)
        };
        let was_said = |reminder, since| self.reminded.get(&reminder) == Some(&since);
        if let Some(since) = self.waiting_since() {
            if is_over(since, cadence.overdue) {
                reminders.push((Reminder::Overdue, since));
            } else if is_over(since, cadence.nudge) {
                reminders.push((Reminder::Nudge, since));
            }
        }
        if let Some(since) = self.quiet_since().filter(|since| is_over(*since, cadence.silence)) {
            reminders.push((Reminder::Silence, since));
        }
        reminders.retain(|(reminder, since)| !was_said(*reminder, *since));
        reminders
    }

    /// Whether a reminder still says what is so.
    #[must_use]
    pub fn still_calls_for(&self, reminder: Reminder, since: Timestamp) -> bool {
        let now = match reminder {
            Reminder::Nudge | Reminder::Overdue => self.waiting_since(),
            Reminder::Silence => self.quiet_since(),
        };
        self.is_open() && now == Some(since)
    }
}
