//! How often alerts arrived. What repeats within a while makes no record, so this process
//! alone knows it: the number is that many at least.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::core::launch::alert::Key;

/// How many alerts are counted.
const KEYS_MAX: usize = 1_000;

#[derive(Debug, Default)]
pub(super) struct Arrivals(Mutex<BTreeMap<Key, u32>>);

impl Arrivals {
    /// Counts one more, and says how many there are.
    pub(super) fn add(&self, key: &Key) -> u32 {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= KEYS_MAX && !counts.contains_key(key) {
            return 1;
        }
        let count = counts.entry(key.clone()).or_default();
        *count = count.saturating_add(1);
        *count
    }

    /// They were told of, or there is nothing to tell them in.
    pub(super) fn clear(&self, key: &Key) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}
