//! Deliveries: messages and launch steps to be sent, with the state of their attempts.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::connectors::workflow::{Mention, Message, REPEAT};
use crate::http::Receiver;
use crate::incident::model::Number;
use crate::launch::step::Step;
use crate::response::model::Reminder;
use crate::response::person::Person;
use crate::rosters::cover::LevelName;
use crate::sealed;
use crate::text::card::Tone;

/// Time limit of an attempt. After that its outcome is unknown, and the delivery may be sent again
/// with the same key.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// Lease of Azure Boards steps. Azure Boards may delay each response by half a minute.
const BOARDS_LEASE: SignedDuration = SignedDuration::from_secs(130);
/// Delay after the first failure. It doubles with each further failure, up to `PAUSE_LAST`.
const PAUSE_FIRST: SignedDuration = SignedDuration::from_mins(1);
const PAUSE_LAST: SignedDuration = SignedDuration::from_hours(1);
/// Number of attempts in the first day. Later attempts are `PAUSE_LATER` apart.
const TRIES_OF_A_DAY: u32 = 30;
const PAUSE_LATER: SignedDuration = SignedDuration::from_hours(6);
/// Maximum number of attempts to synchronise a work item: enough for about two weeks.
pub const WORK_ITEM_SYNC_TRIES_MAX: u32 = TRIES_OF_A_DAY + 4 * 13;
/// Time after which a delivery is given up, counted from its planned send time.
pub const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// The limit of time that receivers' pauses add to that.
const PAUSES_MAX: SignedDuration = SignedDuration::from_hours(6 * 24);

/// Counted from 1 across the whole log.
pub type DeliveryId = u64;

/// Payload of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// A message to people, posted in the channel.
    Notice(Notice),
    /// A step of an incident's launch.
    Step { number: Number, step: Step },
}

impl Payload {
    #[must_use]
    pub fn receiver(&self) -> Receiver {
        match self {
            Self::Notice(_) => Receiver::Workflows,
            Self::Step { step, .. } => step.receiver(),
        }
    }

    /// One-line summary.
    #[must_use]
    pub fn heading(&self) -> String {
        match self {
            Self::Notice(notice) => notice.heading.clone(),
            Self::Step { number, step } => format!("Launch of #{number}: {}", step.name()),
        }
    }
}

/// A message to people. All its texts are plain text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    pub kind: NoticeKind,
    /// People to notify. Those with a directory object id or an e-mail address are mentioned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<Person>,
    /// A single line.
    #[serde(with = "sealed")]
    pub heading: String,
    /// May contain line breaks.
    #[serde(with = "sealed")]
    pub text: String,
    /// Name and value pairs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(with = "sealed")]
    pub facts: Vec<(String, String)>,
    /// Link text and address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "sealed")]
    pub link: Option<(String, String)>,
}

/// Purpose of a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A reminder to post or record something.
    Reminder {
        reminder: Reminder,
        /// Start of the window that the reminder belongs to.
        since: Timestamp,
        /// Further reminders in the same notice, each with the start of its window.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        also: Vec<(Reminder, Timestamp)>,
    },
    /// The person on call changed. Only older records have this kind, from before levels were
    /// named.
    HandOver,
    /// The person on call changed at these levels.
    OnCall { levels: Vec<LevelName> },
    /// For information only.
    Announcement,
}

impl Notice {
    /// The message to post. If `is_repeat`, its text says that it may have arrived before.
    #[must_use]
    pub fn message(&self, key: &str, is_repeat: bool) -> Message {
        let tone = match self.kind {
            NoticeKind::Reminder {
                reminder: Reminder::Overdue | Reminder::PromiseBroken, ..
            } => Tone::Attention,
            NoticeKind::Reminder { .. } => Tone::Warning,
            NoticeKind::HandOver | NoticeKind::OnCall { .. } | NoticeKind::Announcement => {
                Tone::Neutral
            }
        };
        // Teams may give an id with a colon instead of a directory object id. A workflow cannot
        // mention it.
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

/// A queued message or launch step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub id: DeliveryId,
    /// Idempotency key for the receiver, the same in every attempt.
    pub key: String,
    /// Incident it concerns, if any.
    pub about: Option<Number>,
    pub what: Payload,
    /// Time when it was recorded.
    pub queued: Timestamp,
    /// Planned send time.
    pub from: Timestamp,
    /// Earliest time of the next attempt.
    pub due: Timestamp,
    pub tries: u32,
    /// The attempt in progress, or one whose outcome was never recorded.
    pub claim: Option<Claim>,
    /// The last failed attempt; `None` before the first failure.
    pub failure: Option<Failed>,
    /// Reason why no further attempts are made, kept until a chat answer has reported it.
    pub gave_up: Option<String>,
    /// `true` if an earlier attempt may have succeeded.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubt: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Id of the process that sends it.
    pub by: String,
    /// End of the lease. From then on the outcome counts as unknown.
    pub until: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    pub why: String,
    pub at: Timestamp,
    /// `true` if the receiver asked for no further requests until the next attempt.
    pub holds: bool,
    /// `true` if only a person can fix the cause.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
}

impl Delivery {
    /// Time of the next attempt; `None` if the delivery was given up.
    #[must_use]
    pub fn next_try(&self) -> Option<Timestamp> {
        let after_claim = self.claim.as_ref().map(|claim| claim.until);
        self.gave_up.is_none().then(|| after_claim.map_or(self.due, |until| until.max(self.due)))
    }

    /// Reason to report the delivery in the next chat answer: it was given up, or a person must fix
    /// the cause first. `None` otherwise.
    #[must_use]
    pub fn unsendable(&self) -> Option<&str> {
        let refused = self.failure.as_ref().filter(|failure| failure.refused);
        let refused = refused.filter(|_| self.claim.is_none()).map(|failure| failure.why.as_str());
        self.gave_up.as_deref().or(refused)
    }

    /// Returns `true` if the delivery waits for its planned time or a retry, and no attempt is in
    /// progress.
    #[must_use]
    pub fn is_waiting(&self, now: Timestamp) -> bool {
        self.claim.is_none() && (self.failure.is_some() || self.due > now)
    }

    /// Lease of the given attempt. It grows with the backoff, so that a process that dies during
    /// every attempt also retries less and less often.
    #[must_use]
    pub fn lease(&self, attempt: u32) -> SignedDuration {
        let lease = if self.what.receiver() == Receiver::Boards { BOARDS_LEASE } else { LEASE };
        lease.max(pause(attempt))
    }
}

/// Backoff after this number of attempts.
#[must_use]
pub fn pause(tries: u32) -> SignedDuration {
    if tries > TRIES_OF_A_DAY {
        return PAUSE_LATER;
    }
    let doubled = PAUSE_FIRST.checked_mul(1 << tries.saturating_sub(1).min(10));
    doubled.unwrap_or(PAUSE_LAST).min(PAUSE_LAST)
}

/// A finished delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    pub id: DeliveryId,
    /// Incident it concerned, if any.
    pub about: Option<Number>,
    /// One-line summary.
    pub heading: String,
    /// Time when it was recorded.
    pub queued: Timestamp,
    /// Time when it ended.
    pub at: Timestamp,
    pub tries: u32,
    pub end: End,
}

/// Outcome of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The receiver accepted it.
    Delivered,
    /// A chat answer contained it.
    Carried,
    /// It was not sent, for this reason.
    Skipped(String),
}

/// The outbox: open deliveries, and those that ended recently.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deliveries {
    /// Number of deliveries ever queued, and so the last id.
    pub(super) count: u64,
    pub(super) waiting: BTreeMap<DeliveryId, Arc<Delivery>>,
    pub(super) ended: VecDeque<Ended>,
    /// The end of the last pause that each receiver asked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) paused_until: BTreeMap<Receiver, Timestamp>,
}

impl Deliveries {
    /// Returns `true` if the retry window of a delivery has ended. A pause that the receiver asked
    /// for does not count, up to `PAUSES_MAX` in all. Work items are synchronised for longer than
    /// a day, because someone may fix the cause without telling this program.
    #[must_use]
    pub fn is_past(&self, delivery: &Delivery, now: Timestamp) -> bool {
        if let Payload::Step { step: Step::WorkItemSync, .. } = delivery.what {
            return delivery.tries >= WORK_ITEM_SYNC_TRIES_MAX;
        }
        let latest = delivery.from.saturating_add(PAUSES_MAX).unwrap_or(delivery.from);
        let paused = self.paused_until.get(&delivery.what.receiver()).map(|end| latest.min(*end));
        let since = paused.map_or(delivery.from, |end| end.max(delivery.from));
        now.duration_since(since) >= GIVEN_UP_AFTER
    }

    /// Open deliveries, oldest first.
    pub fn waiting(&self) -> impl DoubleEndedIterator<Item = &Delivery> {
        self.waiting.values().map(AsRef::as_ref)
    }

    /// Returns `None` if the delivery has ended.
    #[must_use]
    pub fn get(&self, id: DeliveryId) -> Option<&Delivery> {
        self.waiting.get(&id).map(AsRef::as_ref)
    }

    /// Recently finished deliveries, the newest last.
    #[must_use]
    pub fn ended(&self) -> &VecDeque<Ended> {
        &self.ended
    }

    /// Deliveries that may be sent to a receiver now, oldest first. Empty while the receiver asks
    /// for a pause.
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
