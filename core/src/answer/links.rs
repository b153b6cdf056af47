//! Links of messages that an answer carries.

use super::Answer;
use crate::text::markdown;

impl Answer {
    /// Adds links, as buttons of a card or as lines below a sentence.
    #[must_use]
    pub fn linking<'a>(mut self, links: impl IntoIterator<Item = &'a (String, String)>) -> Self {
        for (words, address) in links {
            match &mut self {
                Self::Card(card) => card.links.push((words.clone(), address.clone())),
                Self::Sentence(text) => {
                    let line = markdown::link(words, address).map(|link| format!("\n\n{link}"));
                    text.extend(line);
                }
            }
        }
        self
    }
}
