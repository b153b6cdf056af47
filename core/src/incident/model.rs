//! Incidents and maintenance as the page shows them.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::sealed;
use crate::text::Text;

/// Number of an incident, from 1. Numbers are never reused.
pub type Number = u32;

/// Maximum number of incidents open at once.
pub const OPEN_INCIDENTS_MAX: usize = 25;
/// Maximum number of updates of an incident. Beyond it, only closing and correcting are possible.
pub const UPDATES_MAX: usize = 300;
/// Maximum number of maintenance windows planned or running at once.
pub const MAINTENANCES_MAX: usize = 25;
/// Maximum size of one text with its formatting and links, in bytes.
pub const TEXT_BYTES_MAX: usize = 32 * 1024;
/// Maximum size of all updates of an incident, as [`Incident::bytes`] counts. Beyond it, only
/// closing and correcting are possible.
pub const INCIDENT_BYTES_MAX: usize = 256 * 1024;
/// Maximum length of a public text, in characters.
pub const TEXT_CHARS_MAX: usize = 4_000;
/// Maximum length of an incident's title, in characters.
pub const TITLE_CHARS_MAX: usize = 120;
/// Number of incidents in one part of a month, after which the next part begins.
pub const MONTH_PART_MAX: u32 = 100;

/// Impact on customers, as the page shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Impact {
    /// Announced work: never chosen when an incident is opened.
    Maintenance,
    /// Something is worse than usual.
    Minor,
    /// Something does not work for many.
    Major,
    /// Little or nothing works.
    Critical,
}

impl Impact {
    /// Impact of an `open` command that names none.
    pub const DEFAULT: Self = Self::Major;

    /// Word that is typed and shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Maintenance => "maintenance",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }

    /// The impact as the page names it in English.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Maintenance => "Maintenance",
            Self::Minor => "Degraded performance",
            Self::Major => "Partial outage",
            Self::Critical => "Major outage",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Investigating,
    Identified,
    /// A fix is in place and being watched.
    Monitoring,
    Resolved,
    /// Resolved, with a published post-mortem.
    PostMortem,
    /// A maintenance that has not begun.
    Scheduled,
    /// A maintenance that is running.
    InProgress,
    Completed,
    Cancelled,
}

impl Stage {
    /// Word that is typed and shown in chat.
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

    /// Returns `true` if an update with this stage ends the incident or maintenance.
    #[must_use]
    pub fn is_end(self) -> bool {
        matches!(self, Self::Resolved | Self::Completed | Self::Cancelled)
    }
}

/// A position in the history: a calendar month, split into parts so that the list of a busy month
/// stays bounded. The month is that of the opening, in the page's time zone at that time, so that
/// an incident never moves. Written `2026-11`; further parts are `2026-11-2` and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MonthPart {
    year: i16,
    month: i8,
    /// From 1.
    part: u16,
}

impl MonthPart {
    /// First part of the month that contains `date`.
    #[must_use]
    pub fn first_of(date: Date) -> Self {
        Self { year: date.year(), month: date.month(), part: 1 }
    }

    /// Next part of the same month.
    #[must_use]
    pub fn next(self) -> Self {
        Self { part: self.part.saturating_add(1), ..self }
    }

    /// Last possible part of the month: an upper bound for ranges.
    #[must_use]
    pub fn last(self) -> Self {
        Self { part: u16::MAX, ..self }
    }

    /// From 1.
    #[must_use]
    pub fn part(self) -> u16 {
        self.part
    }

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

/// The planned time of a maintenance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub from: Timestamp,
    /// Later than `from`.
    pub until: Timestamp,
}

impl Window {
    /// Stage of a maintenance at a time before its end.
    #[must_use]
    pub fn stage(&self, at: Timestamp) -> Stage {
        if self.from <= at { Stage::InProgress } else { Stage::Scheduled }
    }
}

/// An incident or a maintenance in its current state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    pub number: Number,
    /// First line of the opening text, unless retitled.
    #[serde(with = "sealed")]
    pub title: String,
    pub impact: Impact,
    /// Ids of the components affected now.
    pub components: Vec<String>,
    pub stage: Stage,
    /// Position in the history.
    pub month: MonthPart,
    /// `None` for an incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// Time of the opening, or of the announcement of a maintenance.
    pub opened: Timestamp,
    /// End, the latest one after a reopening; `None` while it is open. For a maintenance cancelled
    /// before its start, this is before [`Incident::began`].
    pub resolved: Option<Timestamp>,
    /// Only for open incidents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_update_by: Option<Timestamp>,
    /// Oldest first; never empty, except after a withdrawal.
    pub updates: Vec<Update>,
    /// Number of updates ever recorded. Their numbers are not reused.
    pub updates_recorded: u32,
    /// Revision of the last change.
    pub revision: u64,
    /// Revision of the last change to its entry in the history: title, impact, start or end.
    pub listed: u64,
    /// Edition of the last change; 0 in logs written before there were editions.
    #[serde(default)]
    pub edition: u64,
    /// Edition of the last change to its entry in the history.
    #[serde(default)]
    pub listed_edition: u64,
    /// Periods with a different impact than was published at the time; the latest correction last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub impact_corrections: Vec<ImpactCorrection>,
    /// Time of the last correction of a fact: a time, the impact, the components or the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amended: Option<Timestamp>,
    /// Time at which it was added, if it was over by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backfilled: Option<Timestamp>,
    /// The incident on the page that counts instead of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<Number>,
    /// Set once it is off the page; its texts are gone then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Withdrawal>,
}

/// A period in which the impact was different from the one published at the time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImpactCorrection {
    /// The actual impact.
    pub impact: Impact,
    pub from: Timestamp,
    pub until: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    pub at: Timestamp,
    /// Public reason; may be empty.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub reason: Text,
}

impl Incident {
    /// Start of the incident; for maintenance, the planned start.
    #[must_use]
    pub fn began(&self) -> Timestamp {
        self.window.map_or(self.opened, |window| window.from)
    }

    /// Number that the next update gets.
    #[must_use]
    pub fn next_update(&self) -> u32 {
        self.updates_recorded + 1
    }

    #[must_use]
    pub fn is_maintenance(&self) -> bool {
        self.window.is_some()
    }

    /// Returns `true` if the limit of updates or of text has been reached.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.updates.len() >= UPDATES_MAX || self.bytes() >= INCIDENT_BYTES_MAX
    }

    /// Size of its updates, in bytes: texts and component ids.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let components = |update: &Update| update.components.iter().map(String::len).sum::<usize>();
        self.updates.iter().map(|update| update.text.bytes() + components(update)).sum()
    }

    /// Ids of all components that it affects or ever affected; their pages show it.
    #[must_use]
    pub fn ever_affected(&self) -> BTreeSet<String> {
        let once = self.updates.iter().flat_map(|update| &update.components);
        self.components.iter().chain(once).cloned().collect()
    }
}

/// A public update of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// Number within the incident, from 1: its id on the page, in feeds and in JSON.
    pub number: u32,
    pub at: Timestamp,
    /// Name of the author.
    #[serde(with = "sealed")]
    pub by: String,
    /// Stage from then on.
    pub stage: Stage,
    /// Impact from then on.
    pub impact: Impact,
    /// Ids of the components affected from then on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<String>,
    /// Empty if an end, or the clock, came without a text.
    pub text: Text,
    /// Time at which the text was last replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected: Option<Timestamp>,
    /// Revisions of the records that hold its text: the original and each correction.
    pub records: Vec<u64>,
    /// For an end: its time, if different from `at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
}

/// The title of an incident with this text: its first line that is not blank, shortened at a word
/// to [`TITLE_CHARS_MAX`].
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
