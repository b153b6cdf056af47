//! The things that the software is about, as they are recorded and kept.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::text::Text;

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
/// The most that an incident's texts may take before only closing and correcting are left.
pub const INCIDENT_BYTES_MAX: usize = 256 * 1024;
/// The longest public text, in characters.
pub const TEXT_CHARS_MAX: usize = 4_000;
/// The longest title of an incident, in characters.
pub const TITLE_CHARS_MAX: usize = 120;

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
    Postmortem,
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
            Self::Postmortem => "post-mortem",
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

/// A calendar month: where an incident stands in the history. It is that of the opening, in the
/// page's time zone at the time, so that an incident's place never moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    /// The month that a day is in.
    #[must_use]
    pub fn of(date: Date) -> Self {
        Self { year: date.year(), month: date.month() }
    }

    /// Its first day.
    #[must_use]
    pub fn first_day(self) -> Option<Date> {
        Date::new(self.year, self.month, 1).ok()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

impl TryFrom<String> for Month {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        format!("{text}-01")
            .parse::<Date>()
            .map(Self::of)
            .map_err(|_| format!("'{text}' is not a month such as 2026-11"))
    }
}

/// Who sent a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The directory's object id, or what Teams gives in its place.
    pub id: String,
    /// The name as Teams showed it.
    pub name: String,
}

/// The accepted command, as it is kept for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Its place in the log: 1, 2, 3, without gaps.
    pub revision: u64,
    /// When it was accepted; never before the record that precedes it.
    pub at: Timestamp,
    /// Who sent it.
    pub by: Person,
    /// Which message it was.
    pub message: MessageId,
    /// SHA-256 of the bytes of the record before, in hexadecimal; [`NO_HASH`] in the first.
    pub previous: String,
    /// What happened.
    pub events: Vec<Event>,
}

/// The `previous` of the first record.
pub const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// SHA-256 in hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A message's identity: its id is unique only within its conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageId {
    /// The conversation's id, without the thread.
    pub conversation: String,
    /// The message's id in it.
    pub id: String,
}

impl MessageId {
    /// A short, fixed-length name of the message: 128 bits of a SHA-256, in hexadecimal.
    #[must_use]
    pub fn key(&self) -> String {
        let mut key = sha256_hex(format!("{}\n{}", self.conversation, self.id).as_bytes());
        key.truncate(32);
        key
    }
}

/// Something that happened. Kinds and fields are closed: a reader that does not know one must not
/// go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// An incident was opened.
    Opened {
        /// Its number.
        number: Number,
        /// Where it stands in the history.
        month: Month,
        /// How bad it is.
        impact: Impact,
        /// Ids of the components that are affected.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        components: Vec<String>,
        /// When the next update is promised for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_update_by: Option<Timestamp>,
        /// What was said.
        text: Text,
    },
    /// An incident or a maintenance was updated, or ended where [`Stage::is_end`] says so.
    Updated {
        /// Its number.
        number: Number,
        /// Its title at that time, so that the record speaks for itself.
        title: String,
        /// How bad it is.
        impact: Impact,
        /// The stage from now on.
        stage: Stage,
        /// The components that are affected from now on, if that changed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        components: Option<Vec<String>>,
        /// When the next update is promised for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_update_by: Option<Timestamp>,
        /// What was said; empty where an ending, or the clock, said nothing.
        text: Text,
    },
    /// A closed incident was opened again.
    Reopened {
        /// Its number.
        number: Number,
        /// Its title at that time.
        title: String,
        /// How bad it is.
        impact: Impact,
        /// When the next update is promised for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_update_by: Option<Timestamp>,
        /// What was said.
        text: Text,
    },
    /// What was learned from a closed incident was told.
    Reviewed {
        /// Its number.
        number: Number,
        /// Its title at that time.
        title: String,
        /// How bad it was.
        impact: Impact,
        /// What was said.
        text: Text,
    },
    /// A maintenance was announced.
    Scheduled {
        /// Its number: one sequence with the incidents.
        number: Number,
        /// Where it stands in the history: the month of the announcement.
        month: Month,
        /// When it is to be.
        window: Window,
        /// Ids of the components that it is about.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        components: Vec<String>,
        /// What was said.
        text: Text,
    },
    /// The end of a maintenance was moved.
    Extended {
        /// Its number.
        number: Number,
        /// Its title at that time.
        title: String,
        /// When it is to end.
        until: Timestamp,
        /// Its stage at that time.
        stage: Stage,
        /// What was said; may be empty.
        text: Text,
    },
    /// A day began in the page's zone. Every record begins with the days that began since the one
    /// before it, so that time can be booked on days without knowing the zone.
    Day {
        /// The day.
        date: Date,
        /// When it began; no earlier than the record before.
        began: Timestamp,
    },
    /// The newest public text of an incident was replaced.
    Corrected {
        /// Its number.
        number: Number,
        /// Its title from now on.
        title: String,
        /// How bad it is.
        impact: Impact,
        /// Its stage at that time.
        stage: Stage,
        /// What stands there from now on.
        text: Text,
    },
    /// A closed incident that the state no longer kept was brought back from its document, so that
    /// the events behind this one can be folded without looking anything up.
    Recalled {
        /// The incident as it was.
        incident: Box<Incident>,
    },
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

/// An incident or a maintenance as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number.
    pub number: Number,
    /// The first line of what was said at the opening.
    pub title: String,
    /// How bad it is.
    pub impact: Impact,
    /// Ids of the components that are affected.
    pub components: Vec<String>,
    /// How far the work is.
    pub stage: Stage,
    /// Where it stands in the history.
    pub month: Month,
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
    /// The revision that changed it last.
    pub revision: u64,
    /// The revision that last changed what the history lists of it: title, impact, beginning, end.
    pub listed: u64,
}

impl Incident {
    /// When what it is about began: that of a maintenance as planned.
    #[must_use]
    pub fn began(&self) -> Timestamp {
        self.window.map_or(self.opened, |window| window.from)
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

    /// What its texts take, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.updates.iter().map(|update| update.text.bytes()).sum()
    }
}

/// One public text of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// When it was said.
    pub at: Timestamp,
    /// The name of who said it.
    pub by: String,
    /// The stage from then on.
    pub stage: Stage,
    /// Ids of the components affected from then on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<String>,
    /// What was said; empty where an ending, or the clock, said nothing.
    pub text: Text,
    /// When the text was last replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected: Option<Timestamp>,
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
