//! Invariants of every run: every accepted message once, every answer true, every page the last
//! one.

use std::collections::BTreeMap;

use status_update::core::answer::trouble::Trouble;
use status_update::core::incident::history::MonthDocument;
use status_update::core::log::fold::fold_bytes;
use status_update::core::log::record::Record;
use status_update::core::log::state::State;
use status_update::core::response::document::IncidentDocument;
use status_update::core::site::page::Page;
use status_update::service::{Outcome, record_key};
use status_update::store::{Container, Key};

use super::world::{INTERNAL, Job, Run};

impl Run {
    pub fn all_answered(&self) -> bool {
        self.jobs.iter().zip(&self.outcomes).all(|(job, outcome)| match (job, outcome) {
            (Job::Command(_), Some(outcome)) => !matches!(outcome, Outcome::Trouble(_)),
            (Job::Command(_), None) => false,
            _ => true,
        })
    }

    pub fn final_state(&self) -> State {
        self.history().1
    }

    /// The log from its start: the records, the last state, and all that there is of each
    /// incident.
    fn history(&self) -> (Vec<Record>, State, BTreeMap<u32, IncidentDocument>) {
        let mut state = State::default();
        let (mut records, mut dossiers) = (Vec::new(), BTreeMap::new());
        while let Some(blob) = self.entries.get(&record_key(state.revision + 1)) {
            let record = fold_bytes(&mut state, &blob.bytes).expect("the log makes sense");
            dossiers.extend(state.dossiers().map(|dossier| (dossier.number(), dossier)));
            records.push(record);
        }
        let in_log = self.entries.keys().filter(|key| key.container == Container::Log).count();
        assert_eq!(in_log, records.len(), "the revisions have a gap");
        (records, state, dossiers)
    }

    /// Checks the invariants.
    pub fn check(&self, label: &str) {
        assert!(self.problems.is_empty(), "{label}: {:?}", self.problems);
        let (records, state, dossiers) = self.history();
        for (job, outcome) in self.jobs.iter().zip(&self.outcomes) {
            let (Job::Command(message) | Job::WithWrongClock(message, _)) = job else { continue };
            let mine: Vec<&Record> =
                records.iter().filter(|record| record.cause.message == message.id).collect();
            assert!(mine.len() <= 1, "{label}: {message:?} is recorded twice");
            let others_sent_it = self
                .jobs
                .iter()
                .filter(|other| matches!(other, Job::Command(other) if other.id == message.id))
                .count()
                > 1;
            if matches!(job, Job::WithWrongClock(..)) {
                assert!(mine.is_empty(), "{label}: dated by a wrong clock: {mine:?}");
            }
            match outcome {
                Some(Outcome::Recorded { record, .. }) => {
                    // The record of an answer also has facts that only its wording needs.
                    let recorded = |record: &Record| serde_json::to_value(record).unwrap();
                    let mine: Vec<_> = mine.into_iter().map(recorded).collect();
                    assert_eq!(mine, [recorded(record)], "{label}: said to be recorded");
                }
                Some(
                    Outcome::Trouble(Trouble::NotRecorded(_) | Trouble::NeedsAPerson(_))
                    | Outcome::Refused(_),
                ) if !others_sent_it => {
                    assert!(mine.is_empty(), "{label}: {message:?} was refused and is recorded");
                }
                Some(Outcome::Trouble(Trouble::RecordedBefore(revision))) => {
                    assert_eq!(mine[0].revision, *revision, "{label}");
                }
                _ => {}
            }
        }
        self.check_site(label, &state, &dossiers);
    }

    fn check_site(&self, label: &str, state: &State, dossiers: &BTreeMap<u32, IncidentDocument>) {
        let (site, names) = (&self.site, &state.status.component_names);
        let mut months: BTreeMap<_, MonthDocument> = BTreeMap::new();
        let mut pages: Vec<Page> = site.current(&state.status).unwrap();
        pages.extend(site.static_pages().unwrap());
        pages.extend(site.all_files(&state.status));
        for incident in dossiers.values().filter_map(|dossier| dossier.incident.as_deref()) {
            pages.push(site.incident(incident, names).unwrap());
            let month = months.entry(incident.month);
            month
                .or_insert_with(|| MonthDocument::new(incident.month))
                .merge(incident, &state.status);
        }
        for month in months.values_mut() {
            month.link(&state.status);
        }
        pages.extend(months.values().map(|month| site.month(month, names).unwrap()));
        let published = self.entries.keys().filter(|key| key.container == Container::Web).count();
        assert_eq!(published, pages.len(), "{label}: pages that should not be there, or missing");
        for page in pages {
            let blob = self.entries.get(&Key::new(Container::Web, page.name.clone()));
            let blob = blob.unwrap_or_else(|| panic!("{label}: {} is missing", page.name));
            assert!(blob.bytes == page.bytes, "{label}: {} is not the last one", page.name);
            let stamp = blob.head.stamp.as_ref().map(|stamp| stamp.revision);
            assert_eq!(stamp, Some(page.edition), "{label}: {}", page.name);
        }
        let snapshot = &self.entries[&Key::new(Container::State, "status.json")];
        let snapshot: serde_json::Value = serde_json::from_slice(&snapshot.bytes).unwrap();
        assert_eq!(snapshot["state"], serde_json::to_value(state).unwrap(), "{label}: snapshot");
        for (number, dossier) in dossiers.iter().filter(|(_, dossier)| dossier.is_closed()) {
            let name = format!("incidents/{number:010}.json");
            let document = self.entries.get(&Key::new(Container::State, name));
            let document = document.unwrap_or_else(|| panic!("{label}: #{number} has no document"));
            let read: IncidentDocument = serde_json::from_slice(&document.bytes).unwrap();
            assert_eq!(read, *dossier, "{label}: document");
            let stamp = document.head.stamp.as_ref().map(|stamp| stamp.revision);
            assert_eq!(stamp, Some(dossier.revision()), "{label}: the document of #{number}");
        }
        self.check_nothing_leaks(label);
    }

    /// Internal texts are only in the log and the private documents.
    fn check_nothing_leaks(&self, label: &str) {
        for (key, blob) in self.entries.iter().filter(|(key, _)| key.container == Container::Web) {
            let text = String::from_utf8_lossy(&blob.bytes).to_lowercase();
            assert!(!text.contains(INTERNAL), "{label}: {key} has an internal word");
        }
    }
}
