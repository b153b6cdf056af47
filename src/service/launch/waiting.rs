//! Shared by the steps: nothing to do, and waiting for the result of an earlier try.

use jiff::SignedDuration;

use crate::core::launch::step::{Attempt, StepOutcome};

/// A created object may take this long to be found. It is not created again before.
pub(super) const FOUND_AFTER: SignedDuration = SignedDuration::from_secs(30);

pub(super) fn skipped(why: &str) -> StepOutcome {
    StepOutcome::Skipped { why: why.to_owned() }
}

/// The wait before creating again what an earlier try may have created but a search does not find;
/// `None` if it is over.
pub(super) fn too_early(
    attempt: &Attempt,
    found_after: SignedDuration,
    why: &str,
) -> Option<StepOutcome> {
    let since = attempt.in_doubt_since?;
    let left = found_after - attempt.now.duration_since(since);
    left.is_positive().then(|| StepOutcome::Wait {
        why: why.to_owned(),
        retry_after: Some(left.min(FOUND_AFTER)),
        in_doubt_since: Some(since),
    })
}
