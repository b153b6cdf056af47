//! Parts of an incident that stay in the state when the rest has been evicted to its document: the
//! figures for statistics, and open action items. Both are derived from the response whenever it
//! changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::internal_text::InternalText;
use super::milestone::Milestone;
use super::model::{Response, Todo, Visibility};
use crate::incident::model::{Impact, Incident, Number};
use crate::incident::severity::Severity;
use crate::text::Text;

/// Maximum number of open action items over all incidents.
pub const OPEN_ACTIONS_MAX: usize = 500;

/// A closed incident as statistics need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    pub number: Number,
    pub visibility: Visibility,
    /// Ids of all components ever affected, sorted.
    pub components: Vec<String>,
    /// Last severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Most severe impact that the page showed; `None` if it was never on the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Impact>,
    /// Known milestones: the first declaration, and the latest reading of all others.
    pub times: BTreeMap<Milestone, Timestamp>,
    /// Number of promised customer updates that came in time.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub promises_kept: u32,
    /// Number of promised customer updates that did not.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub promises_broken: u32,
    /// Digest of its document when the state evicted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Summary {
    /// Summary of a response and, if it is on the page, its incident.
    #[must_use]
    pub fn of(response: &Response, incident: Option<&Incident>) -> Self {
        let mut components: BTreeSet<String> = response.components.iter().cloned().collect();
        components.extend(incident.into_iter().flat_map(Incident::ever_affected));
        let at = |milestone| Some((milestone, response.milestones.at(milestone)?));
        Self {
            number: response.number,
            visibility: response.visibility,
            components: components.into_iter().collect(),
            severity: response.severity,
            impact: incident.map(Incident::worst_impact),
            times: Milestone::ALL.into_iter().filter_map(at).collect(),
            promises_kept: response.promises.kept,
            promises_broken: response.promises.broken,
            document: None,
        }
    }

    #[must_use]
    pub fn declared(&self) -> Option<Timestamp> {
        self.times.get(&Milestone::Declared).copied()
    }
}

/// Summaries of the most recently declared closed incidents, without drills, duplicates and
/// withdrawn ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summaries {
    /// Shared, so that cloning the state does not copy them.
    kept: BTreeMap<Number, Arc<Summary>>,
    /// Latest declaration of any dropped summary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gone_until: Option<Timestamp>,
}

impl Summaries {
    /// Adds, updates or removes the summary of a response that has changed.
    pub fn follow(&mut self, response: &Response, incident: Option<&Incident>) {
        if response.is_open() || !response.counts() {
            self.kept.remove(&response.number);
            return;
        }
        let summary = Summary::of(response, incident);
        if self.kept.get(&summary.number).is_none_or(|known| **known != summary) {
            self.kept.insert(summary.number, Arc::new(summary));
        }
    }

    /// Stores the digests of documents whose incidents are being evicted.
    pub fn keep_digests(&mut self, digests: &[(Number, String)]) {
        for (number, digest) in digests {
            if let Some(summary) = self.kept.get_mut(number) {
                Arc::make_mut(summary).document = Some(digest.clone());
            }
        }
    }

    /// Drops summaries up to a number. Numbers follow the order of declaration.
    pub fn let_go(&mut self, through: Number) {
        let kept = self.kept.split_off(&through.saturating_add(1));
        let gone = std::mem::replace(&mut self.kept, kept);
        let last = gone.values().filter_map(|summary| summary.declared()).max();
        self.gone_until = self.gone_until.max(last);
    }

    /// The number up to which summaries exceed `limit`; `None` if they do not.
    #[must_use]
    pub fn over(&self, limit: usize) -> Option<Number> {
        let last = self.kept.len().checked_sub(limit + 1)?;
        self.kept.keys().nth(last).copied()
    }

    /// Returns `true` if no summary declared at `from` or later has been dropped.
    #[must_use]
    pub fn reach_back_to(&self, from: Timestamp) -> bool {
        self.gone_until.is_none_or(|gone| gone < from)
    }

    /// Latest declaration of any dropped summary.
    #[must_use]
    pub fn gone_until(&self) -> Option<Timestamp> {
        self.gone_until
    }

    /// Ordered by number.
    pub fn iter(&self) -> impl Iterator<Item = &Summary> {
        self.kept.values().map(AsRef::as_ref)
    }

    #[must_use]
    pub fn get(&self, number: Number) -> Option<&Summary> {
        self.kept.get(&number).map(AsRef::as_ref)
    }
}

/// Open action items of one incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenActions {
    pub title: String,
    pub visibility: Visibility,
    /// In the order in which they were added.
    pub items: Vec<Todo>,
}

/// Open action items by incident, however old.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Actions(BTreeMap<Number, Arc<OpenActions>>);

impl Actions {
    /// Updates the items of a response that has changed. Texts lose their formatting, which can
    /// take many times the space of their characters.
    pub fn follow(&mut self, response: &Response) {
        let plain = |todo: &Todo| Todo {
            text: InternalText::new(Text::plain(&todo.text.to_plain())),
            ..todo.clone()
        };
        let items: Vec<Todo> = response.open_actions().map(plain).collect();
        if items.is_empty() {
            self.0.remove(&response.number);
            return;
        }
        let (title, visibility) = (response.title.clone(), response.visibility);
        let open = OpenActions { title, visibility, items };
        if self.0.get(&response.number).is_none_or(|known| **known != open) {
            self.0.insert(response.number, Arc::new(open));
        }
    }

    /// Ordered by number of the incident.
    pub fn iter(&self) -> impl Iterator<Item = (Number, &OpenActions)> {
        self.0.iter().map(|(number, open)| (*number, open.as_ref()))
    }

    /// Number of items over all incidents.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.values().map(|open| open.items.len()).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
