//! The texts of the log that concern a person.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::lines::{Wanted, ids, is_person, sealed_lines, value_of};
use super::seal;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExportedText {
    pub record: u64,
    pub at: String,
    /// Its place in the record, as `redact` accepts it: `43.1`.
    pub text: String,
    pub field: String,
    pub value: Value,
}

/// Everybody in the log, by their first id.
#[derive(Default)]
pub struct KnownPeople {
    /// The different lines of each person; `by_id` holds indexes into this list.
    people: Vec<Vec<Vec<u8>>>,
    by_id: BTreeMap<String, usize>,
}

impl KnownPeople {
    pub fn learn(&mut self, bytes: &[u8]) {
        for line in seal::split(bytes).1 {
            let Some(value) = value_of(line).filter(is_person) else { continue };
            let known = ids(&value).find_map(|id| self.by_id.get(id)).copied();
            let place = known.unwrap_or_else(|| {
                self.people.push(Vec::new());
                self.people.len() - 1
            });
            self.by_id.extend(ids(&value).map(|id| (id.to_owned(), place)));
            let Some(lines) = self.people.get_mut(place) else { continue };
            if lines.iter().all(|known| value_of(known).as_ref() != Some(&value)) {
                lines.push(line.to_vec());
            }
        }
    }

    /// The lines of each person with that name or id.
    #[must_use]
    pub fn called(&self, person: &str) -> Vec<&Vec<Vec<u8>>> {
        let is_called = |line: &Vec<u8>| {
            let Some(value) = value_of(line) else { return false };
            let name = value.get("name").and_then(Value::as_str);
            name == Some(person) || ids(&value).any(|id| id == person)
        };
        self.people.iter().filter(|lines| lines.iter().any(is_called)).collect()
    }
}

#[must_use]
pub fn person_id(line: &[u8]) -> Option<String> {
    ids(&value_of(line)?).next().map(str::to_owned)
}

impl Wanted {
    /// The texts of a record that concern a person: all of them if that person sent it.
    #[must_use]
    pub fn texts_of(&self, revision: u64, bytes: &[u8]) -> Vec<ExportedText> {
        let (head, texts) = seal::split(bytes);
        let head: Value = serde_json::from_slice(head).unwrap_or_default();
        let found = self.in_record(&head, &texts);
        let sender = head.get("cause").and_then(|cause| cause.get("by")?.get("seal")?.as_u64());
        let is_own = found.own.iter().any(|place| Some(u64::from(*place)) == sender);
        let lines = sealed_lines(bytes).into_iter().zip(texts).filter(|(line, _)| {
            is_own || found.own.contains(&line.place) || found.quoting.contains(&line.place)
        });
        let exported = lines.filter_map(|(line, text)| {
            Some(ExportedText {
                record: revision,
                at: head.get("at").and_then(Value::as_str).unwrap_or_default().to_owned(),
                text: format!("{revision}.{}", line.place),
                field: line.field,
                value: value_of(text)?,
            })
        });
        exported.collect()
    }
}
