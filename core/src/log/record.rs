//! The record: an accepted command, alert or clock run in its permanent form.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::incident::events::StatusEvent;
use crate::incident::model::Number;
use crate::launch::events::LaunchEvent;
use crate::outbox::events::DeliveryEvent;
use crate::response::events::ResponseEvent;
use crate::response::person::Person;
use crate::rosters::events::RosterEvent;
use crate::sealed;

/// The format of the records that this version writes. It is raised for a change that an older
/// version would misread. Format 1 was never released and is not read.
pub const RECORD_FORMAT: u32 = 2;

/// The `previous` of the first record.
pub const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// [`RECORD_FORMAT`] of the version that wrote it.
    pub format: u32,
    /// Its place in the log: 1, 2, 3, without gaps.
    pub revision: u64,
    /// Never before the previous record.
    pub at: Timestamp,
    pub cause: Cause,
    /// SHA-256 of the previous record's head in hexadecimal; [`NO_HASH`] in the first.
    pub previous: String,
    pub events: Vec<Event>,
}

impl Record {
    /// The family of its first event, for log lines.
    #[must_use]
    pub fn family(&self) -> &'static str {
        match self.events.first() {
            Some(Event::Status(_)) => "status",
            Some(Event::Response(_)) => "response",
            Some(Event::Roster(_)) => "roster",
            Some(Event::Launch(_)) => "launch",
            Some(Event::Delivery(_)) => "outbox",
            Some(
                Event::RemovalOrdered(_)
                | Event::Redacted(_)
                | Event::ErasureHindered(_)
                | Event::Erased(_),
            ) => "erasure",
            Some(Event::Message(_) | Event::People(_) | Event::ComponentsNamed(_)) | None => {
                "bookkeeping"
            }
        }
    }

    /// True if it erases lines by their places. Everything folded from them has to be discarded.
    #[must_use]
    pub fn orders_removal(&self) -> bool {
        self.events.iter().any(|event| matches!(event, Event::RemovalOrdered(_)))
    }

    /// Declared lines, with their records.
    pub fn declared(&self) -> impl Iterator<Item = (u64, u32)> {
        let declared = self.events.iter().filter_map(|event| match event {
            Event::Redacted(Redacted { record, seals, .. }) => Some((*record, seals)),
            _ => None,
        });
        declared.flat_map(|(record, seals)| seals.iter().map(move |seal| (record, *seal)))
    }

    pub fn status(&self) -> impl Iterator<Item = &StatusEvent> + Clone {
        self.events.iter().filter_map(|event| match event {
            Event::Status(event) => Some(event),
            _ => None,
        })
    }

    pub fn response(&self) -> impl Iterator<Item = &ResponseEvent> + Clone {
        self.events.iter().filter_map(|event| match event {
            Event::Response(event) => Some(event),
            _ => None,
        })
    }

    pub fn launches(&self) -> impl Iterator<Item = &LaunchEvent> + Clone {
        self.events.iter().filter_map(|event| match event {
            Event::Launch(event) => Some(event),
            _ => None,
        })
    }

    pub fn deliveries(&self) -> impl Iterator<Item = &DeliveryEvent> + Clone {
        self.events.iter().filter_map(|event| match event {
            Event::Delivery(event) => Some(event),
            _ => None,
        })
    }

    pub fn roster(&self) -> impl Iterator<Item = &RosterEvent> + Clone {
        self.events.iter().filter_map(|event| match event {
            Event::Roster(event) => Some(event),
            _ => None,
        })
    }
}

/// An event, by family. Each family has a fold of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The public status.
    Status(StatusEvent),
    /// The response.
    Response(ResponseEvent),
    /// Launches.
    Launch(LaunchEvent),
    /// The outbox.
    #[serde(rename = "outbox")]
    Delivery(DeliveryEvent),
    /// Rosters.
    Roster(RosterEvent),
    /// The memory of messages.
    Message(MessageEvent),
    /// The memory of people.
    People(PeopleEvent),
    /// Names of components that the log did not know yet.
    ComponentsNamed(ComponentsNamed),
    /// An operator's order to erase the lines that this record declares.
    RemovalOrdered(RemovalOrdered),
    /// Lines to empty in an earlier record.
    Redacted(Redacted),
    /// A refusal by storage that keeps an erasure from being complete.
    ErasureHindered(ErasureHindered),
    /// The end of an erasure.
    Erased(Erased),
}

impl Event {
    /// Its incident or maintenance, if it has one.
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
            | Self::ComponentsNamed(_)
            | Self::RemovalOrdered(_)
            | Self::Redacted(_)
            | Self::ErasureHindered(_)
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

/// Changes of the memory of messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum MessageEvent {
    /// This record undoes an earlier one.
    TakenBack {
        revision: u64,
        /// The undone action, such as `close` or `task 3`; without free text.
        what: String,
    },
    /// Messages up to a revision are evicted.
    Evicted { through: u64 },
}

/// Changes of the memory of people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum PeopleEvent {
    /// People who have sent nothing since a revision are evicted.
    Evicted { through: u64 },
}

/// Names of components, as they were configured when the record was made. Recorded once and after
/// each change of a name, so that a component keeps its name when it is no longer configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComponentsNamed {
    /// Names by id.
    pub names: BTreeMap<String, String>,
}

/// An order to erase lines of the log by their places. Its record declares all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemovalOrdered {
    /// Must not contain the erased text.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "sealed")]
    pub reason: Option<String>,
}

/// Lines of a record to empty, declared before that happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redacted {
    /// The record that holds the text.
    pub record: u64,
    /// The lines, by their places among the record's seals.
    pub seals: Vec<u32>,
    /// Revision of the order.
    pub order: u64,
}

/// Storage refuses a step of an erasure. The timer keeps trying.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErasureHindered {
    /// Revision of the order.
    pub order: u64,
    pub by: Hindrance,
    /// When old copies have expired, at the latest; `None` for records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// The reason why storage refuses a step of an erasure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hindrance {
    /// An immutability policy or a legal hold protects the records.
    LogPolicy,
    /// The program may not overwrite records.
    LogRights,
    /// Soft delete keeps old copies and does not allow permanent deletion.
    SoftDelete,
    /// The program may not delete old copies.
    CopyRights,
    /// An immutability policy or a legal hold protects old copies.
    CopyPolicy,
}

/// All lines of an order are empty, and no old copy of them is left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erased {
    /// Revision of the order.
    pub order: u64,
}

/// The sender of a command or alert, or the clock, with the message that it sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    pub source: Source,
    pub by: Person,
    /// Identifies the message. A second copy is not recorded.
    pub message: MessageId,
    /// The id of the message that began its thread, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// Time of arrival by the clock of the receiving machine.
    pub at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A message in a channel.
    Message,
    /// An operator at a terminal.
    Operator,
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
    /// A name of its thread, as [`MessageId::key`] names messages.
    #[must_use]
    pub fn thread_key(&self) -> Option<MessageKey> {
        self.thread.as_ref().map(|root| MessageKey::of(&self.message.conversation, root))
    }
}

/// The first 128 bits of the SHA-256 of conversation, line feed and id, in hexadecimal.
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
