//! How often alerts arrived. What repeats within a while makes no record, so this process
//! alone knows it: the number is that many at least.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use crate::core::alerts::alert::Key;

/// Only the alerts that arrived last are counted.
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
    /// Which arrival was its last.
    last: u64,
}

impl Arrivals {
    /// Counts one more, and says how many there are.
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

    /// They were told of, or there is nothing to tell them in.
    pub(super) fn clear(&self, key: &Key) {
        self.0.lock().by_key.remove(key);
    }
}
