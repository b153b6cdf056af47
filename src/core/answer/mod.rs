//! What the thread is told: which words, whatever the format they travel in.
//!
//! Sentences are Markdown, the one format that Teams shows in a message's text; what people wrote
//! is escaped in them.

pub mod card;
pub mod help;
pub mod recorded;
pub mod refusal;
pub mod report;
pub mod trouble;

/// What goes back to the thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// One sentence or a few, in Markdown.
    Sentence(String),
    /// What was recorded.
    Card(Card),
}

/// What a success looks like; plain texts all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// What happened, such as `Incident #42 opened`.
    pub heading: String,
    /// The incident's title.
    pub title: String,
    /// How it looks: the colour of the heading.
    pub mood: Mood,
    /// Names and values.
    pub facts: Vec<(&'static str, String)>,
    /// What was understood as the text.
    pub text: String,
    /// What the link says and where it leads.
    pub link: Option<(&'static str, String)>,
}

/// The colour of a card's heading; the words say the same.
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
