//! Roster events, in the form in which records keep them.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cover::{Cover, LevelName};
use crate::sealed;

/// An event of the rosters. Kinds and fields are closed, and an event repeats what its answer
/// shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum RosterEvent {
    /// A file replaced the previous one.
    Set {
        /// The file as written, including comments.
        #[serde(with = "sealed")]
        text: Arc<str>,
    },
    /// A cover was made by a command in the channel.
    Covered { cover: Cover },
    /// A cover was cancelled, or cut short.
    Uncovered {
        /// The cover as it was.
        cover: Cover,
        /// New end; equal to its start if it had not begun.
        end: Timestamp,
    },
    /// The people on call changed.
    HandedOver { hand_over: HandOver },
    /// The state dropped these.
    Evicted {
        /// Numbers of covers that have ended or that the file now contains.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        covers: Vec<u32>,
        /// Levels that the file no longer has.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        levels: Vec<LevelName>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    pub level: LevelName,
    /// Names of the people last on call; empty if there never were any.
    #[serde(with = "sealed")]
    pub from: Vec<String>,
    /// Names of the people on call now; never empty.
    #[serde(with = "sealed")]
    pub to: Vec<String>,
    /// Time of the next hand-over; `None` if there is none within
    /// [`SIGHT`](super::hand_over::SIGHT).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}
