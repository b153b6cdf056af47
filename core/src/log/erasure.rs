//! Erasing a text: the order, the places of the text, and the end.
//!
//! First a record orders the erasure, and the text leaves the state and the pages. Then a record
//! declares the lines to empty, and they are emptied. Then the old copies are deleted that storage
//! keeps of everything that held the text. The last record ends the order. If the process is killed
//! in between, the order is still in the state, and the timer resumes it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::record::{Erased, ErasureHindered, Hindrance, Record, Redacted};
use crate::incident::events::StatusEvent;
use crate::incident::model::Number;
use crate::outbox::model::Deliveries;
use crate::response::events::{RemovedText, ResponseEvent};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasedText {
    /// An update. The first one contains the title.
    Update(u32),
    /// The opening of an incident that is not on the page. It contains the title.
    Title,
    Note(u32),
    Told(u32),
    /// Lines of the log, named by the order.
    Lines,
}

/// An erasure that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Revision of the order.
    pub order: u64,
    pub at: Timestamp,
    /// The incident of the text; `None` for lines of the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Number>,
    pub text: ErasedText,
    /// The first record that can hold the text.
    pub from: u64,
    /// The record with the secret behind the digests of alert keys, if that is erased as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<u64>,
    /// Records and lines, once they are declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub places: Option<Vec<(u64, Vec<u32>)>>,
    /// The step that storage refuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hindered: Option<Hindered>,
}

/// A step of an erasure that storage refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hindered {
    /// When this was noticed: whatever storage copies later does not hold the text.
    pub at: Timestamp,
    pub by: Hindrance,
    /// When old copies have expired, at the latest; `None` for records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Erasure {
    /// `from` is the first record that can hold the text.
    #[must_use]
    pub fn of_public(event: &StatusEvent, record: &Record, from: u64) -> Option<Self> {
        let StatusEvent::TextRemoved { number, update, .. } = event else { return None };
        let text = ErasedText::Update(*update);
        Some(Self::new(record, Some(*number), text, from))
    }

    #[must_use]
    pub fn of_internal(event: &ResponseEvent, record: &Record, from: u64) -> Option<Self> {
        let ResponseEvent::TextRemoved { number, removed, .. } = event else { return None };
        let text = match *removed {
            RemovedText::Title => ErasedText::Title,
            RemovedText::Note(note) => ErasedText::Note(note),
            RemovedText::Told(told) => ErasedText::Told(told),
        };
        Some(Self::new(record, Some(*number), text, from))
    }

    /// An operator's order.
    #[must_use]
    pub fn of_lines(record: &Record) -> Self {
        Self { places: Some(Vec::new()), ..Self::new(record, None, ErasedText::Lines, 1) }
    }

    fn new(record: &Record, number: Option<Number>, text: ErasedText, from: u64) -> Self {
        Self {
            order: record.revision,
            at: record.at,
            number,
            text,
            from,
            secret: None,
            places: None,
            hindered: None,
        }
    }

    /// The obstacle to deleting old copies, once nothing else is left of the text.
    #[must_use]
    pub fn copies_kept(&self) -> Option<Hindered> {
        self.hindered.filter(|hindered| hindered.until.is_some())
    }

    /// Also empties the line of the secret in a record.
    #[must_use]
    pub fn with_secret(self, secret: Option<u64>) -> Self {
        let from = secret.map_or(self.from, |revision| self.from.min(revision));
        Self { from, secret, ..self }
    }

    /// Records and lines, once they are declared.
    pub fn lines(&self) -> impl Iterator<Item = (u64, u32)> {
        let places = self.places.iter().flatten();
        places.flat_map(|(record, seals)| seals.iter().map(|seal| (*record, *seal)))
    }

    /// A short name such as `#42 note 5`.
    #[must_use]
    pub fn name(&self) -> String {
        let number = self.number.unwrap_or_default();
        match self.text {
            ErasedText::Update(update) => format!("#{number} update {update}"),
            ErasedText::Title => format!("#{number} title"),
            ErasedText::Note(note) => format!("#{number} note {note}"),
            ErasedText::Told(told) => format!("#{number} told {told}"),
            ErasedText::Lines => match self.lines().count() {
                1 => "a text of the log".to_owned(),
                count => format!("{count} texts of the log"),
            },
        }
    }

    /// The places of the text in a record, and of everything composed from the `words` found so
    /// far.
    #[must_use]
    pub fn places_in(&self, head: &Value, texts: &[&[u8]], words: &mut Vec<String>) -> Vec<u32> {
        let events = head.get("events").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let mut found = Vec::new();
        for event in events {
            self.own_places(event, &mut found);
            self.alert_places(head, event, &mut found);
        }
        for text in found.iter().filter_map(|place| line(texts, *place)) {
            words.extend(needles(text));
        }
        for event in events.iter().filter_map(composed) {
            let mut seals = Vec::new();
            seals_in(event, &mut seals);
            seals.retain(|place| line(texts, *place).is_some_and(|text| names_any(text, words)));
            found.extend(seals);
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|place| line(texts, *place).is_some_and(|text| !text.is_empty()));
        found
    }

    fn own_places(&self, event: &Value, found: &mut Vec<u32>) {
        let Some(incident) = self.number else { return };
        let of = |value: &Value, name: &str| value.get(name).and_then(Value::as_u64);
        let is = |value: &Value, name: &str, number: u32| of(value, name) == Some(number.into());
        let mut take = |value: &Value, name: &str| {
            if let Some(text) = value.get(name) {
                seals_in(text, found);
            }
        };
        let is_title = matches!(self.text, ErasedText::Title | ErasedText::Update(1));
        if let Some(event) = event.get("status") {
            if let Some(it) = event.get("incident").filter(|it| is(it, "number", incident)) {
                if is_title {
                    take(it, "title");
                }
                let updates = it.get("updates").and_then(Value::as_array);
                for update in updates.into_iter().flatten() {
                    if matches!(self.text, ErasedText::Update(n) if is(update, "number", n)) {
                        take(update, "text");
                    }
                }
            }
            if let ErasedText::Update(update) = self.text
                && is(event, "number", incident)
                && is(event, "update", update)
            {
                take(event, "text");
            }
        }
        if let Some(event) = event.get("response") {
            if let Some(response) = event.get("response").filter(|it| is(it, "number", incident))
                && is_title
            {
                take(response, "title");
            }
            if !is(event, "number", incident) {
                return;
            }
            let kind = event.get("event").and_then(Value::as_str).unwrap_or_default();
            let is_it = match self.text {
                ErasedText::Title => kind == "declared",
                ErasedText::Note(note) => kind != "text_removed" && is(event, "note", note),
                ErasedText::Told(told) => kind == "told_elsewhere" && is(event, "told", told),
                ErasedText::Update(_) | ErasedText::Lines => false,
            };
            if is_it {
                for name in ["text", "audience", "via"] {
                    take(event, name);
                }
            }
        }
    }
}

impl Erasure {
    /// Erasing an incident's title also erases the texts of its alert: keys, names and links. The
    /// secret behind the digests of its keys goes too, because it could confirm a guess.
    fn alert_places(&self, head: &Value, event: &Value, found: &mut Vec<u32>) {
        let of = |value: &Value, name: &str| value.get(name).and_then(Value::as_u64);
        let is_title = matches!(self.text, ErasedText::Title | ErasedText::Update(1));
        let Some(event) = event.get("response").filter(|_| is_title) else { return };
        let number = self.number.map(u64::from);
        let is_own = |value: &&Value| number.is_some() && of(value, "number") == number;
        let is_secret = self.secret.is_some() && of(head, "revision") == self.secret;
        let texts = match event.get("event").and_then(Value::as_str).unwrap_or_default() {
            "alert_received" => Some(event).filter(is_own),
            "alerts_keyed" => event.get("secret").filter(|_| is_secret),
            _ => event.get("response").filter(is_own).and_then(|response| response.get("alert")),
        };
        if let Some(texts) = texts {
            seals_in(texts, found);
        }
    }
}

/// Returns an event whose texts this program composed from other records: messages and their
/// outcomes.
pub(super) fn composed(event: &Value) -> Option<&Value> {
    event.get("outbox").or_else(|| event.get("launch"))
}

fn line<'a>(texts: &[&'a [u8]], place: u32) -> Option<&'a [u8]> {
    texts.get(usize::try_from(place).ok()?).copied()
}

pub(super) fn seals_in(value: &Value, found: &mut Vec<u32>) {
    match value {
        Value::Object(fields) => match fields.get("seal").and_then(Value::as_u64) {
            Some(place) => found.extend(u32::try_from(place)),
            None => fields.values().for_each(|value| seals_in(value, found)),
        },
        Value::Array(values) => values.iter().for_each(|value| seals_in(value, found)),
        _ => {}
    }
}

/// The shortest line that is searched for in messages, and the length of the searched beginning.
const NEEDLE_CHARS_MIN: usize = 4;
const NEEDLE_CHARS_MAX: usize = 60;

/// The search terms for messages: the beginning of each line of a text.
pub(super) fn needles(text: &[u8]) -> Vec<String> {
    let value: Value = serde_json::from_slice(text).unwrap_or_default();
    let lines = value.get(1).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let spans = |line: &Value| line.get("spans").and_then(Value::as_array).cloned();
    let plain = |line: &Value| -> String {
        let spans = spans(line).unwrap_or_default();
        let parts = spans.iter().filter_map(|span| span.get("text").and_then(Value::as_str));
        parts.collect::<String>().trim().chars().take(NEEDLE_CHARS_MAX).collect()
    };
    lines.iter().map(plain).filter(|line| line.chars().count() >= NEEDLE_CHARS_MIN).collect()
}

pub(super) fn names_any(text: &[u8], words: &[String]) -> bool {
    let mut said = Vec::new();
    strings(&serde_json::from_slice(text).unwrap_or_default(), &mut said);
    words.iter().any(|word| said.iter().any(|said| said.contains(word)))
}

pub(super) fn strings(value: &Value, said: &mut Vec<String>) {
    match value {
        Value::String(text) => said.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| strings(value, said)),
        Value::Object(fields) => fields.values().for_each(|value| strings(value, said)),
        _ => {}
    }
}

/// Folds an order. Waiting messages about the incident lose their texts.
pub(super) fn begin(erasures: &mut Vec<Erasure>, deliveries: &mut Deliveries, order: Erasure) {
    if let Some(number) = order.number {
        deliveries.blank(number);
    }
    erasures.push(order);
}

/// Folds a declaration; `None` without an order.
pub(super) fn declare(erasures: &mut [Erasure], redacted: &Redacted) -> Option<()> {
    let erasure = erasures.iter_mut().find(|erasure| erasure.order == redacted.order)?;
    let places = erasure.places.get_or_insert_default();
    places.push((redacted.record, redacted.seals.clone()));
    Some(())
}

/// Folds a refusal of storage; `None` without an order.
pub(super) fn hinder(
    erasures: &mut [Erasure],
    &ErasureHindered { order, by, until }: &ErasureHindered,
    at: Timestamp,
) -> Option<()> {
    let erasure = erasures.iter_mut().find(|erasure| erasure.order == order)?;
    // Copies that were made since the first refusal are not among those to delete.
    let at = erasure.copies_kept().map_or(at, |known| known.at);
    erasure.hindered = Some(Hindered { at, by, until });
    Some(())
}

/// Folds the end of an order; `None` without an order.
pub(super) fn end(erasures: &mut Vec<Erasure>, erased: &Erased) -> Option<()> {
    let place = erasures.iter().position(|erasure| erasure.order == erased.order)?;
    erasures.remove(place);
    Some(())
}
