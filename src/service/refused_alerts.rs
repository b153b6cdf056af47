//! Recently refused alerts: each sender and reason is announced once an hour.

use std::collections::BTreeMap;

use jiff::Timestamp;
use parking_lot::Mutex;

use crate::core::decide::alert::ANNOUNCED_EVERY;

/// The limit of remembered senders and reasons.
const KINDS_MAX: usize = 50;

/// Refusals within the last hour, by the announcement's first line.
#[derive(Default)]
pub(super) struct RefusedAlerts(Mutex<BTreeMap<String, Timestamp>>);

impl RefusedAlerts {
    /// True if this one has to be announced now.
    pub(super) fn begin(&self, heading: &str, now: Timestamp) -> bool {
        let mut kinds = self.0.lock();
        kinds.retain(|_, at| now.duration_since(*at) < ANNOUNCED_EVERY);
        let is_new = !kinds.contains_key(heading) && kinds.len() < KINDS_MAX;
        if is_new {
            kinds.insert(heading.to_owned(), now);
        }
        is_new
    }

    pub(super) fn forget(&self, heading: &str) {
        self.0.lock().remove(heading);
    }

    pub(super) fn list(&self, now: Timestamp) -> Vec<String> {
        let kinds = self.0.lock();
        let recent = kinds.iter().filter(|(_, at)| now.duration_since(**at) < ANNOUNCED_EVERY);
        recent.map(|(heading, _)| heading.clone()).collect()
    }
}
