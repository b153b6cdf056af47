//! Commands of the responders, as they were understood.

use jiff::SignedDuration;

use super::past::Past;
use super::words::Verb;
use crate::core::incident::model::{Impact, Number};
use crate::core::response::model::Visibility;
use crate::core::response::severity::Severity;
use crate::core::text::Text;

/// A change among the responders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseCommand {
    /// The word that it begins with.
    pub verb: Verb,
    /// The incident, if one was named.
    pub number: Option<Number>,
    /// What was typed behind verb and number, for the line to copy.
    pub rest: String,
    /// What is to change.
    pub change: ResponseChange,
}

/// What is to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponseChange {
    /// An internal incident goes on the page.
    Publish {
        /// How bad it is.
        impact: Impact,
        /// Ids of the affected components; `None` for those that it was opened with.
        components: Option<Vec<String>>,
        /// How soon the next update is promised; `None` leaves it to the configuration.
        next: Option<SignedDuration>,
        /// Its first public text, never empty, which gives the title too.
        text: Text,
    },
}

/// What can be said of an incident while it is opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// Who is to see it; `None` leaves it to the configuration.
    pub visibility: Option<Visibility>,
    /// How bad it is for the team.
    pub severity: Option<Severity>,
    /// When it began.
    pub since: Option<Past>,
    /// By what it was detected.
    pub via: Option<String>,
}
