//! Alerts that belong to no incident.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::course::Firing;
use super::members::AlertDigest;
use super::secret::AlertSecret;
use crate::incident::model::Number;

/// The limit of remembered resolved members. The most recent ones are kept.
pub const RESOLVED_MAX: usize = 500;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlertMemory {
    /// Members that resolved while no open incident knew them, newest last.
    #[serde(skip_serializing_if = "VecDeque::is_empty")]
    resolved: VecDeque<(AlertDigest, Timestamp)>,
    /// Alerts about components under maintenance, by the maintenance's number.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    maintenance: BTreeMap<Number, Firing>,
    /// Times and revisions of the records about those alerts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    noted: BTreeMap<Number, Vec<(Timestamp, u64)>>,
    /// The secret behind the digests of members and groups; `None` before the first alert, and
    /// after an erasure until the next one.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<AlertSecret>,
    /// Revision of the record that holds the secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_from: Option<u64>,
}

impl AlertMemory {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    #[must_use]
    pub fn secret(&self) -> Option<&AlertSecret> {
        self.secret.as_ref()
    }

    /// Stores the secret of a record; `None` if it has been erased there.
    pub fn keep_secret(&mut self, secret: Option<AlertSecret>, revision: u64) {
        (self.secret, self.secret_from) = (secret, Some(revision));
    }

    /// Drops the secret, because its digests could confirm an erased text. Returns the revision of
    /// the record that holds it.
    pub fn forget_secret(&mut self) -> Option<u64> {
        self.secret = None;
        self.secret_from.take()
    }

    #[must_use]
    pub fn resolved(&self, member: AlertDigest) -> Option<Timestamp> {
        self.resolved.iter().rev().find(|(id, _)| *id == member).map(|(_, at)| *at)
    }

    /// The number of entries to evict before `more` can be added.
    #[must_use]
    pub fn over(&self, more: usize) -> usize {
        (self.resolved.len() + more).saturating_sub(RESOLVED_MAX)
    }

    /// Adds members that resolved, after evicting the oldest `forgotten` ones.
    pub fn resolve(&mut self, members: &[(AlertDigest, Timestamp)], forgotten: usize) {
        self.resolved.extend(members.iter().copied());
        self.resolved.drain(..forgotten.min(self.resolved.len()));
    }

    #[must_use]
    pub fn of_maintenance(&self, number: Number) -> Option<&Firing> {
        self.maintenance.get(&number)
    }

    /// Maintenances that have alerts.
    pub fn maintenances(&self) -> impl Iterator<Item = (Number, &Firing)> {
        self.maintenance.iter().map(|(number, firing)| (*number, firing))
    }

    /// Removes the alerts of a maintenance, to change them or to move them to an incident.
    pub fn take_maintenance(&mut self, number: Number) -> Option<Firing> {
        self.maintenance.remove(&number)
    }

    /// Times and revisions of the records about alerts of a maintenance.
    #[must_use]
    pub fn noted_in(&self, maintenance: Number) -> &[(Timestamp, u64)] {
        self.noted.get(&maintenance).map_or(&[], Vec::as_slice)
    }

    /// Notes a record about an alert of a maintenance.
    pub fn enter(&mut self, maintenance: Number, at: Timestamp, revision: u64) {
        self.noted.entry(maintenance).or_default().push((at, revision));
    }

    /// Drops everything about a maintenance and returns its alerts.
    pub fn end_maintenance(&mut self, number: Number) -> Option<Firing> {
        self.noted.remove(&number);
        self.take_maintenance(number)
    }

    pub fn keep_maintenance(&mut self, number: Number, firing: Firing) {
        self.maintenance.insert(number, firing);
    }
}
