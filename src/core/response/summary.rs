//! What is kept of an incident for statistics, and of its action items until they are done, when
//! everything else of it lies in its document. Both are derived from the response whenever that
//! changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::internal_text::InternalText;
use super::milestone::Milestone;
use super::model::{Response, Todo, Visibility};
use crate::core::incident::model::{Impact, Incident, Number};
use crate::core::incident::severity::Severity;
use crate::core::text::Text;

/// How many action items of all incidents may be open at once.
pub const OPEN_ACTIONS_MAX: usize = 500;

/// A closed incident as statistics see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// The incident.
    pub number: Number,
    /// Who saw it.
    pub visibility: Visibility,
    /// Ids of the components that it affected at some time, in the order of their names.
    pub components: Vec<String>,
    /// How bad it was for the team, as said last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// How bad the page said it was, at its worst; `None` for what was never on the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Impact>,
    /// When was what: the first declaration, the last of all others. What is not known is not there.
    pub times: BTreeMap<Milestone, Timestamp>,
    /// How many promised customer updates came in time.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub promises_kept: u32,
    /// How many did not.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub promises_broken: u32,
    /// The digest that its document had when the state let go of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Summary {
    /// The summary of a response and, where it is on the page, its incident.
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

    /// When it was declared.
    #[must_use]
    pub fn declared(&self) -> Option<Timestamp> {
        self.times.get(&Milestone::Declared).copied()
    }
}

/// The summaries of the closed incidents that were declared last, and of none that is a drill.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summaries {
    /// They are shared, so that a copy of the state costs no copy of them.
    kept: BTreeMap<Number, Arc<Summary>>,
    /// When the last of those was declared that are kept no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gone_until: Option<Timestamp>,
}

impl Summaries {
    /// Takes in a response as it is now.
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

    /// Keeps the digests of documents that live on without the state.
    pub fn keep_digests(&mut self, digests: &[(Number, String)]) {
        for (number, digest) in digests {
            if let Some(summary) = self.kept.get_mut(number) {
                Arc::make_mut(summary).document = Some(digest.clone());
            }
        }
    }

    /// Lets go of those up to a number. Numbers are given in the order of the declarations.
    pub fn let_go(&mut self, through: Number) {
        let kept = self.kept.split_off(&through.saturating_add(1));
        let gone = std::mem::replace(&mut self.kept, kept);
        let last = gone.values().filter_map(|summary| summary.declared()).max();
        self.gone_until = self.gone_until.max(last);
    }

    /// Up to which number there are more than `limit`.
    #[must_use]
    pub fn over(&self, limit: usize) -> Option<Number> {
        let last = self.kept.len().checked_sub(limit + 1)?;
        self.kept.keys().nth(last).copied()
    }

    /// Whether everything that was declared from then on is there.
    #[must_use]
    pub fn reach_back_to(&self, from: Timestamp) -> bool {
        self.gone_until.is_none_or(|gone| gone < from)
    }

    /// When the last of those was declared that are kept no longer.
    #[must_use]
    pub fn gone_until(&self) -> Option<Timestamp> {
        self.gone_until
    }

    /// All of them, by number.
    pub fn iter(&self) -> impl Iterator<Item = &Summary> {
        self.kept.values().map(AsRef::as_ref)
    }

    /// That of an incident, if it is kept.
    #[must_use]
    pub fn get(&self, number: Number) -> Option<&Summary> {
        self.kept.get(&number).map(AsRef::as_ref)
    }
}

/// The action items of one incident that are still to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenActions {
    /// The incident's title.
    pub title: String,
    /// Who sees it.
    pub visibility: Visibility,
    /// The items, in the order in which they were added.
    pub items: Vec<Todo>,
}

/// The action items that are still to be done, by incident, however long ago that was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Actions(BTreeMap<Number, Arc<OpenActions>>);

impl Actions {
    /// Takes in a response as it is now. Of texts only the characters are kept: formatting can take
    /// many times their room.
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

    /// By incident.
    pub fn iter(&self) -> impl Iterator<Item = (Number, &OpenActions)> {
        self.0.iter().map(|(number, open)| (*number, open.as_ref()))
    }

    /// How many there are of all incidents.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.values().map(|open| open.items.len()).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
