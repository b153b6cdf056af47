//! The things that the software is about, as they are recorded and kept.

use std::collections::{BTreeMap, VecDeque};
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
/// How many closed incidents the state keeps whole; older ones live in documents of their own.
pub const CLOSED_KEPT_MAX: usize = 32;
/// How many message ids the state remembers. A replay is also bounded by the clock skew, so this
/// need only cover the commands of a few minutes.
pub const MESSAGES_KEPT_MAX: usize = 512;
/// How many months the history can be walked back.
pub const MONTHS_KEPT_MAX: usize = 240;
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
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }
}

/// How far the work on an incident is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
}

impl Stage {
    /// The word that is typed.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Investigating => "investigating",
            Self::Identified => "identified",
            Self::Monitoring => "monitoring",
            Self::Resolved => "resolved",
        }
    }

    /// The word that is shown.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Investigating => "Investigating",
            Self::Identified => "Identified",
            Self::Monitoring => "Monitoring",
            Self::Resolved => "Resolved",
        }
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

    /// The month in words, such as `November 2026`.
    #[must_use]
    pub fn title(self) -> String {
        Date::new(self.year, self.month, 1)
            .map_or_else(|_| self.to_string(), |day| day.strftime("%B %Y").to_string())
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
        /// What was said.
        text: Text,
    },
    /// An incident was updated, or closed where the stage is [`Stage::Resolved`].
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
        /// What was said; empty where a closing said nothing.
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
        /// What was said.
        text: Text,
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

/// An incident as it stands.
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
    /// When it was opened.
    pub opened: Timestamp,
    /// When it was closed; the last time, after a reopening. `None` while it is open.
    pub resolved: Option<Timestamp>,
    /// What was said, oldest first; never empty.
    pub updates: Vec<Update>,
    /// The revision that changed it last.
    pub revision: u64,
    /// The revision that last changed what the history lists of it: title, impact, beginning, end.
    pub listed: u64,
}

impl Incident {
    /// Whether it has as many updates, or as much text, as an incident may have.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let bytes: usize = self.updates.iter().map(|update| update.text.bytes()).sum();
        self.updates.len() >= UPDATES_MAX || bytes >= INCIDENT_BYTES_MAX
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
    /// What was said; empty where a closing said nothing.
    pub text: Text,
    /// When the text was last replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected: Option<Timestamp>,
}

/// Everything that a command needs to know of the past: the fold of the log up to a revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The revision of the last record; 0 before the first.
    pub revision: u64,
    /// SHA-256 of the last record's bytes.
    pub head: String,
    /// The time of the last record.
    pub at: Timestamp,
    /// The number that the next incident gets.
    pub next_number: Number,
    /// The open incidents, whole.
    pub open: BTreeMap<Number, Incident>,
    /// The incidents closed last, whole, the last one at the end.
    pub closed: VecDeque<Incident>,
    /// The months that have incidents, and how many were opened in each.
    pub months: BTreeMap<Month, u32>,
    /// The last accepted messages, by [`MessageId::key`], each with its revision.
    pub messages: VecDeque<(String, u64)>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            revision: 0,
            head: NO_HASH.to_owned(),
            at: Timestamp::UNIX_EPOCH,
            next_number: 1,
            open: BTreeMap::new(),
            closed: VecDeque::new(),
            months: BTreeMap::new(),
            messages: VecDeque::new(),
        }
    }
}

impl State {
    /// The incident of that number, if the state keeps it.
    #[must_use]
    pub fn incident(&self, number: Number) -> Option<&Incident> {
        self.open.get(&number).or_else(|| self.closed.iter().find(|c| c.number == number))
    }

    /// The revision of a message that was accepted already.
    #[must_use]
    pub fn revision_of(&self, message: &MessageId) -> Option<u64> {
        let key = message.key();
        self.messages.iter().rev().find(|(known, _)| *known == key).map(|(_, revision)| *revision)
    }
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
