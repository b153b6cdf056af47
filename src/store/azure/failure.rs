//! Converts SDK errors to [`StoreError`]s of one line, without secrets.

use std::fmt;
use std::time::Duration;

use azure_core::error::ErrorKind;
use azure_core::http::StatusCode;
use azure_core::http::headers::RETRY_AFTER;

use super::super::{Condition, KeptBy, StoreError};
use super::account::Account;
use super::clock::DATE;
use crate::core::http::retry_after;
use crate::identity::{Identity, NoToken, cause};

/// The operation that failed.
#[derive(Clone, Copy)]
pub(super) enum Request<'a> {
    /// An operation that changes nothing.
    Read,
    /// A write with this condition.
    Put(&'a Condition),
}

pub(super) struct AccountName {
    /// Displayed form, without secrets.
    pub(super) shown: String,
    is_developer: bool,
}

impl AccountName {
    pub(super) fn new(account: &Account, identity: &Identity) -> Self {
        Self { shown: account.to_string(), is_developer: *identity == Identity::Developer }
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// A failed SDK operation.
pub(super) enum Failure {
    /// Its text can contain signed addresses, so it is never shown.
    Sdk(azure_core::Error),
    /// An answer without a required field.
    Unreadable,
}

impl From<azure_core::Error> for Failure {
    fn from(error: azure_core::Error) -> Self {
        Self::Sdk(error)
    }
}

impl Failure {
    /// `None` if the blob or container does not exist.
    pub(super) fn none_if_missing<T>(self) -> Result<Option<T>, Self> {
        match self.code() {
            "BlobNotFound" | "ContainerNotFound" => Ok(None),
            _ => Err(self),
        }
    }

    /// Success if the container exists already.
    pub(super) fn fine_if_there(self) -> Result<(), Self> {
        if self.code() == "ContainerAlreadyExists" { Ok(()) } else { Err(self) }
    }

    /// Returns `true` if the write would succeed once its container exists.
    pub(super) fn is_container_missing(&self, condition: &Condition) -> bool {
        self.code() == "ContainerNotFound" && *condition == Condition::Absent
    }

    /// Returns `true` if there is nothing to delete.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self, Self::Sdk(error) if error.http_status() == Some(StatusCode::NotFound))
    }

    /// The reason why an old copy cannot be deleted; the failure if it is not about that.
    ///
    /// Delete Blob is documented to answer 409 where permanent deletion is not enabled, and 403
    /// without the right.
    pub(super) fn kept_by(self) -> Result<KeptBy, Self> {
        let Self::Sdk(error) = &self else { return Err(self) };
        match error.http_status().map(u16::from) {
            Some(403) => Ok(KeptBy::Rights),
            Some(409) if is_immutable(self.code()) => Ok(KeptBy::Policy),
            Some(409) => Ok(KeptBy::SoftDelete),
            _ => Err(self),
        }
    }

    /// The error for the caller.
    pub(super) fn explain(&self, account: &AccountName, request: Request<'_>) -> StoreError {
        let Self::Sdk(error) = self else {
            return lost(request, format!("{account}: an answer without an ETag"));
        };
        match error.kind() {
            ErrorKind::HttpResponse { status, .. } => {
                self.explain_status(*status, account, request)
            }
            ErrorKind::Credential => explain_credential(error, account),
            ErrorKind::Connection => {
                StoreError::unavailable(format!("{account}: {}", cause(error)))
            }
            // Either nothing was sent, or the request was abandoned later.
            _ => lost(request, format!("{account}: {}", cause(error))),
        }
    }

    fn explain_status(
        &self,
        status: StatusCode,
        account: &AccountName,
        request: Request<'_>,
    ) -> StoreError {
        let code = self.code();
        let text = format!("{account}: {} {code}", u16::from(status)).trim_end().to_owned();
        match (u16::from(status), request) {
            // Error of an immutable container in which the blob exists.
            (409, Request::Put(Condition::Absent)) if code == "BlobImmutableDueToPolicy" => {
                StoreError::Conflict
            }
            (409, Request::Put(_)) if is_immutable(code) => StoreError::Immutable(text),
            (409 | 412, Request::Put(_)) if is_condition(code) => StoreError::Conflict,
            (404, Request::Put(Condition::Match(_)))
                if matches!(code, "BlobNotFound" | "ContainerNotFound") =>
            {
                StoreError::Conflict
            }
            // The container is being deleted, or the account is being changed.
            (409, _) if matches!(code, "ContainerBeingDeleted" | "AccountBeingCreated") => {
                StoreError::unavailable(text)
            }
            // Rejected without being processed.
            (429, _) => StoreError::Unavailable { why: text, retry_after: self.retry_after() },
            (408 | 500.., Request::Read) => {
                StoreError::Unavailable { why: text, retry_after: self.retry_after() }
            }
            // The write may have been performed.
            (408 | 500.., Request::Put(_)) => {
                StoreError::Unknown { why: text, retry_after: self.retry_after() }
            }
            (401 | 403 | 404, _) => StoreError::Refused(format!("{text}; {}", remedy(code))),
            _ => StoreError::Refused(text),
        }
    }

    /// Pause requested by the service or by a gateway in front of it.
    fn retry_after(&self) -> Option<Duration> {
        let Self::Sdk(error) = self else { return None };
        let ErrorKind::HttpResponse { raw_response: Some(answer), .. } = error.kind() else {
            return None;
        };
        let headers = answer.headers();
        let asked = headers.get_optional_str(&RETRY_AFTER)?;
        retry_after(asked, headers.get_optional_str(&DATE))?.try_into().ok()
    }

    /// Error code of the service; empty if it sent none.
    fn code(&self) -> &str {
        match self {
            Self::Sdk(error) => match error.kind() {
                ErrorKind::HttpResponse { error_code: Some(code), .. } => plain(code),
                _ => "",
            },
            Self::Unreadable => "",
        }
    }
}

/// Keeps only an identifier: a gateway in between could answer anything.
fn plain(code: &str) -> &str {
    let name = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if name { code } else { "" }
}

/// `BlobImmutableDueToPolicy`, or the same due to a legal hold.
fn is_immutable(code: &str) -> bool {
    code.starts_with("BlobImmutable")
}

fn is_condition(code: &str) -> bool {
    matches!(code, "" | "BlobAlreadyExists" | "ConditionNotMet" | "TargetConditionNotMet")
}

/// Without a conclusive answer, a read has certainly changed nothing, but a write may have.
fn lost(request: Request<'_>, text: String) -> StoreError {
    match request {
        Request::Read => StoreError::unavailable(text),
        Request::Put(_) => StoreError::unknown(text),
    }
}

fn remedy(code: &str) -> &'static str {
    match code {
        "AuthorizationPermissionMismatch" | "InsufficientAccountPermissions" => {
            "give the identity the role Storage Blob Data Contributor on the account; where it has \
             it for less than ten minutes, the rights may still be arriving"
        }
        "AuthorizationFailure" => {
            "let the account's firewall admit this network, or give the identity the role Storage \
             Blob Data Contributor; a SAS needs read, write, create on services b, types c and o"
        }
        "AuthenticationFailed" | "InvalidAuthenticationInfo" | "NoAuthenticationInformation" => {
            "check the identity's tenant, the SAS and its expiry, and this machine's clock"
        }
        "KeyBasedAuthenticationNotPermitted" => {
            "the account does not allow a SAS: set its plain address and use an identity"
        }
        "AccountIsDisabled" => "the account is disabled",
        _ => {
            "check the account's name and that the identity has the role Storage Blob Data \
             Contributor on it"
        }
    }
}

/// Nothing was sent, because there was no token.
fn explain_credential(error: &azure_core::Error, account: &AccountName) -> StoreError {
    let sign_in = "run `az login` or `azd auth login`, or use Azurite";
    let NoToken { why, needs_person } = NoToken::new(error, account.is_developer, sign_in);
    let why = format!("{account}: {why}");
    if needs_person { StoreError::Refused(why) } else { StoreError::unavailable(why) }
}
