//! Covers: changes for once that were made in the channel.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::roster::{Change, Override};
use crate::core::sealed;

/// How many covers may be under way or ahead.
pub const COVERS_MAX: usize = 100;

/// A change for once that was made in the channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cover {
    /// By which it is taken back: 1, 2, 3.
    pub number: u32,
    /// At which level of which roster.
    pub level: LevelName,
    /// From when on, to the second.
    pub start: Timestamp,
    /// Until when, to the second: after `start`.
    pub end: Timestamp,
    /// What it changes.
    #[serde(with = "sealed")]
    pub change: Change,
    /// The name of who said so.
    #[serde(with = "sealed")]
    pub by: String,
    /// Why; empty where nothing was said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[serde(with = "sealed")]
    pub why: String,
    /// Of half a swap, the number of the other half.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swap: Option<u32>,
}

impl Cover {
    /// The same, as the rosters have changes for once.
    #[must_use]
    pub fn to_override(&self) -> Override {
        Override { start: self.start, end: self.end, change: self.change.clone() }
    }
}

/// A level of a roster, as the file called both.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelName {
    /// The roster.
    pub roster: String,
    /// The level.
    pub level: String,
}
