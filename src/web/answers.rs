//! The answers of this process: a copy of a message gets the same answer again, and a message that
//! was refused stays refused for as long as a copy of it could be accepted.

use std::collections::VecDeque;

use axum::body::Bytes;
use tokio::time::{Duration, Instant};

use crate::core::log::record::MessageKey;

const ANSWERS_MAX: usize = 256;
/// Beyond this number of remembered refusals, new messages have to wait.
pub(super) const REFUSED_MAX: usize = 10_000;

/// The last answers by message, newest last, and the messages that were refused.
#[derive(Default)]
pub(super) struct Answers {
    bodies: VecDeque<(MessageKey, Bytes)>,
    refused: VecDeque<(Instant, MessageKey)>,
}

/// The memory of a message that arrives.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// It was answered a moment ago: with this.
    Answered(Bytes),
    /// It was refused, and the words of the answer are no longer kept.
    Refused,
    /// It is new, and there is no room to remember that it was refused.
    NoRoom,
    /// It is new.
    New,
}

impl Answers {
    /// Looks a message up. Refusals are remembered for `age`.
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

    /// Keeps an answer, and that the message was refused if it was.
    pub(super) fn keep(&mut self, key: MessageKey, body: Bytes, refused: Option<Instant>) {
        if self.bodies.len() >= ANSWERS_MAX {
            self.bodies.pop_front();
        }
        self.bodies.push_back((key, body));
        self.refused.extend(refused.map(|at| (at, key)));
    }
}
