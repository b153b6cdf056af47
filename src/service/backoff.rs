//! Growing pauses after failures. They differ between processes, so that these do not all retry at
//! once.

use tokio::time::{Duration, Instant};

use super::outcome::ServiceError;

/// The first pause. Pauses double up to the maximum.
const PAUSE_FIRST: Duration = Duration::from_millis(500);
const PAUSE_LAST: Duration = Duration::from_mins(1);

/// Time of the next try.
pub(super) struct Backoff {
    pause: Option<Pause>,
    spread: Spread,
}

/// Adds jitter, so that several processes do not retry at the same time.
#[derive(Clone)]
pub(super) struct Spread(u64);

impl Spread {
    /// `seed` has to differ between processes.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// At least `length`, and less than twice as long.
    pub(super) fn lengthen(&mut self, length: Duration) -> Duration {
        // A linear congruential generator (Knuth, MMIX): only spread is needed.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let share = u32::try_from(self.0 >> 54).unwrap_or_default();
        length + length * share / 1_024
    }
}

struct Pause {
    until: Instant,
    length: Duration,
    why: String,
}

impl Backoff {
    /// `seed` has to differ between processes.
    pub(super) fn new(seed: u64) -> Self {
        Self { pause: None, spread: Spread::new(seed) }
    }

    /// Separate jitter for the tries of one write.
    pub(super) fn spread(&mut self) -> Spread {
        self.spread.lengthen(PAUSE_FIRST);
        self.spread.clone()
    }

    /// Fails during a pause.
    pub(super) fn check(&self) -> Result<(), ServiceError> {
        match &self.pause {
            Some(pause) if Instant::now() < pause.until => {
                Err(ServiceError::Paused(pause.why.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Notes the result of a try. After a failure, returns the pause before the next one, or
    /// storage's `Retry-After` if that is longer.
    pub(super) fn note(&mut self, result: &Result<(), ServiceError>) -> Option<Duration> {
        let Err(error) = result else {
            self.pause = None;
            return None;
        };
        let before = self.pause.as_ref().map(|pause| pause.length);
        let length = before.map_or(PAUSE_FIRST, |length| (length * 2).min(PAUSE_LAST));
        let asked = match error {
            ServiceError::Store(error) => error.retry_after().unwrap_or_default(),
            _ => Duration::ZERO,
        };
        let wait = length.max(asked) + self.spread.lengthen(length).saturating_sub(length);
        self.pause = Some(Pause { until: Instant::now() + wait, length, why: error.to_string() });
        Some(wait)
    }
}
