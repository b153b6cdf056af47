//! Webhook requests from Teams: verifies the signature and parses the activity.
//!
//! Teams sends two shapes of activity, and both vary. The parser uses only fields that both shapes
//! have, and expects each of them to be missing, null or of a different type.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::Sha256;

use super::said::{ID_BYTES_MAX, Said, addressed, string};
use crate::log::record::{Cause, MessageId, Source};
use crate::response::person::Person;
use crate::text::clean_name;

/// Maximum size of a request body, in bytes.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// Minimum length of a token, in bytes. The tokens of Teams have 32.
const TOKEN_BYTES_MIN: usize = 16;

pub const WEBHOOK_PATH: &str = "/api/status-update";

/// Security token of a webhook. Its `Debug` output hides the value.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Vec<u8>);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// Parses a token in base64, as Teams shows it. `None` if it is malformed or too short.
    #[must_use]
    pub fn parse(base64: &str) -> Option<Self> {
        let key = BASE64.decode(base64.trim()).ok()?;
        (key.len() >= TOKEN_BYTES_MIN).then_some(Self(key))
    }

    /// Value of the `Authorization` header for a body.
    #[must_use]
    pub fn sign(&self, body: &[u8]) -> String {
        let code = self.mac(body).map(|mac| mac.finalize().into_bytes());
        format!("HMAC {}", code.map(|code| BASE64.encode(code)).unwrap_or_default())
    }

    /// First step in deriving a key for a different purpose (HKDF-Extract, RFC 5869).
    pub(super) fn extract(&self, salt: &[u8]) -> Option<[u8; 32]> {
        let mut mac = Hmac::<Sha256>::new_from_slice(salt).ok()?;
        mac.update(&self.0);
        Some(mac.finalize().into_bytes().into())
    }

    fn mac(&self, body: &[u8]) -> Option<Hmac<Sha256>> {
        // HMAC accepts keys of any length, so this is never `None`.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(body);
        Some(mac)
    }
}

/// Returns `true` if one of the tokens signed the body. Compares in constant time, and tries every
/// token.
#[must_use]
pub fn is_signed(tokens: &[Token], authorization: Option<&str>, body: &[u8]) -> bool {
    let code = authorization
        .and_then(|value| value.trim().split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("HMAC"))
        .and_then(|(_, code)| BASE64.decode(code.trim()).ok());
    let Some(code) = code else {
        return false;
    };
    tokens.iter().fold(false, |signed, token| {
        signed | token.mac(body).is_some_and(|mac| mac.verify_slice(&code).is_ok())
    })
}

/// Returns `true` if the key is one of the tokens in base64. Takes the same time for every key.
#[must_use]
pub fn is_token(tokens: &[Token], key: &str) -> bool {
    // Only the same token produces the same signature, and signatures are compared in constant
    // time.
    Token::parse(key).is_some_and(|key| is_signed(tokens, Some(&key.sign(b"key")), b"key"))
}

/// A message that mentions the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub id: MessageId,
    /// Id of the message that started the thread, if known. A message that starts a thread has its
    /// own id here.
    pub thread: Option<String>,
    /// Time of sending, by the clock of Teams.
    pub sent: Timestamp,
    pub from: Person,
    pub origin: Origin,
    /// Name of the bot, as mentioned.
    pub bot: String,
    /// Content after the mention of the bot.
    pub said: Said,
}

impl Message {
    /// Cause to record for decisions on this message, which was received at `at`.
    #[must_use]
    pub fn cause(&self, at: Timestamp) -> Cause {
        Cause {
            source: Source::Message,
            by: self.from.clone(),
            message: self.id.clone(),
            thread: self.thread.clone(),
            at,
        }
    }
}

/// Ids of the place where a message was sent. Unknown ids are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Directory tenant.
    pub tenant: String,
    pub team: String,
    pub channel: String,
}

/// Ids that may run commands. An empty list allows everyone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    pub tenants: Vec<String>,
    pub teams: Vec<String>,
    pub channels: Vec<String>,
    pub users: Vec<String>,
}

impl Allowed {
    /// Returns `true` if each list is empty or has the corresponding id of the message.
    #[must_use]
    pub fn permits(&self, message: &Message) -> bool {
        let Origin { tenant, team, channel } = &message.origin;
        let lists = [
            (&self.tenants, tenant),
            (&self.teams, team),
            (&self.channels, channel),
            (&self.users, &message.from.id),
        ];
        lists.into_iter().all(|(list, id)| {
            list.is_empty() || list.iter().any(|allowed| allowed.eq_ignore_ascii_case(id))
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Activity {
    Message(Box<Message>),
    /// An activity to ignore, such as an edit, with the reason.
    Other(&'static str),
}

/// Reason why a signed body is rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActivityError {
    #[error("the body is not a JSON object")]
    NotJson,
    #[error("the message has no usable `{0}`")]
    Missing(&'static str),
}

/// Parses a body whose signature was verified.
///
/// # Errors
/// Returns an [`ActivityError`] for a body that Teams would not send.
pub fn read_activity(body: &[u8]) -> Result<Activity, ActivityError> {
    // The signature covers a byte order mark at the start of the body, but JSON does not allow one.
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let activity: Value = serde_json::from_slice(body).map_err(|_| ActivityError::NotJson)?;
    if !activity.is_object() {
        return Err(ActivityError::NotJson);
    }
    if string(&activity, "/type") != "message" {
        return Ok(Activity::Other("it is not a message"));
    }
    let id = string(&activity, "/id");
    let mut conversation = string(&activity, "/conversation/id").split(';');
    let thread = conversation.clone().find_map(|part| part.strip_prefix("messageid="));
    let thread = thread.filter(|root| !root.is_empty() && root.len() <= ID_BYTES_MAX);
    let conversation = conversation.next().unwrap_or_default();
    // Truncated ids could collide.
    if id.is_empty() || id.len() > ID_BYTES_MAX || conversation.len() > ID_BYTES_MAX {
        return Err(ActivityError::Missing("id"));
    }
    let sent =
        string(&activity, "/timestamp").parse().map_err(|_| ActivityError::Missing("timestamp"))?;
    let Some((bot, said)) = addressed(&activity) else {
        return Ok(Activity::Other("it does not mention this bot outside of a quotation"));
    };
    let origin = Origin {
        tenant: first_of(&activity, &["/channelData/tenant/id", "/conversation/tenantId"]),
        team: first_of(&activity, &["/channelData/team/id", "/channelData/teamsTeamId"]),
        channel: first_of(&activity, &["/channelData/channel/id", "/channelData/teamsChannelId"]),
    };
    Ok(Activity::Message(Box::new(Message {
        id: MessageId { conversation: conversation.to_owned(), id: id.to_owned() },
        thread: thread.map(str::to_owned),
        sent,
        from: sender(&activity),
        origin,
        bot,
        said,
    })))
}

/// Returns `true` if the message's time is at most `skew_max` before or after `now`.
#[must_use]
pub fn is_recent(sent: Timestamp, now: Timestamp, skew_max: SignedDuration) -> bool {
    sent.duration_since(now).abs() <= skew_max
}

fn sender(activity: &Value) -> Person {
    let id = clip(&first_of(activity, &["/from/aadObjectId", "/from/id"]));
    let teams_id = Some(string(activity, "/from/id")).filter(|teams_id| {
        !teams_id.is_empty() && teams_id.len() <= ID_BYTES_MAX && *teams_id != id
    });
    let teams_id = teams_id.map(str::to_owned);
    Person { id, name: clean_name(string(activity, "/from/name")), teams_id }
}

fn first_of(value: &Value, pointers: &[&str]) -> String {
    let found = pointers.iter().map(|pointer| string(value, pointer)).find(|text| !text.is_empty());
    found.unwrap_or_default().to_owned()
}

fn clip(id: &str) -> String {
    id.chars().take(ID_BYTES_MAX).collect()
}
