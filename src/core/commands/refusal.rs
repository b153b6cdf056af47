//! A refusal: why a command changes nothing, and what to type instead.

use super::lines::{copyable, drill, repeated};
use crate::core::incident::model::Number;
use crate::core::log::state::State;

/// Why a command changes nothing. It is built where the command is refused; the mark of a drill is
/// added when it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The kind, where somebody branches on it.
    pub kind: Option<RefusalKind>,
    paragraphs: Vec<Paragraph>,
    /// What follows while an incident is open, and what follows otherwise.
    by_state: [Vec<Paragraph>; 2],
    is_of_drill: bool,
}

/// The refusals that are told apart by more than their words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// No incident is open that the command could be about.
    NothingOpen,
    /// Several incidents could be meant.
    WhichOne(Vec<Number>),
    /// The incident has that impact already.
    SameImpact(Number),
    /// The timeline of the incident has reached its limit.
    TimelineFull,
    /// The incident has reached its limit of updates or of text.
    TooManyUpdates,
    /// Those rosters are set already.
    SameRosters,
    /// The limit of covers has been reached.
    TooManyCovers,
    /// The review of an incident that is open, which has a draft.
    StillOpen(Number),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Paragraph {
    /// Markdown: what people wrote is escaped in it.
    Sentence(String),
    /// A command to copy, without the mention of the bot.
    Line(String),
    /// The same about the incident that is open: its verb, and what follows the number.
    LineAboutOpen(String, String),
}

impl Paragraph {
    fn about(self, open: &[Number]) -> Self {
        match self {
            Self::LineAboutOpen(verb, rest) => {
                let number = match open {
                    [] => String::new(),
                    [only] => format!("#{only} "),
                    _ => "#<n> ".to_owned(),
                };
                Self::Line(format!("{verb} {number}{rest}").trim_end().to_owned())
            }
            other => other,
        }
    }
}

impl Refusal {
    /// A refusal of one sentence: Markdown, with what people wrote escaped in it.
    #[must_use]
    pub fn new(sentence: impl Into<String>) -> Self {
        let paragraphs = vec![Paragraph::Sentence(sentence.into())];
        Self { kind: None, paragraphs, by_state: Default::default(), is_of_drill: false }
    }

    /// Adds a command to try next, as it is typed behind the mention of the bot.
    #[must_use]
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.paragraphs.push(Paragraph::Line(line.into()));
        self
    }

    /// Adds a command about an incident; without a number, about the one that is open.
    #[must_use]
    pub fn line_about(mut self, verb: &str, number: Option<Number>, rest: &str) -> Self {
        let rest = repeated(rest);
        self.paragraphs.push(match number {
            Some(number) => {
                Paragraph::Line(format!("{verb} #{number} {rest}").trim_end().to_owned())
            }
            None => Paragraph::LineAboutOpen(verb.to_owned(), rest.to_owned()),
        });
        self
    }

    /// Adds the line of a public verb with its text still to be written.
    #[must_use]
    pub fn text_line(self, verb: &str, number: Option<Number>) -> Self {
        match verb {
            "open" => self.line("open <text>"),
            "impact" => self.line_about(verb, number, "<impact> <text>"),
            _ => self.line_about(verb, number, "<text>"),
        }
    }

    /// Adds what is said only while an incident is open, or only while none is.
    #[must_use]
    pub fn while_open(mut self, open: Self, otherwise: Self) -> Self {
        self.by_state = [open.paragraphs, otherwise.paragraphs];
        self
    }

    /// The refusal as it is said of a state; without one, as it is said of any.
    #[must_use]
    pub fn in_state(mut self, state: Option<&State>) -> Self {
        let open: Vec<Number> = state.map(State::open_numbers).unwrap_or_default();
        let [while_open, otherwise] = std::mem::take(&mut self.by_state);
        if !open.is_empty() || state.is_none() {
            self.paragraphs.extend(while_open);
        }
        if open.is_empty() {
            self.paragraphs.extend(otherwise);
        }
        self.paragraphs = self.paragraphs.into_iter().map(|part| part.about(&open)).collect();
        self
    }

    /// The commands to try next, as they are typed behind the mention of the bot.
    pub fn suggestions(&self) -> impl Iterator<Item = &str> {
        self.paragraphs.iter().filter_map(|paragraph| match paragraph {
            Paragraph::Line(line) => Some(line.as_str()),
            _ => None,
        })
    }

    /// Adds several commands to try next.
    #[must_use]
    pub fn lines<T: Into<String>>(self, lines: impl IntoIterator<Item = T>) -> Self {
        lines.into_iter().fold(self, Self::line)
    }

    /// Adds a sentence after what is there.
    #[must_use]
    pub fn sentence(mut self, sentence: impl Into<String>) -> Self {
        self.paragraphs.push(Paragraph::Sentence(sentence.into()));
        self
    }

    /// Names the kind, for somebody who branches on it.
    #[must_use]
    pub fn kind(self, kind: RefusalKind) -> Self {
        Self { kind: Some(kind), ..self }
    }

    /// Marks it as being about a drill.
    #[must_use]
    pub fn of_drill(self) -> Self {
        Self { is_of_drill: true, ..self }
    }

    /// The refusal as Markdown.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let settled = self.clone().in_state(None);
        let paragraphs = settled.paragraphs.iter().map(|paragraph| match paragraph {
            Paragraph::Sentence(sentence) => sentence.clone(),
            Paragraph::Line(line) => copyable(line),
            Paragraph::LineAboutOpen(verb, rest) => copyable(&format!("{verb} {rest}")),
        });
        let text = paragraphs.collect::<Vec<_>>().join("\n\n");
        if self.is_of_drill { drill(&text) } else { text }
    }
}
