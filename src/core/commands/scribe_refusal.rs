//! Why nothing is written down, or nothing of it shown.

use crate::core::incident::model::Number;

/// Why nothing is written down, or nothing of it shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScribeRefusal {
    /// What was noted would have happened long before the incident was declared.
    LongBefore {
        /// The incident.
        number: Number,
        /// When it would have happened, for people.
        at: String,
        /// When it was declared, for people.
        declared: String,
    },
    /// The incident has as many tasks as it may have.
    TooManyTasks(Number),
    /// The incident has no such task.
    NoSuchTask {
        /// The incident.
        number: Number,
        /// The task that was typed.
        task: u32,
        /// Those that are still to be done.
        open: Vec<u32>,
    },
    /// The task was done before.
    TaskDoneAlready {
        /// The incident.
        number: Number,
        /// The task.
        task: u32,
        /// When, for people.
        at: String,
    },
    /// The timeline does not have as many pages.
    NoSuchPage {
        /// The incident.
        number: Number,
        /// The page that was typed.
        page: usize,
        /// How many it has.
        pages: usize,
    },
    /// The timeline does not have as many entries.
    NoSuchEntry {
        /// The incident.
        number: Number,
        /// The entry that was typed.
        entry: usize,
        /// How many it has.
        count: usize,
    },
}
