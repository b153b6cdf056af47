//! Roles: who does what in a response.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::person::Person;
use crate::core::sealed;

/// What somebody does in a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Leads, decides, hands out the work.
    Commander,
    /// Works on the cause first.
    Primary,
    /// Helps the primary, and takes over from them.
    Secondary,
    /// Writes down what happens.
    Scribe,
    /// Keeps customers informed.
    Comms,
    /// Finds out whether it works again.
    Tester,
    /// Knows a part well; there can be several.
    Expert,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Commander,
        Self::Primary,
        Self::Secondary,
        Self::Scribe,
        Self::Comms,
        Self::Tester,
        Self::Expert,
    ];

    /// The word that is typed and shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Commander => "commander",
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Scribe => "scribe",
            Self::Comms => "comms",
            Self::Tester => "tester",
            Self::Expert => "expert",
        }
    }

    /// Whether several people can have it at once.
    #[must_use]
    pub fn is_shared(self) -> bool {
        self == Self::Expert
    }
}

/// Somebody in a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    /// The role.
    pub role: Role,
    /// What an expert is asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "sealed")]
    pub topic: Option<String>,
    /// Who has it.
    pub person: Person,
    /// Since when.
    pub since: Timestamp,
}
