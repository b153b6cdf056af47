//! A refusal: why a command changes nothing, and what to type instead.

use super::lines::{copyable, drill};
use crate::core::incident::model::Number;

/// Why a command changes nothing. It is built where the command is refused; the mark of a drill is
/// added when it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The kind, where somebody branches on it.
    pub kind: Option<RefusalKind>,
    paragraphs: Vec<Paragraph>,
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
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Paragraph {
    /// Markdown: what people wrote is escaped in it.
    Sentence(String),
    /// A command to copy, without the mention of the bot.
    Line(String),
}

impl Refusal {
    /// A refusal of one sentence: Markdown, with what people wrote escaped in it.
    #[must_use]
    pub fn new(sentence: impl Into<String>) -> Self {
        let paragraphs = vec![Paragraph::Sentence(sentence.into())];
        Self { kind: None, paragraphs, is_of_drill: false }
    }

    /// Adds a command to try next, as it is typed behind the mention of the bot.
    #[must_use]
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.paragraphs.push(Paragraph::Line(line.into()));
        self
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
        let paragraphs = self.paragraphs.iter().map(|paragraph| match paragraph {
            Paragraph::Sentence(sentence) => sentence.clone(),
            Paragraph::Line(line) => copyable(line),
        });
        let text = paragraphs.collect::<Vec<_>>().join("\n\n");
        if self.is_of_drill { drill(&text) } else { text }
    }
}
