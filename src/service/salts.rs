//! Random numbers of a process.

use parking_lot::Mutex;

use crate::core::digest::sha256;
use crate::core::log::seal::Salt;

/// A value that differs between processes.
#[derive(Clone, Copy)]
pub struct Seed {
    /// Spreads pauses and names the process. Not secret.
    pub spread: u64,
    /// The secret behind the salts of its records, from the operating system.
    pub salts: [u8; 32],
}

impl Seed {
    /// A seed from the operating system.
    ///
    /// # Errors
    /// No randomness is available.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut salts = [0; 32];
        getrandom::fill(&mut salts)?;
        Ok(Self { spread: getrandom::u64()?, salts })
    }
}

impl From<u64> for Seed {
    /// A repeatable seed, for tests.
    fn from(spread: u64) -> Self {
        Self { spread, salts: sha256(&spread.to_be_bytes()) }
    }
}

/// The salts of a process. Each is used once.
pub(super) struct Salts(Mutex<[u8; 32]>);

impl Salts {
    pub(super) fn new(seed: &Seed) -> Self {
        Self(Mutex::new(seed.salts))
    }

    /// Neither a salt nor the stored value reveals earlier salts.
    pub(super) fn next(&self) -> Salt {
        let mut chain = self.0.lock();
        let derived =
            |purpose: u8, chain: &[u8; 32]| sha256(&[chain.as_slice(), &[purpose]].concat());
        let salt = Salt(derived(0, &chain));
        *chain = derived(1, &chain);
        salt
    }
}
