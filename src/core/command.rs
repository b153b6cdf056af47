//! Understanding what was typed: from the text behind the bot's mention to a command.

use super::config::Config;
use super::model::{Impact, Number, Stage, TEXT_BYTES_MAX, TEXT_CHARS_MAX};
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
        /// What to say; may be empty only for closing.
        text: Text,
    },
    /// Open a closed incident again.
    Reopen {
        /// Which one, if said.
        number: Option<Number>,
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
    /// Say how things are.
    Status,
    /// List what is open.
    List,
    /// Explain all, or one verb.
    Help(Option<Verb>),
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

/// How many components one command may name.
const NAMES_MAX: usize = 50;

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
    let mut reader = Reader { plain: &plain, at: 0 };
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
    let options = Options::read(verb, &mut reader, config)?;
    let said = text.after(reader.text_start());
    let chars = said.chars();
    if chars > TEXT_CHARS_MAX {
        return Err(Misread::TextTooLong(chars));
    }
    let closing = verb == Verb::Close || options.stage == Some(Stage::Resolved);
    if said.bytes() > TEXT_BYTES_MAX {
        return Err(Misread::TooMuchFormatting);
    }
    if !(said.is_visible() || said.is_empty() && closing) {
        return Err(Misread::MissingText { verb, number: options.number });
    }
    let word = said.to_plain();
    let digits = word.trim_start_matches('#');
    if verb != Verb::Open && !word.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Misread::OnlyNumber { verb, digits: digits.chars().take(20).collect() });
    }
    Ok(options.command(verb, said))
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

/// A word without the punctuation that may close it.
fn bare(word: &str) -> &str {
    let bare = word.trim_end_matches([':', ',', '.', '!']);
    if bare.is_empty() { word } else { bare }
}

/// What stands between a verb and its text.
#[derive(Default)]
struct Options {
    another: bool,
    impact: Option<Impact>,
    number: Option<Number>,
    stage: Option<Stage>,
    components: Option<Vec<String>>,
}

impl Options {
    /// Reads options as long as they come, each kind once, in any order.
    fn read(verb: Verb, reader: &mut Reader, config: &Config) -> Result<Self, Misread> {
        let mut options = Self::default();
        if let Verb::Update(stage) = verb {
            options.stage = stage;
        }
        while let Some(word) = reader.peek_word() {
            if options.take_word(verb, bare(word)) {
                reader.next_word();
            } else if options.components.is_none()
                && matches!(verb, Verb::Open | Verb::Update(_))
                && word.eq_ignore_ascii_case("on")
                && let Some((components, end)) = components(reader.after_word(), config)?
            {
                options.components = Some(components);
                reader.next_word();
                reader.at += end;
                break;
            } else {
                break;
            }
            if word.ends_with(':') {
                break;
            }
        }
        Ok(options)
    }

    fn take_word(&mut self, verb: Verb, word: &str) -> bool {
        match verb {
            Verb::Open if !self.another && word.eq_ignore_ascii_case("another") => {
                self.another = true;
            }
            Verb::Open if self.impact.is_none() => {
                self.impact = words::impact(word);
                return self.impact.is_some();
            }
            Verb::Update(_) if self.stage.is_none() && words::stage(word).is_some() => {
                self.stage = words::stage(word);
            }
            Verb::Update(_) | Verb::Close | Verb::Reopen | Verb::Correct
                if self.number.is_none() =>
            {
                self.number = number(word);
                return self.number.is_some();
            }
            _ => return false,
        }
        true
    }

    fn command(self, verb: Verb, text: Text) -> Command {
        let Self { another, impact, number, stage, components } = self;
        match verb {
            Verb::Open => Command::Open {
                another,
                impact: impact.unwrap_or(Impact::DEFAULT),
                components: components.unwrap_or_default(),
                text,
            },
            Verb::Update(_) => Command::Update { number, stage, components, text },
            Verb::Close => {
                Command::Update { number, stage: Some(Stage::Resolved), components: None, text }
            }
            Verb::Reopen => Command::Reopen { number, text },
            Verb::Correct => Command::Correct { number, text },
            Verb::Status => Command::Status,
            Verb::List => Command::List,
            Verb::Help => Command::Help(None),
        }
    }
}

/// `#42` or `INC-42`. A number too large to be one is the largest: no incident has that.
fn number(word: &str) -> Option<Number> {
    let prefix = word.get(..4).filter(|prefix| prefix.eq_ignore_ascii_case("inc-"));
    let digits = match prefix {
        Some(_) => word.get(4..),
        None => word.strip_prefix('#'),
    }?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(Number::MAX))
}

/// Reads `<name>, <name>:` behind `on`. Gives the components' ids and where the text begins;
/// `None` where this is just a text that begins with "on".
fn components(rest: &str, config: &Config) -> Result<Option<(Vec<String>, usize)>, Misread> {
    let line = rest.lines().next().unwrap_or_default();
    let Some(colon) = line.find(':') else {
        return Ok(None);
    };
    let names = line.get(..colon).unwrap_or_default().split(',').map(str::trim);
    let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    if names.is_empty() || names.len() > NAMES_MAX {
        return Ok(None);
    }
    let find = |name: &str| {
        config
            .components()
            .find(|c| c.name.to_lowercase() == name.to_lowercase() || c.id == name)
            .map(|component| component.id.clone())
    };
    let nearest = |name: &str| {
        words::nearest(name, config.components().map(|component| component.name.as_str()))
    };
    let unknown = names.iter().find(|name| find(name).is_none());
    let Some(unknown) = unknown else {
        let mut ids: Vec<String> = Vec::new();
        for id in names.iter().filter_map(|name| find(name)) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        return Ok(Some((ids, colon + 1)));
    };
    let meant = names.iter().any(|name| find(name).is_some() || nearest(name).is_some());
    if meant {
        return Err(Misread::UnknownComponent {
            name: super::text::clean_name(unknown),
            nearest: nearest(unknown).map(str::to_owned),
            known: config.components().map(|component| component.name.clone()).collect(),
        });
    }
    Ok(None)
}

/// Walks over the words of the plain text.
struct Reader<'a> {
    plain: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.plain.get(self.at..).unwrap_or_default()
    }

    fn peek_word(&self) -> Option<&'a str> {
        self.rest().split_whitespace().next()
    }

    /// What follows the next word, without moving.
    fn after_word(&self) -> &'a str {
        let mut ahead = Reader { plain: self.plain, at: self.at };
        ahead.next_word();
        ahead.rest()
    }

    fn next_word(&mut self) -> Option<&'a str> {
        let word = self.peek_word()?;
        let space = self.rest().len() - self.rest().trim_start().len();
        self.at += space + word.len();
        Some(word)
    }

    /// The first word; where a verb is followed by a colon and no space, the verb.
    fn next_verb(&mut self) -> Option<&'a str> {
        let word = self.next_word()?;
        let before = self.at - word.len();
        match word.split_once(':') {
            Some((verb, rest)) if !rest.is_empty() && words::verb(verb).is_some() => {
                self.at = before + verb.len() + 1;
                Some(verb)
            }
            _ => Some(word),
        }
    }

    /// Where the text begins: behind a dash or colon that only separates it from the options.
    fn text_start(&self) -> usize {
        let rest = self.rest();
        let line = rest.trim_start_matches(' ');
        let text = line.trim_start_matches(['-', '–', '—', ':', ',']);
        let separated = line.len() != text.len() && (text.starts_with(' ') || text.is_empty());
        self.at + if separated { rest.len() - text.len() } else { 0 }
    }
}
