//! A text for the page: its place in a line to copy, and its beginning.

use super::Change;
use super::backfill::{self, BACKFILL};
use super::correction::Correction;
use super::lines::MAINTENANCE_LINE;
use super::maintenance::MAINTENANCE;
use super::opening::OPEN;
use super::reader::without_closing;
use super::slips::is_slip;
use super::target::Target;
use super::usage::Usage;
use super::withdraw::Retraction;
use crate::config::Config;
use crate::incident::model::Number;
use crate::response::model::Visibility;
use crate::text::Text;

/// A text for the page, with its place in a line to copy.
pub(crate) struct Published<'a> {
    pub(crate) usage: &'static Usage,
    pub(crate) number: Option<Number>,
    /// The words after verb and number in a line whose text is still to be written.
    pub(crate) rest: String,
    pub(crate) text: &'a Text,
}

impl<'a> Published<'a> {
    /// The text that a change would publish; `None` if it has none, or keeps it off the page.
    pub(crate) fn of(change: &'a Change, config: &Config) -> Option<Self> {
        let text = change.public_text().filter(|text| text.is_visible())?;
        let of = |target: &Target| (target.usage, target.number, target.rest.clone());
        let (usage, number, rest) = match change {
            Change::Open(opening) => {
                let visibility = opening.details.visibility.unwrap_or(config.visibility());
                let rest = opening.typed.rest(true);
                (visibility == Visibility::Public).then_some((&OPEN, None, rest))?
            }
            Change::Backfill(backfill) => (&BACKFILL, None, backfill.typed.rest(true)),
            Change::Announce(announcement) => (&MAINTENANCE, None, announcement.typed.rest(true)),
            Change::Retract(target, Retraction::Withdraw(_)) => {
                (target.usage, target.number, "<text>".to_owned())
            }
            Change::Status(target, _)
            | Change::Correct(target, Correction::Title(_) | Correction::Update(..))
            | Change::Publish(target, _)
            | Change::Maintenance(target, _) => of(target),
            _ => return None,
        };
        Some(Self { usage, number, rest, text })
    }

    /// The verb, and the number that was typed.
    pub(crate) fn about(&self) -> (&'static str, Option<Number>) {
        (self.usage.name(), self.number)
    }

    /// The number of the incident as it is typed, behind a space.
    pub(crate) fn place(&self) -> String {
        self.number.map_or(String::new(), |number| format!(" #{number}"))
    }

    /// The line with its text still to be written, behind an option.
    pub(crate) fn line(&self, option: &str) -> String {
        let (verb, place) = (self.usage.name(), self.place());
        match verb {
            _ if option.is_empty() => format!("{verb}{place} {}", self.rest),
            "backfill" => backfill::LINE.replace("<text>", &format!("{option}<text>")),
            "maintenance" if self.number.is_none() => {
                MAINTENANCE_LINE.replace(": <text>", &format!(" {option}<text>"))
            }
            _ => format!("{verb}{place} {option}<text>"),
        }
    }
}

/// The beginning of a text.
pub(crate) struct Beginning<'a> {
    pub(crate) words: Vec<&'a str>,
    /// The first word in lower case without what closes it.
    pub(crate) first: String,
    /// The first word ends with a colon.
    pub(crate) is_label: bool,
}

impl Beginning<'_> {
    pub(crate) fn second(&self) -> String {
        self.words.get(1).map(|word| without_closing(word).to_lowercase()).unwrap_or_default()
    }

    /// True if a time follows the first word, or what looks like one.
    pub(crate) fn says_when(&self) -> bool {
        let at = usize::from(self.second() == "at");
        let next = self.words.get(1 + at).map(|word| word.to_lowercase()).unwrap_or_default();
        next.starts_with(|c: char| c.is_ascii_digit())
            || ["yesterday", "today", "noon", "midnight"].contains(&without_closing(&next))
            || is_slip(without_closing(&next), "yesterday")
            || at > 0 && self.words.len() <= 3
    }
}

impl<'a> Beginning<'a> {
    /// Of a line; `None` if it is empty.
    pub(crate) fn of(line: &'a str) -> Option<Self> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let typed = words.first()?;
        let (first, is_label) = (without_closing(typed).to_lowercase(), typed.ends_with(':'));
        Some(Self { words, first, is_label })
    }
}
