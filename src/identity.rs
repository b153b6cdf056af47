//! This program's identity in Azure, and its tokens.

use std::error::Error as _;
use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use azure_core::http::{ClientOptions, FixedRetryOptions, RetryOptions, Transport};
use azure_identity::{
    DeveloperToolsCredential, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    Managed {
        /// Client id of a user-assigned identity; `None` for the system-assigned one.
        client_id: Option<String>,
    },
    /// Person signed in to the Azure CLI or the Azure Developer CLI.
    Developer,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoToken {
    /// Contains nothing secret.
    pub why: String,
    /// Retrying does not help until a person does something.
    pub needs_person: bool,
}

impl Identity {
    /// A credential for this identity that uses `http`.
    ///
    /// # Errors
    /// Returns a sentence if the SDK cannot create the credential.
    pub fn credential(&self, http: reqwest::Client) -> Result<Arc<dyn TokenCredential>, String> {
        let made: azure_core::Result<Arc<dyn TokenCredential>> = match self {
            Self::Managed { client_id } => {
                let retry = FixedRetryOptions {
                    delay: azure_core::time::Duration::milliseconds(100),
                    max_retries: 2,
                    ..FixedRetryOptions::default()
                };
                let client_options = ClientOptions {
                    transport: Some(Transport::new(Arc::new(http))),
                    retry: RetryOptions::fixed(retry),
                    ..ClientOptions::default()
                };
                let options = ManagedIdentityCredentialOptions {
                    user_assigned_id: client_id.clone().map(UserAssignedId::ClientId),
                    client_options,
                };
                ManagedIdentityCredential::new(Some(options)).map(|credential| credential as _)
            }
            Self::Developer => {
                DeveloperToolsCredential::new(None).map(|credential| credential as _)
            }
        };
        made.map_err(|error| format!("no credential can be created: {error}"))
    }
}

impl NoToken {
    /// Converts an error of a credential. `sign_in` is the remedy for a developer.
    #[must_use]
    pub fn new(error: &azure_core::Error, is_developer: bool, sign_in: &str) -> Self {
        let mut status = None;
        let mut source = error.source();
        while let Some(inner) = source {
            let inner_status = inner.downcast_ref::<azure_core::Error>();
            status = status.or(inner_status.and_then(azure_core::Error::http_status));
            source = inner.source();
        }
        let (why, needs_person) = match status.map(u16::from) {
            Some(400) => (
                "this machine does not have this managed identity; assign it, or correct its \
                 client id"
                    .to_owned(),
                true,
            ),
            Some(status) => (format!("no token, the identity service says {status}"), false),
            None if is_developer => (format!("nobody is signed in; {sign_in}"), true),
            None => (format!("no token: {}", cause(error)), false),
        };
        Self { why, needs_person }
    }
}

/// The innermost cause of an error, the only one that certainly contains no address.
#[must_use]
pub fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut is_lookup = false;
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
        is_lookup |= innermost.to_string() == "dns error";
    }
    if innermost.is::<reqwest::Error>() || innermost.is::<azure_core::Error>() {
        return "the request failed".into();
    }
    let text = innermost.to_string();
    let text = text.lines().next().unwrap_or_default();
    if is_lookup { format!("{text}; is the name right?") } else { text.to_owned() }
}
