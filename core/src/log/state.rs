//! The state: the fold of the log up to a revision, and all of the past that a command needs.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ages::Ages;
use super::erasure::Erasure;
use super::record::{Cause, MessageId, MessageKey, NO_HASH};
use super::undo::Recent;
use crate::alerts::memory::AlertMemory;
use crate::incident::model::Number;
use crate::incident::status::Status;
use crate::launch::progress::Launches;
use crate::outbox::model::Deliveries;
use crate::response::document::IncidentDocument;
use crate::response::fold::Responses;
use crate::response::model::Response;
use crate::response::people::People;
use crate::response::summary::{Actions, Summaries};
use crate::rosters::state::RosterState;

/// The public part has its own type, which is all that the site ever receives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The revision of the last record; 0 before the first.
    pub revision: u64,
    /// SHA-256 of the last record's head.
    pub head: String,
    /// The time of the last record.
    pub at: Timestamp,
    /// The number of the next incident.
    pub next_number: Number,
    pub status: Status,
    /// The responses to incidents that are not evicted.
    #[serde(default)]
    pub responses: Responses,
    /// Statistics of closed incidents.
    #[serde(default)]
    pub summaries: Summaries,
    /// Open action items of all incidents.
    #[serde(default)]
    pub actions: Actions,
    /// The Monday of the week in which overdue action items were last reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue_named: Option<Date>,
    /// People who have sent something.
    #[serde(default)]
    pub people: People,
    #[serde(default)]
    pub launches: Launches,
    /// The outbox.
    #[serde(default)]
    pub deliveries: Deliveries,
    #[serde(default)]
    pub rosters: RosterState,
    /// Unfinished erasures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub erasures: Vec<Erasure>,
    /// Alerts that belong to no incident.
    #[serde(default, skip_serializing_if = "AlertMemory::is_empty")]
    pub alerts: AlertMemory,
    /// The last accepted messages of people with their revisions.
    pub messages: VecDeque<(MessageKey, u64)>,
    /// The records that `undo` can reach.
    #[serde(default)]
    pub recent: Recent,
    /// The ages of `messages`.
    #[serde(default)]
    pub ages: Ages,
    /// The threads in which incidents and maintenances were opened, without evicted ones.
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
    /// The revision of a message that was already accepted.
    #[must_use]
    pub fn revision_of(&self, message: &MessageId) -> Option<u64> {
        let key = message.key();
        self.messages.iter().rev().find(|(known, _)| *known == key).map(|(_, revision)| *revision)
    }

    /// Number of remembered messages that may be younger than `age`.
    #[must_use]
    pub fn messages_younger_than(&self, age: SignedDuration, now: Timestamp) -> usize {
        let since = now.saturating_sub(age).unwrap_or(now);
        let old = self.ages.last_before(since);
        self.messages.len() - self.messages.partition_point(|(_, revision)| *revision <= old)
    }

    /// The response to an incident, unless it is evicted.
    #[must_use]
    pub fn response(&self, number: Number) -> Option<&Response> {
        self.responses.get(&number).map(AsRef::as_ref)
    }

    /// All data of an incident or a maintenance, unless it is evicted.
    #[must_use]
    pub fn dossier(&self, number: Number) -> Option<IncidentDocument> {
        let incident = self.status.shared(number).cloned();
        let response = self.responses.get(&number).cloned();
        let is_kept = incident.is_some() || response.is_some();
        is_kept.then_some(IncidentDocument { incident, response })
    }

    /// All incidents and maintenances that are not evicted, on the page or not, by number.
    pub fn dossiers(&self) -> impl Iterator<Item = IncidentDocument> {
        let public = self.status.kept().map(|incident| incident.number);
        let unlisted = self.status.unlisted.keys().copied();
        let unlisted = unlisted.chain(self.status.withdrawn.keys().copied());
        let all = public.chain(unlisted).chain(self.responses.keys().copied());
        let numbers: BTreeSet<Number> = all.collect();
        numbers.into_iter().filter_map(|number| self.dossier(number))
    }

    /// Incidents and maintenances that the record of that revision changed and that are not
    /// evicted.
    pub fn changed_by(&self, revision: u64) -> impl Iterator<Item = IncidentDocument> {
        let withdrawn = self.status.withdrawn.values().map(AsRef::as_ref);
        let public = self.status.kept().chain(withdrawn);
        let public = public.filter(move |incident| incident.revision == revision);
        let internal = self.responses.values().filter(move |r| r.revision == revision);
        let public = public.map(|incident| incident.number);
        let numbers: BTreeSet<Number> = public.chain(internal.map(|r| r.number)).collect();
        numbers.into_iter().filter_map(|number| self.dossier(number))
    }

    /// Open incidents that are not on the page.
    pub fn open_internal(&self) -> impl Iterator<Item = &Response> {
        let open = self.responses.values().map(AsRef::as_ref);
        open.filter(|response| response.is_open() && !response.is_public())
    }

    /// The numbers of open incidents, on the page or not.
    #[must_use]
    pub fn open_numbers(&self) -> Vec<Number> {
        let internal = self.open_internal().map(|response| response.number);
        self.status.open.keys().copied().chain(internal).collect()
    }

    /// The incidents and maintenances that were opened in the thread of a message.
    pub fn opened_in_thread_of(&self, cause: &Cause) -> impl Iterator<Item = Number> {
        let thread = cause.thread_key();
        let same = self.threads.iter().filter(move |(_, key)| Some(**key) == thread);
        same.map(|(number, _)| *number)
    }
}
