//! After an incident: statistics compared with manually computed tables and with Python's, and the
//! review from its records.

mod commands;
mod documents;
mod statistics;
mod weekly;
mod written;

use status_update::core::config::Config;
use status_update::core::log::record::Record;
use status_update::core::review::facts::ReviewSource;
use status_update::core::review::template::document;

use crate::cases::thread::Thread;

/// The review of an incident, from the records of its timeline alone.
pub fn review(thread: &Thread, number: u32) -> String {
    review_in(thread, number, &thread.config).unwrap()
}

fn review_in(thread: &Thread, number: u32, config: &Config) -> Result<String, String> {
    let dossier = &thread.documents[&number];
    let response = dossier.response.as_deref().unwrap();
    let is_told = |record: &&Record| response.entries.iter().any(|e| e.1 == record.revision);
    let records: Vec<Record> = thread.records.iter().filter(is_told).cloned().collect();
    let incident = dossier.incident.as_deref();
    let (records, names) = (&records, &thread.state.status.component_names);
    document(ReviewSource { response, incident, records, progress: None, config, names })
        .map_err(|e| e.to_string())
}
