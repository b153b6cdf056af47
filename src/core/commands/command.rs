//! Commands as they were understood, and why what was typed is none.

use jiff::SignedDuration;

use super::response_command::Opening;
use super::schedule::{End, Plan, Unreadable};
use super::words::Verb;
use crate::core::incident::model::{Impact, Number, Stage};
use crate::core::text::Text;

/// A change of the public status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusCommand {
    /// Open an incident.
    Open {
        /// Whether it may be opened although another one is open.
        another: bool,
        /// [`Impact::DEFAULT`] where none was typed.
        impact: Impact,
        /// Ids of the affected components.
        components: Vec<String>,
        /// How soon the next update is promised; `None` leaves it to the configuration.
        next: Option<SignedDuration>,
        /// What else is known of it, and who is to see it.
        opening: Opening,
        /// Its first text, never empty, which gives the title too.
        text: Text,
    },
    /// Add an update to an incident; close it where the stage is [`Stage::Resolved`].
    Update {
        /// The incident, if one was named.
        number: Option<Number>,
        /// The stage from now on; `None` keeps the present one.
        stage: Option<Stage>,
        /// Ids of the components affected from now on; `None` keeps the present ones.
        components: Option<Vec<String>>,
        /// How soon the next update is promised; `None` leaves it to the configuration.
        next: Option<SignedDuration>,
        /// The public text; may be empty only for closing.
        text: Text,
    },
    /// Change how bad an open incident is.
    Impact {
        /// The incident, if one was named.
        number: Option<Number>,
        /// The impact from now on.
        impact: Impact,
        /// How soon the next update is promised; `None` leaves it to the configuration, or, where
        /// there is no text, to what was promised before.
        next: Option<SignedDuration>,
        /// The public text; may be empty.
        text: Text,
    },
    /// Open a closed incident again.
    Reopen {
        /// The incident, if one was named.
        number: Option<Number>,
        /// How soon the next update is promised; `None` leaves it to the configuration.
        next: Option<SignedDuration>,
        /// The public text, never empty.
        text: Text,
    },
    /// Replace the newest text of an incident.
    Correct {
        /// The incident, if one was named.
        number: Option<Number>,
        /// The text that takes its place, never empty.
        text: Text,
    },
    /// Add what was learned from a closed incident.
    PostMortem {
        /// The incident, if one was named.
        number: Option<Number>,
        /// The public text, never empty.
        text: Text,
    },
    /// Announce a maintenance.
    Schedule {
        /// Beginning and end as they were typed.
        plan: Plan,
        /// Ids of the components that it is about.
        components: Vec<String>,
        /// The announcement, never empty, which gives the title too.
        text: Text,
    },
    /// Change a maintenance that was announced.
    Manage {
        /// The maintenance, if one was named.
        number: Option<Number>,
        /// Whether it is called off, ended or moved.
        change: Change,
        /// The public text; may be empty.
        text: Text,
    },
}

impl StatusCommand {
    /// The verb that it is typed with.
    #[must_use]
    pub fn verb(&self) -> Verb {
        match self {
            Self::Open { .. } => Verb::Open,
            Self::Update { stage: Some(Stage::Resolved), .. } => Verb::Close,
            Self::Update { .. } => Verb::Update(None),
            Self::Impact { .. } => Verb::Impact,
            Self::Reopen { .. } => Verb::Reopen,
            Self::Correct { .. } => Verb::Correct,
            Self::PostMortem { .. } => Verb::PostMortem,
            Self::Schedule { .. } | Self::Manage { .. } => Verb::Maintenance,
        }
    }

    /// The incident or maintenance that it names.
    #[must_use]
    pub fn number(&self) -> Option<Number> {
        match self {
            Self::Update { number, .. }
            | Self::Impact { number, .. }
            | Self::Reopen { number, .. }
            | Self::Correct { number, .. }
            | Self::PostMortem { number, .. }
            | Self::Manage { number, .. } => *number,
            Self::Open { .. } | Self::Schedule { .. } => None,
        }
    }

    /// What is typed behind the verb and the number: the words without which the command would mean
    /// something else, if any, and the text.
    #[must_use]
    pub fn behind_number(&self) -> (String, String) {
        let (words, text) = match self {
            Self::Update { stage: Some(stage), text, .. } if *stage != Stage::Resolved => {
                (stage.word().to_owned(), text)
            }
            Self::Impact { impact, text, .. } => (impact.word().to_owned(), text),
            Self::Manage { change, text, .. } => (change.words(), text),
            Self::Open { text, .. }
            | Self::Update { text, .. }
            | Self::Reopen { text, .. }
            | Self::Correct { text, .. }
            | Self::PostMortem { text, .. }
            | Self::Schedule { text, .. } => (String::new(), text),
        };
        (words, text.to_plain())
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

impl Change {
    /// What is typed for it.
    fn words(self) -> String {
        match self {
            Self::Cancel => "cancel".to_owned(),
            Self::Complete => "complete".to_owned(),
            Self::Extend(End::After(length)) => format!("extend {}m", length.as_mins()),
            Self::Extend(End::At(_)) => "extend to …".to_owned(),
        }
    }
}

/// Why nothing is done with what was typed. Nothing is ever guessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misread {
    /// There is no text, and the command needs one.
    MissingText {
        /// Which command it is.
        verb: Verb,
        /// The incident, if one was named.
        number: Option<Number>,
    },
    /// `impact` without the impact.
    NoImpact {
        /// The incident, if one was named.
        number: Option<Number>,
        /// What was typed in place of the impact.
        word: Option<String>,
        /// The impact that this resembles.
        nearest: Option<Impact>,
    },
    /// The text is nothing but digits, which could be an incident's number without its `#`.
    OnlyNumber {
        /// Which command it is.
        verb: Verb,
        /// The digits as typed.
        digits: String,
        /// The stage or impact that was typed with them.
        option: Option<&'static str>,
    },
    /// The time of a maintenance cannot be read; where one was named, its new end.
    Time {
        /// The maintenance, if one was named.
        number: Option<Number>,
        /// What is wrong with the time.
        why: Unreadable,
    },
    /// What the command needs is missing, or is not what was typed.
    Expected {
        /// Which command it is.
        verb: Verb,
        /// What stands there instead; `None` where nothing does.
        found: Option<String>,
        /// What is needed, such as `a severity from 1 to 4`.
        needed: &'static str,
        /// The line behind the mention, as an example.
        example: String,
    },
    /// `next` and something behind it that is no length of time.
    Promise(String),
    /// Two incidents are named, and one command is about one.
    TwoNumbers {
        /// Which command it is.
        verb: Verb,
        /// Both incidents, as they were typed.
        numbers: [Number; 2],
        /// The stage or impact that was typed with them.
        option: Option<&'static str>,
    },
    /// A maintenance was named, and nothing that can be done with it.
    NoAction(Number),
    /// The text is longer than a public text may be: it has so many characters.
    TextTooLong(usize),
    /// A text that is to be short has so many characters.
    TooLong {
        /// How many it has.
        chars: usize,
        /// How many it may have.
        chars_max: usize,
    },
    /// There is too much formatting, or too many links.
    TooMuchFormatting,
    /// `on …:` names something that is no component, though it looks like one was meant.
    UnknownComponent {
        /// What was typed as a name.
        name: String,
        /// The component that this resembles.
        nearest: Option<String>,
        /// The names of all components, in the order of the page.
        known: Vec<String>,
    },
}
