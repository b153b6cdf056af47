//! What somebody wants done, and why what was typed is not understood.

use jiff::SignedDuration;

use super::schedule::{End, Plan, Unreadable};
use super::words::Verb;
use crate::core::incident::model::{Impact, Number, Stage};
use crate::core::text::Text;

/// What somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// To know something.
    Ask(Question),
    /// To change what is public.
    Status(StatusCommand),
}

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// How things are.
    Status,
    /// What is open.
    List,
    /// How to use it: all, or one verb.
    Help(Option<Verb>),
}

/// What can be done about the public status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusCommand {
    /// Open an incident.
    Open {
        /// On purpose, although another one may be open.
        another: bool,
        /// How bad it is.
        impact: Impact,
        /// Ids of the affected components.
        components: Vec<String>,
        /// How soon the next update is promised, if said.
        next: Option<SignedDuration>,
        /// What to say.
        text: Text,
    },
    /// Say more about an incident; close it where the stage is [`Stage::Resolved`].
    Update {
        /// Which one, if said.
        number: Option<Number>,
        /// The new stage, if said.
        stage: Option<Stage>,
        /// Ids of the components affected from now on, if said.
        components: Option<Vec<String>>,
        /// How soon the next update is promised, if said.
        next: Option<SignedDuration>,
        /// What to say; may be empty only for closing.
        text: Text,
    },
    /// Open a closed incident again.
    Reopen {
        /// Which one, if said.
        number: Option<Number>,
        /// How soon the next update is promised, if said.
        next: Option<SignedDuration>,
        /// What to say.
        text: Text,
    },
    /// Replace the newest text of an incident.
    Correct {
        /// Which one, if said.
        number: Option<Number>,
        /// What to say instead.
        text: Text,
    },
    /// Tell what was learned from a closed incident.
    PostMortem {
        /// Which one, if said.
        number: Option<Number>,
        /// What to say.
        text: Text,
    },
    /// Announce a maintenance.
    Schedule {
        /// When.
        plan: Plan,
        /// Ids of the components that it is about.
        components: Vec<String>,
        /// What to say.
        text: Text,
    },
    /// Change a maintenance that was announced.
    Manage {
        /// Which one, if said.
        number: Option<Number>,
        /// What to do.
        change: Change,
        /// What to say; may be empty.
        text: Text,
    },
}

impl StatusCommand {
    /// The verb that says the same.
    #[must_use]
    pub fn verb(&self) -> Verb {
        match self {
            Self::Open { .. } => Verb::Open,
            Self::Update { stage: Some(Stage::Resolved), .. } => Verb::Close,
            Self::Update { .. } => Verb::Update(None),
            Self::Reopen { .. } => Verb::Reopen,
            Self::Correct { .. } => Verb::Correct,
            Self::PostMortem { .. } => Verb::PostMortem,
            Self::Schedule { .. } | Self::Manage { .. } => Verb::Maintenance,
        }
    }

    /// What is to be said.
    #[must_use]
    pub fn text(&self) -> &Text {
        match self {
            Self::Open { text, .. }
            | Self::Update { text, .. }
            | Self::Reopen { text, .. }
            | Self::Correct { text, .. }
            | Self::PostMortem { text, .. }
            | Self::Schedule { text, .. }
            | Self::Manage { text, .. } => text,
        }
    }
}

/// What becomes of a maintenance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It does not take place, or no longer.
    Cancel,
    /// It is over before its time.
    Complete,
    /// It ends at another time.
    Extend(End),
}

/// Why nothing is done with what was typed. Nothing is ever guessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misread {
    /// The first word is no verb.
    UnknownVerb {
        /// The word.
        word: String,
        /// The word that it resembles.
        nearest: Option<&'static str>,
        /// What came behind it.
        rest: String,
    },
    /// There is nothing to say.
    MissingText {
        /// The verb.
        verb: Verb,
        /// The incident, if it was said.
        number: Option<Number>,
    },
    /// The text is nothing but a number: an incident was meant, and not in a form that says so.
    OnlyNumber {
        /// The verb.
        verb: Verb,
        /// The number as typed.
        digits: String,
    },
    /// The time of a maintenance cannot be read; where one was named, its new end.
    Time {
        /// The maintenance, if it was said.
        number: Option<Number>,
        /// Why.
        why: Unreadable,
    },
    /// `next` and something behind it that is no length of time.
    Promise(String),
    /// Two incidents are named, and one command is about one.
    TwoNumbers {
        /// The verb.
        verb: Verb,
        /// Both.
        numbers: [Number; 2],
    },
    /// A maintenance was named, and nothing that can be done with it.
    NoAction(Number),
    /// There is too much to say: so many characters.
    TextTooLong(usize),
    /// There is too much formatting, or too many links.
    TooMuchFormatting,
    /// `on …:` names something that is no component, though it looks like one was meant.
    UnknownComponent {
        /// The name.
        name: String,
        /// The component that it resembles.
        nearest: Option<String>,
        /// The names that there are.
        known: Vec<String>,
    },
}
