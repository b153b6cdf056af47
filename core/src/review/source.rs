//! The input of a review.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::config::Config;
use crate::incident::model::Incident;
use crate::incident::status::ComponentNames;
use crate::launch::progress::Progress;
use crate::log::record::Record;
use crate::response::model::Response;

#[derive(Clone, Copy, Debug)]
pub struct ReviewSource<'a> {
    pub response: &'a Response,
    /// Its public part, if it has one.
    pub incident: Option<&'a Incident>,
    /// The records of its timeline, by revision.
    pub records: &'a [Record],
    /// Its work item and channel, if it was launched.
    pub progress: Option<&'a Progress>,
    /// For the page's zone, and the names of components.
    pub config: &'a Config,
    /// Names of components that are no longer configured.
    pub names: &'a ComponentNames,
}

pub(super) fn local(at: Timestamp, zone: &TimeZone, format: &str) -> String {
    at.to_zoned(zone.clone()).strftime(format).to_string()
}
