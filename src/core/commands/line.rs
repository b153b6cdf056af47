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
        let mut number = self.reader.take_number();
        let more = self.usage.name().split(' ').skip(1).count();
        if more > 0 {
            self.reader.skip_words(more);
            number = number.or_else(|| self.reader.take_number());
        }
        let rest = self.reader.rest().trim().to_owned();
        Target { usage: self.usage, verb: self.usage.name(), number, rest }
    }

    /// The text behind what has been read.
    #[must_use]
    pub fn text(&self) -> Text {
        self.said.text.after(self.reader.text_start())
    }
}
