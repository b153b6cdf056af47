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
use crate::core::response::dossier::Dossier;
use crate::store::{Head, Key};

/// The end of the log that was last seen is believed for this long.
/// A restored log, or a failover to a copy that lags behind, takes longer, or shows as a failure.
const END_BELIEVED: Duration = Duration::from_mins(6);
const IN_DOUBT_MAX: usize = 256;
const RESTORED_MAX: usize = 64;
/// The last record may be this far ahead of this machine's clock, as two machines may differ.
pub(super) const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(10);

/// Locked only for moments, never across an `await`.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "none of them excludes another")]
pub(super) struct Known {
    /// The number of logs given up before this one: anything derived from those is discarded.
    pub(super) generation: u64,
    /// The state as far as the log was read; `None` before the first time.
    pub(super) state: Option<Arc<State>>,
    /// When the log was last seen to hold the state's last record.
    end_seen: Option<Instant>,
    /// When it was last seen that no record stands after the log's end.
    pub(super) end_checked: Option<Instant>,
    /// Up to here, records were looked for again by a tick.
    pub(super) rechecked: u64,
    /// Messages whose commit may or may not have been done, the newest last.
    in_doubt: VecDeque<MessageKey>,
    /// Documents that this process has folded from the log, for those that did not match it.
    pub(super) restored: BTreeMap<Number, Dossier>,
    /// A record that was read or written here and that a tick did not find again.
    pub(super) lost: Option<u64>,
    /// What records changed since `published_through`, as it is in `state` or was when that let go
    /// of it: its page or its document may be behind.
    pub(super) changed: BTreeMap<Number, Dossier>,
    /// The revision up to which all pages and documents are certainly written.
    pub(super) published_through: u64,
    /// The revision that the index shows, as this process last wrote or saw it.
    pub(super) published: Option<u64>,
    /// Everything derived from the log has to be compared with it, and rebuilt.
    pub(super) rebuild: bool,
    /// Another process has recorded something, and may have published it in another theme.
    pub(super) others_wrote: bool,
    /// Nobody knows what the pages at hand look like: all of them are to be written.
    pub(super) all_at_hand: bool,
    /// The pages at hand are in another theme: that is said before they are rewritten.
    pub(super) theme_is_new: bool,
    /// The versions of blobs that the snapshot's writer knew, until publishing takes them over.
    pub(super) heads: Option<(BTreeMap<Key, Head>, Head)>,
    /// Closed incidents whose documents are being rebuilt from the log.
    pub(super) restoring: BTreeSet<Number>,
    /// Lines that an operator has ordered to be erased, while no state says so.
    withheld: Withheld,
    problems: BTreeMap<Area, Problem>,
}

/// The work that a problem prevents; one problem each, the most severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Area {
    Clock,
    Reading,
    Recording,
    Publishing,
    /// Keeps nothing from being done, but everything is dated wrong.
    LogTime,
}

impl Known {
    /// The state, where a commit may be tried on it without another look at the log.
    pub(super) fn state_to_try(&self) -> Option<Arc<State>> {
        let recent = self.end_seen.is_some_and(|seen| seen.elapsed() < END_BELIEVED);
        self.state.clone().filter(|_| recent)
    }

    /// Whether a recent check found no record after the log's end.
    pub(super) fn is_end_checked(&self) -> bool {
        self.end_checked.is_some_and(|checked| checked.elapsed() < END_BELIEVED)
    }

    /// The log ends with the record that the state ends with, or did a moment ago.
    pub(super) fn saw_the_end(&mut self) {
        self.end_seen = Some(Instant::now());
        self.problems.remove(&Area::Reading);
    }

    /// Takes over a state that was folded elsewhere, unless a newer one is known. Gives the known
    /// one; `None` where the log that it is of was given up meanwhile.
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

    /// Forgets everything read from a log that was replaced.
    pub(super) fn forget_the_log(&mut self) {
        self.generation += 1;
        self.state = None;
        self.end_seen = None;
        self.end_checked = None;
        self.rechecked = 0;
        self.changed.clear();
        self.restored.clear();
        self.published_through = 0;
        self.published = None;
        self.heads = None;
        // What is remembered of the blobs may be as old as the log that is gone.
        self.others_wrote = true;
        self.rebuild = true;
        self.all_at_hand = true;
    }

    /// The last record of `state` erases lines that were folded in before: the log is folded again
    /// without them, and everything derived is compared with that.
    pub(super) fn fold_again_without(&mut self, state: &State) {
        self.withheld = Withheld::of(&state.erasures);
        self.forget_the_log();
    }

    /// The lines that are to be read as erased.
    pub(super) fn withheld(&self) -> Withheld {
        let state = self.state.as_ref();
        state.map_or_else(|| self.withheld.clone(), |state| Withheld::of(&state.erasures))
    }

    /// Notes what a record changed, in public or not, of which nothing is written yet.
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

    /// Two reads may find the same record: the later state of an incident counts.
    fn note_change(&mut self, dossier: Dossier) {
        let known = self.changed.get(&dossier.number());
        if known.is_none_or(|known| known.revision() < dossier.revision()) {
            self.changed.insert(dossier.number(), dossier);
        }
    }

    /// Everything that the state holds counts as not written.
    pub(super) fn write_all_at_hand(&mut self) {
        self.published_through = 0;
        self.all_at_hand = true;
        if let Some(state) = &self.state {
            self.changed.extend(state.dossiers().map(|dossier| (dossier.number(), dossier)));
        }
    }

    /// Everything up to that state is written. Says `false` where the log that it is of was given
    /// up meanwhile: then nothing is known of what is written.
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

    /// Everything that is derived from the log up to that state was compared and written; the same.
    pub(super) fn mark_rebuilt(&mut self, state: &State, generation: u64) -> bool {
        let is_current = self.mark_published(state, generation);
        self.rebuild &= !is_current;
        is_current
    }

    pub(super) fn set_problem(&mut self, area: Area, error: &ServiceError) {
        // After a failure nobody knows which copy of the store answers next.
        self.end_seen = None;
        self.problems.insert(area, Problem::of(error));
    }

    /// The same, where the one who failed has not said why already.
    pub(super) fn set_problem_unless_told(&mut self, area: Area, error: &ServiceError) {
        self.problems.entry(area).or_insert_with(|| Problem::of(error));
    }

    pub(super) fn clear_problem(&mut self, area: Area) {
        self.problems.remove(&area);
    }

    /// The same, unless only a person can help.
    pub(super) fn clear_passing_problem(&mut self, area: Area) {
        if self.problems.get(&area).is_some_and(|problem| !problem.is_refusal) {
            self.problems.remove(&area);
        }
    }

    /// A command's time was up before the page showed it.
    pub(super) fn note_late_page(&mut self, revision: u64) {
        if !self.is_published(revision) {
            self.set_problem_unless_told(Area::Publishing, &ServiceError::Late);
        }
    }

    /// A log that is ahead of now dates every later record at that time: somebody has to know.
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

    /// A write may or may not have been done: the next command looks first.
    pub(super) fn doubt(&mut self) {
        self.end_seen = None;
    }

    /// Notes a message whose commit may or may not have been done.
    pub(super) fn note_doubt(&mut self, message: MessageKey) {
        if self.in_doubt.len() >= IN_DOUBT_MAX {
            self.in_doubt.pop_front();
        }
        self.in_doubt.push_back(message);
    }

    /// It is known what became of a message.
    pub(super) fn end_doubt(&mut self, message: &MessageKey) {
        self.in_doubt.retain(|known| known != message);
    }

    pub(super) fn is_in_doubt(&self, message: &MessageKey) -> bool {
        self.in_doubt.contains(message)
    }

    /// Keeps documents as the log has them, until a record changes them.
    pub(super) fn keep_restored(&mut self, dossiers: BTreeMap<Number, Dossier>) {
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

    /// The last revision, where it is not known to be written.
    pub(super) fn unpublished(&self) -> Option<u64> {
        let last = self.state.as_ref().map(|state| state.revision);
        last.filter(|revision| !self.is_published(*revision))
    }

    /// Whether all up to a revision is known to be written.
    pub(super) fn is_published(&self, revision: u64) -> bool {
        !self.all_at_hand && self.published_through >= revision
    }
}
