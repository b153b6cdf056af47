//! A refusal: the reason, and the lines to type instead.

use super::lines::{copyable, drill, repeated};
use crate::incident::model::Number;

/// Created at the place that refuses; the mark of a drill is added for output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// For callers that branch on it.
    pub kind: Option<RefusalKind>,
    paragraphs: Vec<Paragraph>,
    /// The text for each [`Situation`], in its order.
    by_situation: Box<[Vec<Paragraph>; 3]>,
    is_of_drill: bool,
}

/// The incidents around a refusal, which decide what it offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Situation {
    Open,
    JustClosed,
    Quiet,
}

impl Situation {
    const ALL: [Self; 3] = [Self::Open, Self::JustClosed, Self::Quiet];
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
        Self { kind: None, paragraphs, by_situation: Box::default(), is_of_drill: false }
    }

    /// Nothing yet: commands for a part of another refusal.
    #[must_use]
    pub(crate) fn none() -> Self {
        let paragraphs = Vec::new();
        Self { kind: None, paragraphs, by_situation: Box::default(), is_of_drill: false }
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

    /// Adds text for a state with an open incident, and for any other one.
    #[must_use]
    pub fn while_open(self, open: Self, otherwise: Self) -> Self {
        self.by_situation(open, otherwise.clone(), otherwise)
    }

    /// Adds text for a state with an open incident, for one with an incident just closed, and for
    /// any other one.
    #[must_use]
    pub fn by_situation(mut self, open: Self, just_closed: Self, otherwise: Self) -> Self {
        *self.by_situation = [open, just_closed, otherwise].map(|refusal| refusal.paragraphs);
        self
    }

    /// The refusal with the text for that situation; with all of them where it is not known.
    #[must_use]
    pub(crate) fn in_situation(mut self, known: Option<Situation>) -> Self {
        let texts = std::mem::take(&mut self.by_situation);
        for (situation, text) in Situation::ALL.into_iter().zip(*texts) {
            if known.is_none_or(|known| known == situation) {
                self.paragraphs.extend(text);
            }
        }
        self
    }

    /// The refusal with its commands changed; without those that become `None`, and without the
    /// words that introduce them.
    #[must_use]
    pub(crate) fn with_lines(self, mut change: impl FnMut(&str) -> Option<String>) -> Self {
        self.with_each(|line| change(line).into_iter().collect())
    }

    /// The same with several commands instead of one.
    #[must_use]
    pub(crate) fn with_each(mut self, mut change: impl FnMut(&str) -> Vec<String>) -> Self {
        self.paragraphs = changed(self.paragraphs, &mut change);
        *self.by_situation = (*self.by_situation).map(|text| changed(text, &mut change));
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
        let whole = self.clone().in_situation(None);
        let paragraphs = whole.paragraphs.iter().map(|paragraph| match paragraph {
            Paragraph::Sentence(sentence) => sentence.clone(),
            Paragraph::Line(line) => copyable(line),
            Paragraph::Offer(when, line) => format!("{when} {}", copyable(line)),
        });
        let text = paragraphs.collect::<Vec<_>>().join("\n\n");
        if self.is_of_drill { drill(&text) } else { text }
    }
}

/// The lines for an incident that was just closed.
pub(crate) fn closed_just_now() -> Refusal {
    Refusal::none()
        .offer_about("It is closed. If it is back:", "reopen", None, "<text>")
        .offer_about("To change its last text:", "correct", None, "<text>")
        .offer_about("It was a false alarm:", "withdraw", None, "<text>")
}

/// A command about an incident, where its number is known.
fn about(verb: &str, number: Option<Number>, rest: &str) -> String {
    let number = number.map_or(String::new(), |number| format!(" #{number}"));
    format!("{verb}{number} {}", repeated(rest)).trim_end().to_owned()
}

fn changed(
    paragraphs: Vec<Paragraph>,
    change: &mut impl FnMut(&str) -> Vec<String>,
) -> Vec<Paragraph> {
    let mut kept: Vec<Paragraph> = Vec::new();
    for paragraph in paragraphs {
        match paragraph {
            Paragraph::Sentence(sentence) => kept.push(Paragraph::Sentence(sentence)),
            Paragraph::Offer(when, line) => {
                let mut lines = change(&line).into_iter();
                kept.extend(lines.next().map(|line| Paragraph::Offer(when, line)));
                kept.extend(lines.map(Paragraph::Line));
            }
            Paragraph::Line(line) => match (change(&line), kept.last_mut()) {
                (lines, Some(Paragraph::Sentence(sentence))) if lines.is_empty() => {
                    *sentence = without_introduction(sentence).to_owned();
                }
                (lines, _) => kept.extend(lines.into_iter().map(Paragraph::Line)),
            },
        }
    }
    kept
}

/// A paragraph without the words at its end that only introduce a command.
fn without_introduction(sentence: &str) -> &str {
    let introduces = sentence.ends_with(':') || sentence.ends_with("Did you mean");
    match sentence.rfind(". ").filter(|_| introduces) {
        Some(end) => sentence.get(..=end).unwrap_or(sentence),
        None => sentence,
    }
}
