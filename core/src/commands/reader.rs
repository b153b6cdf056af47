//! Reads typed text word by word.

use super::numbers::{self, Named};
use crate::incident::model::Number;

/// Punctuation after a word.
pub(crate) const CLOSING: [char; 4] = [':', ',', '.', '!'];

pub(crate) fn without_closing(word: &str) -> &str {
    let closed = word.trim_end_matches(CLOSING);
    if closed.is_empty() { word } else { closed }
}

/// A position in the plain text.
#[derive(Clone)]
pub struct Reader<'a> {
    plain: &'a str,
    pub(crate) at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(plain: &'a str) -> Self {
        Self { plain, at: 0 }
    }

    pub(crate) fn rest(&self) -> &'a str {
        self.plain.get(self.at..).unwrap_or_default()
    }

    /// The text read from there on.
    pub(crate) fn read_since(&self, start: usize) -> &'a str {
        self.plain.get(start..self.at).unwrap_or_default()
    }

    pub(crate) fn peek_word(&self) -> Option<&'a str> {
        self.rest().split_whitespace().next()
    }

    /// The text after the next word, without moving.
    pub(crate) fn after_word(&self) -> &'a str {
        let mut ahead = Reader { plain: self.plain, at: self.at };
        ahead.next_word();
        ahead.rest()
    }

    pub(crate) fn next_word(&mut self) -> Option<&'a str> {
        let word = self.peek_word()?;
        let space = self.rest().len() - self.rest().trim_start().len();
        self.at += space + word.len();
        Some(word)
    }

    /// Skips words. True if a colon closes the last.
    pub(crate) fn skip_words(&mut self, count: usize) -> bool {
        (0..count).filter_map(|_| self.next_word()).last().is_some_and(|word| word.ends_with(':'))
    }

    /// The first word, or a verb directly before a colon.
    pub(crate) fn next_verb(&mut self, is_verb: impl Fn(&str) -> bool) -> Option<&'a str> {
        let word = self.next_word()?;
        let before = self.at - word.len();
        match word.split_once(':') {
            Some((verb, rest)) if !rest.is_empty() && is_verb(verb) => {
                self.at = before + verb.len() + 1;
                Some(verb)
            }
            _ => Some(word),
        }
    }

    /// The beginning of the text, without a dash or colon that separates it from the options.
    pub(crate) fn text_start(&self) -> usize {
        let rest = self.rest();
        let line = rest.trim_start_matches(' ');
        let text = line.trim_start_matches(['-', '–', '—', ':', ',']);
        let separated = line.len() != text.len() && (text.starts_with(' ') || text.is_empty());
        self.at + if separated { rest.len() - text.len() } else { 0 }
    }

    /// The number of an incident at this place; a bare one if allowed.
    pub(crate) fn peek_number(&self, takes_bare: bool) -> Option<Named> {
        numbers::leading(self.rest(), takes_bare)
    }

    pub(crate) fn ends_in_colon(&self) -> bool {
        self.plain.get(..self.at).is_some_and(|read| read.ends_with(':'))
    }

    /// Takes the number of an incident, if present.
    pub(crate) fn take_number(&mut self, takes_bare: bool) -> Option<Named> {
        let named = self.peek_number(takes_bare)?;
        self.at += named.bytes;
        Some(named)
    }

    /// Takes a bare number that a colon closes in front of more: `2: Call the bank`.
    pub(crate) fn take_closed(&mut self) -> Option<Named> {
        let named = self.peek_number(true).filter(|named| named.is_closed)?;
        let behind = self.rest().get(named.bytes..)?;
        (!behind.trim().is_empty()).then(|| self.at += named.bytes)?;
        Some(named)
    }

    /// Takes a bare number that others follow: `1 and #2`, `1, 2`.
    pub(crate) fn take_listed(&mut self) -> Option<Named> {
        let (named, bytes) = numbers::listed(self.rest())?;
        self.at += bytes;
        Some(named)
    }

    /// Further numbers after the first, and the text after them.
    pub(crate) fn further_numbers(&self, first: Named) -> (Vec<Number>, &'a str) {
        numbers::further(self.rest(), first)
    }
}

pub(crate) fn is_next(reader: &Reader, words: &[&str]) -> bool {
    let next = reader.peek_word().map(without_closing).unwrap_or_default();
    words.iter().any(|word| word.eq_ignore_ascii_case(next))
}
