//! Bodies that come in another form than JSON in UTF-8.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::refused::{NotAnAlert, quoted};

/// The body as JSON in UTF-8, as far as its `Content-Type` and its first bytes tell.
///
/// # Errors
/// An encoding or form that is not read.
pub fn decoded<'a>(body: &'a [u8], content_type: &str) -> Result<Cow<'a, [u8]>, NotAnAlert> {
    let content_type = content_type.to_ascii_lowercase();
    let mut parts = content_type.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default();
    let charset = parts.find_map(|part| part.strip_prefix("charset="));
    let charset = charset.map(|name| name.trim_matches('"'));
    if media.starts_with("multipart/") {
        return Err(NotAnAlert::Encoding("A body of several parts (form-data)".to_owned()));
    }
    let body = utf_8(body, charset)?;
    // Many programs, curl among them, say that JSON is a form.
    let is_json = matches!(body.trim_ascii_start().first(), Some(b'{' | b'[' | b'"'));
    let is_form = media == "application/x-www-form-urlencoded" || body.starts_with(b"payload=");
    Ok(if is_form && !is_json { Cow::Owned(form(&body)) } else { body })
}

fn utf_8<'a>(body: &'a [u8], charset: Option<&str>) -> Result<Cow<'a, [u8]>, NotAnAlert> {
    // Longer marks first: that of UTF-32 begins as that of UTF-16 does.
    let (marked, body) = match body {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => (Some("utf-32"), body),
        [0xff, 0xfe, rest @ ..] => (Some("utf-16le"), rest),
        [0xfe, 0xff, rest @ ..] => (Some("utf-16be"), rest),
        [0xef, 0xbb, 0xbf, rest @ ..] => (Some("utf-8"), rest),
        // JSON begins with a letter of ASCII.
        [first, 0, ..] if first.is_ascii() => (Some("utf-16le"), body),
        [0, second, ..] if *second != 0 => (Some("utf-16be"), body),
        _ => (None, body),
    };
    match marked.or(charset).unwrap_or("utf-8") {
        "utf-8" | "utf8" | "us-ascii" | "ascii" => Ok(Cow::Borrowed(body)),
        "utf-16" | "utf-16be" => utf_16(body, u16::from_be_bytes),
        "utf-16le" => utf_16(body, u16::from_le_bytes),
        "iso-8859-1" | "latin1" | "latin-1" => {
            Ok(Cow::Owned(body.iter().copied().map(char::from).collect::<String>().into_bytes()))
        }
        other => Err(NotAnAlert::Encoding(format!("The encoding {}", quoted(other)))),
    }
}

fn utf_16(body: &[u8], of: fn([u8; 2]) -> u16) -> Result<Cow<'_, [u8]>, NotAnAlert> {
    let (pairs, rest) = body.as_chunks::<2>();
    let text: Result<String, _> = char::decode_utf16(pairs.iter().copied().map(of)).collect();
    match text {
        Ok(text) if rest.is_empty() => Ok(Cow::Owned(text.into_bytes())),
        _ => Err(NotAnAlert::Encoding("Broken UTF-16".to_owned())),
    }
}

/// The JSON in the field `payload`, else all fields as an object of texts.
fn form(body: &[u8]) -> Vec<u8> {
    let mut fields = Map::new();
    for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at(at);
        let value = value.get(1..).unwrap_or_default();
        let (name, value) = (form_decoded(name), form_decoded(value));
        if name == b"payload" || name == b"data" {
            return value;
        }
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        fields.insert(text(name), Value::String(text(value)));
    }
    Value::Object(fields).to_string().into_bytes()
}

/// In forms a plus sign is a space.
fn form_decoded(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> =
        text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decoded(&spaced)
}

/// What is not encoded as it should be stays as it is.
#[must_use]
pub fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let hex = after.first_chunk::<2>().filter(|_| *first == b'%');
        let byte = hex
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        decoded.push(byte.unwrap_or(*first));
        rest = after.get(if byte.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    decoded
}
