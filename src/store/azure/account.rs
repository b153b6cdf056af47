//! The storage account in a setting, and the part of it that is not secret.

use std::fmt;
use std::str::FromStr;

use azure_core::http::Url;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The emulator's only account and its key, which are public and the same everywhere.
const EMULATOR_ACCOUNT: &str = "devstoreaccount1";
const EMULATOR_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const EMULATOR_PORT: u16 = 10000;

/// Accepted forms, for error messages.
const EXPECTED: &str = "`UseDevelopmentStorage=true`, `https://ACCOUNT.blob.core.windows.net`, \
     or that address with an account SAS";

/// A storage account. Displayed without its secret, including by [`fmt::Debug`].
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    kind: AccountKind,
    url: Url,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum AccountKind {
    Emulator,
    Token,
    Signature,
}

impl Account {
    /// Returns `true` if it is the emulator on a developer's machine.
    #[must_use]
    pub fn is_emulator(&self) -> bool {
        self.kind == AccountKind::Emulator
    }

    /// Returns `true` if the address contains a signature, so that no identity is needed.
    pub(super) fn is_signed(&self) -> bool {
        self.kind != AccountKind::Token
    }

    /// Address of the service with its signature: a secret.
    pub(super) fn signed_url(&self) -> Url {
        let mut url = self.url.clone();
        if self.is_emulator() {
            sign(&mut url);
        }
        url
    }
}

impl FromStr for Account {
    type Err = String;

    /// # Errors
    /// Returns one line with the accepted forms, which repeats nothing that could be secret.
    fn from_str(setting: &str) -> Result<Self, String> {
        let setting = setting.trim();
        if setting.contains('=') && !setting.contains("://") || setting.contains(';') {
            return emulator(setting);
        }
        let wrong = |what: &str| Err(format!("{what}; it may be {EXPECTED}"));
        let Ok(mut url) = Url::parse(setting) else {
            return wrong("it is not a web address");
        };
        if url.scheme() != "https" {
            return wrong("the address has to begin with https://");
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return wrong("the address has a user, a password or a fragment");
        }
        if url.path() != "/" {
            return wrong("the address has to end after the account's host, without a path");
        }
        if url.host_str().is_some_and(|host| host.contains(".web.")) {
            return wrong("the address is the website's, not the account's");
        }
        let kind = match url.query() {
            None | Some("") => AccountKind::Token,
            Some(_) if url.query_pairs().any(|(name, _)| name == "sig") => AccountKind::Signature,
            Some(_) => return wrong("the address has a query that is no SAS"),
        };
        if kind == AccountKind::Token {
            url.set_query(None);
        }
        Ok(Self { kind, url })
    }
}

/// Host and kind of access, without the signature.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.url.host_str().unwrap_or_default();
        match self.kind {
            AccountKind::Emulator => {
                let port = self.url.port_or_known_default().unwrap_or_default();
                write!(f, "Azurite at {}://{host}:{port}", self.url.scheme())
            }
            AccountKind::Token => write!(f, "Azure storage {host}"),
            AccountKind::Signature => write!(f, "Azure storage {host} with a SAS"),
        }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({self})")
    }
}

/// Parses the emulator's connection string.
fn emulator(setting: &str) -> Result<Account, String> {
    let wrong = |what: &str| Err(format!("{what}; it may be {EXPECTED}"));
    let mut development = false;
    let mut proxy = "http://127.0.0.1".to_owned();
    for part in setting.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        match name.to_ascii_lowercase().as_str() {
            "usedevelopmentstorage" => development = value.eq_ignore_ascii_case("true"),
            "developmentstorageproxyuri" => value.clone_into(&mut proxy),
            "accountkey" | "sharedaccesssignature" | "defaultendpointsprotocol" => {
                return wrong("an account's connection string is not supported");
            }
            _ => return wrong("it has an unknown part"),
        }
    }
    if !development {
        return wrong("it has no `UseDevelopmentStorage=true`");
    }
    let Ok(mut url) = Url::parse(&proxy) else {
        return wrong("its DevelopmentStorageProxyUri is not a web address");
    };
    if url.scheme() != "http" || url.path() != "/" || url.query().is_some() {
        return wrong("its DevelopmentStorageProxyUri has to be like http://127.0.0.1:10000");
    }
    if url.port().is_none() && url.set_port(Some(EMULATOR_PORT)).is_err() {
        return wrong("its DevelopmentStorageProxyUri takes no port");
    }
    url.set_path(EMULATOR_ACCOUNT);
    Ok(Account { kind: AccountKind::Emulator, url })
}

/// Signs the emulator's address with an account SAS that never expires, the only authentication
/// that the SDK supports without TLS.
fn sign(url: &mut Url) {
    // Version, services (blobs), resource types and permissions (all), expiry (never).
    let (version, services, resources, permissions) = ("2019-12-12", "b", "sco", "rwdlacup");
    let (expiry, protocol) = ("2099-12-31T00:00:00Z", "https,http");
    let text = format!(
        "{EMULATOR_ACCOUNT}\n{permissions}\n{services}\n{resources}\n\n{expiry}\n\n{protocol}\n\
         {version}\n"
    );
    let key = STANDARD.decode(EMULATOR_KEY).unwrap_or_default();
    let Ok(mut hmac) = Hmac::<Sha256>::new_from_slice(&key) else { return };
    hmac.update(text.as_bytes());
    let signature = STANDARD.encode(hmac.finalize().into_bytes());
    url.query_pairs_mut()
        .append_pair("sv", version)
        .append_pair("ss", services)
        .append_pair("srt", resources)
        .append_pair("sp", permissions)
        .append_pair("se", expiry)
        .append_pair("spr", protocol)
        .append_pair("sig", &signature);
}
