//! What happens to the rosters, as records keep it.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cover::{Cover, LevelName};
use crate::core::sealed;

/// Something that happened to the rosters. Kinds and fields are closed, and an event repeats what
/// its answer tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum RosterEvent {
    /// A file takes the place of the one before.
    Set {
        /// The file as it was written, comments too.
        #[serde(with = "sealed")]
        text: Arc<str>,
    },
    /// Somebody stands in for once, by a command in the channel.
    Covered {
        /// Who, when, and for whom.
        cover: Cover,
    },
    /// A cover does not count from a moment on.
    Uncovered {
        /// The cover as it was.
        cover: Cover,
        /// From when on; its beginning where it had not begun.
        end: Timestamp,
    },
    /// Somebody else is on call.
    HandedOver {
        /// Where, from whom and to whom.
        hand_over: HandOver,
    },
    /// The state lets go of what is over.
    Evicted {
        /// Numbers of covers that ended, or that are in the file from now on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        covers: Vec<u32>,
        /// Levels that the file has no longer.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        levels: Vec<LevelName>,
    },
}

/// A change of who is on call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// At which level of which roster.
    pub level: LevelName,
    /// The names of those who were on call last; empty where nobody ever was.
    #[serde(with = "sealed")]
    pub from: Vec<String>,
    /// The names of those who are, never empty.
    #[serde(with = "sealed")]
    pub to: Vec<String>,
    /// When the next change is due; `None` where none is within sight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}
