//! Why a command of the responders, or one about an incident that is not on the page, changes
//! nothing.

use super::not_followed::NotFollowed;
use super::roster_refusal::RosterRefusal;
use super::words::Verb;
use crate::core::incident::model::Number;
use crate::core::launch::step::Step;
use crate::core::response::milestone::Milestone;
use crate::core::response::model::Visibility;
use crate::core::response::severity::Severity;

/// Why nothing is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Nothing is set up that a launch could do.
    NothingToLaunch,
    /// The incident has not been launched.
    NotLaunched(Number),
    /// The incident has been launched, and no step waits for a person.
    Launched(Number),
    /// A step cannot be done once more, or not be skipped, as it stands.
    StepStands {
        /// The incident.
        number: Number,
        /// Which step.
        step: Step,
        /// Whether it was to be skipped.
        skips: bool,
    },
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
    /// What was typed would be before the incident began.
    BeforeStart {
        /// The incident.
        number: Number,
        /// When it began, for people.
        started: String,
        /// The milestone that would be before it, and when.
        other: (Milestone, String),
    },
    /// The milestone was reached before.
    ReachedAlready {
        /// The incident.
        number: Number,
        /// Which one.
        milestone: Milestone,
        /// When, for people.
        at: String,
    },
    /// The milestone was corrected as often as it may be.
    TooManyCorrections {
        /// The incident.
        number: Number,
        /// Which one.
        milestone: Milestone,
    },
    /// An action item, or a review, that cannot be.
    FollowUp(NotFollowed),
    /// It is about who is on call.
    Roster(RosterRefusal),
    /// The incident has that severity already.
    SameSeverity {
        /// The incident.
        number: Number,
        /// Its severity.
        severity: Severity,
    },
}
