//! The condition of a log's texts: intact, removed, altered, missing, or declared but not removed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::core::incident::events::StatusEvent;
use crate::core::log::lines::Place;
use crate::core::log::record::{Event, Record, Redacted};
use crate::core::log::seal;
use crate::core::response::events::ResponseEvent;

/// The texts of the records read so far.
#[derive(Default)]
pub(super) struct Texts {
    count: u64,
    missing: BTreeSet<Place>,
    altered: BTreeSet<Place>,
    /// The lines that records declare erased, each with the revision of its order.
    declared: BTreeMap<Place, u64>,
    orders: BTreeMap<u64, Order>,
}

struct Order {
    by: String,
    at: Timestamp,
    reason: Option<String>,
}

impl Texts {
    pub(super) fn note_lines(&mut self, revision: u64, bytes: &[u8]) {
        let (_, texts) = seal::split(bytes);
        self.count += texts.len() as u64;
        self.missing.extend(seal::erased_lines(bytes).map(|place| (revision, place)));
        let altered = seal::altered_lines(bytes).into_iter();
        self.altered.extend(altered.map(|place| (revision, place)));
    }

    pub(super) fn note_orders(&mut self, record: &Record) {
        for event in &record.events {
            let reason = match event {
                Event::RemovalOrdered(ordered) => &ordered.reason,
                Event::Status(StatusEvent::TextRemoved { reason, .. })
                | Event::Response(ResponseEvent::TextRemoved { reason, .. }) => reason,
                Event::Redacted(Redacted { record, seals, order }) => {
                    let places = seals.iter().map(|seal| ((*record, *seal), *order));
                    self.declared.extend(places);
                    continue;
                }
                _ => continue,
            };
            let (by, at) = (record.cause.by.name.clone(), record.at);
            self.orders.insert(record.revision, Order { by, at, reason: reason.clone() });
        }
    }

    /// True if derived data cannot be compared, because its source is unknown.
    pub(super) fn are_altered(&self) -> bool {
        !self.altered.is_empty()
    }

    /// Number of texts that match their seals.
    pub(super) fn intact(&self) -> u64 {
        self.count - self.missing.len() as u64 - self.altered.len() as u64
    }

    /// A line for each erased text: who ordered it, when and why.
    pub(super) fn removed(&self) -> impl Iterator<Item = String> {
        let removed =
            self.missing.iter().filter_map(|place| Some((place, self.declared.get(place)?)));
        removed.map(|((record, place), order)| {
            let name = format!("text {place} of record {record} was removed");
            match self.orders.get(order) {
                Some(Order { by, at, reason }) => {
                    let why =
                        reason.as_ref().map_or(String::new(), |why| format!(", because {why}"));
                    format!("{name} by {by} on {at:.0} with record {order}{why}")
                }
                None => format!("{name} with record {order}"),
            }
        })
    }

    /// A line for each text that differs from its record.
    pub(super) fn in_doubt(&self) -> impl Iterator<Item = String> {
        let altered = self
            .altered
            .iter()
            .map(|(record, place)| format!("log: text {place} of record {record} was altered"));
        let undeclared = self.missing.iter().filter(|place| !self.declared.contains_key(place));
        let undeclared = undeclared.map(|(record, place)| {
            format!("log: text {place} of record {record} is missing, and no record says why")
        });
        let left = self.declared.keys().filter(|place| !self.missing.contains(place));
        let left = left.map(|(record, place)| {
            format!("log: text {place} of record {record} is to be erased, and is still there")
        });
        altered.chain(undeclared).chain(left)
    }
}
