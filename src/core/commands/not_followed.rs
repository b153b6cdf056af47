//! Why an action item or a review cannot be.

use jiff::civil::Date;

use crate::core::incident::model::Number;
use crate::core::response::model::Response;

/// Why an action item or a review cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotFollowed {
    /// The incident has as many action items as it may have.
    TooMany(Number),
    /// All incidents together have as many open ones as there may be.
    TooManyOpen(Number),
    /// The day until which it is to be done has passed.
    DuePast {
        /// That day.
        due: Date,
        /// Today, in the page's zone.
        today: Date,
    },
    /// The incident has no such action item.
    NoSuch {
        /// The incident.
        number: Number,
        /// What was asked for.
        action: u32,
        /// The numbers of those that are open.
        open: Vec<u32>,
    },
    /// It is done.
    DoneAlready {
        /// The incident.
        number: Number,
        /// The action item.
        action: u32,
        /// When it was, for people.
        at: String,
    },
    /// The incident is not over, and a review of it would be wrong as soon as it is written.
    StillOpen(Box<Response>),
}
