//! What Teams posts: the signature, and the message in the activity.
//!
//! Two shapes of activity are seen in the wild and both vary, so the reader relies on the fields
//! that both have, and takes every one of them as missing, null or of another type.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::Sha256;

use super::said::{ID_BYTES_MAX, Said, addressed, string};
use crate::core::log::record::{Cause, MessageId, Source};
use crate::core::response::person::Person;
use crate::core::text::clean_name;

/// The largest request body that is looked at, in bytes.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// The shortest token that is taken, in bytes; Teams' have 32.
const TOKEN_BYTES_MIN: usize = 16;

/// The path of the webhook.
pub const WEBHOOK_PATH: &str = "/api/status-update";

/// A webhook's security token. Printed for debugging, it shows that it is one, never which.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Vec<u8>);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// Reads a token as Teams shows it, in base64; `None` if it is not, or too short to be one.
    #[must_use]
    pub fn parse(base64: &str) -> Option<Self> {
        let key = BASE64.decode(base64.trim()).ok()?;
        (key.len() >= TOKEN_BYTES_MIN).then_some(Self(key))
    }

    /// The value of the `Authorization` header for a body.
    #[must_use]
    pub fn sign(&self, body: &[u8]) -> String {
        let code = self.mac(body).map(|mac| mac.finalize().into_bytes());
        format!("HMAC {}", code.map(|code| BASE64.encode(code)).unwrap_or_default())
    }

    /// The first step in the derivation of a key for another purpose (HKDF-Extract, RFC 5869).
    pub(super) fn extract(&self, salt: &[u8]) -> Option<[u8; 32]> {
        let mut mac = Hmac::<Sha256>::new_from_slice(salt).ok()?;
        mac.update(&self.0);
        Some(mac.finalize().into_bytes().into())
    }

    fn mac(&self, body: &[u8]) -> Option<Hmac<Sha256>> {
        // HMAC takes keys of any length: there is no key for which this is `None`.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(body);
        Some(mac)
    }
}

/// Whether one of the tokens signed the body. Compares in constant time, and tries every token.
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

/// Whether a key is one of the tokens, as Teams shows them. Takes as long for any.
#[must_use]
pub fn is_token(tokens: &[Token], key: &str) -> bool {
    // Who has the token signs as it does.
    Token::parse(key).is_some_and(|key| is_signed(tokens, Some(&key.sign(b"key")), b"key"))
}

/// A message to the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Which message it is.
    pub id: MessageId,
    /// The id of the message that began its thread, where that is known: its own for one that
    /// begins a thread.
    pub thread: Option<String>,
    /// When it was sent, by Teams' clock.
    pub sent: Timestamp,
    /// Who sent it.
    pub from: Person,
    /// Where it was sent.
    pub origin: Origin,
    /// What the bot is called there.
    pub bot: String,
    /// What stands behind the bot's mention.
    pub said: Said,
}

impl Message {
    /// What a decision knows of it, where it came at `at`.
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

/// Where a message was sent; what is unknown is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The directory tenant's id.
    pub tenant: String,
    /// The team's id.
    pub team: String,
    /// The channel's id.
    pub channel: String,
}

/// Who may run commands, by ids; an empty list allows everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Directory tenants.
    pub tenants: Vec<String>,
    /// Teams.
    pub teams: Vec<String>,
    /// Channels.
    pub channels: Vec<String>,
    /// People.
    pub users: Vec<String>,
}

impl Allowed {
    /// Whether all four lists have the message's sender and origin.
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

/// What an activity is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Activity {
    /// A message that mentions the bot.
    Message(Box<Message>),
    /// Anything else, such as an edit: it does nothing.
    Other(&'static str),
}

/// Why a signed body is not an activity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActivityError {
    /// It is no JSON object.
    #[error("the body is not a JSON object")]
    NotJson,
    /// A field that every message has is not there.
    #[error("the message has no usable `{0}`")]
    Missing(&'static str),
}

/// Reads a body whose signature was checked.
///
/// # Errors
/// An [`ActivityError`] for a body that Teams would not send.
pub fn read_activity(body: &[u8]) -> Result<Activity, ActivityError> {
    // The signature covers the byte order mark that a body may begin with; JSON has none.
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
    // Ids that were cut off could be taken for one another.
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

/// Whether a message's time is within the limit of the clock here, before or after it.
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
