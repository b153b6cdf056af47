//! Amazon SNS: messages of any kind, and the confirmation of a subscription.
//!
//! A confirmation is shown to people and never followed automatically, because anybody could post
//! its address.

use serde_json::Value;

use super::super::json::{parse, text, tree};
use super::super::reading::{AlertKind, Fields, Reading, TITLE_CHARS_MAX, lines, link, one_line};
use super::super::refused::NotAnAlert;

pub(crate) fn message(body: &Value) -> Option<&str> {
    text(body, "Message").filter(|_| is_of_sns(body) && text(body, "Type") == Some("Notification"))
}

fn is_of_sns(body: &Value) -> bool {
    text(body, "TopicArn").is_some()
}

/// Reads a message that no other sender has recognised.
pub(super) fn read(body: &Value) -> Option<Result<Reading, NotAnAlert>> {
    let kind = text(body, "Type").filter(|_| is_of_sns(body))?;
    let topic = text(body, "TopicArn").unwrap_or_default();
    Some(match kind {
        "SubscriptionConfirmation" => confirmation(body, topic),
        "Notification" => Ok(words(body, topic)),
        _ => Ok(Reading {
            kind: AlertKind::Ignored,
            title: one_line(&format!("{kind} of {topic}"), TITLE_CHARS_MAX),
            ..Reading::default()
        }),
    })
}

fn confirmation(body: &Value, topic: &str) -> Result<Reading, NotAnAlert> {
    let address = text(body, "SubscribeURL").filter(|address| is_of_amazon(address));
    let Some(address) = address.and_then(link) else {
        let why = "SubscribeURL is not an address of Amazon SNS".to_owned();
        return Err(NotAnAlert::Incomplete("Amazon SNS", why));
    };
    let topic = one_line(topic, TITLE_CHARS_MAX);
    Ok(Reading {
        kind: AlertKind::Subscription,
        key: vec!["subscription".to_owned(), topic.clone()],
        title: "Amazon SNS asks to confirm a subscription".to_owned(),
        description: format!(
            "Topic: {topic}\nIf your team subscribed this address to the topic, open the link to \
             confirm. Otherwise ignore it."
        ),
        link: Some(address),
        ..Reading::default()
    })
}

/// Accepts addresses of SNS in Amazon's regions only.
fn is_of_amazon(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("https://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let region = host
        .strip_prefix("sns.")
        .and_then(|rest| {
            rest.strip_suffix(".amazonaws.com").or(rest.strip_suffix(".amazonaws.com.cn"))
        })
        .unwrap_or_default();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !region.is_empty() && region.bytes().all(is_name)
}

/// A message of an unknown sender: its subject or first line is the title. JSON, which other
/// services of Amazon send, becomes names and values.
fn words(body: &Value, topic: &str) -> Reading {
    let message = text(body, "Message").unwrap_or_default();
    let object = parse(message.as_bytes()).ok().filter(Value::is_object);
    let name = topic.rsplit(':').next().unwrap_or_default();
    let first = match &object {
        Some(object) => text(object, "detail-type").map(str::to_owned),
        None => message.lines().next().map(str::to_owned),
    };
    let title = text(body, "Subject").map(str::to_owned).or(first);
    let title = title.unwrap_or_else(|| format!("Message of the topic {name}"));
    let title = one_line(&title, TITLE_CHARS_MAX);
    let title = if title.is_empty() { "Amazon SNS message".to_owned() } else { title };
    let message = object.map_or_else(|| message.to_owned(), |object| tree(&object).join("\n"));
    let mut fields = Fields::default();
    fields.add("title", &title);
    fields.add_label("topic", topic);
    Reading {
        key: vec![topic.to_owned(), title.clone()],
        description: lines([message.as_str(), &format!("Topic: {topic}")]),
        title,
        fields,
        ..Reading::default()
    }
}
