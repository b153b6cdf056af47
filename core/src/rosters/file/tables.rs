//! The TOML tables of a roster file, before validation.

use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;
use toml::value::Datetime;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub show_phone: Option<bool>,
    #[serde(default)]
    pub people: Vec<Spanned<FilePerson>>,
    #[serde(default)]
    pub rosters: Vec<Spanned<FileRoster>>,
    #[serde(default)]
    pub overrides: Vec<Spanned<FileOverride>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FilePerson {
    pub name: Spanned<String>,
    pub id: Option<Spanned<String>>,
    pub email: Option<Spanned<String>>,
    pub phone: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRoster {
    pub name: Spanned<String>,
    #[serde(default)]
    pub topics: Vec<Spanned<String>>,
    #[serde(default)]
    pub layers: Vec<Spanned<FileLayer>>,
    #[serde(default)]
    pub gaps: Vec<Spanned<FileGap>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileGap {
    pub level: Spanned<String>,
    pub zone: Spanned<String>,
    pub window: Option<Spanned<FileWindow>>,
    pub from: Option<Spanned<Datetime>>,
    pub until: Option<Spanned<Datetime>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileLayer {
    pub level: Spanned<String>,
    #[serde(default)]
    pub order: i32,
    pub zone: Spanned<String>,
    pub anchor: Spanned<Datetime>,
    pub turn: Spanned<String>,
    pub members: Spanned<Vec<Spanned<FileTurn>>>,
    pub window: Option<Spanned<FileWindow>>,
    pub from: Option<Spanned<Datetime>>,
    pub until: Option<Spanned<Datetime>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileWindow {
    pub days: Option<Spanned<Vec<Spanned<String>>>>,
    pub from: Option<Spanned<Datetime>>,
    pub to: Option<Spanned<Datetime>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileOverride {
    pub roster: Spanned<String>,
    pub level: Spanned<String>,
    pub zone: Spanned<String>,
    pub start: Spanned<Datetime>,
    pub end: Spanned<Datetime>,
    pub add: Option<Spanned<String>>,
    pub remove: Option<Spanned<String>>,
    pub only: Option<Spanned<String>>,
    pub by: Option<Spanned<String>>,
    pub why: Option<Spanned<String>>,
}

/// The people of one turn: a name, or several in brackets.
pub(super) struct FileTurn(pub Vec<String>);

impl<'de> Deserialize<'de> for FileTurn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;

        impl<'de> Visitor<'de> for Names {
            type Value = FileTurn;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a name, or several names in brackets")
            }

            fn visit_str<E>(self, name: &str) -> Result<FileTurn, E> {
                Ok(FileTurn(vec![name.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<FileTurn, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = list.next_element()? {
                    names.push(name);
                }
                Ok(FileTurn(names))
            }
        }

        deserializer.deserialize_any(Names)
    }
}
