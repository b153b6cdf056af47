//! Keys of blobs.

use crate::core::incident::model::{MonthPart, Number};
use crate::store::{Container, Key};

#[must_use]
pub fn record_key(revision: u64) -> Key {
    Key::new(Container::Log, format!("{revision:010}.json"))
}

pub(super) fn snapshot_key() -> Key {
    Key::new(Container::State, "status.json")
}

/// The timer's last run: the only file outside the log that is not derived from it.
pub(super) fn clock_key() -> Key {
    Key::new(Container::State, "clock.json")
}

pub(super) fn index_key() -> Key {
    Key::new(Container::Web, "index.html")
}

pub(super) fn incident_key(number: Number) -> Key {
    Key::new(Container::State, format!("incidents/{number:010}.json"))
}

pub(super) fn review_key(number: Number) -> Key {
    Key::new(Container::State, format!("reviews/{number:010}.md"))
}

pub(super) fn month_key(month: MonthPart) -> Key {
    Key::new(Container::State, format!("months/{month}.json"))
}
