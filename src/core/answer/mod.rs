//! The answers in the thread: their words, whatever the format they travel in.
//!
//! Sentences are Markdown, the one format that Teams shows in a message's text; what people wrote
//! is escaped in them.

mod alerts;
pub mod card;
mod corrected;
pub mod entries;
mod launch;
mod leftovers;
mod links;
mod on_call;
pub mod recorded;
pub mod report;
pub mod response;
mod timeline;
pub mod trouble;

/// What goes back to the thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// One sentence or a few, in Markdown.
    Sentence(String),
    /// What was recorded.
    Card(Card),
}

impl Answer {
    /// With remarks on the message that it answers.
    #[must_use]
    pub fn remarking(mut self, remarks: &[String]) -> Self {
        match &mut self {
            Self::Card(card) => card.hints.extend(remarks.iter().cloned()),
            Self::Sentence(text) => {
                for remark in remarks {
                    *text = format!("{text}\n\n{remark}");
                }
            }
        }
        self
    }
}

/// The parts of a card, all of them plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// What happened, such as `Incident #42 opened`.
    pub heading: String,
    /// The title of the incident or maintenance.
    pub title: String,
    /// The colour of the heading.
    pub mood: Mood,
    /// A table of names and values, in this order.
    pub facts: Vec<(&'static str, String)>,
    /// The text that was recorded, shortened, without a first line that is the title.
    pub text: String,
    /// What else is to be known, each a line.
    pub hints: Vec<String>,
    /// Links: their words and where they lead.
    pub links: Vec<(String, String)>,
}

/// The colour of a card's heading, which is never the only sign: the words tell it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Resolved.
    Good,
    /// Of lesser impact.
    Warning,
    /// Of greater impact.
    Attention,
    /// Announced work.
    Neutral,
}
