//! Languages of the site, and their words for the chat.

use std::collections::BTreeMap;

use serde::Deserialize;

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
    pub const ALL: [Self; 3] = [Self::English, Self::German, Self::Hebrew];

    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// Tag for `lang` (BCP 47).
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
    /// Content of the language file.
    #[must_use]
    pub fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("../../../languages/en.toml"),
            Self::German => include_str!("../../../languages/de.toml"),
            Self::Hebrew => include_str!("../../../languages/he.toml"),
        }
    }

    /// Empty if the language file is damaged.
    #[must_use]
    pub fn chat(self) -> ChatWords {
        #[derive(Deserialize)]
        struct File {
            chat: ChatWords,
        }
        toml::from_str(self.source()).map_or_else(|_| ChatWords::default(), |file: File| file.chat)
    }
}

/// Words of a language that the chat needs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChatWords {
    /// Replaces a person's name on a page that shows no names.
    pub colleague: String,
    /// Typed words, each with the English verb that it stands for.
    #[serde(default)]
    pub verbs: BTreeMap<String, String>,
}
