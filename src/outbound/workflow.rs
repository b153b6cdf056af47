//! Address of a Teams workflow, which is a secret.

use std::fmt;
use std::str::FromStr;

use azure_core::http::Url;

/// Accepted form, for error messages.
const EXPECTED: &str = "it may be the https:// address that Teams shows for a workflow with the \
                        trigger \"When a Teams webhook request is received\"";

/// Address of a Teams workflow. Anyone who has it can post, so that it is displayed without its
/// secret part, including by [`fmt::Debug`].
#[derive(Clone, PartialEq, Eq)]
pub struct Workflow(Url);

impl Workflow {
    /// The address with its signature: a secret.
    pub(super) fn secret_url(&self) -> &Url {
        &self.0
    }
}

impl FromStr for Workflow {
    type Err = String;

    /// # Errors
    /// Returns one line with the accepted form, which repeats nothing that could be secret.
    fn from_str(setting: &str) -> Result<Self, String> {
        let url = secret_address(setting, EXPECTED)?;
        if url.host_str().is_some_and(|host| host.ends_with("webhook.office.com")) {
            return Err(format!("Office 365 connectors no longer work; {EXPECTED}"));
        }
        Ok(Self(url))
    }
}

impl fmt::Display for Workflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the workflow at {}", self.0.host_str().unwrap_or_default())
    }
}

impl fmt::Debug for Workflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Workflow({self})")
    }
}

/// Parses an address that is a secret. The error repeats nothing of it and says what is `expected`.
pub(super) fn secret_address(setting: &str, expected: &str) -> Result<Url, String> {
    let Ok(url) = Url::parse(setting.trim()) else {
        return Err(format!("it is not a web address; {expected}"));
    };
    if !is_protected(&url) {
        return Err(format!("the address has to begin with https://; {expected}"));
    }
    let has_user = !url.username().is_empty() || url.password().is_some();
    if has_user || url.fragment().is_some() {
        return Err(format!("the address has a user, a password or a fragment; {expected}"));
    }
    Ok(url)
}

/// Returns `true` if it is safe to send secrets to the address: it uses TLS or is on this machine.
pub(crate) fn is_protected(url: &Url) -> bool {
    let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}
