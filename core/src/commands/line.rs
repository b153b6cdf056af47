//! A typed line whose verb is known.

use super::reader::Reader;
use super::target::Target;
use super::usage::Usage;
use crate::config::Config;
use crate::teams::said::Said;
use crate::text::Text;

/// The rest of a line after its verb; after the first word of a verb of several words.
pub struct Line<'a> {
    pub usage: &'static Usage,
    /// The name or synonym that was typed.
    pub word: &'static str,
    /// The words after the verb.
    pub reader: Reader<'a>,
    /// The whole message, with the people mentioned in it.
    pub said: &'a Said,
    pub config: &'a Config,
}

impl Line<'_> {
    /// Takes the number of an incident, if it stands there, and the other words of the verb. Where
    /// the verb has numbers of its own, a bare one is an incident's only in front of a colon and words.
    pub fn target(&mut self) -> Target {
        let takes_bare = !self.usage.has_own_numbers;
        let mut named = self.reader.take_number(takes_bare).or_else(|| self.reader.take_closed());
        let more = self.usage.name().split(' ').skip(1).count();
        if more > 0 {
            self.reader.skip_words(more);
            named = named.or_else(|| self.reader.take_number(takes_bare));
        }
        let rest = self.typed_rest(self.reader.at).trim().to_owned();
        let (number, is_bare) = (named.map(|n| n.number), named.is_some_and(|n| n.is_bare));
        Target { usage: self.usage, verb: self.usage.name(), number, is_bare, rest }
    }

    /// The words from there on, as they are typed.
    pub(crate) fn typed_rest(&self, start: usize) -> String {
        self.said.typed(start..self.reader.at + self.reader.rest().len())
    }

    /// The text that has not been read yet.
    #[must_use]
    pub fn text(&self) -> Text {
        self.said.text.after(self.reader.text_start())
    }
}
