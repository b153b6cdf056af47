//! Identity and condition of alerts.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

pub use super::reading::Condition;
pub use super::senders::AlertSource;
use crate::digest::sha256_hex;
use crate::sealed::{self, Erasable};
use crate::text::Text;

/// Deliveries of one alert within this time count as one; only changes are recorded.
pub const BURST: SignedDuration = SignedDuration::from_mins(5);

/// The longest key, in bytes. A longer one is replaced by its digest.
pub const KEY_BYTES_MAX: usize = 200;

/// Identifies the subject of a delivery: up to [`KEY_BYTES_MAX`] bytes without control characters,
/// unique per source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(#[serde(with = "sealed")] String);

impl Key {
    #[must_use]
    pub fn of(source: AlertSource, parts: &[&str]) -> Self {
        let readable = parts.join("|");
        // If a part contains the separator, only the digest is unambiguous.
        let is_plain = !parts.iter().any(|part| part.contains('|'))
            && Text::plain(&readable).to_plain() == readable
            && !readable.contains('\n');
        let key = format!("{}:{readable}", source.name());
        if is_plain && key.len() <= KEY_BYTES_MAX {
            return Self(key);
        }
        let whole: Vec<String> =
            parts.iter().map(|part| format!("{}:{part}", part.len())).collect();
        Self(format!("{}:sha256:{}", source.name(), sha256_hex(whole.concat().as_bytes())))
    }

    #[must_use]
    pub fn of_member(source: AlertSource, fingerprint: &str) -> Self {
        Self::of(source, &["member", fingerprint])
    }

    /// Placeholder for an erased key.
    #[must_use]
    pub fn erased() -> Self {
        Self(String::erased())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
