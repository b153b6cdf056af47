//! What a response knows of the alert that it was opened for.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use super::reading::Condition;
pub use super::senders::AlertSource;
use crate::core::digest::sha256_hex;
use crate::core::sealed;
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

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The alert that an incident was opened for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Firing {
    /// Which alert it is.
    pub key: Key,
    /// What sent it.
    pub source: AlertSource,
    /// Whether it fires still.
    pub condition: Condition,
    /// When it fired last, by the monitor's clock, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fired_at: Option<Timestamp>,
    /// When a delivery was last recorded.
    pub noted: Timestamp,
    /// The roster whose people a rule asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "sealed")]
    pub roster: Option<String>,
    /// Where people look at it in the monitor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(with = "sealed")]
    pub link: Option<String>,
}

impl Firing {
    /// Whether an alert that fired then is the one that is known here, and not a later one. Who
    /// does not say when it fired is taken for a later one.
    #[must_use]
    pub fn is_same(&self, fired_at: Option<Timestamp>) -> bool {
        matches!((fired_at, self.fired_at), (Some(at), Some(known)) if at <= known)
    }

    /// Whether what is delivered now still belongs to what was recorded last.
    #[must_use]
    pub fn is_in_burst(&self, now: Timestamp) -> bool {
        now.duration_since(self.noted) < BURST
    }
}
