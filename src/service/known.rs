//! One process's knowledge of the log and of everything derived from it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Duration, Instant};

use super::outcome::{Problem, ServiceError};
use crate::core::incident::model::Number;
use crate::core::log::lines::Withheld;
use crate::core::log::record::{Event, MessageKey, Record};
use crate::core::log::state::State;
use crate::core::response::document::IncidentDocument;
use crate::store::{Head, Key};

/// A known end of the log is trusted for this long. A restore, or a failover to a lagging copy,
/// takes longer or shows as a failure.
const END_BELIEVED: Duration = Duration::from_mins(6);
const IN_DOUBT_MAX: usize = 256;
const RESTORED_MAX: usize = 64;
/// The last record may be this far ahead of this machine's clock, because clocks differ.
pub(super) const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(10);

/// Locked only briefly, never across an `await`.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "none of them excludes another")]
pub(super) struct Known {
    /// Number of replaced logs. Results derived from an earlier one are discarded.
    pub(super) generation: u64,
    /// `None` before the log was first read.
    pub(super) state: Option<Arc<State>>,
    /// The last time that the log was seen to hold the state's last record; `None` after a failure.
    end_seen: Option<Instant>,
    /// The same, regardless of failures.
    last_end_seen: Option<Instant>,
    /// The last time that no record was found after the log's end.
    pub(super) end_checked: Option<Instant>,
    /// Ticks have checked that records up to here still exist.
    pub(super) rechecked: u64,
    /// Messages whose commit has an unknown outcome, newest last.
    in_doubt: VecDeque<MessageKey>,
    /// Documents that this process has folded from the log, because the stored ones did not match
    /// it.
    pub(super) restored: BTreeMap<Number, IncidentDocument>,
    /// A record that was read or written here, but that a tick did not find.
    pub(super) lost: Option<u64>,
    /// Incidents changed since `published_through`, from `state` or as they were evicted. Their
    /// pages or documents may be outdated.
    pub(super) changed: BTreeMap<Number, IncidentDocument>,
    /// All pages and documents up to this revision are written.
    pub(super) published_through: u64,
    /// The index's revision, as this process last wrote or saw it.
    pub(super) published: Option<u64>,
    /// Everything derived from the log has to be compared with it, and rebuilt.
    pub(super) rebuild: bool,
    /// A different process has recorded something, and may have published it in a different theme.
    pub(super) others_wrote: bool,
    /// The look of the current pages is unknown: write all of them.
    pub(super) all_at_hand: bool,
    /// The current pages are in a different theme. The snapshot has to say so before they are
    /// rewritten.
    pub(super) theme_is_new: bool,
    /// The blob versions in the snapshot, until the publisher takes them over.
    pub(super) heads: Option<(BTreeMap<Key, Head>, Head)>,
    /// When this process last tried to delete old copies that storage had refused to delete.
    pub(super) purge_tried: Option<Timestamp>,
    /// Closed incidents whose documents are being rebuilt from the log.
    pub(super) restoring: BTreeSet<Number>,
    /// Lines that an operator has ordered to be erased, until the state contains the order.
    withheld: Withheld,
    problems: BTreeMap<Area, Problem>,
}

/// The kind of work that a problem prevents, most severe first. Each has at most one problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Area {
    Clock,
    Reading,
    Recording,
    Publishing,
    /// Prevents nothing, but all dates are wrong.
    LogTime,
}

impl Known {
    /// The state, if it is recent enough to try a commit without reading.
    pub(super) fn state_to_try(&self) -> Option<Arc<State>> {
        let recent = self.end_seen.is_some_and(|seen| seen.elapsed() < END_BELIEVED);
        self.state.clone().filter(|_| recent)
    }

    /// True if a recent check found no record after the log's end.
    pub(super) fn is_end_checked(&self) -> bool {
        self.end_checked.is_some_and(|checked| checked.elapsed() < END_BELIEVED)
    }

    /// Notes that the log ends with the state's last record.
    pub(super) fn saw_the_end(&mut self) {
        self.end_seen = Some(Instant::now());
        self.last_end_seen = self.end_seen;
        self.problems.remove(&Area::Reading);
    }

    /// Returns `true` if the log was read to its end after `moment`.
    pub(super) fn has_seen_the_end_since(&self, moment: Instant) -> bool {
        self.last_end_seen.is_some_and(|seen| seen >= moment)
    }

    /// Installs a state that was folded elsewhere, unless a newer one is known, and returns the
    /// known one; `None` if its log was replaced in the meantime.
    pub(super) fn install(&mut self, state: Arc<State>, generation: u64) -> Option<Arc<State>> {
        if generation != self.generation {
            return None;
        }
        match &self.state {
            Some(known) if known.revision >= state.revision => Some(Arc::clone(known)),
            _ => {
                self.withheld = Withheld::default();
                self.state = Some(Arc::clone(&state));
                Some(state)
            }
        }
    }

    /// Discards everything read from a log that was replaced.
    pub(super) fn forget_the_log(&mut self) {
        self.generation += 1;
        self.state = None;
        self.end_seen = None;
        self.last_end_seen = None;
        self.end_checked = None;
        self.rechecked = 0;
        self.changed.clear();
        self.restored.clear();
        self.published_through = 0;
        self.published = None;
        self.heads = None;
        // Remembered blob versions may be as old as the lost log.
        self.others_wrote = true;
        self.rebuild = true;
        self.all_at_hand = true;
    }

    /// Prepares folding again, because the last record of `state` erases lines that are folded in
    /// already. Everything derived will be compared with the result.
    pub(super) fn fold_again_without(&mut self, state: &State) {
        self.withheld = Withheld::of(&state.erasures);
        self.forget_the_log();
    }

    /// The lines to read as erased.
    pub(super) fn withheld(&self) -> Withheld {
        let state = self.state.as_ref();
        state.map_or_else(|| self.withheld.clone(), |state| Withheld::of(&state.erasures))
    }

    /// Notes the incidents that a record changed and that are not written yet.
    pub(super) fn note_changes(&mut self, state: &State, record: &Record) {
        for number in record.events.iter().filter_map(Event::number) {
            self.restored.remove(&number);
        }
        if record.revision > self.published_through {
            for dossier in state.changed_by(record.revision) {
                self.note_change(dossier);
            }
        }
    }

    /// Two readers may note the same record. The later state of an incident wins.
    fn note_change(&mut self, dossier: IncidentDocument) {
        let known = self.changed.get(&dossier.number());
        if known.is_none_or(|known| known.revision() < dossier.revision()) {
            self.changed.insert(dossier.number(), dossier);
        }
    }

    /// Marks everything in the state as not written.
    pub(super) fn write_all_at_hand(&mut self) {
        self.published_through = 0;
        self.all_at_hand = true;
        if let Some(state) = &self.state {
            self.changed.extend(state.dossiers().map(|dossier| (dossier.number(), dossier)));
        }
    }

    /// Marks everything up to that state as written. `false` if its log was replaced in the
    /// meantime; then nothing is known.
    pub(super) fn mark_published(&mut self, state: &State, generation: u64) -> bool {
        if generation != self.generation {
            return false;
        }
        self.changed.retain(|_, dossier| dossier.revision() > state.revision);
        self.published_through = self.published_through.max(state.revision);
        self.published = self.published.max(Some(state.revision));
        self.all_at_hand = false;
        self.theme_is_new = false;
        self.problems.remove(&Area::Publishing);
        true
    }

    /// The same, after everything derived was compared and written.
    pub(super) fn mark_rebuilt(&mut self, state: &State, generation: u64) -> bool {
        let is_current = self.mark_published(state, generation);
        self.rebuild &= !is_current;
        is_current
    }

    pub(super) fn set_problem(&mut self, area: Area, error: &ServiceError) {
        // After a failure a different copy of the store may answer.
        self.end_seen = None;
        self.problems.insert(area, Problem::of(error));
    }

    /// The same, unless the failing part has reported a problem already.
    pub(super) fn set_problem_unless_told(&mut self, area: Area, error: &ServiceError) {
        self.problems.entry(area).or_insert_with(|| Problem::of(error));
    }

    pub(super) fn clear_problem(&mut self, area: Area) {
        self.problems.remove(&area);
    }

    /// The same, unless the problem needs a person.
    pub(super) fn clear_passing_problem(&mut self, area: Area) {
        if self.problems.get(&area).is_some_and(|problem| !problem.is_refusal) {
            self.problems.remove(&area);
        }
    }

    /// A command timed out before the page was up to date.
    pub(super) fn note_late_page(&mut self, revision: u64) {
        if !self.is_published(revision) {
            self.set_problem_unless_told(Area::Publishing, &ServiceError::Late);
        }
    }

    /// Reports a log that is ahead of now, because every later record gets its time.
    pub(super) fn compare_log_time(&mut self, now: Timestamp) {
        let last = self.state.as_ref().map(|state| (state.revision, state.at));
        match last.filter(|(_, at)| at.duration_since(now) > AHEAD_MAX) {
            Some((revision, at)) => {
                let ahead = Problem::of(&ServiceError::LogAhead { revision, at, now });
                self.problems.insert(Area::LogTime, ahead);
            }
            None => drop(self.problems.remove(&Area::LogTime)),
        }
    }

    /// The outcome of a write is unknown: the next command reads first.
    pub(super) fn doubt(&mut self) {
        self.end_seen = None;
    }

    /// Notes a message whose commit has an unknown outcome.
    pub(super) fn note_doubt(&mut self, message: MessageKey) {
        if self.in_doubt.len() >= IN_DOUBT_MAX {
            self.in_doubt.pop_front();
        }
        self.in_doubt.push_back(message);
    }

    /// The outcome of a message's commit is known.
    pub(super) fn end_doubt(&mut self, message: &MessageKey) {
        self.in_doubt.retain(|known| known != message);
    }

    pub(super) fn is_in_doubt(&self, message: &MessageKey) -> bool {
        self.in_doubt.contains(message)
    }

    /// Keeps documents folded from the log until a record changes them.
    pub(super) fn keep_restored(&mut self, dossiers: BTreeMap<Number, IncidentDocument>) {
        if self.restored.len() >= RESTORED_MAX {
            self.restored.clear();
        }
        self.restored.extend(dossiers);
    }

    /// The most severe problem.
    pub(super) fn problem(&self) -> Option<Problem> {
        let pending = || self.rebuild.then(Problem::rebuild_pending);
        self.problems.values().next().cloned().or_else(pending)
    }

    pub(super) fn is_refused(&self, area: Area) -> bool {
        self.problems.get(&area).is_some_and(|problem| problem.is_refusal)
    }

    /// The last revision, unless it is known to be published.
    pub(super) fn unpublished(&self) -> Option<u64> {
        let last = self.state.as_ref().map(|state| state.revision);
        last.filter(|revision| !self.is_published(*revision))
    }

    pub(super) fn is_published(&self, revision: u64) -> bool {
        !self.all_at_hand && self.published_through >= revision
    }
}
