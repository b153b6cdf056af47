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

use crate::core::text::card::{Line, Tone};

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

/// The parts of a card, in the order in which a reader meets them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// What has to be seen first.
    pub warnings: Vec<Line>,
    /// Number and title, such as `#42 Checkout is failing`.
    pub title: String,
    /// The state in words, such as `Major outage on Checkout · investigating`.
    pub state: String,
    /// The colour of the state.
    pub tone: Tone,
    /// What happened, and what was said.
    pub lines: Vec<Line>,
    /// Since when it is open, who leads, and when the next customer update is due.
    pub people: Option<Line>,
    /// More to read, in small letters.
    pub details: Vec<Line>,
    /// The one next command.
    pub next: Option<Line>,
    /// Remarks on the message, and announcements that wait.
    pub hints: Vec<Line>,
    /// Links: their words and where they lead.
    pub links: Vec<(String, String)>,
}
