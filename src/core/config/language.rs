//! The languages that the site can be shown in, and the few words of them that the chat needs.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A language by its tag; what it says is the site's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// `en`
    #[default]
    English,
    /// `de`
    German,
    /// `he`
    Hebrew,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::English, Self::German, Self::Hebrew];

    /// The language of a tag.
    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// Its tag for `lang` (BCP 47).
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Hebrew => "he",
        }
    }
}

impl Language {
    /// The file of the language as it is written.
    #[must_use]
    pub fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("../../../languages/en.toml"),
            Self::German => include_str!("../../../languages/de.toml"),
            Self::Hebrew => include_str!("../../../languages/he.toml"),
        }
    }

    /// Its words for the chat; none where its file is damaged.
    #[must_use]
    pub fn chat(self) -> ChatWords {
        #[derive(Deserialize)]
        struct File {
            chat: ChatWords,
        }
        toml::from_str(self.source()).map_or_else(|_| ChatWords::default(), |file: File| file.chat)
    }
}

/// Words of a language in the chat.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChatWords {
    /// Stands for somebody's name on a page that publishes none.
    pub colleague: String,
    /// Words that people type for a verb, with that verb.
    #[serde(default)]
    pub verbs: BTreeMap<String, String>,
}
