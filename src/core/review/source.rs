//! What a review is made from.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::core::config::Config;
use crate::core::incident::model::{Impact, Incident};
use crate::core::launch::progress::Progress;
use crate::core::log::record::Record;
use crate::core::response::model::Response;

/// What a review is made from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// What the responders know.
    pub response: &'a Response,
    /// What the page shows of it, where it is there.
    pub incident: Option<&'a Incident>,
    /// The records of its timeline, by revision.
    pub records: &'a [Record],
    /// Its work item and its channel, where it was launched.
    pub progress: Option<&'a Progress>,
    /// The page's zone, and the names of components.
    pub config: &'a Config,
}

/// A time in a zone.
pub(super) fn local(at: Timestamp, zone: &TimeZone, format: &str) -> String {
    at.to_zoned(zone.clone()).strftime(format).to_string()
}

/// The words of the page's scale.
pub(super) fn impact_word(impact: Impact) -> &'static str {
    match impact {
        Impact::Maintenance => "Maintenance",
        Impact::Minor => "Degraded performance",
        Impact::Major => "Partial outage",
        Impact::Critical => "Major outage",
    }
}
