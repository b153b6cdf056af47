//! How far the launch of an incident is. Its events are folded here and nowhere else.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::brief::{Channel, OnCall, Person, WorkItem, key};
use super::events::LaunchEvent;
use super::step::{Done, Step};
use crate::core::incident::model::Number;

/// The launches that the state keeps.
pub type Launches = BTreeMap<Number, Arc<Progress>>;

/// How far a launch is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What tells the incident from every other one, in every log.
    pub key: String,
    /// When it was begun.
    pub begun: Timestamp,
    /// Each step that was begun.
    pub steps: BTreeMap<Step, Standing>,
    /// A digest of what the work item was last told.
    pub told: Option<String>,
    /// How often in a row the project refused a part of that.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refused: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// How far a step is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is to be done; its delivery knows when.
    Waiting {
        /// Since when it is not known whether a try was carried out.
        in_doubt_since: Option<Timestamp>,
    },
    /// It is done.
    Done {
        /// What came of it.
        result: Done,
        /// What is not as it was asked for.
        remarks: Vec<String>,
    },
    /// It is not to be done.
    Skipped {
        /// Why.
        why: String,
        /// Whether somebody said so.
        asked: bool,
        /// Since when it is not known whether a try was carried out.
        in_doubt_since: Option<Timestamp>,
    },
    /// Only a person can help.
    Failed {
        /// What was wrong, and what to do.
        why: String,
        /// Since when it is not known whether a try was carried out.
        in_doubt_since: Option<Timestamp>,
    },
}

impl Standing {
    /// Whether nothing is tried any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        !matches!(self, Self::Waiting { .. })
    }

    fn in_doubt_since(&self) -> Option<Timestamp> {
        match self {
            Self::Waiting { in_doubt_since }
            | Self::Failed { in_doubt_since, .. }
            | Self::Skipped { in_doubt_since, .. } => *in_doubt_since,
            Self::Done { .. } => None,
        }
    }
}

impl Progress {
    /// Since when it is not known whether a try of a step was carried out.
    #[must_use]
    pub fn in_doubt_since(&self, step: Step) -> Option<Timestamp> {
        self.steps.get(&step).and_then(Standing::in_doubt_since)
    }

    /// Whether a step has all that it uses, as far as that comes.
    #[must_use]
    pub fn is_ready(&self, step: Step) -> bool {
        step.uses().iter().all(|used| self.is_settled(*used))
    }

    /// Whether a step is over, or was never begun.
    #[must_use]
    pub fn is_settled(&self, step: Step) -> bool {
        self.steps.get(&step).is_none_or(Standing::is_over)
    }

    /// The work item, once there is one.
    #[must_use]
    pub fn work_item(&self) -> Option<&WorkItem> {
        self.results().find_map(|done| match done {
            Done::WorkItem(item) => Some(item),
            _ => None,
        })
    }

    /// The channel, once there is one.
    #[must_use]
    pub fn channel(&self) -> Option<&Channel> {
        self.results().find_map(|done| match done {
            Done::Channel(channel) => Some(channel),
            _ => None,
        })
    }

    /// Who was on call.
    #[must_use]
    pub fn on_call(&self) -> &[OnCall] {
        let found = self.results().find_map(|done| match done {
            Done::OnCall(people) => Some(people.as_slice()),
            _ => None,
        });
        found.unwrap_or_default()
    }

    /// Whom the work item was assigned to.
    #[must_use]
    pub fn assignee(&self) -> Option<&Person> {
        self.results().find_map(|done| match done {
            Done::Assigned(person) => person.as_ref(),
            _ => None,
        })
    }

    fn results(&self) -> impl Iterator<Item = &Done> {
        self.steps.values().filter_map(|standing| match standing {
            Standing::Done { result, .. } => Some(result),
            _ => None,
        })
    }
}

/// Folds one event of a record of that time, which continues the one with the hash `previous`; `None` where it does not fit.
#[must_use]
pub fn apply(
    launches: &mut Launches,
    at: Timestamp,
    previous: &str,
    event: &LaunchEvent,
) -> Option<()> {
    match event {
        LaunchEvent::Started { number } => {
            let waiting = |step: &Step| (*step, Standing::Waiting { in_doubt_since: None });
            let steps = Step::ONCE.iter().map(waiting).collect();
            let key = key(*number, previous);
            let new = Progress { key, begun: at, steps, told: None, refused: 0 };
            return launches.insert(*number, Arc::new(new)).is_none().then_some(());
        }
        LaunchEvent::Evicted { numbers } => {
            return numbers.iter().try_for_each(|number| launches.remove(number).map(drop));
        }
        _ => {}
    }
    let progress = Arc::make_mut(launches.get_mut(&event.number()?)?);
    let (step, standing) = match event {
        LaunchEvent::Retried { step, .. } => {
            if *step == Step::WorkItem {
                progress.told = None;
            }
            if matches!(step, Step::WorkItem | Step::Story) {
                progress.refused = 0;
            }
            let in_doubt_since = progress.in_doubt_since(*step);
            (*step, Standing::Waiting { in_doubt_since })
        }
        LaunchEvent::Doubted { step, since, .. } => {
            (*step, Standing::Waiting { in_doubt_since: *since })
        }
        LaunchEvent::Done { step, result, remarks, told, .. } => {
            if told.is_some() {
                progress.told.clone_from(told);
                progress.refused = if remarks.is_empty() { 0 } else { progress.refused + 1 };
            }
            (*step, Standing::Done { result: result.clone(), remarks: remarks.clone() })
        }
        LaunchEvent::Skipped { step, why, asked, .. } => {
            let in_doubt_since = progress.in_doubt_since(*step);
            (*step, Standing::Skipped { why: why.clone(), asked: *asked, in_doubt_since })
        }
        LaunchEvent::Failed { step, why, .. } => {
            let in_doubt_since = progress.in_doubt_since(*step);
            (*step, Standing::Failed { why: why.clone(), in_doubt_since })
        }
        LaunchEvent::Started { .. } | LaunchEvent::Evicted { .. } => return None,
    };
    progress.steps.insert(step, standing);
    Some(())
}
