//! Counts arrivals of alerts. Repetitions within a burst make no record, so only this process knows
//! them; the number is a lower bound.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use crate::core::alerts::alert::Key;

/// Only the most recent alerts are counted.
const KEYS_MAX: usize = 1_000;

#[derive(Debug, Default)]
pub(super) struct Arrivals(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    by_key: BTreeMap<Key, Count>,
    arrived: u64,
}

#[derive(Debug, Default)]
struct Count {
    count: u32,
    /// Number of its last arrival, to find the oldest entry.
    last: u64,
}

impl Arrivals {
    /// Counts an arrival and returns the new count.
    pub(super) fn add(&self, key: &Key) -> u32 {
        let mut counts = self.0.lock();
        let Counts { by_key, arrived } = &mut *counts;
        if by_key.len() >= KEYS_MAX && !by_key.contains_key(key) {
            let oldest = by_key.iter().min_by_key(|(_, count)| count.last);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                by_key.remove(&oldest);
            }
        }
        *arrived += 1;
        let counted = by_key.entry(key.clone()).or_default();
        counted.last = *arrived;
        counted.count = counted.count.saturating_add(1);
        counted.count
    }

    /// Resets the count after it was reported, or when there is no incident to report it in.
    pub(super) fn clear(&self, key: &Key) {
        self.0.lock().by_key.remove(key);
    }
}
