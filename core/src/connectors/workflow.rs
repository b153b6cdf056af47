//! Messages for a Teams workflow, which posts them into a channel, and the responses of the
//! workflow.

use serde_json::{Value, json};

use crate::http::{Body, Failure, Method, Receiver, Request, Response, encode};
use crate::text::card::{CARD_TYPE, Line, Look, Tone, block, card};
use crate::text::markdown::escape;
use crate::text::{clean_name, is_safe_link};

/// Maximum size of a request body, in bytes. Teams accepts 28 KB and adds data of its own.
pub const BODY_BYTES_MAX: usize = 26_000;
/// Maximum number of mentions, of facts and of links that a message shows.
const MENTIONS_MAX: usize = 20;
const FACTS_MAX: usize = 20;
const LINKS_MAX: usize = 6;
/// Maximum length of a heading, and of the title and the value of a fact, in characters.
const HEADING_CHARS_MAX: usize = 200;
const TITLE_CHARS_MAX: usize = 50;
const VALUE_CHARS_MAX: usize = 500;
/// A person with a longer id is named, but not mentioned.
const ID_BYTES_MAX: usize = 200;

/// Text of a message that may have arrived before, because there is no way to check.
pub const REPEAT: &str = "This is sent again, because it is not known whether it arrived.";

/// A message to people in a channel. All its texts are plain text, which never becomes markup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Identifies the message, so that the receiver can detect a repeat.
    pub key: String,
    /// A single line.
    pub heading: String,
    pub tone: Tone,
    /// May contain line breaks.
    pub text: String,
    pub mentions: Vec<Mention>,
    /// Name and value pairs.
    pub facts: Vec<(String, String)>,
    /// Titles and addresses.
    pub links: Vec<(String, String)>,
    /// Channel to post to. Only a workflow that was changed to read this field uses it.
    pub channel: Option<Place>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    pub name: String,
    /// Object id in the directory, or sign-in address. Without either, only the name is shown.
    pub id: Option<String>,
}

/// A channel in Teams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub group: String,
    pub channel: String,
}

impl Message {
    /// Request that posts the message, shortened to the limit of Teams.
    #[must_use]
    pub fn request(&self) -> Request {
        let mut limit = BODY_BYTES_MAX;
        let mut body = self.body(limit);
        while body.to_string().len() > BODY_BYTES_MAX && limit > 0 {
            limit /= 2;
            body = self.body(limit);
        }
        Request {
            to: Receiver::Workflows,
            method: Method::Post,
            path: String::new(),
            body: Some(Body::Json(body)),
        }
    }

    /// Body of the request. Each text has at most `limit` characters, and each list at most `limit`
    /// items.
    fn body(&self, limit: usize) -> Value {
        let plain = |text: &str| block(&Line::words(text), Look::default());
        let heading = Line::words(cut(&self.heading, limit.min(HEADING_CHARS_MAX)));
        let look = Look { tone: Some(self.tone), is_bold: true, ..Look::default() };
        let mut body = vec![block(&heading, look)];
        let (called, entities) = mentions(self.mentions.iter().take(limit.min(MENTIONS_MAX)));
        if !called.is_empty() {
            body.push(json!({ "type": "TextBlock", "text": called, "wrap": true }));
        }
        let text = cut(&self.text, limit);
        body.extend(text.lines().filter(|line| !line.trim().is_empty()).map(plain));
        let facts = self.facts.iter().take(limit.min(FACTS_MAX)).map(|(title, value)| {
            let value = cut(value, limit.min(VALUE_CHARS_MAX));
            plain(&format!("{}: {value}", cut(title, TITLE_CHARS_MAX)))
        });
        body.extend(facts);
        let safe = self.links.iter().filter(|(_, address)| is_safe_link(address));
        let button = |(title, url): &(String, String)| (cut(title, TITLE_CHARS_MAX), uri(url));
        let buttons: Vec<(String, String)> = safe.take(limit.min(LINKS_MAX)).map(button).collect();
        let mut content = card(&body, &buttons);
        if let Some(fields) = content.as_object_mut() {
            fields.insert("msteams".to_owned(), json!({ "width": "Full", "entities": entities }));
        }
        let place = self.channel.as_ref();
        json!({
            "type": "message",
            "attachments": [{ "contentType": CARD_TYPE, "contentUrl": null, "content": content }],
            "key": self.key,
            "groupId": place.map(|place| &place.group),
            "channelId": place.map(|place| &place.channel),
        })
    }
}

/// Percent-encodes the characters that a URI must not contain (RFC 3986, appendix A).
fn uri(address: &str) -> String {
    let strange = |c| matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}');
    let encoded = |c: char| if strange(c) { encode(&c.to_string()) } else { c.to_string() };
    address.chars().map(encoded).collect()
}

/// The names on one line, and the entities that turn them into mentions. An entity must have the
/// same text as in the line, and different people must have different texts.
fn mentions<'a>(mentions: impl Iterator<Item = &'a Mention>) -> (String, Vec<Value>) {
    let (mut words, mut entities): (Vec<String>, Vec<Value>) = (Vec::new(), Vec::new());
    for mention in mentions {
        let is_plain =
            |c: &char| !matches!(c, '<' | '>' | '&' | '*' | '_' | '`' | '[' | ']' | '\\');
        let name: String = clean_name(&mention.name).chars().filter(is_plain).collect();
        let Some(id) =
            mention.id.as_deref().filter(|id| !id.is_empty() && id.len() <= ID_BYTES_MAX)
        else {
            words.push(escape(&name));
            continue;
        };
        let mut shown = name.clone();
        let mut number = 2;
        while words.contains(&format!("<at>{shown}</at>")) {
            shown = format!("{name} {number}");
            number += 1;
        }
        let text = format!("<at>{shown}</at>");
        entities.push(json!({
            "type": "mention", "text": text, "mentioned": { "id": id, "name": shown },
        }));
        words.push(text);
    }
    (words.join(" "), entities)
}

/// Shortens a text to at most `limit` characters.
fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let kept: String = text.chars().take(limit.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// Interprets the response of the workflow. Success means only that the workflow accepted the
/// message: its run history shows whether it was posted.
///
/// # Errors
/// Returns a [`Failure`] for every response that is not a success.
pub fn read(response: &Response) -> Result<(), Failure> {
    let code = response.json.as_ref().and_then(|json| json.pointer("/error/code"));
    let code = code
        .and_then(Value::as_str)
        .filter(|code| code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let answer = match code {
        Some(code) => format!("the Teams workflow answers {} {code}", response.status),
        None => format!("the Teams workflow answers {}", response.status),
    };
    match response.status {
        // A workflow can choose among these.
        200..=202 | 204 => Ok(()),
        429 | 503 => Err(Failure::Unavailable { why: answer, retry_after: response.retry_after }),
        // A workflow that fails after posting responds with these, too.
        408 | 500.. => Err(Failure::unclear(answer, response.retry_after)),
        status => Err(Failure::Refused(format!("{answer}: {}", remedy(status, code)))),
    }
}

fn remedy(status: u16, code: Option<&str>) -> &'static str {
    match (status, code) {
        (_, Some("WorkflowTriggerIsNotEnabled")) => "it is switched off; switch it on in Teams",
        (400, Some("MissingApiVersionParameter")) => {
            "STATUS_NOTIFY_URL lacks its query; copy the whole address from the workflow"
        }
        (400, _) => {
            "it does not take what it was sent; make it from the template \"Post to a channel when \
             a webhook request is received\""
        }
        (401 | 403, _) => {
            "let its trigger be used by anyone, and copy its address into STATUS_NOTIFY_URL again"
        }
        (404 | 410, _) => {
            "there is no such workflow any more, as when its owner has left; make one and put its \
             address into STATUS_NOTIFY_URL"
        }
        (413, _) => "the message is too large",
        _ => "check STATUS_NOTIFY_URL, and the workflow's run history",
    }
}
