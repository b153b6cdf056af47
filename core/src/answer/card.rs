//! Answers as activities for Teams, and as text for a terminal.

use serde_json::{Value, json};

use super::{Answer, Card};
use crate::text::card::{self as cards, CARD_TYPE, Line, Look, block, warning};
use crate::text::without_mentions;

#[must_use]
pub fn activity(answer: &Answer) -> Value {
    match answer {
        Answer::Sentence(text) => json!({ "type": "message", "text": text }),
        Answer::Card(card) => json!({
            "type": "message",
            "summary": without_mentions(&summary(card)),
            "attachments": [{
                "contentType": CARD_TYPE,
                "content": cards::card(&body(card), &card.links),
            }],
        }),
    }
}

fn summary(card: &Card) -> String {
    let parts = [card.title.as_str(), card.state.as_str()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(": ")
}

fn body(card: &Card) -> Vec<Value> {
    let mut body = Vec::new();
    if !card.warnings.is_empty() {
        body.push(warning(&card.warnings));
    }
    // The first line of each part has a gap above it.
    let mut part = |lines: &[Line], look: Look| {
        for (place, line) in lines.iter().enumerate() {
            let is_apart = look.is_apart && place == 0 && !body.is_empty();
            body.push(block(line, Look { is_apart, ..look }));
        }
    };
    let apart = Look { is_apart: true, ..Look::default() };
    part(&[Line::words(&card.title)], Look { is_bold: true, ..apart });
    if !card.state.is_empty() {
        let look = Look { tone: Some(card.tone), ..Look::default() };
        part(&[Line::words(&card.state)], look);
    }
    part(&card.lines, apart);
    let is_apart = card.lines.is_empty();
    part(card.people.as_slice(), Look { is_small: true, is_apart, ..Look::default() });
    part(&card.details, Look { is_small: true, ..apart });
    part(card.next.as_slice(), apart);
    for hint in &card.hints {
        part(std::slice::from_ref(hint), apart);
    }
    body
}

/// The answer as text; `None` if the activity is not one of our answers.
#[must_use]
pub fn to_terminal(activity: &Value) -> Option<String> {
    if let Some(text) = activity.get("text").and_then(Value::as_str) {
        return Some(unescape(text));
    }
    let card = activity.pointer("/attachments/0/content")?;
    let mut lines: Vec<String> = Vec::new();
    let elements = card.get("body")?.as_array()?.iter().flat_map(|element| {
        let items = element.get("items").and_then(Value::as_array);
        items.map_or(std::slice::from_ref(element), Vec::as_slice)
    });
    for element in elements {
        // The mentions of a message to the channel are the only text in Markdown.
        if let Some(text) = element.get("text").and_then(Value::as_str) {
            lines.push(unescape(text));
            continue;
        }
        let runs = element.get("inlines").and_then(Value::as_array).into_iter().flatten();
        lines.push(runs.filter_map(run).collect());
    }
    for action in card.get("actions").and_then(Value::as_array).into_iter().flatten() {
        let url = action.get("url").and_then(Value::as_str).unwrap_or_default();
        let title = action.get("title").and_then(Value::as_str).unwrap_or_default();
        lines.push(format!("{title}: {url}"));
    }
    Some(lines.join("\n"))
}

/// A run of text. Commands get back quotes.
fn run(run: &Value) -> Option<String> {
    let text = run.get("text")?.as_str()?;
    let is_command = run.get("fontType").is_some_and(|font| font == "Monospace");
    Some(if is_command { format!("`{text}`") } else { text.to_owned() })
}

/// Our own Markdown as plain text: code unchanged, links with their address.
fn unescape(markdown: &str) -> String {
    let text = markdown.replace("\n\n", "\n").replace("**", "");
    let mut plain = String::with_capacity(text.len());
    let (mut in_code, mut in_link) = (false, false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '`' => {
                in_code = !in_code;
                plain.push(c);
            }
            c if in_code => plain.push(c),
            '\\' => plain.extend(chars.next()),
            '[' => in_link = true,
            ']' if in_link => plain.push(':'),
            '(' if in_link => plain.push(' '),
            ')' if in_link => in_link = false,
            c => plain.push(c),
        }
    }
    plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
