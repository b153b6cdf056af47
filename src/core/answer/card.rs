//! Answers on the wire: the activity that Teams puts into the thread, and back to words for people
//! at a terminal.

use serde_json::{Value, json};

use super::{Answer, Card, Mood};
use crate::core::text::markdown::escape;
use crate::core::text::without_mentions;

/// The attachment type of a card.
pub const CARD_TYPE: &str = "application/vnd.microsoft.card.adaptive";

/// The answer as a Bot Framework activity; a card as Adaptive Card 1.4.
#[must_use]
pub fn activity(answer: &Answer) -> Value {
    match answer {
        Answer::Sentence(text) => json!({ "type": "message", "text": text }),
        Answer::Card(card) => json!({
            "type": "message",
            "summary": format!("{}: {}", unescape(&card.heading), card.title),
            "attachments": [{ "contentType": CARD_TYPE, "content": adaptive_card(card) }],
        }),
    }
}

/// What people wrote stands in text runs, where nothing is Markdown.
fn adaptive_card(card: &Card) -> Value {
    let colour = match card.mood {
        Mood::Good => "Good",
        Mood::Warning => "Warning",
        Mood::Attention => "Attention",
        Mood::Neutral => "Accent",
    };
    let mut body = vec![
        json!({
            "type": "TextBlock", "text": card.heading, "color": colour,
            "weight": "Bolder", "size": "Medium", "wrap": true,
        }),
        rich(&card.title, true),
    ];
    if !card.text.is_empty() {
        body.push(rich(&card.text, false));
    }
    let facts: Vec<Value> = card
        .facts
        .iter()
        .map(|(title, value)| json!({ "title": title, "value": escape(value) }))
        .collect();
    body.push(json!({ "type": "FactSet", "facts": facts }));
    body.extend(card.hints.iter().map(|hint| rich(hint, false)));
    let actions: Vec<Value> = card
        .links
        .iter()
        .map(|(title, url)| json!({ "type": "Action.OpenUrl", "title": title, "url": url }))
        .collect();
    json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": actions,
    })
}

fn rich(text: &str, bold: bool) -> Value {
    let weight = if bold { "Bolder" } else { "Default" };
    json!({
        "type": "RichTextBlock",
        "inlines": [{ "type": "TextRun", "text": without_mentions(text), "weight": weight }],
    })
}

/// The answer as somebody at a terminal reads it; `None` if it is not an answer of ours.
#[must_use]
pub fn to_terminal(activity: &Value) -> Option<String> {
    if let Some(text) = activity.get("text").and_then(Value::as_str) {
        return Some(unescape(text));
    }
    let card = activity.pointer("/attachments/0/content")?;
    let mut lines = Vec::new();
    for element in card.get("body")?.as_array()? {
        let text = |value: &Value, key: &str| {
            value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        match element.get("type").and_then(Value::as_str) {
            Some("TextBlock") => lines.push(unescape(&text(element, "text"))),
            Some("RichTextBlock") => {
                let runs = element.get("inlines").and_then(Value::as_array).into_iter().flatten();
                lines.push(runs.map(|run| text(run, "text")).collect());
            }
            Some("FactSet") => {
                let facts = element.get("facts").and_then(Value::as_array).into_iter().flatten();
                lines.extend(facts.map(|fact| {
                    format!("  {:<9} {}", text(fact, "title"), unescape(&text(fact, "value")))
                }));
            }
            _ => {}
        }
    }
    for action in card.get("actions").and_then(Value::as_array).into_iter().flatten() {
        let url = action.get("url").and_then(Value::as_str).unwrap_or_default();
        lines.push(format!("  {:<9} {url}", "Link"));
    }
    Some(lines.join("\n"))
}

/// Markdown that this program wrote, as plain text: code as it stands, links with their
/// address.
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
