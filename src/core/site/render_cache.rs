//! What files for programs say of each incident, kept from one command to the next by whoever
//! publishes: a command changes one incident, and the files tell of a hundred.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::core::incident::model::{Incident, Number};
use crate::core::incident::status::Status;

/// How much is kept from one command to the next, in bytes; beyond that, all is rendered anew.
const KEPT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The parts of files that were rendered before, of one [`Site`](super::renderer::Site).
///
/// It can be dropped at any time and never be wrong: each part is used only for the very incident
/// that it was made from.
#[derive(Debug, Default)]
pub struct RenderCache {
    incidents: BTreeMap<Number, Rendered>,
}

/// What files say of an incident.
#[derive(Debug)]
pub(super) struct Rendered {
    /// What it was made from.
    pub incident: Arc<Incident>,
    /// When anything that is said here changed last.
    pub changed: Timestamp,
    /// Its fields in JSON, those that depend on it alone: without the braces around them.
    pub json_fields: Box<str>,
    /// Its entry in Atom.
    pub atom: Box<str>,
    /// Its item in RSS.
    pub rss: Box<str>,
    /// Its newest updates, newest first.
    pub updates: Vec<RenderedUpdate>,
}

/// An update as the feed of updates has it.
#[derive(Debug)]
pub(super) struct RenderedUpdate {
    /// Its place in the incident, from 0.
    pub index: usize,
    /// When it was said.
    pub at: Timestamp,
    /// When it was said, or corrected.
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
    /// Renders those of the incidents that the status keeps which changed, and drops the others.
    pub(super) fn refresh(&mut self, status: &Status, render: impl Fn(&Arc<Incident>) -> Rendered) {
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

    /// Of an incident that was there at the last refresh.
    pub(super) fn of(&self, number: Number) -> Option<&Rendered> {
        self.incidents.get(&number)
    }

    /// Of all that were there.
    pub(super) fn all(&self) -> impl Iterator<Item = &Rendered> {
        self.incidents.values()
    }

    /// Gives up what is too much to be kept.
    pub(super) fn bound(&mut self) {
        if self.incidents.values().map(Rendered::bytes).sum::<usize>() > KEPT_BYTES_MAX {
            self.incidents.clear();
        }
    }
}
