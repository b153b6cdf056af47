//! Answers in the thread: their wording, independent of their format.
//!
//! Sentences are Markdown, the only format that Teams renders in a message's text. User text in
//! them is escaped.

pub mod card;
mod corrected;
mod leftovers;
mod links;
mod on_call;
pub mod recorded;
pub mod report;
pub mod response;
mod timeline;
pub mod trouble;

use crate::text::card::{Line, Tone};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// One or a few sentences of Markdown.
    Sentence(String),
    Card(Card),
}

impl Answer {
    /// Adds remarks on the message.
    #[must_use]
    pub fn remarking(mut self, remarks: &[String]) -> Self {
        match &mut self {
            Self::Card(card) => {
                card.hints.extend(remarks.iter().map(|remark| Line::with_commands(remark)));
            }
            Self::Sentence(text) => {
                for remark in remarks {
                    *text = format!("{text}\n\n{remark}");
                }
            }
        }
        self
    }
}

/// The parts of a card, from top to bottom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    pub warnings: Vec<Line>,
    /// Number and title, such as `#42 Checkout is failing`.
    pub title: String,
    /// The state in words, such as `Major outage on Checkout · investigating`.
    pub state: String,
    pub tone: Tone,
    /// The event and its text.
    pub lines: Vec<Line>,
    /// Age, lead, and the time of the next customer update.
    pub people: Option<Line>,
    /// Further facts in small print.
    pub details: Vec<Line>,
    /// The one next command.
    pub next: Option<Line>,
    /// Remarks on the message, and carried announcements.
    pub hints: Vec<Line>,
    /// Links with their texts.
    pub links: Vec<(String, String)>,
}
