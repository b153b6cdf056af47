//! Roles in a response.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::person::Person;
use crate::sealed;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Leads, decides and assigns the work.
    Commander,
    /// Works on the cause first.
    Primary,
    /// Helps the primary, and takes over from them.
    Secondary,
    /// Writes down what happens.
    Scribe,
    /// Keeps customers informed.
    Comms,
    /// Tests if it works again.
    Tester,
    /// Knows an area well; there can be several experts.
    Expert,
}

impl Role {
    pub const ALL: [Self; 7] = [
        Self::Commander,
        Self::Primary,
        Self::Secondary,
        Self::Scribe,
        Self::Comms,
        Self::Tester,
        Self::Expert,
    ];

    /// Word that is typed and shown.
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

    /// Returns `true` if several people can hold it at once.
    #[must_use]
    pub fn is_shared(self) -> bool {
        self == Self::Expert
    }
}

/// A person in a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    pub role: Role,
    /// For an expert, the area to ask about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "sealed")]
    pub topic: Option<String>,
    pub person: Person,
    pub since: Timestamp,
}
