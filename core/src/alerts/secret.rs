//! The random value behind the digests of members and groups in the heads of records. Without it,
//! nobody can guess a key and check the guess against a head.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::firing::Key;
use super::members::AlertDigest;
use crate::digest::hex;

/// 256 random bits in hexadecimal. They are in a sealed line of the log from the first alert until
/// an erasure empties that line; the next alert then brings a new secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlertSecret(String);

impl AlertSecret {
    #[must_use]
    pub fn new(random: &[u8; 32]) -> Self {
        Self(hex(random))
    }

    /// The first 64 bits of the key's HMAC-SHA-256.
    #[must_use]
    pub fn digest(&self, key: &Key) -> AlertDigest {
        // HMAC accepts keys of any length.
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
