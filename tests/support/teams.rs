//! A stand-in for Microsoft Teams' outgoing webhook: messages in its two shapes, its signature, and
//! every way to get one of them wrong.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

use super::http::{self, Body, Response};

/// The key that signed `tests/fixtures/teams`.
pub const TOKEN: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// Any other.
pub const OTHER_TOKEN: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

pub const TENANT: &str = "5f0c1d6e-3b7a-4c58-9a11-2f6d0e8b4c77";
pub const TEAM: &str = "19:Qm7rT0vXn2LwZk4pYs81cHdJfUe93bGaRi6oV5tNx2M1@thread.tacv2";
pub const CHANNEL: &str = "19:8d3f5a1b7c9e4206b1d4e7f8a0c25936@thread.tacv2";
pub const USER: &str = "0b7d2c1e-5a94-4e6f-8c30-91f2a6d7b845";
pub const USER_NAME: &str = "Inês Carvalho";

/// Which of the two kinds of bodies that Teams sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    NullRich,
    BotLike,
}

/// A message before it is a body.
#[derive(Clone, Debug)]
pub struct Message {
    pub shape: Shape,
    pub kind: String,
    pub id: String,
    pub sent: Timestamp,
    /// The text after the mention.
    pub text: String,
    /// The HTML after the mention; `None` for the escaped text.
    pub html: Option<String>,
}

impl Message {
    pub fn new(text: &str) -> Self {
        static SENT: AtomicU64 = AtomicU64::new(0);
        let number = SENT.fetch_add(1, Ordering::Relaxed);
        let shape = if number.is_multiple_of(2) { Shape::NullRich } else { Shape::BotLike };
        Self {
            shape,
            kind: "message".to_owned(),
            // Teams' ids are milliseconds; these only have to differ.
            id: (1_795_254_300_000 + number).to_string(),
            sent: Timestamp::now(),
            text: text.to_owned(),
            html: None,
        }
    }

    /// A message written with Teams' formatting.
    pub fn formatted(text: &str, html: &str) -> Self {
        Self { html: Some(html.to_owned()), ..Self::new(text) }
    }

    pub fn body(&self) -> Vec<u8> {
        self.json().to_string().into_bytes()
    }

    pub fn json(&self) -> Value {
        let mut json = json!({
            "type": self.kind,
            "id": self.id,
            "channelId": "msteams",
            "textFormat": "plain",
            "from": {
                "id": "29:1kQx7vTn0sPzRb3YwLd8-HfGjMaE_oU5cIy2VtXq4ZnBr9SgKpWl6DmJhFeAuCi",
                "name": USER_NAME,
                "aadObjectId": USER,
            },
            "conversation": {
                "isGroup": true,
                "id": format!("{CHANNEL};messageid={}", self.id),
                "conversationType": "channel",
            },
            "channelData": {
                "teamsChannelId": CHANNEL,
                "teamsTeamId": TEAM,
                "channel": { "id": CHANNEL },
                "team": { "id": TEAM },
                "tenant": { "id": TENANT },
            },
        });
        match self.shape {
            Shape::NullRich => self.add_nulls(&mut json),
            Shape::BotLike => self.add_recipient(&mut json),
        }
        json
    }

    fn add_nulls(&self, json: &mut Value) {
        json["timestamp"] = format!("{:.3}", self.sent).into();
        json["text"] = format!("<at>StatusPage</at> {}\n", self.text).into();
        json["attachments"] = json!([{
            "contentType": "text/html",
            "contentUrl": null,
            "content": format!("<div><div>{} {}</div>\n</div>", span(), self.html()),
            "name": null,
            "thumbnailUrl": null,
        }]);
        json["entities"] = json!([client_info()]);
        json["conversation"]["name"] = Value::Null;
        json["membersAdded"] = json!([]);
        json["membersRemoved"] = json!([]);
        for name in ["recipient", "locale", "summary", "action", "replyToId", "value", "code"] {
            json[name] = Value::Null;
        }
    }

    fn add_recipient(&self, json: &mut Value) {
        let bot = json!({ "id": "28:6c1e0b52-9d47-4f3a-8e25-b7a40d91c3f8", "name": "StatusPage" });
        json["timestamp"] = format!("{:.7}", self.sent).into();
        json["text"] = format!("<at>StatusPage</at> {}", self.text).into();
        json["attachments"] = json!([{
            "contentType": "text/html",
            "content": format!("<p>{}&nbsp;{}</p>", span(), self.html()),
        }]);
        let mention = json!({ "mentioned": bot, "text": "<at>StatusPage</at>", "type": "mention" });
        json["entities"] = json!([mention, client_info()]);
        json["recipient"] = bot;
        json["conversation"]["tenantId"] = TENANT.into();
        json["locale"] = "es-ES".into();
        json["localTimezone"] = "Europe/Madrid".into();
    }

    fn html(&self) -> String {
        let escaped = || {
            let text = self.text.replace('&', "&amp;").replace('<', "&lt;");
            text.replace('>', "&gt;").replace('\n', "<br>\r\n")
        };
        self.html.clone().unwrap_or_else(escaped)
    }
}

fn span() -> &'static str {
    r#"<span itemscope="" itemtype="http://schema.skype.com/Mention" itemid="0">StatusPage</span>"#
}

fn client_info() -> Value {
    json!({ "type": "clientInfo", "locale": "es-ES", "country": "ES", "platform": "Windows" })
}

/// The `Authorization` header of a body.
pub fn sign(token: &str, body: &[u8]) -> String {
    let key = STANDARD.decode(token).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(body);
    format!("HMAC {}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// Posts bytes like Teams, with this header or none.
pub async fn post(url: &str, authorization: Option<&str>, body: Body<'_>) -> Response {
    let mut headers = vec![("Content-Type", "application/json; charset=utf-8")];
    headers.extend(authorization.map(|value| ("Authorization", value)));
    http::send("POST", url, &headers, body).await.unwrap()
}

/// Signs and posts a message, and returns the whole response.
pub async fn say(url: &str, message: &Message) -> Response {
    let body = message.body();
    post(url, Some(&sign(TOKEN, &body)), Body::Sized(&body)).await
}

/// The reply in the thread, read from a response that Teams would show.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Done: the summary and the Adaptive Card.
    Card { summary: String, card: Value },
    /// Not done: a sentence.
    Sentence(String),
}

impl Reply {
    pub fn of(response: &Response) -> Self {
        assert_eq!(response.status, 200, "{}", response.text());
        let content_type = response.head.get("content-type").unwrap_or_default();
        assert!(content_type.starts_with("application/json"), "{content_type}");
        let json = response.json();
        assert_eq!(json["type"], "message", "{json}");
        match (json["text"].as_str(), json["attachments"].as_array().map(Vec::as_slice)) {
            (Some(text), None) if !text.is_empty() => Self::Sentence(text.to_owned()),
            (None, Some([attachment])) => {
                let kind = "application/vnd.microsoft.card.adaptive";
                assert_eq!(attachment["contentType"], kind, "{json}");
                Self::Card {
                    summary: json["summary"].as_str().unwrap().to_owned(),
                    card: attachment["content"].clone(),
                }
            }
            _ => panic!("neither a sentence nor one card: {json}"),
        }
    }

    #[track_caller]
    pub fn card(self) -> (String, Value) {
        match self {
            Self::Card { summary, card } => (summary, card),
            Self::Sentence(text) => panic!("a sentence, not a card: {text}"),
        }
    }

    #[track_caller]
    pub fn sentence(self) -> String {
        match self {
            Self::Sentence(text) => text,
            Self::Card { card, .. } => panic!("a card, not a sentence: {card}"),
        }
    }
}
