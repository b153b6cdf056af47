//! All that is kept of one incident once the state lets go of it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::model::Response;
use crate::core::incident::model::{Incident, Number};

/// The public incident and the response to it; an incident that was never published has the
/// response alone, and a maintenance has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dossier {
    /// What the page shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<Arc<Incident>>,
    /// What the responders know and do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Arc<Response>>,
}

impl Dossier {
    /// Which incident it is of; 0 of an empty one.
    #[must_use]
    pub fn number(&self) -> Number {
        let incident = self.incident.as_ref().map(|incident| incident.number);
        incident.or(self.response.as_ref().map(|response| response.number)).unwrap_or_default()
    }

    /// Whether it is all that there is of the incident of that number, and of no other: what was
    /// read from a document may be anything.
    #[must_use]
    pub fn is_whole(&self, number: Number) -> bool {
        let response = self.response.as_deref();
        let is_its = response.is_none_or(|response| response.number == number);
        is_its
            && match &self.incident {
                Some(incident) => {
                    incident.number == number && response.is_none() == incident.is_maintenance()
                }
                None => response.is_some_and(|response| !response.is_public()),
            }
    }

    /// Whether it is over: then it is kept as a document.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        match (&self.incident, &self.response) {
            (Some(incident), Some(response)) if incident.withdrawal.is_some() => {
                !response.is_open()
            }
            // The response to it was evicted, and its document has both.
            (Some(incident), None) if incident.withdrawal.is_some() => incident.is_maintenance(),
            (Some(incident), _) => incident.resolved.is_some(),
            (None, Some(response)) => !response.is_open(),
            (None, None) => false,
        }
    }

    /// The revision that changed any of it last.
    #[must_use]
    pub fn revision(&self) -> u64 {
        let incident = self.incident.as_ref().map_or(0, |incident| incident.revision);
        incident.max(self.response.as_ref().map_or(0, |response| response.revision))
    }
}
