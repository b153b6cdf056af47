//! Remembers answers. A copy of a message gets the same answer again, and a message that was
//! refused stays refused for as long as a copy of it could be accepted.

use std::collections::VecDeque;

use axum::body::Bytes;
use tokio::time::{Duration, Instant};

use crate::core::log::record::MessageKey;

const ANSWERS_MAX: usize = 256;
/// Maximum number of remembered refusals. Beyond it, new messages have to wait.
pub(super) const REFUSED_MAX: usize = 10_000;

/// Recent answers by message, newest last, and refused messages.
#[derive(Default)]
pub(super) struct Answers {
    bodies: VecDeque<(MessageKey, Bytes)>,
    refused: VecDeque<(Instant, MessageKey)>,
}

/// Result of looking up an arriving message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// Answered recently, with this body.
    Answered(Bytes),
    /// Refused; the text of the answer is no longer known.
    Refused,
    /// New, but there is no room to remember a refusal.
    NoRoom,
    New,
}

impl Answers {
    /// Looks up a message. Refusals are remembered for `age`.
    pub(super) fn look(&mut self, key: MessageKey, now: Instant, age: Duration) -> Seen {
        let is_old = |at: &Instant| now.saturating_duration_since(*at) > age;
        while self.refused.front().is_some_and(|(at, _)| is_old(at)) {
            self.refused.pop_front();
        }
        if let Some((_, body)) = self.bodies.iter().rev().find(|(known, _)| *known == key) {
            return Seen::Answered(body.clone());
        }
        if self.refused.iter().any(|(_, known)| *known == key) {
            return Seen::Refused;
        }
        if self.refused.len() >= REFUSED_MAX { Seen::NoRoom } else { Seen::New }
    }

    /// Remembers an answer and, if the message was refused, its time.
    pub(super) fn keep(&mut self, key: MessageKey, body: Bytes, refused: Option<Instant>) {
        if self.bodies.len() >= ANSWERS_MAX {
            self.bodies.pop_front();
        }
        self.bodies.push_back((key, body));
        self.refused.extend(refused.map(|at| (at, key)));
    }
}
