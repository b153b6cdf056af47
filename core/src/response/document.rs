//! The contents of an incident's document, which remains when the state evicts the incident.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::model::Response;
use crate::incident::model::{Incident, Number};

/// The public incident and the response to it. An incident that was never published has only a
/// response; a maintenance has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidentDocument {
    /// The part that the page shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<Arc<Incident>>,
    /// The part that responders see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Arc<Response>>,
}

impl IncidentDocument {
    /// Number of the incident; 0 if it is empty.
    #[must_use]
    pub fn number(&self) -> Number {
        let incident = self.incident.as_ref().map(|incident| incident.number);
        incident.or(self.response.as_ref().map(|response| response.number)).unwrap_or_default()
    }

    /// Returns `true` if both parts are complete and of that incident. Documents are read from
    /// storage and can contain anything.
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

    /// Returns `true` if it is over, which is when it is written as a document.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        match (&self.incident, &self.response) {
            (Some(incident), Some(response)) if incident.withdrawal.is_some() => {
                !response.is_open()
            }
            // The response was evicted; the document has both parts.
            (Some(incident), None) if incident.withdrawal.is_some() => incident.is_maintenance(),
            (Some(incident), _) => incident.resolved.is_some(),
            (None, Some(response)) => !response.is_open(),
            (None, None) => false,
        }
    }

    /// Revision of the last change to either part.
    #[must_use]
    pub fn revision(&self) -> u64 {
        let incident = self.incident.as_ref().map_or(0, |incident| incident.revision);
        incident.max(self.response.as_ref().map_or(0, |response| response.revision))
    }
}
