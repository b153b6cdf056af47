//! The state: the fold of the log up to a revision, all that a command needs to know of the past.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ages::Ages;
use super::erasure::Erasure;
use super::record::{Cause, MessageId, MessageKey, NO_HASH};
use super::undo::Recent;
use crate::core::alerts::memory::AlertMemory;
use crate::core::incident::model::Number;
use crate::core::incident::status::Status;
use crate::core::launch::progress::Launches;
use crate::core::outbox::model::Deliveries;
use crate::core::response::dossier::Dossier;
use crate::core::response::fold::Responses;
use crate::core::response::model::Response;
use crate::core::response::people::People;
use crate::core::response::summary::{Actions, Summaries};
use crate::core::rosters::state::RosterState;

/// The fold of the log up to a revision. What is public has a type of its own, which is all that
/// the site is ever given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The revision of the last record; 0 before the first.
    pub revision: u64,
    /// SHA-256 of the last record's head.
    pub head: String,
    /// The time of the last record.
    pub at: Timestamp,
    /// The number that the next incident gets.
    pub next_number: Number,
    /// What is public.
    pub status: Status,
    /// What the responders know and do, of the incidents that are kept.
    #[serde(default)]
    pub responses: Responses,
    /// What statistics need of closed incidents.
    #[serde(default)]
    pub summaries: Summaries,
    /// The action items that are still to be done, of all incidents.
    #[serde(default)]
    pub actions: Actions,
    /// The Monday of the last week in which the overdue ones were named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue_named: Option<Date>,
    /// Who sent something.
    #[serde(default)]
    pub people: People,
    /// How far launches are, of the incidents that are kept.
    #[serde(default)]
    pub launches: Launches,
    /// What is to be sent, and what was lately.
    #[serde(default)]
    pub deliveries: Deliveries,
    /// Who is on call.
    #[serde(default)]
    pub rosters: RosterState,
    /// Texts that are being erased.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub erasures: Vec<Erasure>,
    /// What is known of alerts that no incident has.
    #[serde(default, skip_serializing_if = "AlertMemory::is_empty")]
    pub alerts: AlertMemory,
    /// The last accepted messages, each with its revision.
    pub messages: VecDeque<(MessageKey, u64)>,
    /// What can be taken back.
    #[serde(default)]
    pub recent: Recent,
    /// How old those are.
    #[serde(default)]
    pub ages: Ages,
    /// The threads that incidents and maintenances were opened in, of those that are kept.
    pub threads: BTreeMap<Number, MessageKey>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            revision: 0,
            head: NO_HASH.to_owned(),
            at: Timestamp::UNIX_EPOCH,
            next_number: 1,
            status: Status::default(),
            responses: Responses::new(),
            summaries: Summaries::default(),
            actions: Actions::default(),
            overdue_named: None,
            people: People::default(),
            launches: Launches::new(),
            deliveries: Deliveries::default(),
            rosters: RosterState::default(),
            erasures: Vec::new(),
            alerts: AlertMemory::default(),
            messages: VecDeque::new(),
            recent: Recent::default(),
            ages: Ages::default(),
            threads: BTreeMap::new(),
        }
    }
}

impl State {
    /// The revision of a message that was accepted already.
    #[must_use]
    pub fn revision_of(&self, message: &MessageId) -> Option<u64> {
        let key = message.key();
        self.messages.iter().rev().find(|(known, _)| *known == key).map(|(_, revision)| *revision)
    }

    /// How many messages are remembered that may be younger than `age`.
    #[must_use]
    pub fn messages_younger_than(&self, age: SignedDuration, now: Timestamp) -> usize {
        let since = now.saturating_sub(age).unwrap_or(now);
        let old = self.ages.last_before(since);
        self.messages.len() - self.messages.partition_point(|(_, revision)| *revision <= old)
    }

    /// The response to an incident, if it is kept.
    #[must_use]
    pub fn response(&self, number: Number) -> Option<&Response> {
        self.responses.get(&number).map(AsRef::as_ref)
    }

    /// All that is kept of an incident or a maintenance, if it is kept.
    #[must_use]
    pub fn dossier(&self, number: Number) -> Option<Dossier> {
        let incident = self.status.shared(number).cloned();
        let response = self.responses.get(&number).cloned();
        let is_kept = incident.is_some() || response.is_some();
        is_kept.then_some(Dossier { incident, response })
    }

    /// All incidents and maintenances that are kept, on the page or not, by number.
    pub fn dossiers(&self) -> impl Iterator<Item = Dossier> {
        let public = self.status.kept().map(|incident| incident.number);
        let unlisted = self.status.unlisted.keys().copied();
        let unlisted = unlisted.chain(self.status.withdrawn.keys().copied());
        let all = public.chain(unlisted).chain(self.responses.keys().copied());
        let numbers: BTreeSet<Number> = all.collect();
        numbers.into_iter().filter_map(|number| self.dossier(number))
    }

    /// Of what is kept, all that the record of that revision changed, by whatever event.
    pub fn changed_by(&self, revision: u64) -> impl Iterator<Item = Dossier> {
        let withdrawn = self.status.withdrawn.values().map(AsRef::as_ref);
        let public = self.status.kept().chain(withdrawn);
        let public = public.filter(move |incident| incident.revision == revision);
        let internal = self.responses.values().filter(move |r| r.revision == revision);
        let public = public.map(|incident| incident.number);
        let numbers: BTreeSet<Number> = public.chain(internal.map(|r| r.number)).collect();
        numbers.into_iter().filter_map(|number| self.dossier(number))
    }

    /// The open incidents that are not on the page.
    pub fn open_internal(&self) -> impl Iterator<Item = &Response> {
        let open = self.responses.values().map(AsRef::as_ref);
        open.filter(|response| response.is_open() && !response.is_public())
    }

    /// The numbers of the open incidents, on the page or not.
    #[must_use]
    pub fn open_numbers(&self) -> Vec<Number> {
        let internal = self.open_internal().map(|response| response.number);
        self.status.open.keys().copied().chain(internal).collect()
    }

    /// The incidents and maintenances that were opened in the thread that a cause stands in.
    pub fn opened_in_thread_of(&self, cause: &Cause) -> impl Iterator<Item = Number> {
        let thread = cause.thread_key();
        let same = self.threads.iter().filter(move |(_, key)| Some(**key) == thread);
        same.map(|(number, _)| *number)
    }
}
