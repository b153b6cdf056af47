//! A typed line whose verb is known.

use super::reader::Reader;
use super::target::Target;
use super::usage::Usage;
use crate::core::config::Config;
use crate::core::teams::said::Said;
use crate::core::text::Text;

/// A line to read, behind its verb: behind the first word of a verb of several words.
pub struct Line<'a> {
    /// Its verb.
    pub usage: &'static Usage,
    /// The word that was typed for the verb: its name or a synonym.
    pub word: &'static str,
    /// The words behind the verb.
    pub reader: Reader<'a>,
    /// All of the message, with the people who are mentioned in it.
    pub said: &'a Said,
    /// The configuration.
    pub config: &'a Config,
}

impl Line<'_> {
    /// Takes the number of an incident, if it stands there, and the other words of the verb.
    pub fn target(&mut self) -> Target {
        let takes_bare = !self.usage.has_own_numbers;
        let mut named = self.reader.take_number(takes_bare);
        let more = self.usage.name().split(' ').skip(1).count();
        if more > 0 {
            self.reader.skip_words(more);
            named = named.or_else(|| self.reader.take_number(takes_bare));
        }
        let rest = self.reader.rest().trim().to_owned();
        let (number, is_bare) = (named.map(|n| n.number), named.is_some_and(|n| n.is_bare));
        Target { usage: self.usage, verb: self.usage.name(), number, is_bare, rest }
    }

    /// The text behind what has been read.
    #[must_use]
    pub fn text(&self) -> Text {
        self.said.text.after(self.reader.text_start())
    }
}
