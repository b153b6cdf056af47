//! Erases lines of the log by their places: finds their texts, and records the order.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;
use tokio::time::Duration;

use super::keys::record_key;
use super::outcome::ServiceError;
use super::records::{AHEAD_MAX, Records};
use super::shared::Service;
use crate::core::commands::context::Context;
use crate::core::log::evict::Limits;
use crate::core::log::export::{ExportedText, KnownPeople, person_id};
use crate::core::log::lines::{Place, SealedLine, Wanted, of_alerts, sealed_lines};
use crate::core::log::record::{Cause, Event, Record, Redacted, RemovalOrdered};
use crate::core::log::seal;

/// The time limit for committing an order.
const PATIENCE: Duration = Duration::from_secs(30);
/// The limit of repeated searches after concurrent records.
const SEARCHES_MAX: usize = 10;

/// Places of texts in the log.
#[derive(Default)]
pub struct FoundTexts {
    /// The last record that was read.
    end: u64,
    /// The lines that hold them, by record.
    pub places: Vec<(u64, Vec<u32>)>,
    /// Lines that people wrote and that contain one of them.
    pub quoting: Vec<Place>,
    /// One of them is the roster file in use.
    pub is_current_roster: bool,
    /// One of them is an alert's text, so the secret behind the digests of alerts goes too.
    pub is_of_alert: bool,
}

impl FoundTexts {
    fn add(&mut self, revision: u64, place: u32) {
        match self.places.iter_mut().find(|(known, _)| *known == revision) {
            Some((_, places)) if places.contains(&place) => {}
            Some((_, places)) => places.push(place),
            None => self.places.push((revision, vec![place])),
        }
    }
}

impl Service {
    /// A record with its sealed lines; `None` if it does not exist.
    ///
    /// # Errors
    /// The log could not be read.
    pub async fn sealed_lines(
        &self,
        revision: u64,
    ) -> Result<Option<(Record, Vec<SealedLine>)>, ServiceError> {
        if revision == 0 || self.catch_up().await?.revision < revision {
            return Ok(None);
        }
        let mut records = self.records(&[revision].into()).await?;
        let blob = self.store.get(&record_key(revision)).await?;
        let lines = blob.map_or(Vec::new(), |blob| sealed_lines(&blob.bytes));
        Ok(records.pop().map(|record| (record, lines)))
    }

    /// Finds the texts of these lines in the whole log.
    ///
    /// # Errors
    /// The log could not be read.
    pub async fn find_texts(&self, chosen: &[Place]) -> Result<FoundTexts, ServiceError> {
        let state = self.catch_up().await?;
        let mut found = FoundTexts { end: state.revision, ..FoundTexts::default() };
        let mut wanted = Wanted::default();
        for (revision, place) in chosen {
            let blob = self.store.get(&record_key(*revision)).await?;
            let Some(blob) = blob else { continue };
            let (_, texts) = seal::split(&blob.bytes);
            let text = usize::try_from(*place).ok().and_then(|place| texts.get(place));
            let Some(text) = text else { continue };
            wanted.add(text);
            let value: Value = serde_json::from_slice(text).unwrap_or_default();
            let roster = state.rosters.text.as_deref();
            found.is_current_roster |=
                roster.is_some() && value.get(1).and_then(Value::as_str) == roster;
        }
        let mut secrets = Vec::new();
        self.read_log(found.end, |revision, bytes| {
            let (head, texts) = seal::split(bytes);
            let head = serde_json::from_slice(head).unwrap_or_default();
            let holders = wanted.in_record(&head, &texts);
            found.quoting.extend(holders.quoting.into_iter().map(|place| (revision, place)));
            let (alerts, mut keyed) = of_alerts(&head);
            found.is_of_alert |= holders.own.iter().any(|place| alerts.contains(place));
            keyed.retain(|place| seal::has_text(&texts, *place));
            secrets.extend(keyed.into_iter().map(|place| (revision, place)));
            if !holders.own.is_empty() {
                found.places.push((revision, holders.own));
            }
        })
        .await?;
        // The secret behind the digests could confirm a guess at an alert's text.
        if found.is_of_alert {
            for (revision, place) in secrets {
                found.add(revision, place);
            }
        }
        Ok(found)
    }

    /// Passes on the bytes of each record up to `end`, without texts that are being erased.
    async fn read_log(
        &self,
        end: u64,
        mut show: impl FnMut(u64, &[u8]),
    ) -> Result<(), ServiceError> {
        let without = self.known().withheld();
        let mut log = Records::of(self.store.as_ref(), 1..=end, AHEAD_MAX);
        while let Some((revision, blob)) = log.next().await? {
            let blob = blob.ok_or(ServiceError::Gap { missing: revision, found: end })?;
            show(revision, &without.strip(revision, &blob.bytes));
        }
        Ok(())
    }

    /// Passes on everything about a person, by name or id: lines that name the person, texts that
    /// contain the name, and everything that the person sent. Returns the ids of all matching
    /// people, and passes on nothing if there are several.
    ///
    /// # Errors
    /// The log could not be read.
    pub async fn export(
        &self,
        person: &str,
        mut show: impl FnMut(ExportedText),
    ) -> Result<BTreeSet<String>, ServiceError> {
        let end = self.catch_up().await?.revision;
        let mut people = KnownPeople::default();
        self.read_log(end, |_, bytes| people.learn(bytes)).await?;
        let found = people.called(person);
        let mut wanted = Wanted::default();
        match found.as_slice() {
            // Rosters and messages may contain a name under which nobody has sent anything.
            [] => wanted.name(person),
            [only] => only.iter().for_each(|line| wanted.add(line)),
            several => {
                let ids = several.iter().filter_map(|lines| lines.first());
                return Ok(ids.filter_map(|line| person_id(line)).collect());
            }
        }
        self.read_log(end, |revision, bytes| {
            wanted.texts_of(revision, bytes).into_iter().for_each(&mut show);
        })
        .await?;
        Ok(BTreeSet::new())
    }

    /// Orders the erasure of these lines' texts, wherever they occur. The order declares every
    /// line, so it needs a log that was read to its end. `None` without a text.
    ///
    /// # Errors
    /// The order is not recorded, or the outcome is unknown.
    pub async fn order_removal(
        self: &Arc<Self>,
        cause: &Cause,
        chosen: &[Place],
        reason: Option<&str>,
    ) -> Result<Option<Record>, ServiceError> {
        let (config, limits) = (self.site.config(), &Limits::DEFAULT);
        for _ in 0..SEARCHES_MAX {
            let found = self.find_texts(chosen).await?;
            if found.places.is_empty() {
                return Ok(None);
            }
            let recorded = self.record_behind_commands(PATIENCE, |state| {
                if state.revision != found.end {
                    return Ok(None);
                }
                let order = state.revision + 1;
                let ordered = RemovalOrdered { reason: reason.map(str::to_owned) };
                let declared = found.places.iter().map(|(record, seals)| {
                    Event::Redacted(Redacted { record: *record, seals: seals.clone(), order })
                });
                let events = [Event::RemovalOrdered(ordered)].into_iter().chain(declared);
                let context = Context { state, config, limits, cause, recalled: None };
                Ok(Some(context.completed(events.collect())?))
            });
            if let Some((_, record)) = recorded.await? {
                return Ok(Some(record));
            }
        }
        Err(ServiceError::Busy)
    }
}
