//! Incidents and maintenance as the page knows them.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::core::sealed;
use crate::core::text::Text;

/// An incident's number, from 1, never used twice.
pub type Number = u32;

/// How many incidents may be open at once.
pub const OPEN_INCIDENTS_MAX: usize = 25;
/// How many updates an incident may have before only closing and correcting are left.
pub const UPDATES_MAX: usize = 300;
/// How many maintenances may be planned or running at once.
pub const MAINTENANCES_MAX: usize = 25;
/// The most that one text may take with its formatting and links, in bytes.
pub const TEXT_BYTES_MAX: usize = 32 * 1024;
/// The most that an incident's updates may take, by [`Incident::bytes`], before only closing and
/// correcting are left.
pub const INCIDENT_BYTES_MAX: usize = 256 * 1024;
/// The longest public text, in characters.
pub const TEXT_CHARS_MAX: usize = 4_000;
/// The longest title of an incident, in characters.
pub const TITLE_CHARS_MAX: usize = 120;
/// How many incidents a part of a month has before the next part begins.
pub const MONTH_PART_MAX: u32 = 100;

/// How bad it is for those who use the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Impact {
    /// Work that was announced: nobody chooses it at the opening of an incident.
    Maintenance,
    /// Something is worse than usual.
    Minor,
    /// Something does not work for many.
    Major,
    /// Little or nothing works.
    Critical,
}

impl Impact {
    /// What `open` means where nothing is said.
    pub const DEFAULT: Self = Self::Major;

    /// The word that is typed and shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Maintenance => "maintenance",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }
}

/// How far the work on an incident is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The cause is not known.
    Investigating,
    /// The cause is known.
    Identified,
    /// A remedy is in place and being watched.
    Monitoring,
    /// It is over: the incident is closed.
    Resolved,
    /// It is over, and what was learned from it has been told.
    PostMortem,
    /// A maintenance that is still to come.
    Scheduled,
    /// A maintenance that has begun.
    InProgress,
    /// A maintenance that is over.
    Completed,
    /// A maintenance that was called off.
    Cancelled,
}

impl Stage {
    /// The word that is typed, and shown in the chat.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Investigating => "investigating",
            Self::Identified => "identified",
            Self::Monitoring => "monitoring",
            Self::Resolved => "resolved",
            Self::PostMortem => "post-mortem",
            Self::Scheduled => "scheduled",
            Self::InProgress => "in progress",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether an update with this stage ends what it is about.
    #[must_use]
    pub fn is_end(self) -> bool {
        matches!(self, Self::Resolved | Self::Completed | Self::Cancelled)
    }
}

/// A place in the history: a calendar month, cut into parts so that a busy month's list stays of
/// bounded size. It is that of the opening, in the page's time zone at the time, so that an
/// incident's place never moves. Written `2026-11`, further parts `2026-11-2` and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MonthPart {
    year: i16,
    month: i8,
    /// From 1.
    part: u16,
}

impl MonthPart {
    /// The first part of the month that a day is in.
    #[must_use]
    pub fn first_of(date: Date) -> Self {
        Self { year: date.year(), month: date.month(), part: 1 }
    }

    /// The part behind it, of the same month.
    #[must_use]
    pub fn next(self) -> Self {
        Self { part: self.part.saturating_add(1), ..self }
    }

    /// The last part that the month can have.
    #[must_use]
    pub fn last(self) -> Self {
        Self { part: u16::MAX, ..self }
    }

    /// Which part of its month it is, from 1.
    #[must_use]
    pub fn part(self) -> u16 {
        self.part
    }

    /// The month's first day.
    #[must_use]
    pub fn first_day(self) -> Option<Date> {
        Date::new(self.year, self.month, 1).ok()
    }
}

impl fmt::Display for MonthPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)?;
        if self.part > 1 { write!(f, "-{}", self.part) } else { Ok(()) }
    }
}

impl From<MonthPart> for String {
    fn from(part: MonthPart) -> Self {
        part.to_string()
    }
}

impl TryFrom<String> for MonthPart {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let wrong = || format!("'{text}' is not a part of a month such as 2026-11 or 2026-11-2");
        let (month, part) = match text.get(7..) {
            Some("") => (text.as_str(), 1),
            Some(rest) => {
                let part = rest.strip_prefix('-').and_then(|part| part.parse().ok());
                (text.get(..7).unwrap_or_default(), part.filter(|p| *p > 1).ok_or_else(wrong)?)
            }
            None => return Err(wrong()),
        };
        let first: Date = format!("{month}-01").parse().map_err(|_| wrong())?;
        Ok(Self { part, ..Self::first_of(first) })
    }
}

/// When a maintenance is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end, later than the beginning.
    pub until: Timestamp,
}

impl Window {
    /// How far a maintenance is at that time, if it is announced or goes on.
    #[must_use]
    pub fn stage(&self, at: Timestamp) -> Stage {
        if self.from <= at { Stage::InProgress } else { Stage::Scheduled }
    }
}

/// An incident or a maintenance as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number.
    pub number: Number,
    /// The first line of what was said at the opening.
    #[serde(with = "sealed")]
    pub title: String,
    /// How bad it is.
    pub impact: Impact,
    /// Ids of the components that are affected.
    pub components: Vec<String>,
    /// How far the work is.
    pub stage: Stage,
    /// Where it stands in the history.
    pub month: MonthPart,
    /// When a maintenance is to be; `None` for an incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// When it was opened, or a maintenance announced.
    pub opened: Timestamp,
    /// When it was closed; the last time, after a reopening. `None` while it is open. A maintenance
    /// that was called off before its beginning has this before [`Incident::began`].
    pub resolved: Option<Timestamp>,
    /// When the next update is promised for; of open incidents only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_update_by: Option<Timestamp>,
    /// What was said, oldest first; never empty.
    pub updates: Vec<Update>,
    /// How many updates were ever recorded. Their numbers are not used again.
    pub updates_recorded: u32,
    /// The revision that changed it last.
    pub revision: u64,
    /// The revision that last changed what the history lists of it: title, impact, beginning, end.
    pub listed: u64,
    /// The status's edition of the record that changed it last. Those who wrote the log before
    /// there were editions gave none.
    #[serde(default)]
    pub edition: u64,
    /// That of the record that last changed what the history lists of it.
    #[serde(default)]
    pub listed_edition: u64,
    /// Times in which its impact was different from what was said then, the latest correction last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub impact_corrections: Vec<ImpactCorrection>,
    /// When a fact about it was last corrected: a time, the impact, the components or the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amended: Option<Timestamp>,
    /// When it was added, if that was after it had ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backfilled: Option<Timestamp>,
    /// The incident on the page that this one is a duplicate of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<Number>,
    /// Set once it is off the page; its texts are gone then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Withdrawal>,
}

/// A time in which the impact of an incident was different from what was said then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImpactCorrection {
    /// The impact that it had.
    pub impact: Impact,
    /// From when on.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// How an incident came off the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// When.
    pub at: Timestamp,
    /// The public reason; may be empty.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub reason: Text,
}

impl Incident {
    /// When what it is about began: that of a maintenance as planned.
    #[must_use]
    pub fn began(&self) -> Timestamp {
        self.window.map_or(self.opened, |window| window.from)
    }

    /// Number of the next update.
    #[must_use]
    pub fn next_update(&self) -> u32 {
        self.updates_recorded + 1
    }

    /// Whether it is a maintenance.
    #[must_use]
    pub fn is_maintenance(&self) -> bool {
        self.window.is_some()
    }

    /// Whether it has as many updates, or as much text, as an incident may have.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.updates.len() >= UPDATES_MAX || self.bytes() >= INCIDENT_BYTES_MAX
    }

    /// What its updates take, in bytes: their texts and the components that each of them names.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let components = |update: &Update| update.components.iter().map(String::len).sum::<usize>();
        self.updates.iter().map(|update| update.text.bytes() + components(update)).sum()
    }

    /// Ids of the components of which it is shown: those that it affects, or did at some time.
    #[must_use]
    pub fn ever_affected(&self) -> BTreeSet<String> {
        let once = self.updates.iter().flat_map(|update| &update.components);
        self.components.iter().chain(once).cloned().collect()
    }
}

/// One public text of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// Its number within the incident, from 1: its id on the page, in feeds and in JSON.
    pub number: u32,
    /// When it was said.
    pub at: Timestamp,
    /// The name of who said it.
    #[serde(with = "sealed")]
    pub by: String,
    /// The stage from then on.
    pub stage: Stage,
    /// How bad it was from then on.
    pub impact: Impact,
    /// Ids of the components affected from then on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<String>,
    /// What was said; empty where an ending, or the clock, said nothing.
    pub text: Text,
    /// When the text was last replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected: Option<Timestamp>,
    /// Revisions of the records that hold its text: the first, and each correction.
    pub records: Vec<u64>,
    /// Of an ending: when it was over, if that was not when it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
}

/// The title that a text gives an incident: its first line that says something, shortened at a word.
#[must_use]
pub fn title_of(text: &Text) -> String {
    let plain = text.to_plain();
    let line = plain.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let line = line.to_owned();
    if line.chars().count() <= TITLE_CHARS_MAX {
        return line;
    }
    let cut: String = line.chars().take(TITLE_CHARS_MAX - 1).collect();
    let end = cut.rfind(' ').filter(|end| *end > cut.len() / 2).unwrap_or(cut.len());
    format!("{}…", cut.get(..end).unwrap_or(&cut))
}
