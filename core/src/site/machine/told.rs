//! The wording of incidents and updates in files.

use jiff::Timestamp;

use crate::incident::model::{Incident, Update};
use crate::incident::status::ComponentNames;
use crate::site::renderer::Site;
use crate::site::views::shown;

/// The limit of updates per incident. The newest are kept.
const UPDATES_MAX: usize = 50;
/// The limit of these updates' texts in bytes, except that the newest is always included.
const TEXTS_BYTES_MAX: usize = 16 * 1024;

impl Site {
    /// A time in the page's zone.
    pub(super) fn readable(&self, at: Timestamp) -> String {
        self.texts.date_time(at, &self.config.time_zone)
    }

    /// The text of an update without formatting.
    pub(super) fn told(&self, incident: &Incident, index: usize) -> String {
        let update = incident.updates.get(index);
        update
            .and_then(|update| shown(incident, index, update))
            .map_or_else(|| self.silent(incident, index).to_owned(), |text| text.to_plain())
    }

    /// Names of components; `None` if the list is empty.
    pub(super) fn affected(&self, components: &[String], known: &ComponentNames) -> Option<String> {
        let names = components.iter().map(|id| self.config.component_name(id, known));
        let names: Vec<&str> = names.collect();
        let texts = &self.texts.machine;
        (!names.is_empty()).then(|| texts.affected.replace("{components}", &names.join(", ")))
    }

    /// The window of a maintenance; `None` for an incident.
    pub(super) fn planned(&self, incident: &Incident) -> Option<String> {
        let window = incident.window?;
        let text = self.texts.machine.planned.replace("{from}", &self.readable(window.from));
        Some(text.replace("{until}", &self.readable(window.until)))
    }
}

/// The newest updates of an incident within the limits, newest first, each with its index.
pub(super) fn newest_updates(incident: &Incident) -> Vec<(usize, &Update)> {
    let mut bytes = 0;
    let newest_first = incident.updates.iter().enumerate().rev().take(UPDATES_MAX);
    let fits = |(index, update): &(usize, &Update)| {
        bytes += update.text.bytes();
        bytes <= TEXTS_BYTES_MAX || index + 1 == incident.updates.len()
    };
    newest_first.take_while(fits).collect()
}

/// The time of an update, or of its correction.
pub(super) fn changed(update: &Update) -> Timestamp {
    update.corrected.map_or(update.at, |corrected| corrected.max(update.at))
}

/// The last change of any text of an incident.
pub(super) fn last_change(incident: &Incident) -> Timestamp {
    incident.updates.iter().map(changed).max().unwrap_or(incident.opened)
}

/// True if it affects a component, or once did.
pub(super) fn has_affected(incident: &Incident, component: &str) -> bool {
    let once = incident.updates.iter().flat_map(|update| &update.components);
    incident.components.iter().chain(once).any(|id| id == component)
}
