//! `status-update send`: posts a signed message as Teams would and prints the answer. Serves for
//! first steps and as a smoke test of a deployment.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::core::answer::card;
use crate::core::teams::activity::{Token, WEBHOOK_PATH};
use crate::http_client::http_client;

#[derive(Debug)]
pub struct OutgoingMessage<'a> {
    /// Address of the webhook, or of the program that serves it.
    pub to: &'a str,
    /// Signs the message.
    pub token: &'a Token,
    pub name: &'a str,
    /// Text after the mention.
    pub text: &'a str,
    pub now: Timestamp,
}

/// Reason why there is no answer to print.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// Nothing answers at the address.
    #[error("{to} does not answer: {why}. Is the program running there?")]
    NoAnswer { to: String, why: String },
    /// The answer has an error status.
    #[error("{to} answered {status}{hint}")]
    Status { to: String, status: u16, hint: &'static str },
    /// The answer did not come from this program.
    #[error("{to} answered with something that is not an answer of this program")]
    NotOurs { to: String },
    /// No random bytes for the message id.
    #[error("no random number: {0}")]
    Random(#[from] getrandom::Error),
}

/// Signs and posts the message, and returns the answer as terminal text.
///
/// # Errors
/// Returns a [`SendError`] that says what to check.
pub async fn send(letter: &OutgoingMessage<'_>) -> Result<String, SendError> {
    let to = address(letter.to, WEBHOOK_PATH);
    let body = activity(letter)?.to_string();
    let no_answer =
        |error: &reqwest::Error| SendError::NoAnswer { to: to.clone(), why: root_cause(error) };
    // The answer may take the server's whole time budget, which is more than that of a storage
    // request.
    let client = http_client()
        .timeout(std::time::Duration::from_secs(30))
        .build()
        .map_err(|error| no_answer(&error))?;
    let response = client
        .post(&to)
        .header("authorization", letter.token.sign(body.as_bytes()))
        .header("content-type", "application/json; charset=utf-8")
        .body(body)
        .send()
        .await
        .map_err(|error| no_answer(&error))?;
    let status = response.status().as_u16();
    if status != 200 {
        let hint = match status {
            401 => ": is the token the right one (--token), and this machine's clock right?",
            404 => ": is the address that of the webhook?",
            500.. => ": GET /api/health there says why, and so does its log",
            _ => "",
        };
        return Err(SendError::Status { to, status, hint });
    }
    let answer = response.bytes().await.map_err(|error| no_answer(&error))?;
    let answer: Option<Value> = serde_json::from_slice(&answer).ok();
    answer.as_ref().and_then(card::to_terminal).ok_or(SendError::NotOurs { to })
}

/// Appends `path` to an address that has none.
pub(super) fn address(to: &str, path: &str) -> String {
    let (address, query) = to.split_at(to.find('?').unwrap_or(to.len()));
    let address = address.trim_end_matches('/');
    let authority = address.split_once("://").map_or(address, |(_, rest)| rest);
    if authority.contains('/') { to.to_owned() } else { format!("{address}{path}{query}") }
}

pub(super) fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// Name of the bot in messages from the terminal.
pub(super) const BOT: &str = "StatusPage";

/// A Teams activity with every field that the webhook reads.
fn activity(letter: &OutgoingMessage<'_>) -> Result<Value, getrandom::Error> {
    // Two messages in the same millisecond need different ids.
    let id = format!("{}{:06}", letter.now.as_millisecond(), getrandom::u32()? % 1_000_000);
    let bot = json!({ "id": "28:status-page", "name": BOT });
    let mut entities = vec![mention(&bot, BOT)];
    let mut text = format!("<at>{BOT}</at> ");
    let mut html = format!("{}&nbsp;", mention_html(BOT, 0));
    for part in parts(letter.text) {
        match part {
            Part::Words(words) => {
                text.push_str(words);
                let lines: Vec<String> = words.split('\n').map(escape).collect();
                html.push_str(&lines.join("<br>"));
            }
            Part::Person(name) => {
                text = format!("{text}<at>{name}</at>");
                html.push_str(&mention_html(name, entities.len()));
                entities.push(mention(&json!({ "id": person_id(name), "name": name }), name));
            }
        }
    }
    Ok(json!({
        "type": "message",
        "id": id,
        "timestamp": letter.now.to_string(),
        "from": { "id": person_id(letter.name), "name": letter.name },
        "conversation": { "id": format!("19:command-line@thread.tacv2;messageid={id}") },
        "recipient": bot,
        "textFormat": "plain",
        "text": text,
        "attachments": [{ "contentType": "text/html", "content": format!("<p>{html}</p>") }],
        "entities": entities,
        "channelData": {},
    }))
}

enum Part<'a> {
    Words(&'a str),
    Person(&'a str),
}

/// Splits text into words and mentions: `@Bo` or `@"Bo Larsen"` at the start of a word. Words that
/// the bot interprets itself (`@me`, `@oncall`) are not mentions.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut words_start, mut from) = (0, 0);
    while let Some(at) = text.get(from..).and_then(|rest| rest.find('@')).map(|at| from + at) {
        from = at + 1;
        let (before, behind) =
            (text.get(..at).unwrap_or_default(), text.get(from..).unwrap_or_default());
        let quoted = behind.strip_prefix('"').and_then(|name| name.split_once('"'));
        let (name, taken) = if let Some((name, _)) = quoted {
            (name, name.len() + 2)
        } else {
            let is_end = |c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '\''));
            let name = behind.split(is_end).next().unwrap_or_default();
            (name, name.len())
        };
        let begins_word = before.is_empty() || before.ends_with(char::is_whitespace);
        let is_word =
            ["me", "oncall", "on-call"].iter().any(|word| name.eq_ignore_ascii_case(word));
        if name.trim().is_empty() || name.contains(['<', '>']) || !begins_word || is_word {
            continue;
        }
        parts.push(Part::Words(text.get(words_start..at).unwrap_or_default()));
        parts.push(Part::Person(name));
        from += taken;
        words_start = from;
    }
    parts.push(Part::Words(text.get(words_start..).unwrap_or_default()));
    parts
}

/// A made-up id that is always the same for a name.
fn person_id(name: &str) -> String {
    format!("29:{}", BASE64.encode(name))
}

fn mention(mentioned: &Value, name: &str) -> Value {
    json!({ "type": "mention", "mentioned": mentioned, "text": format!("<at>{name}</at>") })
}

fn mention_html(name: &str, place: usize) -> String {
    let name = escape(name);
    format!(
        "<span itemtype=\"http://schema.skype.com/Mention\" itemscope=\"\" itemid=\"{place}\">{name}</span>"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
