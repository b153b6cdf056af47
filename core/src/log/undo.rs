//! The records of the last minutes and the incidents before them, so that a record can be undone:
//! the incident is then as if the record had never existed. Later records are folded again without
//! it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::record::{Event, MessageEvent, Record, Source};
use super::scratch::{Scratch, is_recall};
use crate::incident::events::StatusEvent;
use crate::incident::fold::Recorded;
use crate::incident::model::Number;
use crate::response::document::IncidentDocument;
use crate::response::events::ResponseEvent;
use crate::response::model::Response;
use crate::response::person::Person;
use crate::rosters::events::RosterEvent;

/// The time in which a record can be undone. Part of the log's meaning: it can never change.
pub const UNDO_WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// The limit of remembered records. Part of the log's meaning, too.
const RECORDS_MAX: usize = 200;

/// The records of the last minutes, and the incidents before them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recent {
    /// Each incident before the first of the records; empty if it did not exist yet.
    before: BTreeMap<Number, IncidentDocument>,
    /// Oldest first.
    records: VecDeque<Arc<RecentRecord>>,
    /// Time of the last erasure, which also cleared this memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    erased: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecentRecord {
    pub revision: u64,
    pub at: Timestamp,
    pub by: Person,
    /// The conversation that it was sent in.
    pub conversation: String,
    /// A person sent it.
    pub is_command: bool,
    /// It was undone, or undoes a different record.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undone: bool,
    /// Its events about incidents and rosters.
    pub events: Vec<Event>,
}

impl RecentRecord {
    pub fn numbers(&self) -> impl Iterator<Item = Number> {
        self.events.iter().flat_map(Event::numbers)
    }

    /// Includes the incident's launch.
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
    /// Each incident of the record, and each that shares a later record with one of them.
    pub dossiers: BTreeMap<Number, IncidentDocument>,
    /// The later records with the same meaning without it, by revision.
    rebased: BTreeMap<u64, Vec<Event>>,
}

impl Recent {
    /// Remembers a record before it is folded. `dossier` returns an incident before the record.
    pub(super) fn remember(
        &mut self,
        record: &Record,
        dossier: impl Fn(Number) -> Option<IncidentDocument>,
    ) {
        if erases(record) {
            // The erased text may be in here, so nothing earlier can be undone.
            self.clear();
            self.erased = Some(record.at);
            return;
        }
        self.forget_before(record.at);
        self.keep(record, &record.events, dossier);
    }

    /// Adds events to a record that is folded already. `dossier` returns an incident before the
    /// record.
    pub(super) fn extend(
        &mut self,
        record: &Record,
        added: &[Event],
        dossier: impl Fn(Number) -> Option<IncidentDocument>,
    ) {
        if !erases(record) {
            self.keep(record, added, dossier);
        }
    }

    /// Adds events to the newest record.
    fn keep(
        &mut self,
        record: &Record,
        events: &[Event],
        dossier: impl Fn(Number) -> Option<IncidentDocument>,
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

    /// Time of an erasure in the last minutes. Earlier records cannot be undone, because the text
    /// may be in them.
    #[must_use]
    pub fn erased(&self, now: Timestamp) -> Option<Timestamp> {
        self.erased.filter(|erased| now.duration_since(*erased) <= UNDO_WINDOW)
    }

    /// The commands of the last minutes, newest first.
    pub fn commands(&self) -> impl Iterator<Item = &RecentRecord> {
        self.records.iter().rev().map(AsRef::as_ref).filter(|record| record.is_command)
    }

    #[must_use]
    pub fn get(&self, revision: u64) -> Option<&RecentRecord> {
        self.records.iter().map(AsRef::as_ref).find(|record| record.revision == revision)
    }

    /// The incidents without a record.
    ///
    /// # Errors
    /// The revision of the first later record that depends on it; its own if it is unknown.
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

    /// Undoes a record and returns the incidents without it. The timeline keeps the record.
    pub(super) fn take_back(
        &mut self,
        revision: u64,
    ) -> Option<BTreeMap<Number, IncidentDocument>> {
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

    /// Marks a record that was undone by other means than folding again.
    pub(super) fn mark_undone(&mut self, revision: u64) {
        for shared in self.records.iter_mut().filter(|record| record.revision == revision) {
            Arc::make_mut(shared).undone = true;
        }
    }

    /// All incidents that share records with these, directly or through others.
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

/// Drops the text of roster files, which cannot be undone.
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

/// The response without a record. Timeline and reminders stay, and no number is reused.
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
