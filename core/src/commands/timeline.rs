//! `timeline`: the events of an incident, as a summary or in pages.

use super::line::Line;
use super::misread::expected;
use super::reader::{Reader, without_closing};
use super::refusal::Refusal;
use super::target::Target;
use super::usage::{Screen, Usage};
use crate::response::model::{Entry, Response};
use crate::text::clean_name;

pub const TIMELINE: Usage = Usage {
    words: &["timeline"],
    form: "timeline [full] [#42] [page 2]",
    meaning: "shows what happened: the summary, or all in pages",
    examples: &["timeline", "timeline full page 1"],
    of_any_incident: true,
    screen: Some(Screen::Respond),
    brief: ("timeline", "what happened"),
    ..Usage::NEW
};

pub const PAGE_ENTRIES: usize = 15;

/// The requested part of a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Portion {
    Summary,
    /// A page of all entries.
    Page(usize),
    /// One entry in full.
    Entry(usize),
}

/// Accepts the words in any order, including the incident's number.
pub(crate) fn read(mut line: Line) -> Result<(Target, Portion), Refusal> {
    let (usage, reader) = (line.usage, &mut line.reader);
    let (mut number, mut portion) = (None, Portion::Summary);
    let mut rest = Vec::new();
    while reader.peek_word().is_some() {
        if number.is_none()
            && let Some(named) = reader.take_number(true)
        {
            number = Some(named.number);
            continue;
        }
        let before = reader.at;
        let word = reader.next_word();
        portion = match word.map(|word| without_closing(word).to_ascii_lowercase()).as_deref() {
            Some("full") if portion == Portion::Summary => Portion::Page(1),
            Some("page") => Portion::Page(counted(reader).map_err(unfit)?),
            Some("entry") => Portion::Entry(counted(reader).map_err(unfit)?),
            _ => return Err(unfit(word)),
        };
        rest.push(reader.read_since(before).trim());
    }
    let (verb, rest) = (usage.name(), rest.join(" "));
    Ok((Target { usage, verb, number, is_bare: false, rest }, portion))
}

fn unfit(found: Option<&str>) -> Refusal {
    let needed = "nothing, `full`, or `full` and a page";
    expected(found.map(clean_name).as_deref(), needed, "timeline full page <n>")
}

/// A number from 1, or else the word that is not one.
fn counted<'a>(reader: &mut Reader<'a>) -> Result<usize, Option<&'a str>> {
    let word = reader.next_word();
    let number = word.and_then(|word| without_closing(word).parse().ok());
    number.filter(|number| *number > 0).ok_or(word)
}

impl Portion {
    /// The requested entries with their numbers.
    ///
    /// # Errors
    /// The timeline has no such page or entry.
    pub fn entries(self, response: &Response) -> Result<Vec<(usize, Entry)>, Refusal> {
        let number = response.number;
        let count = response.entries.len();
        let pages = count.div_ceil(PAGE_ENTRIES).max(1);
        let missing = |what: &str, asked: usize, last: usize| {
            Refusal::new(format!(
                "The timeline of #{number} has no {what} {asked}: its last is {what} {last}."
            ))
            .line(format!("timeline full #{number} {what} {last}"))
        };
        let (skipped, taken) = match self {
            Self::Summary => (0, 0),
            Self::Page(page) if page <= pages => ((page - 1) * PAGE_ENTRIES, PAGE_ENTRIES),
            Self::Page(page) => return Err(missing("page", page, pages)),
            Self::Entry(entry) if entry <= count => (entry - 1, 1),
            Self::Entry(entry) => return Err(missing("entry", entry, count)),
        };
        let entries = response.timeline().into_iter().enumerate().skip(skipped).take(taken);
        Ok(entries.map(|(place, entry)| (place + 1, entry)).collect())
    }
}
