//! A refusal: the reason, and the lines to type instead.

use super::lines::{copyable, drill, repeated};
use crate::incident::model::Number;

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
    /// A command about a maintenance has no action.
    NoAction(Number),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Paragraph {
    /// Markdown with user text escaped.
    Sentence(String),
    /// A command to copy, without the mention of the bot, in a paragraph of its own.
    Line(String),
    /// A command to copy behind a few words that say when: both or neither are shown.
    Offer(String, String),
}

impl Refusal {
    /// A refusal of one sentence: Markdown with user text escaped.
    #[must_use]
    pub fn new(sentence: impl Into<String>) -> Self {
        let paragraphs = vec![Paragraph::Sentence(sentence.into())];
        Self { kind: None, paragraphs, by_state: Default::default(), is_of_drill: false }
    }

    /// Nothing yet: commands for a part of another refusal.
    #[must_use]
    pub(crate) fn none() -> Self {
        let paragraphs = Vec::new();
        Self { kind: None, paragraphs, by_state: Default::default(), is_of_drill: false }
    }

    /// Adds a command to try next, as it is typed behind the mention of the bot.
    #[must_use]
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.paragraphs.push(Paragraph::Line(line.into()));
        self
    }

    /// Adds a command about an incident; without a number, about the open one.
    #[must_use]
    pub fn line_about(mut self, verb: &str, number: Option<Number>, rest: &str) -> Self {
        self.paragraphs.push(Paragraph::Line(about(verb, number, rest)));
        self
    }

    /// Adds a command behind a few words that say when to type it.
    #[must_use]
    pub fn offer(mut self, when: impl Into<String>, line: impl Into<String>) -> Self {
        self.paragraphs.push(Paragraph::Offer(when.into(), line.into()));
        self
    }

    /// The same of a command about an incident; without a number, about the one that is open.
    #[must_use]
    pub fn offer_about(self, when: &str, verb: &str, number: Option<Number>, rest: &str) -> Self {
        self.offer(when, about(verb, number, rest))
    }

    /// Adds the line of a public verb with its text still to be written.
    #[must_use]
    pub fn offer_text(self, when: &str, verb: &str, number: Option<Number>) -> Self {
        let rest = if verb == "impact" { "<impact> <text>" } else { "<text>" };
        self.offer_about(when, verb, number, rest)
    }

    /// Adds text for a state with an open incident, and for one without.
    #[must_use]
    pub fn while_open(mut self, open: Self, otherwise: Self) -> Self {
        self.by_state = [open.paragraphs, otherwise.paragraphs];
        self
    }

    /// The refusal with what is said while an incident is open, or with what is said otherwise;
    /// with both where that is not known.
    #[must_use]
    pub(crate) fn while_it_is(mut self, open: Option<bool>) -> Self {
        let [while_open, otherwise] = std::mem::take(&mut self.by_state);
        if open != Some(false) {
            self.paragraphs.extend(while_open);
        }
        if open != Some(true) {
            self.paragraphs.extend(otherwise);
        }
        self
    }

    /// The refusal with its commands changed; without those that become `None`, and without the
    /// words that introduce them.
    #[must_use]
    pub(crate) fn with_lines(mut self, mut change: impl FnMut(&str) -> Option<String>) -> Self {
        let mut kept: Vec<Paragraph> = Vec::new();
        for paragraph in std::mem::take(&mut self.paragraphs) {
            match paragraph {
                Paragraph::Sentence(sentence) => kept.push(Paragraph::Sentence(sentence)),
                Paragraph::Offer(when, line) => {
                    kept.extend(change(&line).map(|line| Paragraph::Offer(when, line)));
                }
                Paragraph::Line(line) => match (change(&line), kept.last_mut()) {
                    (Some(line), _) => kept.push(Paragraph::Line(line)),
                    (None, Some(Paragraph::Sentence(sentence))) => {
                        *sentence = without_introduction(sentence).to_owned();
                    }
                    (None, _) => {}
                },
            }
        }
        self.paragraphs = kept;
        self
    }

    /// The commands to try next, without the bot's mention.
    pub fn suggestions(&self) -> impl Iterator<Item = &str> {
        self.paragraphs.iter().filter_map(|paragraph| match paragraph {
            Paragraph::Line(line) | Paragraph::Offer(_, line) => Some(line.as_str()),
            Paragraph::Sentence(_) => None,
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
        let whole = self.clone().while_it_is(None);
        let paragraphs = whole.paragraphs.iter().map(|paragraph| match paragraph {
            Paragraph::Sentence(sentence) => sentence.clone(),
            Paragraph::Line(line) => copyable(line),
            Paragraph::Offer(when, line) => format!("{when} {}", copyable(line)),
        });
        let text = paragraphs.collect::<Vec<_>>().join("\n\n");
        if self.is_of_drill { drill(&text) } else { text }
    }
}

/// A command about an incident, where its number is known.
fn about(verb: &str, number: Option<Number>, rest: &str) -> String {
    let number = number.map_or(String::new(), |number| format!(" #{number}"));
    format!("{verb}{number} {}", repeated(rest)).trim_end().to_owned()
}

/// A paragraph without the words at its end that only introduce a command.
fn without_introduction(sentence: &str) -> &str {
    let introduces = sentence.ends_with(':') || sentence.ends_with("Did you mean");
    match sentence.rfind(". ").filter(|_| introduces) {
        Some(end) => sentence.get(..=end).unwrap_or(sentence),
        None => sentence,
    }
}
