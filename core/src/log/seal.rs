//! The format of a record: a head line, then a line for each sealed value.
//!
//! The head holds the SHA-256 of each line, and records are chained by their heads. So a line can
//! be emptied and the chain still verifies. Each line has its own salt: once line and salt are
//! gone, the text cannot be guessed from its hash. `docs/verify.md` describes the format.

use serde_json::{Map, Value, json};

use super::record::Record;
use crate::digest::{hex, sha256, sha256_hex};

/// The key of a sealed value in a record, and of its place in the head.
const SEALED: &str = "sealed";
const SEAL: &str = "seal";
const ERASED: &str = "erased";

/// The random source of a record's salts. Never used for a second record.
#[derive(Clone, Default)]
pub struct Salt(pub [u8; 32]);

impl Salt {
    fn of_line(&self, line: usize) -> String {
        let mut bytes = self.0.to_vec();
        bytes.extend(line.to_be_bytes());
        hex(sha256(&bytes).first_chunk::<16>().unwrap_or(&[0; 16]))
    }
}

/// The bytes of a record.
///
/// # Errors
/// A value cannot be written as JSON.
pub fn write(record: &Record, salt: &Salt) -> serde_json::Result<Vec<u8>> {
    let mut head = serde_json::to_value(record)?;
    let mut lines = Vec::new();
    seal(&mut head, salt, &mut lines);
    let seals: Vec<String> =
        lines.iter().map(|line: &String| sha256_hex(line.as_bytes())).collect();
    if let Some(head) = head.as_object_mut().filter(|_| !seals.is_empty()) {
        head.insert("seals".to_owned(), json!(seals));
    }
    lines.insert(0, head.to_string());
    Ok(lines.join("\n").into_bytes())
}

fn seal(value: &mut Value, salt: &Salt, lines: &mut Vec<String>) {
    match value {
        Value::Object(fields) => match only(fields, SEALED) {
            Some(sealed) if !is_empty(sealed) => {
                let line = lines.len();
                lines.push(json!([salt.of_line(line), sealed]).to_string());
                *value = json!({ SEAL: line });
            }
            Some(_) => {}
            None => fields.values_mut().for_each(|value| seal(value, salt, lines)),
        },
        Value::Array(values) => values.iter_mut().for_each(|value| seal(value, salt, lines)),
        _ => {}
    }
}

/// The value of an object's only field.
fn only<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    fields.get(name).filter(|_| fields.len() == 1)
}

/// Empty values need no seal: there is nothing to erase.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        _ => false,
    }
}

/// The hashed part of a record's bytes.
#[must_use]
pub fn head(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == b'\n').next().unwrap_or_default()
}

/// The SHA-256 by which the next record refers to this one.
#[must_use]
pub fn head_hash(bytes: &[u8]) -> String {
    sha256_hex(head(bytes))
}

/// The head and the lines after it.
#[must_use]
pub fn split(bytes: &[u8]) -> (&[u8], Vec<&[u8]>) {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let head = lines.next().unwrap_or_default();
    (head, lines.collect())
}

/// The places of erased texts.
pub fn erased_lines(bytes: &[u8]) -> impl Iterator<Item = u32> {
    let (_, texts) = split(bytes);
    (0..).zip(texts).filter(|(_, text)| text.is_empty()).map(|(place, _)| place)
}

/// The places of texts that differ from the sealed ones.
#[must_use]
pub fn altered_lines(bytes: &[u8]) -> Vec<u32> {
    let (head, texts) = split(bytes);
    let head: Value = serde_json::from_slice(head).unwrap_or_default();
    let seals = head.get("seals").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let lines = (0..).zip(texts.into_iter().zip(seals));
    let altered = lines
        .filter(|(_, (text, seal))| !text.is_empty() && seal.as_str() != Some(&sha256_hex(text)));
    altered.map(|(place, _)| place).collect()
}

#[must_use]
pub fn has_text(lines: &[&[u8]], place: u32) -> bool {
    let line = usize::try_from(place).ok().and_then(|place| lines.get(place));
    line.is_some_and(|line| !line.is_empty())
}

/// The record without some of its texts; `None` if it has none of them.
#[must_use]
pub fn without(bytes: &[u8], seals: &[u32]) -> Option<Vec<u8>> {
    let (head, mut lines) = split(bytes);
    let mut is_changed = false;
    for place in seals {
        let line = usize::try_from(*place).ok().and_then(|place| lines.get_mut(place))?;
        is_changed |= !line.is_empty();
        *line = &[];
    }
    lines.insert(0, head);
    is_changed.then(|| lines.join(&b'\n'))
}

/// A record's head with its texts in their places.
///
/// # Errors
/// The defect, as a sentence.
pub fn open(bytes: &[u8]) -> Result<Value, String> {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let head = lines.next().unwrap_or_default();
    let mut head: Value = serde_json::from_slice(head).map_err(|error| error.to_string())?;
    let seals = head.as_object_mut().and_then(|head| head.remove("seals"));
    let seals: Vec<String> = match seals {
        Some(seals) => serde_json::from_value(seals).map_err(|error| error.to_string())?,
        None => Vec::new(),
    };
    let lines: Vec<&[u8]> = lines.collect();
    if lines.len() != seals.len() {
        return Err(format!("it has {} texts and {} seals", lines.len(), seals.len()));
    }
    let mut values = Vec::with_capacity(lines.len());
    for (place, (line, seal)) in lines.iter().zip(&seals).enumerate() {
        values.push(unsealed(line, seal).ok_or_else(|| format!("its text {place} was altered"))?);
    }
    put_back(&mut head, &values).ok_or("it names a text that it does not have")?;
    Ok(head)
}

/// The value of a line; `None` if it does not match its seal.
fn unsealed(line: &[u8], seal: &str) -> Option<Value> {
    if line.is_empty() {
        return Some(json!({ ERASED: null }));
    }
    if sha256_hex(line) != seal {
        return None;
    }
    let (_, value): (String, Value) = serde_json::from_slice(line).ok()?;
    Some(json!({ SEALED: value }))
}

fn put_back(value: &mut Value, values: &[Value]) -> Option<()> {
    match value {
        Value::Object(fields) => match only(fields, SEAL) {
            Some(place) => {
                let place = usize::try_from(place.as_u64()?).ok()?;
                *value = values.get(place)?.clone();
            }
            None => {
                for value in fields.values_mut() {
                    put_back(value, values)?;
                }
            }
        },
        Value::Array(all) => {
            for value in all {
                put_back(value, values)?;
            }
        }
        _ => {}
    }
    Some(())
}

/// Reads a record from anywhere in the log.
///
/// # Errors
/// The defect, as a sentence.
pub fn read(bytes: &[u8]) -> Result<Record, String> {
    let newer = |error| format!("{error} (was it written by a newer version?)");
    serde_json::from_value(open(bytes)?).map_err(newer)
}
