//! Why a command of the responders, or one about an incident that is not on the page, changes
//! nothing.

use super::words::Verb;
use crate::core::incident::model::Number;
use crate::core::response::model::Visibility;

/// Why nothing is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// An incident that is not on the page is open already, and another was to be opened like it.
    InternalOpen {
        /// Number and title of each open one.
        open: Vec<(Number, String)>,
        /// Internal, or a drill.
        visibility: Visibility,
        /// What was typed for the new one, for the lines to copy.
        text: String,
    },
    /// The incident is not on the page, and the command is for what is.
    IsInternal {
        /// The incident.
        number: Number,
        /// Which command it was.
        verb: Verb,
    },
    /// The incident is a drill, and is never published.
    IsDrill(Number),
    /// The incident is on the page already.
    PublishedAlready(Number),
    /// The incident is closed, and not on the page.
    ClosedInternal(Number),
}
