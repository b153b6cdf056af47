//! The address of a Teams workflow, which is its own secret.

use std::fmt;
use std::str::FromStr;

use azure_core::http::Url;

/// The accepted form, for the message about a wrong one.
const EXPECTED: &str = "it may be the https:// address that Teams shows for a workflow with the \
                        trigger \"When a Teams webhook request is received\"";

/// The address of a Teams workflow. Whoever has it can post: it is shown without all that counts,
/// also by [`fmt::Debug`].
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
    /// One line that says what the setting may be. It repeats nothing that could be a secret.
    fn from_str(setting: &str) -> Result<Self, String> {
        let url = secret_address(setting, EXPECTED)?;
        if url.host_str().is_some_and(|host| host.ends_with("webhook.office.com")) {
            return Err(format!("Office 365 connectors post nothing any more; {EXPECTED}"));
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

/// An address that is its own secret. The error repeats nothing of it, and says what is `expected`.
pub(super) fn secret_address(setting: &str, expected: &str) -> Result<Url, String> {
    let Ok(url) = Url::parse(setting.trim()) else {
        return Err(format!("it is no web address; {expected}"));
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

/// Whether an address is safe to send secrets to: TLS, or this very machine.
pub(crate) fn is_protected(url: &Url) -> bool {
    let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}
