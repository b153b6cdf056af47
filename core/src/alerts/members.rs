//! The members of an incident's alert as the state keeps them. Members and groups are identified by
//! digests of their keys, so that nothing is decided from labels.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::firing::Condition;
use crate::sealed;

/// The limit of members per incident. Further ones are only counted.
pub const MEMBERS_MAX: usize = 1_000;

/// The first 64 bits of a key's digest under the log's [`AlertSecret`](super::secret::AlertSecret),
/// in hexadecimal.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AlertDigest(u64);

impl AlertDigest {
    pub(super) fn first_of(digest: &[u8]) -> Self {
        Self(u64::from_be_bytes(digest.first_chunk().copied().unwrap_or_default()))
    }
}

impl fmt::Display for AlertDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for AlertDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<AlertDigest> for String {
    fn from(digest: AlertDigest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for AlertDigest {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        u64::from_str_radix(&text, 16).map(Self)
    }
}

/// A member: one thing that fires and resolves independently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownMember {
    /// The group of its last delivery.
    pub group: AlertDigest,
    pub condition: Condition,
    /// The newest known start of a firing by the monitor's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fired_at: Option<Timestamp>,
    /// The newest known end of a firing by the monitor's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
    /// It counts as resolved only because its group resolved without naming it, for example after a
    /// silence. It may continue to fire with its old start.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub silenced: bool,
    /// Its name, kept for the first members that fire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "sealed")]
    pub name: Option<String>,
}

impl KnownMember {
    #[must_use]
    pub fn fired(group: AlertDigest, fired_at: Option<Timestamp>) -> Self {
        let condition = Condition::Fired;
        Self { group, condition, fired_at, resolved_at: None, silenced: false, name: None }
    }

    /// Starts a firing. The newest known times stay, because a late delivery may bring older ones.
    pub(super) fn fire(&mut self, group: AlertDigest, fired_at: Option<Timestamp>) {
        (self.group, self.condition, self.silenced) = (group, Condition::Fired, false);
        self.fired_at = self.fired_at.max(fired_at);
    }

    pub(super) fn resolve(&mut self, group: AlertDigest, resolved_at: Option<Timestamp>) {
        (self.group, self.condition, self.silenced) = (group, Condition::Resolved, false);
        self.resolved_at = self.resolved_at.max(resolved_at);
        self.name = None;
    }

    pub(super) fn silence(&mut self) {
        (self.condition, self.silenced, self.name) = (Condition::Resolved, true, None);
    }

    /// True if the firing with this start has resolved, with or without a known end.
    #[must_use]
    pub fn outlived(&self, began: Timestamp) -> bool {
        let is_resolved = self.condition == Condition::Resolved && !self.silenced;
        is_resolved && self.fired_at.is_some_and(|known| began <= known)
    }

    /// True if the delivered end belongs to a firing before the one that is known.
    #[must_use]
    pub fn began_after(&self, fired_at: Option<Timestamp>, resolved_at: Option<Timestamp>) -> bool {
        if resolved_at.is_some() && resolved_at <= self.resolved_at {
            return true;
        }
        let Some(known) = self.fired_at else { return false };
        resolved_at.or(fired_at).is_some_and(|ended| ended < known)
    }
}
