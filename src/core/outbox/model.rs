//! A delivery: something that is to be sent, and how far that is.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::core::connectors::workflow::{Mention, Message, REPEAT, Tone};
use crate::core::http::Receiver;
use crate::core::incident::model::Number;
use crate::core::launch::step::Step;
use crate::core::response::model::Reminder;
use crate::core::response::person::Person;
use crate::core::rosters::cover::LevelName;
use crate::core::sealed;

/// How long a try has for its outcome. After that the outcome is unknown, and the delivery may be
/// tried again with the same key.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// The same for steps in Azure Boards, which may hold back each answer for half a minute.
const BOARDS_LEASE: SignedDuration = SignedDuration::from_secs(130);
/// The first pause after a failure; each following one is twice as long, up to the last.
const PAUSE_FIRST: SignedDuration = SignedDuration::from_mins(1);
const PAUSE_LAST: SignedDuration = SignedDuration::from_hours(1);
/// How many tries a first day has. What is still tried after that has a longer pause.
const TRIES_OF_A_DAY: u32 = 30;
const PAUSE_LATER: SignedDuration = SignedDuration::from_hours(6);
/// How often the synchronisation of a work item is tried: for about two weeks.
pub const STORY_TRIES_MAX: u32 = TRIES_OF_A_DAY + 4 * 13;
/// How long after its time a delivery is given up.
pub const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// A delivery's name: they are counted from 1 through the whole log.
pub type DeliveryId = u64;

/// What is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A word to people, in the channel.
    Notice(Notice),
    /// A step of an incident's launch.
    Step {
        /// The incident.
        number: Number,
        /// Which one.
        step: Step,
    },
}

impl What {
    /// To whom it goes.
    #[must_use]
    pub fn receiver(&self) -> Receiver {
        match self {
            Self::Notice(_) => Receiver::Workflows,
            Self::Step { step, .. } => step.receiver(),
        }
    }

    /// What it is, in a line.
    #[must_use]
    pub fn heading(&self) -> String {
        match self {
            Self::Notice(notice) => notice.heading.clone(),
            Self::Step { number, step } => format!("Launch of #{number}: {}", step.name()),
        }
    }
}

/// A word to people. All of its texts are plain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// What it is for.
    pub kind: Kind,
    /// Who is called: with the directory's object id or an e-mail address they are mentioned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<Person>,
    /// What it is about, in a line.
    #[serde(with = "sealed")]
    pub heading: String,
    /// What there is to say; line breaks separate lines.
    #[serde(with = "sealed")]
    pub text: String,
    /// Names and values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(with = "sealed")]
    pub facts: Vec<(String, String)>,
    /// The link's words and where it leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "sealed")]
    pub link: Option<(String, String)>,
}

/// What a notice is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something is to be said or written down.
    Reminder {
        /// What.
        reminder: Reminder,
        /// When the window began that it belongs to.
        since: Timestamp,
        /// Other reminders that it is as well.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        also: Vec<(Reminder, Timestamp)>,
    },
    /// Somebody else is on call, as records of before levels were named have it.
    HandOver,
    /// Somebody else is on call at these levels.
    OnCall {
        /// The levels.
        levels: Vec<LevelName>,
    },
    /// Something to know.
    Announcement,
}

impl Notice {
    /// The message that is posted. One that may have been posted before says so.
    #[must_use]
    pub fn message(&self, key: &str, is_repeat: bool) -> Message {
        let tone = match self.kind {
            Kind::Reminder { reminder: Reminder::Overdue | Reminder::PromiseBroken, .. } => {
                Tone::Attention
            }
            Kind::Reminder { .. } => Tone::Warning,
            Kind::HandOver | Kind::OnCall { .. } | Kind::Announcement => Tone::Neutral,
        };
        // A colon is in what Teams gives in place of an id, which a workflow cannot mention.
        let mention = |person: &Person| Mention {
            name: person.name.clone(),
            id: Some(person.id.clone()).filter(|id| !id.contains(':')),
        };
        Message {
            key: key.to_owned(),
            heading: self.heading.clone(),
            tone,
            text: if is_repeat { format!("{REPEAT}\n{}", self.text) } else { self.text.clone() },
            mentions: self.to.iter().map(mention).collect(),
            facts: self.facts.clone(),
            links: self.link.iter().cloned().collect(),
            channel: None,
        }
    }
}

/// Something that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its name.
    pub id: DeliveryId,
    /// What tells it from every other at the receiver, the same in every try.
    pub key: String,
    /// The incident that it is about, if it is about one.
    pub about: Option<Number>,
    /// What is sent.
    pub what: What,
    /// When it was recorded.
    pub queued: Timestamp,
    /// From when on it was to be sent.
    pub from: Timestamp,
    /// When it is tried next.
    pub due: Timestamp,
    /// How often it was tried.
    pub tries: u32,
    /// The try that is going on, or whose outcome nobody has recorded.
    pub claim: Option<Claim>,
    /// Why the last try failed.
    pub failure: Option<Failed>,
    /// Why it is tried no more, while that is still to be told.
    pub gave_up: Option<String>,
    /// Whether an earlier try may have been carried out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubt: bool,
}

/// A try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Which process sends it.
    pub by: String,
    /// When its outcome counts as unknown.
    pub until: Timestamp,
}

/// A try that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// Why.
    pub why: String,
    /// When.
    pub at: Timestamp,
    /// Whether the receiver asked to be left alone until the next try is due.
    pub holds: bool,
    /// Whether it stays so until a person repairs something.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
}

impl Delivery {
    /// From when it is tried next; `None` where it is not.
    #[must_use]
    pub fn next_try(&self) -> Option<Timestamp> {
        let after_claim = self.claim.as_ref().map(|claim| claim.until);
        self.gave_up.is_none().then(|| after_claim.map_or(self.due, |until| until.max(self.due)))
    }

    /// Whether it has been tried for as long as it is: the synchronisation of a work item goes on
    /// after a day, because whatever stops it may be repaired without anybody saying so here.
    #[must_use]
    pub fn is_past(&self, now: Timestamp) -> bool {
        match self.what {
            What::Step { step: Step::Story, .. } => self.tries >= STORY_TRIES_MAX,
            _ => now.duration_since(self.from) >= GIVEN_UP_AFTER,
        }
    }

    /// Why the next answer tells it, where it can be sent no more, or not before a person has
    /// repaired something.
    #[must_use]
    pub fn unsendable(&self) -> Option<&str> {
        let refused = self.failure.as_ref().filter(|failure| failure.refused);
        let refused = refused.filter(|_| self.claim.is_none()).map(|failure| failure.why.as_str());
        self.gave_up.as_deref().or(refused)
    }

    /// Whether it waits for a time that was planned or for another try, and nobody is at it.
    #[must_use]
    pub fn is_waiting(&self, now: Timestamp) -> bool {
        self.claim.is_none() && (self.failure.is_some() || self.due > now)
    }

    /// How long that try has for its outcome. Where a process dies with every try, the pauses grow
    /// as well.
    #[must_use]
    pub fn lease(&self, attempt: u32) -> SignedDuration {
        let lease = if self.what.receiver() == Receiver::Boards { BOARDS_LEASE } else { LEASE };
        lease.max(pause(attempt))
    }
}

/// The pause behind so many tries.
#[must_use]
pub fn pause(tries: u32) -> SignedDuration {
    if tries > TRIES_OF_A_DAY {
        return PAUSE_LATER;
    }
    let doubled = PAUSE_FIRST.checked_mul(1 << tries.saturating_sub(1).min(10));
    doubled.unwrap_or(PAUSE_LAST).min(PAUSE_LAST)
}

/// A delivery that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Its name.
    pub id: DeliveryId,
    /// The incident that it was about.
    pub about: Option<Number>,
    /// What it was, in a line.
    pub heading: String,
    /// When it was recorded.
    pub queued: Timestamp,
    /// When it was over.
    pub at: Timestamp,
    /// How often it was tried.
    pub tries: u32,
    /// How it ended.
    pub end: End,
}

/// How a delivery ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The receiver took it.
    Delivered,
    /// An answer told it.
    Carried,
    /// It was not sent, for this reason.
    Skipped(String),
}

/// What is to be sent, and what was lately.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deliveries {
    /// How many there ever were.
    pub(super) count: u64,
    /// Those that are not over.
    pub(super) waiting: BTreeMap<DeliveryId, Arc<Delivery>>,
    /// Those that were over last, the newest at the end.
    pub(super) ended: VecDeque<Ended>,
}

impl Deliveries {
    /// Those that are not over, the oldest first.
    pub fn waiting(&self) -> impl DoubleEndedIterator<Item = &Delivery> {
        self.waiting.values().map(AsRef::as_ref)
    }

    /// One that is not over.
    #[must_use]
    pub fn get(&self, id: DeliveryId) -> Option<&Delivery> {
        self.waiting.get(&id).map(AsRef::as_ref)
    }

    /// Those that were over last, the newest at the end.
    #[must_use]
    pub fn ended(&self) -> &VecDeque<Ended> {
        &self.ended
    }

    /// What may be sent to a receiver now, the oldest first: nothing while it asks to be left alone.
    pub fn due(&self, receiver: Receiver, now: Timestamp) -> impl Iterator<Item = &Delivery> {
        let to_it = move |delivery: &&Delivery| delivery.what.receiver() == receiver;
        let holds = |delivery: &Delivery| {
            delivery.due > now && delivery.failure.as_ref().is_some_and(|failure| failure.holds)
        };
        let is_held = self.waiting().filter(to_it).any(holds);
        let is_due = move |delivery: &&Delivery| {
            !is_held && delivery.next_try().is_some_and(|next_try| next_try <= now)
        };
        self.waiting().filter(to_it).filter(is_due)
    }
}
