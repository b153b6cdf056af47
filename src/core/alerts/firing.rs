//! What alerts are known by: their source, their keys and their condition.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

pub use super::reading::Condition;
pub use super::senders::AlertSource;
use crate::core::digest::sha256_hex;
use crate::core::sealed::{self, Erasable};
use crate::core::text::Text;

/// How long deliveries of one alert count as one: within it only what changes is recorded.
pub const BURST: SignedDuration = SignedDuration::from_mins(5);

/// The longest key, in bytes; a longer one is replaced by its digest.
pub const KEY_BYTES_MAX: usize = 200;

/// What says that two deliveries are about the same thing: at most [`KEY_BYTES_MAX`] bytes,
/// without control characters, and never the same for two sources.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(#[serde(with = "sealed")] String);

impl Key {
    /// The key of these parts.
    #[must_use]
    pub fn of(source: AlertSource, parts: &[&str]) -> Self {
        let readable = parts.join("|");
        // A part may have the separator in it: then only the digest tells the parts apart.
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

    /// The key of a member, by what its sender tells members apart by.
    #[must_use]
    pub fn of_member(source: AlertSource, fingerprint: &str) -> Self {
        Self::of(source, &["member", fingerprint])
    }

    /// What stands for a key that was erased.
    #[must_use]
    pub fn erased() -> Self {
        Self(String::erased())
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
