//! Commands of the responders, as they were understood.

use jiff::SignedDuration;

use super::past::Past;
use super::person::TypedPerson;
use super::schedule::Day;
use super::words::Verb;
use crate::core::incident::model::{Impact, Number};
use crate::core::launch::step::Step;
use crate::core::response::internal_text::InternalText;
use crate::core::response::milestone::Milestone;
use crate::core::response::model::{Topic, Visibility};
use crate::core::response::period::Period;
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
    /// What is known of the incident.
    Tracking(Tracking),
    /// What comes after the incident.
    FollowUp(FollowUp),
    /// The incident's launch.
    Launch(LaunchChange),
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

/// What becomes known of an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tracking {
    /// When a milestone was.
    When {
        /// Which one.
        milestone: Milestone,
        /// The time; `None` is now.
        at: Option<Past>,
        /// Of a detection, by what.
        via: Option<String>,
        /// What was said with it; may be empty.
        text: InternalText,
    },
    /// The answer to a question, never empty.
    Reply(Topic, InternalText),
    /// How bad it is.
    Grade(Severity),
}

/// What comes after an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FollowUp {
    /// Something is to be done.
    Action {
        /// What, never empty.
        text: InternalText,
        /// Who is to do it.
        assignee: Option<TypedPerson>,
        /// Until when.
        due: Option<Day>,
    },
    /// The action item of that number is done.
    Done(u32),
    /// The review is to be written.
    Review,
}

/// Which incidents statistics are asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// When they were declared.
    pub period: Period,
    /// The place of a component among the configured ones.
    pub component: Option<usize>,
    /// How bad they were for the team.
    pub severity: Option<Severity>,
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

/// What is to become of a launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaunchChange {
    /// It begins, or goes on where a person had to help.
    Start,
    /// A step is done once more.
    Retry(Step),
    /// A step is not done.
    Skip(Step),
}
