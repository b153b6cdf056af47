//! Signed addresses of the pages for responders. Anyone who has an address can read the page until
//! the address expires, or until the token that signed it is replaced.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64_URL;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

use super::activity::Token;
use crate::incident::model::Number;

pub const RESPONDERS_PATH: &str = "/api/responders";

/// Validity of an address.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// Tolerated difference between the clocks of several machines.
const SKEW: SignedDuration = SignedDuration::from_mins(10);
/// Label for key derivation.
const PURPOSE: &[u8] = b"status-update responder pages";

/// A page for responders only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponderPage {
    Review(Number),
    Timeline(Number),
    OnCall,
}

impl ResponderPage {
    fn name(self) -> &'static str {
        match self {
            Self::Review(_) => "review",
            Self::Timeline(_) => "timeline",
            Self::OnCall => "oncall",
        }
    }

    fn number(self) -> Number {
        match self {
            Self::Review(number) | Self::Timeline(number) => number,
            Self::OnCall => 0,
        }
    }

    fn of(name: &str, number: Number) -> Option<Self> {
        let pages = [Self::Review(number), Self::Timeline(number), Self::OnCall];
        let page = pages.into_iter().find(|page| page.name() == name)?;
        (page.number() == number).then_some(page)
    }
}

/// Creates and verifies these addresses. The `Debug` output hides the tokens.
#[derive(Clone, Debug)]
pub struct ResponderLinks {
    base: String,
    tokens: Vec<Token>,
}

impl ResponderLinks {
    /// `base` is the address of the function without a trailing slash. The first token signs, and
    /// signatures of all tokens are valid.
    #[must_use]
    pub fn new(base: String, tokens: Vec<Token>) -> Self {
        Self { base, tokens }
    }

    /// Address of a page, valid for 24 hours. `None` without a token.
    #[must_use]
    pub fn address(&self, page: ResponderPage, now: Timestamp) -> Option<String> {
        let until = now.checked_add(LIFETIME).ok()?.as_second();
        let code = signature(self.tokens.first()?, page, until)?.finalize().into_bytes();
        let (base, name, number) = (&self.base, page.name(), page.number());
        let code = BASE64_URL.encode(code);
        Some(format!(
            "{base}{RESPONDERS_PATH}?page={name}&number={number}&until={until}&signature={code}"
        ))
    }

    /// The requested page, if one of the tokens signed the query and it has not expired. Tries
    /// every token, and compares in constant time.
    #[must_use]
    pub fn page(&self, query: &str, now: Timestamp) -> Option<ResponderPage> {
        let value = |name: &str| {
            let mut values = query.split('&').filter_map(|part| part.split_once('='));
            values.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let page = ResponderPage::of(value("page")?, value("number")?.parse().ok()?)?;
        let until: i64 = value("until")?.parse().ok()?;
        let code = BASE64_URL.decode(value("signature")?).ok()?;
        let left = Timestamp::from_second(until).ok()?.duration_since(now);
        let is_signed = self.tokens.iter().fold(false, |signed, token| {
            let expected = signature(token, page, until);
            signed | expected.is_some_and(|mac| mac.verify_slice(&code).is_ok())
        });
        (is_signed && left.is_positive() && left <= LIFETIME + SKEW).then_some(page)
    }
}

/// Signature of a page and its expiry. The key is derived from a token for this purpose only (HKDF,
/// RFC 5869, with one block).
fn signature(token: &Token, page: ResponderPage, until: i64) -> Option<Hmac<Sha256>> {
    let mut expand = Hmac::<Sha256>::new_from_slice(&token.extract(PURPOSE)?).ok()?;
    expand.update(PURPOSE);
    expand.update(&[1]);
    let key = expand.finalize().into_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{}\n{}\n{until}", page.name(), page.number()).as_bytes());
    Some(mac)
}
