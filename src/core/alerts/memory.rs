//! What is known of alerts that no incident has.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::course::Firing;
use super::members::AlertDigest;
use super::secret::AlertSecret;
use crate::core::incident::model::Number;

/// How many resolved members are remembered, those that resolved last.
pub const RESOLVED_MAX: usize = 500;

/// What is known of alerts that no incident has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlertMemory {
    /// Members that resolved while no open incident knew them, the newest last.
    #[serde(skip_serializing_if = "VecDeque::is_empty")]
    resolved: VecDeque<(AlertDigest, Timestamp)>,
    /// Alerts about what is under maintenance, by the maintenance's number.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    maintenance: BTreeMap<Number, Firing>,
    /// When each of those was recorded, and with which revision.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    noted: BTreeMap<Number, Vec<(Timestamp, u64)>>,
    /// The secret behind the digests of members and groups; `None` before the first alert, and
    /// after an erasure until the next one.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<AlertSecret>,
    /// The record that holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_from: Option<u64>,
}

impl AlertMemory {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The secret behind the digests of members and groups, where there is one.
    #[must_use]
    pub fn secret(&self) -> Option<&AlertSecret> {
        self.secret.as_ref()
    }

    /// Keeps the secret that a record holds, which may have been erased there.
    pub fn keep_secret(&mut self, secret: Option<AlertSecret>, revision: u64) {
        (self.secret, self.secret_from) = (secret, Some(revision));
    }

    /// Forgets the secret because a text is erased that its digests could confirm, and gives the
    /// record that holds it.
    pub fn forget_secret(&mut self) -> Option<u64> {
        self.secret = None;
        self.secret_from.take()
    }

    /// When a member last resolved, if that is remembered.
    #[must_use]
    pub fn resolved(&self, member: AlertDigest) -> Option<Timestamp> {
        self.resolved.iter().rev().find(|(id, _)| *id == member).map(|(_, at)| *at)
    }

    /// How many have to be forgotten before so many more can be remembered.
    #[must_use]
    pub fn over(&self, more: usize) -> usize {
        (self.resolved.len() + more).saturating_sub(RESOLVED_MAX)
    }

    /// Remembers members that resolved, and forgets so many of the oldest.
    pub fn resolve(&mut self, members: &[(AlertDigest, Timestamp)], forgotten: usize) {
        self.resolved.extend(members.iter().copied());
        self.resolved.drain(..forgotten.min(self.resolved.len()));
    }

    /// The alerts of a maintenance.
    #[must_use]
    pub fn of_maintenance(&self, number: Number) -> Option<&Firing> {
        self.maintenance.get(&number)
    }

    /// The maintenances with alerts.
    pub fn maintenances(&self) -> impl Iterator<Item = (Number, &Firing)> {
        self.maintenance.iter().map(|(number, firing)| (*number, firing))
    }

    /// Takes the alerts of a maintenance out, to change them or to give them to an incident.
    pub fn take_maintenance(&mut self, number: Number) -> Option<Firing> {
        self.maintenance.remove(&number)
    }

    /// When alerts of a maintenance were recorded, and with which revisions.
    #[must_use]
    pub fn noted_in(&self, maintenance: Number) -> &[(Timestamp, u64)] {
        self.noted.get(&maintenance).map_or(&[], Vec::as_slice)
    }

    /// Enters a record about an alert of a maintenance.
    pub fn enter(&mut self, maintenance: Number, at: Timestamp, revision: u64) {
        self.noted.entry(maintenance).or_default().push((at, revision));
    }

    /// The maintenance is over.
    pub fn end_maintenance(&mut self, number: Number) -> Option<Firing> {
        self.noted.remove(&number);
        self.take_maintenance(number)
    }

    /// Keeps the alerts of a maintenance.
    pub fn keep_maintenance(&mut self, number: Number, firing: Firing) {
        self.maintenance.insert(number, firing);
    }
}
