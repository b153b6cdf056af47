//! The random value behind the digests that name members and groups of alerts in the heads of
//! records: whoever has only the heads cannot guess a key and check the guess.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::firing::Key;
use super::members::AlertDigest;
use crate::core::digest::hex;

/// 256 random bits in hexadecimal. It stands in a sealed line of the log, from the first alert on
/// until an erasure empties that line; the next alert then brings a new one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlertSecret(String);

impl AlertSecret {
    /// The secret of random bytes.
    #[must_use]
    pub fn new(random: &[u8; 32]) -> Self {
        Self(hex(random))
    }

    /// The digest of a member's or a group's key: the first 64 bits of its HMAC-SHA-256.
    #[must_use]
    pub fn digest(&self, key: &Key) -> AlertDigest {
        // Every length is a key of an HMAC.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()) else {
            return AlertDigest::default();
        };
        mac.update(key.as_str().as_bytes());
        AlertDigest::first_of(&mac.finalize().into_bytes())
    }
}

impl fmt::Debug for AlertSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AlertSecret(…)")
    }
}
