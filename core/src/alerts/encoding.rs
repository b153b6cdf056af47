//! Bodies that are not JSON in UTF-8.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::refused::{NotAnAlert, quoted};

/// The body as JSON in UTF-8, judged by its `Content-Type` and first bytes.
///
/// # Errors
/// The encoding is not supported.
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
    // Many programs, curl included, send JSON as a form.
    let is_json = matches!(body.trim_ascii_start().first(), Some(b'{' | b'[' | b'"'));
    let is_form = media == "application/x-www-form-urlencoded" || body.starts_with(b"payload=");
    Ok(if is_form && !is_json { Cow::Owned(form(&body)) } else { body })
}

fn utf_8<'a>(body: &'a [u8], charset: Option<&str>) -> Result<Cow<'a, [u8]>, NotAnAlert> {
    // Longer marks first: UTF-32's begins with UTF-16's.
    let (marked, body) = match body {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => (Some("utf-32"), body),
        [0xff, 0xfe, rest @ ..] => (Some("utf-16le"), rest),
        [0xfe, 0xff, rest @ ..] => (Some("utf-16be"), rest),
        [0xef, 0xbb, 0xbf, rest @ ..] => (Some("utf-8"), rest),
        // JSON begins with an ASCII character.
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

/// The JSON in the field `payload`, otherwise all fields as an object of strings.
fn form(body: &[u8]) -> Vec<u8> {
    let mut fields = Map::new();
    for (name, value) in form_urlencoded::parse(body) {
        if name == "payload" || name == "data" {
            return value.into_owned().into_bytes();
        }
        fields.insert(name.into_owned(), Value::String(value.into_owned()));
    }
    Value::Object(fields).to_string().into_bytes()
}
