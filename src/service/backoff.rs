//! Pauses after failures: they grow, and differ from process to process, so that storage that is in
//! trouble is not asked by all at once.

use tokio::time::{Duration, Instant};

use super::outcome::ServiceError;

/// The first pause; each following one is twice as long, up to the last.
const PAUSE_FIRST: Duration = Duration::from_millis(500);
const PAUSE_LAST: Duration = Duration::from_mins(1);

/// When the next try may be made.
pub(super) struct Backoff {
    pause: Option<Pause>,
    spread: Spread,
}

/// Lengthens pauses by chance, so that several processes do not come back at the same time.
#[derive(Clone)]
pub(super) struct Spread(u64);

impl Spread {
    /// `seed` has to differ between processes.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// At least `length`, and less than twice as long.
    pub(super) fn lengthen(&mut self, length: Duration) -> Duration {
        // A linear congruential generator (Knuth, MMIX): spread is all that is asked of it.
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
    /// `seed` spreads the pauses of several processes.
    pub(super) fn new(seed: u64) -> Self {
        Self { pause: None, spread: Spread::new(seed) }
    }

    /// Chance of its own for the tries of one write.
    pub(super) fn spread(&mut self) -> Spread {
        self.spread.lengthen(PAUSE_FIRST);
        self.spread.clone()
    }

    /// Fails while a pause lasts.
    pub(super) fn check(&self) -> Result<(), ServiceError> {
        match &self.pause {
            Some(pause) if Instant::now() < pause.until => {
                Err(ServiceError::Paused(pause.why.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Notes how a try went; gives how long to wait for the next one after a failure: as long as
    /// storage asks for, if that is longer.
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
