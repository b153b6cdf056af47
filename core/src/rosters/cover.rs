//! Covers: one-off overrides made in the channel.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::roster::{Override, OverrideChange};
use crate::sealed;

/// Maximum number of current and future covers.
pub const COVERS_MAX: usize = 100;

/// A one-off override made in the channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cover {
    /// Identifies it in `uncover`; from 1.
    pub number: u32,
    pub level: LevelName,
    /// To the second.
    pub start: Timestamp,
    /// To the second; later than `start`.
    pub end: Timestamp,
    #[serde(with = "sealed")]
    pub change: OverrideChange,
    /// Name of the person who made it.
    #[serde(with = "sealed")]
    pub by: String,
    /// Empty if no reason was given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[serde(with = "sealed")]
    pub why: String,
    /// For one half of a swap, the number of the other half.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swap: Option<u32>,
}

impl Cover {
    #[must_use]
    pub fn to_override(&self) -> Override {
        Override { start: self.start, end: self.end, change: self.change.clone() }
    }
}

/// A level of a roster, both spelled as in the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelName {
    pub roster: String,
    pub level: String,
}
