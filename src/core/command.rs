//! Understanding what was typed: from the text behind the bot's mention to a command.

use jiff::SignedDuration;

use super::config::Config;
use super::model::{Impact, Number, Stage, TEXT_BYTES_MAX, TEXT_CHARS_MAX};
use super::options::{Options, Reader, bare, number};
use super::schedule::{End, Plan, Unreadable};
use super::text::Text;
use super::words::{self, Verb};

/// What somebody wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
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
    Postmortem {
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
    /// Say how things are.
    Status,
    /// List what is open.
    List,
    /// Explain all, or one verb.
    Help(Option<Verb>),
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

/// How much room there is for verb and options, in characters.
const OPTIONS_CHARS_MAX: usize = 1_000;

/// Understands what was typed behind the mention.
///
/// # Errors
/// A [`Misread`] that says what would be understood.
pub fn parse(text: &Text, config: &Config) -> Result<Command, Misread> {
    let plain = text.to_plain();
    let chars = plain.chars().count();
    if chars > TEXT_CHARS_MAX + OPTIONS_CHARS_MAX {
        return Err(Misread::TextTooLong(chars));
    }
    let mut reader = Reader::new(&plain);
    let Some(first) = reader.next_verb() else {
        return Ok(Command::Help(None));
    };
    let Some(verb) = words::verb(bare(first)) else {
        return Err(unknown_verb(first, &plain, reader.rest()));
    };
    match verb {
        Verb::Status => return Ok(Command::Status),
        Verb::List => return Ok(Command::List),
        Verb::Help => {
            let about = reader.next_word().and_then(|word| words::verb(bare(word)));
            return Ok(Command::Help(about));
        }
        _ => {}
    }
    let options = match verb {
        Verb::Maintenance => Options::read_maintenance(&mut reader, config)?,
        _ => Options::read(verb, &mut reader, config)?,
    };
    let said = text.after(reader.text_start());
    let (said, options) = options.take_promise(verb, said)?;
    if let Some(number) = options.number
        && let Some(second) =
            said.to_plain().split_whitespace().next().and_then(|w| self::number(bare(w)))
    {
        return Err(Misread::TwoNumbers { verb, numbers: [number, second] });
    }
    let chars = said.chars();
    if chars > TEXT_CHARS_MAX {
        return Err(Misread::TextTooLong(chars));
    }
    let may_be_silent =
        verb == Verb::Close || options.stage == Some(Stage::Resolved) || options.change.is_some();
    if said.bytes() > TEXT_BYTES_MAX {
        return Err(Misread::TooMuchFormatting);
    }
    if !(said.is_visible() || said.is_empty() && may_be_silent) {
        return Err(Misread::MissingText { verb, number: options.number });
    }
    let word = said.to_plain();
    let digits = word.trim_start_matches('#');
    if !matches!(verb, Verb::Open | Verb::Maintenance)
        && !word.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Err(Misread::OnlyNumber { verb, digits: digits.chars().take(20).collect() });
    }
    options.command(verb, said)
}

fn unknown_verb(first: &str, all: &str, rest: &str) -> Misread {
    // A number alone is what an update begins with.
    let is_number = number(bare(first)).is_some();
    Misread::UnknownVerb {
        word: super::text::clean_name(first),
        nearest: if is_number { Some("update") } else { words::nearest_verb(bare(first)) },
        rest: if is_number { all.to_owned() } else { rest.to_owned() },
    }
}
