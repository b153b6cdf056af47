//! How a command is written: its words, its form, and what it does.

use std::fmt::{self, Debug, Formatter};

/// The specification of a verb. A feature has one for each of its verbs, and all of them stand in
/// one table, which dispatch, synonyms, help and suggestions are made from.
#[derive(Clone, Copy)]
pub struct Usage {
    /// The verb and its synonyms; the first is its name. The words of a verb of several words are
    /// separated by spaces, and the number of an incident may stand between them.
    pub words: &'static [&'static str],
    /// The verb with its options, as help shows it.
    pub form: &'static str,
    /// One line of help: a verb in the third person, and how to use it.
    pub meaning: &'static str,
    /// Lines that work as they stand, without the mention of the bot.
    pub examples: &'static [&'static str],
    /// Whether closed incidents can be meant as well, by their numbers.
    pub of_any_incident: bool,
    /// The consequence of there being no open incident, where it needs other words than usual.
    pub nothing_open: Option<&'static str>,
    /// Whether the feature limits the length of its text by itself.
    pub limits_itself: bool,
}

impl Usage {
    /// A specification to fill in.
    pub const NEW: Self = Self {
        words: &[],
        form: "",
        meaning: "",
        examples: &[],
        of_any_incident: false,
        nothing_open: None,
        limits_itself: false,
    };

    /// The name of the verb.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.words.first().copied().unwrap_or_default()
    }
}

impl PartialEq for Usage {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Usage {}

impl Debug for Usage {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
