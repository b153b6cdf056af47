//! The members of an incident's alert as the state keeps them. Members and groups are known by
//! digests of their keys, so that nothing is decided from labels.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::firing::Condition;
use crate::core::sealed;

/// Members of an incident whose state is kept. More are only counted.
pub const MEMBERS_MAX: usize = 1_000;

/// The first 64 bits of the digest of a key under the log's
/// [`AlertSecret`](super::secret::AlertSecret), written in hexadecimal.
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

/// A member: one thing that fires and resolves by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownMember {
    /// The group that its last notification was about.
    pub group: AlertDigest,
    /// Whether it fires.
    pub condition: Condition,
    /// When its last firing began, by the monitor's clock; `None` where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fired_at: Option<Timestamp>,
    /// When that ended, by the monitor's clock; `None` where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
    /// Whether it counts as resolved only because its group resolved without naming it, as when it
    /// is silenced: it may fire on with its old start.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub silenced: bool,
    /// What it is called, of the first ones that fire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "sealed")]
    pub name: Option<String>,
}

impl KnownMember {
    /// A member that fires.
    #[must_use]
    pub fn fired(group: AlertDigest, fired_at: Option<Timestamp>) -> Self {
        let condition = Condition::Fired;
        Self { group, condition, fired_at, resolved_at: None, silenced: false, name: None }
    }

    pub(super) fn resolve(&mut self, group: AlertDigest, resolved_at: Option<Timestamp>) {
        (self.group, self.condition, self.silenced) = (group, Condition::Resolved, false);
        self.resolved_at = resolved_at;
        self.name = None;
    }

    pub(super) fn silence(&mut self) {
        (self.condition, self.silenced, self.name) = (Condition::Resolved, true, None);
    }

    /// Whether a firing that began then was already over when this member resolved. A firing
    /// without a start is a new one.
    #[must_use]
    pub fn outlived(&self, fired_at: Option<Timestamp>) -> bool {
        if self.condition == Condition::Fired || self.silenced {
            return false;
        }
        let Some(began) = fired_at else { return false };
        self.fired_at.is_some_and(|known| began <= known)
            || self.resolved_at.is_some_and(|resolved| began < resolved)
    }

    /// Whether the end of a firing is about one before the firing that is known.
    #[must_use]
    pub fn began_after(&self, fired_at: Option<Timestamp>, resolved_at: Option<Timestamp>) -> bool {
        let Some(known) = self.fired_at else { return false };
        resolved_at.or(fired_at).is_some_and(|ended| ended < known)
    }
}
