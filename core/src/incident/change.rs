//! Changes to the status that several kinds of events have in common.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::model::{Incident, Number};
use super::status::{Change, ComponentChanges, Status};

/// The parts of a record that folding one of its events needs.
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a> {
    pub revision: u64,
    pub at: Timestamp,
    /// Name of the person who sent it.
    pub by: &'a str,
}

/// Marks everything that shows the incident, and the pages of its components, as changed.
pub(super) fn mark_incident(status: &mut Status, incident: &Incident, change: Change) {
    if incident.is_maintenance() {
        status.changes.maintenance = change;
    } else {
        status.changes.incidents = change;
    }
    for component in incident.ever_affected() {
        standing_mut(status, component).shown = change;
    }
}

pub(super) fn standing_mut(status: &mut Status, component: String) -> &mut ComponentChanges {
    let standing = status.standing(&component);
    status.components.entry(component).or_insert(standing)
}

/// The map that holds an open incident, or a planned or running maintenance.
pub(super) fn going_on(
    status: &mut Status,
    number: Number,
) -> Option<&mut BTreeMap<Number, Arc<Incident>>> {
    let maps = [&mut status.open, &mut status.maintenance];
    maps.into_iter().find(|map| map.contains_key(&number))
}

pub(super) fn incident_mut(status: &mut Status, number: Number) -> Option<&mut Incident> {
    let going_on = status.open.values_mut().chain(status.maintenance.values_mut());
    let mut kept = going_on.chain(status.closed.iter_mut()).chain(status.withdrawn.values_mut());
    kept.find(|incident| incident.number == number).map(Arc::make_mut)
}
