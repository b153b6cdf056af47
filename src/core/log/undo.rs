//! What the records of the last minutes changed, so that one of them can be taken back: the incident
//! is then as if it had never been made. Whatever came after it is folded again without it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::record::{Event, MessageEvent, Record, Source};
use super::scratch::{Scratch, is_recall};
use crate::core::incident::events::StatusEvent;
use crate::core::incident::fold::Recorded;
use crate::core::incident::model::Number;
use crate::core::response::dossier::Dossier;
use crate::core::response::events::ResponseEvent;
use crate::core::response::model::Response;
use crate::core::response::person::Person;
use crate::core::rosters::events::RosterEvent;

/// How long a record can be taken back. Part of the log's meaning: it can never change.
pub const UNDO_WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// How many records are remembered. Part of the log's meaning, too.
const RECORDS_MAX: usize = 200;

/// The records of the last minutes, and the incidents as they were before them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recent {
    /// Each incident before the first of the records; empty where there was none yet.
    before: BTreeMap<Number, Dossier>,
    /// Oldest first.
    records: VecDeque<Arc<RecentRecord>>,
    /// When a text was erased last, and with it all that was remembered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    erased: Option<Timestamp>,
}

/// A record of the last minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecentRecord {
    /// Its revision.
    pub revision: u64,
    /// Its time.
    pub at: Timestamp,
    /// The sender.
    pub by: Person,
    /// The conversation that it was sent in.
    pub conversation: String,
    /// Whether a person sent it.
    pub is_command: bool,
    /// Whether it was taken back, or takes back another one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undone: bool,
    /// Its events about incidents and rosters.
    pub events: Vec<Event>,
}

impl RecentRecord {
    /// The incidents that it is about.
    pub fn numbers(&self) -> impl Iterator<Item = Number> {
        self.events.iter().flat_map(Event::numbers)
    }

    /// Whether it is about an incident, its launch included.
    #[must_use]
    pub fn is_about(&self, number: Number) -> bool {
        let about = |event: &Event| {
            event.number() == Some(number) || event.numbers().any(|about| about == number)
        };
        self.events.iter().any(about)
    }

    fn recorded(&self) -> Recorded<'_> {
        Recorded { revision: self.revision, at: self.at, by: &self.by.name }
    }
}

/// Incidents without one record.
pub struct Without {
    /// Each incident that the record is about, or that shares a later record with one.
    pub dossiers: BTreeMap<Number, Dossier>,
    /// The later records as they mean the same without it, by revision.
    rebased: BTreeMap<u64, Vec<Event>>,
}

impl Recent {
    /// Takes in a record before it is folded. `dossier` gives an incident as it is before that.
    pub(super) fn remember(
        &mut self,
        record: &Record,
        dossier: impl Fn(Number) -> Option<Dossier>,
    ) {
        if erases(record) {
            // The text may be in here: nothing before can be taken back.
            self.clear();
            self.erased = Some(record.at);
            return;
        }
        self.forget_before(record.at);
        self.keep(record, &record.events, dossier);
    }

    /// Takes in events that were added to a record which is folded already. `dossier` gives an
    /// incident as it was before the record.
    pub(super) fn extend(
        &mut self,
        record: &Record,
        added: &[Event],
        dossier: impl Fn(Number) -> Option<Dossier>,
    ) {
        if !erases(record) {
            self.keep(record, added, dossier);
        }
    }

    /// Keeps events of the newest record.
    fn keep(
        &mut self,
        record: &Record,
        events: &[Event],
        dossier: impl Fn(Number) -> Option<Dossier>,
    ) {
        let is_kept = |event: &&Event| {
            matches!(event, Event::Roster(_) | Event::Launch(_)) || event.numbers().next().is_some()
        };
        let events: Vec<Event> = events.iter().filter(is_kept).map(as_remembered).collect();
        if events.is_empty() {
            return;
        }
        for number in events.iter().flat_map(Event::numbers) {
            self.before.entry(number).or_insert_with(|| dossier(number).unwrap_or_default());
        }
        let newest = self.records.back_mut();
        if let Some(newest) = newest.filter(|newest| newest.revision == record.revision) {
            Arc::make_mut(newest).events.extend(events);
            return;
        }
        let takes_back =
            |event: &Event| matches!(event, Event::Message(MessageEvent::TakenBack { .. }));
        self.records.push_back(Arc::new(RecentRecord {
            revision: record.revision,
            at: record.at,
            by: record.cause.by.clone(),
            conversation: record.cause.message.conversation.clone(),
            is_command: matches!(record.cause.source, Source::Message | Source::Operator),
            undone: record.events.iter().any(takes_back),
            events,
        }));
    }

    fn clear(&mut self) {
        *self = Self::default();
    }

    /// When a text was erased, if that was in the last minutes: what was recorded before cannot be
    /// taken back, because the text may be in it.
    #[must_use]
    pub fn erased(&self, now: Timestamp) -> Option<Timestamp> {
        self.erased.filter(|erased| now.duration_since(*erased) <= UNDO_WINDOW)
    }

    /// The commands of the last minutes, the last one first.
    pub fn commands(&self) -> impl Iterator<Item = &RecentRecord> {
        self.records.iter().rev().map(AsRef::as_ref).filter(|record| record.is_command)
    }

    /// A record by its revision.
    #[must_use]
    pub fn get(&self, revision: u64) -> Option<&RecentRecord> {
        self.records.iter().map(AsRef::as_ref).find(|record| record.revision == revision)
    }

    /// The incidents as they are without a record.
    ///
    /// # Errors
    /// The revision of the first later record that depends on it; its own where it is not known.
    pub fn without(&self, revision: u64) -> Result<Without, u64> {
        let skipped = self.get(revision).ok_or(revision)?;
        let numbers = self.related(skipped.numbers().collect());
        let (mut told, mut without) =
            (Scratch::of(&self.before, &numbers), Scratch::of(&self.before, &numbers));
        let mut rebased = BTreeMap::new();
        for record in &self.records {
            let recorded = record.recorded();
            if record.revision == revision {
                record
                    .events
                    .iter()
                    .try_for_each(|event| told.apply(recorded, event))
                    .ok_or(revision)?;
                let recalled = record.events.iter().filter(|event| is_recall(event));
                let mut recalled = recalled.map(|event| without.apply(recorded, event));
                recalled.try_for_each(|done| done).ok_or(revision)?;
                without.keep_numbers_of(&told);
                continue;
            }
            if !record.numbers().any(|number| numbers.contains(&number)) {
                continue;
            }
            let mut events = Vec::new();
            for event in &record.events {
                let meant = without.rebase(event, &told).ok_or(record.revision)?;
                told.apply(recorded, event).ok_or(record.revision)?;
                without.apply(recorded, &meant).ok_or(record.revision)?;
                events.push(meant);
            }
            if events != record.events {
                rebased.insert(record.revision, events);
            }
        }
        let dossiers = numbers.into_iter().map(|number| (number, without.dossier(number)));
        Ok(Without { dossiers: dossiers.collect(), rebased })
    }

    /// Takes a record back, and gives the incidents as they are without it. The timeline keeps it.
    pub(super) fn take_back(&mut self, revision: u64) -> Option<BTreeMap<Number, Dossier>> {
        let Without { dossiers, mut rebased } = self.without(revision).ok()?;
        for shared in &mut self.records {
            if shared.revision == revision {
                let record = Arc::make_mut(shared);
                record.undone = true;
                record.events.retain(is_recall);
            } else if let Some(events) = rebased.remove(&shared.revision) {
                Arc::make_mut(shared).events = events;
            }
        }
        Some(dossiers)
    }

    /// Notes that a record was taken back by other means than folding again.
    pub(super) fn mark_undone(&mut self, revision: u64) {
        for shared in self.records.iter_mut().filter(|record| record.revision == revision) {
            Arc::make_mut(shared).undone = true;
        }
    }

    /// All incidents that share records with these.
    fn related(&self, mut numbers: BTreeSet<Number>) -> BTreeSet<Number> {
        loop {
            let shared = self
                .records
                .iter()
                .filter(|record| record.numbers().any(|number| numbers.contains(&number)));
            let all: BTreeSet<Number> = shared.flat_map(|record| record.numbers()).collect();
            if all.is_subset(&numbers) {
                return numbers;
            }
            numbers.extend(all);
        }
    }

    fn forget_before(&mut self, at: Timestamp) {
        let is_old = |record: &RecentRecord| at.duration_since(record.at) > UNDO_WINDOW;
        while let Some(record) = self.records.front().cloned()
            && (is_old(&record) || self.records.len() >= RECORDS_MAX)
        {
            self.records.pop_front();
            let numbers: BTreeSet<Number> = record.numbers().collect();
            let mut scratch = Scratch::of(&self.before, &numbers);
            let recorded = record.recorded();
            let is_folded =
                record.events.iter().try_for_each(|event| scratch.apply(recorded, event)).is_some();
            for number in numbers {
                let is_needed = self.records.iter().any(|r| r.numbers().any(|n| n == number));
                if is_needed && is_folded {
                    self.before.insert(number, scratch.dossier(number));
                } else {
                    self.before.remove(&number);
                }
            }
        }
    }
}

/// An event without what undo does not need: a roster file cannot be taken back.
fn as_remembered(event: &Event) -> Event {
    match event {
        Event::Roster(RosterEvent::Set { .. }) => {
            Event::Roster(RosterEvent::Set { text: Arc::from("") })
        }
        event => event.as_recorded(),
    }
}

fn erases(record: &Record) -> bool {
    record.events.iter().any(|event| {
        matches!(
            event,
            Event::RemovalOrdered(_)
                | Event::Status(StatusEvent::TextRemoved { .. })
                | Event::Response(ResponseEvent::TextRemoved { .. })
        )
    })
}

/// The response to an incident without a record: its timeline keeps everything, as do reminders, and
/// no number is given twice.
#[must_use]
pub(super) fn restored(without: &Response, now: &Response) -> Response {
    let mut restored = Response {
        entries: now.entries.clone(),
        reminded: now.reminded.clone(),
        entered_later: now.entered_later,
        ..without.clone()
    };
    restored.keep_numbers_of(now);
    restored
}
