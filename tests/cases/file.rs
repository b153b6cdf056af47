//! The files in `tests/cases/*/`; `README.md` next to this file explains their format.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use status_update::core::config::Config;

use super::thread::{Content, Message, START, Sender};

/// A file, read.
pub struct Case {
    pub config: Config,
    /// When the first message is sent.
    pub start: Timestamp,
    /// Number of earlier incidents, opened and closed.
    pub incidents: u32,
    /// The roster file that is set before the first message.
    pub rosters: Option<String>,
    /// The snapshot also has the answer's JSON.
    pub json: bool,
    /// The messages. The snapshot shows the last one. `reply_to` counts from 0 in this list.
    pub messages: Vec<Message>,
}

impl Case {
    pub fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let (head, messages) = text.split_once("---").expect("no --- before the first message");
        let mut case = Self {
            config: Config::default(),
            start: START,
            incidents: 0,
            rosters: None,
            json: false,
            messages: Vec::new(),
        };
        for line in head.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (name, value) = line.split_once(':').expect("a header line without a colon");
            case.header(name, value.trim(), path);
        }
        let messages = format!("---{messages}");
        for block in format!("\n{messages}").split("\n---").skip(1) {
            case.messages.push(message(block));
        }
        case
    }

    fn header(&mut self, name: &str, value: &str, path: &Path) {
        let file = || {
            let file = path.parent().unwrap().parent().unwrap().join(value);
            fs::read_to_string(file).unwrap()
        };
        match name {
            "config" => {
                let (address, notifies) = (self.config.public_url.take(), self.config.notifies);
                self.config = Config::parse(&file()).unwrap();
                self.config.public_url = address;
                self.config.notifies = notifies;
            }
            "notifies" => self.config.notifies = value.parse().unwrap(),
            "roster" => self.rosters = Some(file()),
            "address" => self.config.public_url = Some(value.to_owned()),
            "start" => self.start = value.parse().unwrap(),
            "json" => self.json = value.parse().unwrap(),
            "incidents" => self.incidents = value.parse().unwrap(),
            _ => panic!("{}: no such header: {name}", path.display()),
        }
    }
}

/// The text after `---`: words about the message in the same line, then the message.
fn message(block: &str) -> Message {
    let (words, body) = block.split_once('\n').unwrap_or((block, ""));
    let body = expand(body.strip_suffix('\n').unwrap_or(body));
    let mut message = Message::from(Content::Again);
    if let Some(at) = words.trim().strip_prefix("clock ") {
        message.content = Content::Clock(at.parse().unwrap());
        return message;
    }
    // The sender's name ends the line.
    let (words, from) = words.split_once("from ").unwrap_or((words, ""));
    message.from = match from.trim() {
        "" => Sender::Somebody,
        "nobody" => Sender::Nobody,
        name => Sender::Named(name.to_owned()),
    };
    let mut html = false;
    let mut again = false;
    let mut words = words.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "html" => html = true,
            "again" => again = true,
            "reply" => {
                let first = words.next().and_then(|n| n.parse::<usize>().ok()?.checked_sub(1));
                message.reply_to = Some(first.expect("reply, and the number of a message"));
            }
            _ => {
                let times = word
                    .strip_prefix('x')
                    .expect("not html, again, reply 1, x25 or from Bo Larsen");
                message.times = times.parse().unwrap();
            }
        }
    }
    if html {
        message.content = Content::Html(body);
    } else if !again {
        message.content = Content::Plain(body);
    }
    message
}

/// `{4001 x}` is 4,001 letters; `{zero-width space}` and the like are invisible characters.
fn expand(text: &str) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, from_brace)) = rest.split_once('{') {
        expanded.push_str(before);
        let replacement = from_brace.split_once('}').and_then(|(name, after)| {
            let replacement = match name {
                "zero-width space" => "\u{200b}".to_owned(),
                "right-to-left override" => "\u{202e}".to_owned(),
                "ideographic space" => "\u{3000}".to_owned(),
                "no-break space" => "\u{a0}".to_owned(),
                "bell" => "\u{7}".to_owned(),
                _ => {
                    let (times, of) = name.split_once(' ')?;
                    of.repeat(times.parse().ok()?)
                }
            };
            Some((replacement, after))
        });
        rest = if let Some((replacement, after)) = replacement {
            expanded.push_str(&replacement);
            after
        } else {
            expanded.push('{');
            from_brace
        };
    }
    expanded + rest
}
