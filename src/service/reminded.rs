//! Announcements that people saw in answers lately, so that they are not repeated in each.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use tokio::time::{Duration, Instant};

use crate::core::decide::carry::Announcement;
use crate::core::outbox::model::DeliveryId;

/// Period in which an announcement is not repeated to the same person.
const QUIET: Duration = Duration::from_mins(10);
/// Limit of remembered announcements.
const SEEN_MAX: usize = 1_000;

/// The announcements that people saw in the last minutes.
#[derive(Debug, Default)]
pub(super) struct Reminded(Mutex<VecDeque<(Instant, String, DeliveryId)>>);

impl Reminded {
    /// The announcements that this person did not see in the last minutes.
    pub(super) fn unseen(&self, person: &str, announced: Vec<Announcement>) -> Vec<Announcement> {
        let now = Instant::now();
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|(at, ..)| now.saturating_duration_since(*at) < QUIET);
        let is_new = |announcement: &Announcement| {
            !seen.iter().any(|(_, who, id)| who == person && *id == announcement.id)
        };
        let unseen: Vec<Announcement> = announced.into_iter().filter(is_new).collect();
        let entries = unseen.iter().map(|announcement| (now, person.to_owned(), announcement.id));
        seen.extend(entries);
        while seen.len() > SEEN_MAX {
            seen.pop_front();
        }
        unseen
    }
}
