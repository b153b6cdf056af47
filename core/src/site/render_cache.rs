//! Parts of files for programs, one set per incident, kept between commands: a command changes one
//! incident, but the files contain a hundred.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::incident::model::{Incident, Number};
use crate::incident::status::{ComponentNames, Status};

/// The limit of kept parts in bytes. Beyond it, everything is rendered again.
const KEPT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Rendered parts of files, of one [`Site`](super::renderer::Site).
///
/// It can be dropped at any time and is never stale: each part is used only for exactly the
/// incident that it was rendered from, and the same names of components.
#[derive(Debug, Default)]
pub struct RenderCache {
    incidents: BTreeMap<Number, Rendered>,
    /// The names of components that they were rendered with.
    names: ComponentNames,
}

/// The parts of one incident.
#[derive(Debug)]
pub(super) struct Rendered {
    /// The incident that it was rendered from.
    pub incident: Arc<Incident>,
    /// The last change of any text in it.
    pub changed: Timestamp,
    /// Fields in JSON that depend on the incident alone, without braces.
    pub json_fields: Box<str>,
    /// Its entry in Atom.
    pub atom: Box<str>,
    /// Its item in RSS.
    pub rss: Box<str>,
    /// Its newest updates, newest first.
    pub updates: Vec<RenderedUpdate>,
}

/// An entry of the feed of updates.
#[derive(Debug)]
pub(super) struct RenderedUpdate {
    /// Its index in the incident.
    pub index: usize,
    pub at: Timestamp,
    /// The time of the update, or of its correction.
    pub changed: Timestamp,
    /// Its entry in Atom.
    pub atom: Box<str>,
}

impl Rendered {
    fn bytes(&self) -> usize {
        let updates = self.updates.iter().map(|update| update.atom.len());
        self.json_fields.len() + self.atom.len() + self.rss.len() + updates.sum::<usize>()
    }
}

impl RenderCache {
    /// Renders changed incidents of the status, and drops those that left it.
    pub(super) fn refresh(&mut self, status: &Status, render: impl Fn(&Arc<Incident>) -> Rendered) {
        if self.names != status.component_names {
            self.incidents.clear();
            self.names = status.component_names.clone();
        }
        let mut before = std::mem::take(&mut self.incidents);
        let all = status.all_shared().map(|incident| {
            let same = |known: &Rendered| {
                Arc::ptr_eq(&known.incident, incident) || known.incident == *incident
            };
            let known = before.remove(&incident.number).filter(same);
            (incident.number, known.unwrap_or_else(|| render(incident)))
        });
        self.incidents = all.collect();
    }

    /// An incident of the last refresh.
    pub(super) fn of(&self, number: Number) -> Option<&Rendered> {
        self.incidents.get(&number)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Rendered> {
        self.incidents.values()
    }

    /// Drops everything if the limit is exceeded.
    pub(super) fn bound(&mut self) {
        if self.incidents.values().map(Rendered::bytes).sum::<usize>() > KEPT_BYTES_MAX {
            self.incidents.clear();
        }
    }
}
