//! The sealed lines of records: their meaning (never their text), and where the same text occurs
//! again.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::erasure::{Erasure, composed, names_any, needles, seals_in, strings};
use super::record::Record;
use super::seal;

/// A sealed line: revision of the record, and number of the line, from 0.
pub type Place = (u64, u32);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedLine {
    pub place: u32,
    /// Its event and field, such as `note_added, text`.
    pub field: String,
    /// The length of its text; `None` if it was erased.
    pub chars: Option<usize>,
    pub is_person: bool,
}

/// The sealed lines of a record, in their order.
#[must_use]
pub fn sealed_lines(bytes: &[u8]) -> Vec<SealedLine> {
    let (head, texts) = seal::split(bytes);
    let head: Value = serde_json::from_slice(head).unwrap_or_default();
    let mut fields = BTreeMap::new();
    if let Some(cause) = head.get("cause") {
        name_fields(cause, "sender", &mut fields);
    }
    for event in events(&head) {
        name_fields(event, "", &mut fields);
    }
    let of_line = |(place, text): (u32, &&[u8])| {
        let value = value_of(text);
        let mut said = Vec::new();
        strings(value.as_ref().unwrap_or(&Value::Null), &mut said);
        let chars = said.iter().map(|text| text.chars().count()).sum();
        SealedLine {
            place,
            field: fields.get(&place).cloned().unwrap_or_default(),
            chars: value.as_ref().map(|_| chars),
            is_person: value.as_ref().is_some_and(is_person),
        }
    };
    (0..).zip(&texts).map(of_line).collect()
}

fn events(head: &Value) -> &[Value] {
    head.get("events").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Names every seal by the kind of its event and the innermost field that contains it.
fn name_fields(value: &Value, kind: &str, names: &mut BTreeMap<u32, String>) {
    let Value::Object(fields) = value else { return };
    let kind = fields.get("event").and_then(Value::as_str).unwrap_or(kind);
    for (field, value) in fields {
        // A family has one field: its event.
        let is_family = value.get("event").is_some() || (kind.is_empty() && value.is_object());
        let (kind, own) = match (kind.is_empty(), is_family) {
            (true, _) => (field.as_str(), field.clone()),
            (false, _) => (kind, format!("{kind}, {field}")),
        };
        let mut seals = Vec::new();
        seals_in(value, &mut seals);
        for seal in seals {
            names.entry(seal).or_insert_with(|| own.clone());
        }
        // A closer field is a better name.
        if value.get("seal").is_none() {
            let mut closer = BTreeMap::new();
            name_fields(value, kind, &mut closer);
            names.extend(closer);
        }
    }
}

/// The sealed value of a line; `None` if it was erased.
pub(super) fn value_of(text: &[u8]) -> Option<Value> {
    let (_, value): (String, Value) = serde_json::from_slice(text).ok()?;
    Some(value)
}

pub(super) fn ids(value: &Value) -> impl Iterator<Item = &str> {
    let ids = ["id", "teams_id"].into_iter().filter_map(|name| value.get(name)?.as_str());
    ids.filter(|id| !id.is_empty())
}

pub(super) fn is_person(value: &Value) -> bool {
    value.get("id").is_some() && value.get("name").is_some()
}

/// Texts to find in the whole log, so that every copy is erased.
#[derive(Default)]
pub struct Wanted {
    values: Vec<Value>,
    ids: BTreeSet<String>,
    names: Vec<String>,
    /// Beginnings of their lines, to find them in texts that this program composed.
    words: Vec<String>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Holders {
    /// Lines with the text itself, or with text that this program composed from it.
    pub own: Vec<u32>,
    /// Lines that people wrote and that contain the text.
    pub quoting: Vec<u32>,
}

impl Wanted {
    /// Adds the text of a line. If it is a person, adds every name and id of that person.
    pub fn add(&mut self, text: &[u8]) {
        let Some(value) = value_of(text) else { return };
        if is_person(&value) {
            self.ids.extend(ids(&value).map(str::to_owned));
            let name = value.get("name").and_then(Value::as_str).unwrap_or_default();
            self.name(name);
            return;
        }
        self.words.extend(needles(text));
        if let Value::String(text) = &value {
            self.words
                .extend(text.lines().map(str::trim).filter(|it| is_telling(it)).map(str::to_owned));
        }
        self.values.push(value);
    }

    /// A person by name, as in rosters and on pages.
    pub fn name(&mut self, name: &str) {
        if !name.is_empty() {
            self.names.push(name.to_owned());
            self.words.extend(Some(name.to_owned()).filter(|name| is_telling(name)));
        }
    }

    #[must_use]
    pub fn in_record(&self, head: &Value, texts: &[&[u8]]) -> Holders {
        let mut derived = Vec::new();
        for event in events(head) {
            if is_derived(event) {
                seals_in(event, &mut derived);
            }
        }
        let mut holders = Holders::default();
        for (place, text) in (0..).zip(texts) {
            let Some(value) = value_of(text) else { continue };
            let has_part = || names_any(text, &self.words) || self.names_exactly(&value);
            if self.is_it(&value) || (derived.contains(&place) && has_part()) {
                holders.own.push(place);
            } else if has_part() {
                holders.quoting.push(place);
            }
        }
        holders
    }

    fn is_it(&self, value: &Value) -> bool {
        self.values.contains(value)
            || ids(value).any(|id| self.ids.contains(id))
            || value.as_str().is_some_and(|text| self.names.iter().any(|name| name == text))
    }

    fn names_exactly(&self, value: &Value) -> bool {
        let mut said = Vec::new();
        strings(value, &mut said);
        said.iter().any(|text| self.names.contains(text))
    }
}

/// The lines of alerts in a record, and those of secrets behind the digests of their keys.
#[must_use]
pub fn of_alerts(head: &Value) -> (Vec<u32>, Vec<u32>) {
    let (mut alerts, mut secrets) = (Vec::new(), Vec::new());
    for event in events(head).iter().filter_map(|event| event.get("response")) {
        match event.get("event").and_then(Value::as_str).unwrap_or_default() {
            "alert_received" => seals_in(event, &mut alerts),
            "alerts_keyed" => seals_in(event, &mut secrets),
            _ => {}
        }
    }
    (alerts, secrets)
}

/// A shorter text is part of too many others.
fn is_telling(text: &str) -> bool {
    text.chars().count() >= 4
}

/// True if this program composed the event's texts from those of other events.
fn is_derived(event: &Value) -> bool {
    let kind = |family: &str| event.get(family).and_then(|event| event.get("event")?.as_str());
    let is_recalled = [kind("status"), kind("response")].contains(&Some("recalled"));
    let is_of_roster = kind("roster").is_some_and(|kind| kind != "set");
    composed(event).is_some() || is_recalled || is_of_roster
}

/// Lines to read as if they were erased already: an order declares them, but storage may still hold
/// them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Withheld(BTreeSet<Place>);

impl Withheld {
    /// The lines of unfinished orders.
    #[must_use]
    pub fn of(erasures: &[Erasure]) -> Self {
        Self(erasures.iter().flat_map(Erasure::lines).collect())
    }

    pub fn extend(&mut self, places: impl IntoIterator<Item = Place>) {
        self.0.extend(places);
    }

    /// A record's bytes without these lines.
    #[must_use]
    pub fn strip<'a>(&self, revision: u64, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let places = self.0.range((revision, 0)..=(revision, u32::MAX));
        let places: Vec<u32> = places.map(|(_, place)| *place).collect();
        seal::without(bytes, &places).map_or(Cow::Borrowed(bytes), Cow::Owned)
    }

    #[must_use]
    pub fn covers(&self, record: &Record) -> bool {
        record.declared().all(|place| self.0.contains(&place))
    }
}
