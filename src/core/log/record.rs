//! The record: an accepted command as it is kept for good, and who or what caused it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::core::incident::events::StatusEvent;
use crate::core::incident::model::Number;
use crate::core::launch::events::LaunchEvent;
use crate::core::outbox::events::DeliveryEvent;
use crate::core::response::events::ResponseEvent;
use crate::core::response::person::Person;
use crate::core::rosters::events::RosterEvent;
use crate::core::sealed;

/// The format of the records that this version writes. A change that an older version would
/// misread raises it. Format 1 was never released and is not read.
pub const RECORD_FORMAT: u32 = 2;

/// The `previous` of the first record.
pub const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// An accepted command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// [`RECORD_FORMAT`] of the version that wrote it.
    pub format: u32,
    /// Its place in the log: 1, 2, 3, without gaps.
    pub revision: u64,
    /// When it was accepted; never before the record that precedes it.
    pub at: Timestamp,
    /// Who or what called for it.
    pub cause: Cause,
    /// SHA-256 of the head of the record before, in hexadecimal; [`NO_HASH`] in the first.
    pub previous: String,
    /// What happened.
    pub events: Vec<Event>,
}

impl Record {
    /// The family of its first event, in a word; for a line of the log.
    #[must_use]
    pub fn family(&self) -> &'static str {
        match self.events.first() {
            Some(Event::Status(_)) => "status",
            Some(Event::Response(_)) => "response",
            Some(Event::Roster(_)) => "roster",
            Some(Event::Launch(_)) => "launch",
            Some(Event::Delivery(_)) => "outbox",
            Some(Event::RemovalOrdered(_) | Event::Redacted(_) | Event::Erased(_)) => "erasure",
            Some(Event::Message(_) | Event::People(_)) | None => "bookkeeping",
        }
    }

    /// Whether it erases lines by their places: what was folded from them before is to be forgotten.
    #[must_use]
    pub fn orders_removal(&self) -> bool {
        self.events.iter().any(|event| matches!(event, Event::RemovalOrdered(_)))
    }

    /// The lines that it declares to be erased, each with its record.
    pub fn declared(&self) -> impl Iterator<Item = (u64, u32)> {
        let declared = self.events.iter().filter_map(|event| match event {
            Event::Redacted(Redacted { record, seals, .. }) => Some((*record, seals)),
            _ => None,
        });
        declared.flat_map(|(record, seals)| seals.iter().map(move |seal| (record, *seal)))
    }

    /// The public events.
    pub fn status(&self) -> impl Iterator<Item = &StatusEvent> + Clone {
        self.events.iter().filter_map(|event| match event {
            Event::Status(event) => Some(event),
            _ => None,
        })
    }

    /// The internal events.
    pub fn response(&self) -> impl Iterator<Item = &ResponseEvent> + Clone {
        self.events.iter().filter_map(|event| match event {
            Event::Response(event) => Some(event),
            _ => None,
        })
    }

    /// What happened to launches.
    pub fn launches(&self) -> impl Iterator<Item = &LaunchEvent> + Clone {
        self.events.iter().filter_map(|event| match event {
            Event::Launch(event) => Some(event),
            _ => None,
        })
    }

    /// What happened to deliveries.
    pub fn deliveries(&self) -> impl Iterator<Item = &DeliveryEvent> + Clone {
        self.events.iter().filter_map(|event| match event {
            Event::Delivery(event) => Some(event),
            _ => None,
        })
    }

    /// What happened to the rosters.
    pub fn roster(&self) -> impl Iterator<Item = &RosterEvent> + Clone {
        self.events.iter().filter_map(|event| match event {
            Event::Roster(event) => Some(event),
            _ => None,
        })
    }
}

/// Something that happened, by family. Each family has a fold of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// To the public status.
    Status(StatusEvent),
    /// Among the responders.
    Response(ResponseEvent),
    /// To a launch.
    Launch(LaunchEvent),
    /// To what is sent.
    #[serde(rename = "outbox")]
    Delivery(DeliveryEvent),
    /// To the rosters.
    Roster(RosterEvent),
    /// To the memory of messages.
    Message(MessageEvent),
    /// To the memory of people.
    People(PeopleEvent),
    /// An operator has lines of the log erased: those that this record declares.
    RemovalOrdered(RemovalOrdered),
    /// Texts of an earlier record are to be erased.
    Redacted(Redacted),
    /// An erasure is over.
    Erased(Erased),
}

impl Event {
    /// The incident or maintenance that it is about, if it is about one.
    #[must_use]
    pub fn number(&self) -> Option<Number> {
        match self {
            Self::Status(event) => event.number(),
            Self::Response(event) => event.number(),
            Self::Launch(event) => event.number(),
            Self::Roster(_)
            | Self::Delivery(_)
            | Self::Message(_)
            | Self::People(_)
            | Self::RemovalOrdered(_)
            | Self::Redacted(_)
            | Self::Erased(_) => None,
        }
    }

    /// The event as a reader of the log gets it.
    #[must_use]
    pub fn as_recorded(&self) -> Self {
        match self {
            Self::Status(event) => Self::Status(event.as_recorded()),
            Self::Response(event) => Self::Response(event.as_recorded()),
            other => other.clone(),
        }
    }

    /// The incidents and maintenances that it changes.
    pub fn numbers(&self) -> impl Iterator<Item = Number> + use<> {
        let (public, internal) = match self {
            Self::Status(event) => (Some(event.numbers()), None),
            Self::Response(event) => (None, Some(event.numbers())),
            _ => (None, None),
        };
        public.into_iter().flatten().chain(internal.into_iter().flatten())
    }
}

/// What happens to the memory of messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum MessageEvent {
    /// A record was taken back by this one.
    TakenBack {
        /// Its revision.
        revision: u64,
        /// What it did, such as `close` or `task 3`; no words of people.
        what: String,
    },
    /// Messages that were accepted up to a revision are remembered no longer.
    Evicted {
        /// The revision.
        through: u64,
    },
}

/// What happens to the memory of people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum PeopleEvent {
    /// Those who have sent nothing since a revision are remembered no longer.
    Evicted {
        /// The revision.
        through: u64,
    },
}

/// An order to erase lines of the log by their places. The record that holds it declares all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemovalOrdered {
    /// Why, without the text.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "sealed")]
    pub reason: Option<String>,
}

/// Lines of a record that are to be emptied, declared before they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redacted {
    /// The record that holds the text.
    pub record: u64,
    /// The lines, by their places among its seals.
    pub seals: Vec<u32>,
    /// Revision of the order.
    pub order: u64,
}

/// Every line of an order was emptied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erased {
    /// Revision of the order.
    pub order: u64,
}

/// Whoever acts, and what made them: what a decision knows of it, whatever it came by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// By which way it came.
    pub source: Source,
    /// Who acts.
    pub by: Person,
    /// Which message it is. The same one twice is recorded once.
    pub message: MessageId,
    /// The id of the message that began the thread it stands in, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// When it came, by the clock of the machine that it came to.
    pub at: Timestamp,
}

/// By which way something came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A message in a channel.
    Message,
    /// An operator at a terminal.
    Operator,
    /// The passing of time.
    Clock,
    /// An alert that a monitor delivered.
    Alert,
}

/// A message's identity: its id is unique only within its conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageId {
    /// The conversation's id, without the thread.
    pub conversation: String,
    /// The message's id in it.
    pub id: String,
}

impl MessageId {
    /// A short, fixed-length name of the message.
    #[must_use]
    pub fn key(&self) -> MessageKey {
        MessageKey::of(&self.conversation, &self.id)
    }
}

impl Cause {
    /// A name of the thread that it stands in, as [`MessageId::key`] names messages.
    #[must_use]
    pub fn thread_key(&self) -> Option<MessageKey> {
        self.thread.as_ref().map(|root| MessageKey::of(&self.message.conversation, root))
    }
}

/// The first 128 bits of the SHA-256 of conversation, line feed and id, written in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MessageKey(u128);

impl MessageKey {
    fn of(conversation: &str, id: &str) -> Self {
        let digest = Sha256::digest(format!("{conversation}\n{id}").as_bytes());
        let first = digest.first_chunk::<16>().copied().unwrap_or_default();
        Self(u128::from_be_bytes(first))
    }
}

impl fmt::Display for MessageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for MessageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<MessageKey> for String {
    fn from(key: MessageKey) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for MessageKey {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        u128::from_str_radix(&text, 16).map(Self)
    }
}
