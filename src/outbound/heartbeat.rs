//! Address of a dead man's switch, which is a secret.

use std::fmt;
use std::str::FromStr;

use azure_core::http::Url;

use super::workflow::secret_address;

/// Accepted form, for error messages.
const EXPECTED: &str = "use the https:// address of a check that expects a GET every minute";

/// Address of a dead man's switch. Anyone who has it can keep the switch from alerting, so that
/// only its host is displayed, including by [`fmt::Debug`].
#[derive(Clone, PartialEq, Eq)]
pub struct Heartbeat(Url);

impl Heartbeat {
    /// The whole address: a secret.
    pub(super) fn secret_url(&self) -> &Url {
        &self.0
    }
}

impl FromStr for Heartbeat {
    type Err = String;

    /// # Errors
    /// Returns one line with the accepted form, which repeats nothing that could be secret.
    fn from_str(setting: &str) -> Result<Self, String> {
        secret_address(setting, EXPECTED).map(Self)
    }
}

impl fmt::Debug for Heartbeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Heartbeat(at {})", self.0.host_str().unwrap_or_default())
    }
}
