//! Counts folds in debug builds, so that a test can show that a command folds its record once.

use std::cell::Cell;

thread_local! {
    static FOLDS: Cell<u64> = const { Cell::new(0) };
}

pub(super) fn count() {
    if cfg!(debug_assertions) {
        FOLDS.set(FOLDS.get() + 1);
    }
}

/// Number of records that this thread has folded.
#[must_use]
pub fn folds() -> u64 {
    FOLDS.get()
}
