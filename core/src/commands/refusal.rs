//! A refusal: the reason, and the lines to type instead.

use super::lines::{copyable, drill, repeated};
use crate::incident::model::Number;
use crate::log::state::State;

/// Created at the place that refuses; the mark of a drill is added for output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// For callers that branch on it.
    pub kind: Option<RefusalKind>,
    paragraphs: Vec<Paragraph>,
    /// The text while an incident is open, and the text otherwise.
    by_state: [Vec<Paragraph>; 2],
    is_of_drill: bool,
}

/// Refusals that callers tell apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// No open incident that the command could be about.
    NothingOpen,
    /// Several incidents could be meant.
    WhichOne(Vec<Number>),
    /// The incident has that impact already.
    SameImpact(Number),
    TimelineFull,
    /// The incident has reached its limit of updates or of text.
    TooManyUpdates,
    SameRosters,
    /// The limit of covers has been reached.
    TooManyCovers,
    /// A review of an open incident, which has a draft.
    StillOpen(Number),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Paragraph {
    /// Markdown with user text escaped.
    Sentence(String),
    /// A command to copy, without the bot's mention.
    Line(String),
    /// The same about the open incident: the verb, and the rest after the number.
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
    /// A refusal of one sentence: Markdown with user text escaped.
    #[must_use]
    pub fn new(sentence: impl Into<String>) -> Self {
        let paragraphs = vec![Paragraph::Sentence(sentence.into())];
        Self { kind: None, paragraphs, by_state: Default::default(), is_of_drill: false }
    }

    /// Adds a command to try next, without the bot's mention.
    #[must_use]
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.paragraphs.push(Paragraph::Line(line.into()));
        self
    }

    /// Adds a command about an incident; without a number, about the open one.
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

    /// Adds the line of a public verb with a placeholder for its text.
    #[must_use]
    pub fn text_line(self, verb: &str, number: Option<Number>) -> Self {
        match verb {
            "open" => self.line("open <text>"),
            "impact" => self.line_about(verb, number, "<impact> <text>"),
            _ => self.line_about(verb, number, "<text>"),
        }
    }

    /// Adds text for a state with an open incident, and for one without.
    #[must_use]
    pub fn while_open(mut self, open: Self, otherwise: Self) -> Self {
        self.by_state = [open.paragraphs, otherwise.paragraphs];
        self
    }

    /// Resolves the text for a state; without one, includes both variants.
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

    /// The commands to try next, without the bot's mention.
    pub fn suggestions(&self) -> impl Iterator<Item = &str> {
        self.paragraphs.iter().filter_map(|paragraph| match paragraph {
            Paragraph::Line(line) => Some(line.as_str()),
            _ => None,
        })
    }

    #[must_use]
    pub fn lines<T: Into<String>>(self, lines: impl IntoIterator<Item = T>) -> Self {
        lines.into_iter().fold(self, Self::line)
    }

    #[must_use]
    pub fn sentence(mut self, sentence: impl Into<String>) -> Self {
        self.paragraphs.push(Paragraph::Sentence(sentence.into()));
        self
    }

    #[must_use]
    pub fn kind(self, kind: RefusalKind) -> Self {
        Self { kind: Some(kind), ..self }
    }

    #[must_use]
    pub fn of_drill(self) -> Self {
        Self { is_of_drill: true, ..self }
    }

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
