//! Progress of launches. Their events are folded only here.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::brief::{Channel, ExternalPerson, OnCall, WorkItem, key};
use super::events::LaunchEvent;
use super::step::{Step, StepResult};
use crate::incident::model::Number;

pub type Launches = BTreeMap<Number, Arc<Progress>>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Identifies the incident in every log.
    pub key: String,
    pub begun: Timestamp,
    /// Steps that were started.
    pub steps: BTreeMap<Step, StepState>,
    /// Digest of the content last written to the work item.
    pub told: Option<String>,
    /// Number of consecutive times that the project refused a part of that content.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refused: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// State of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not done yet. The delivery has the time of the next attempt.
    Waiting {
        /// Time since which the outcome of an attempt is unknown.
        in_doubt_since: Option<Timestamp>,
    },
    Done {
        result: StepResult,
        /// Deviations from the request.
        remarks: Vec<String>,
    },
    Skipped {
        why: String,
        /// `true` if a person asked to skip the step.
        asked: bool,
        /// Time since which the outcome of an attempt is unknown.
        in_doubt_since: Option<Timestamp>,
    },
    /// Only a person can fix the cause.
    Failed {
        /// Cause and remedy.
        why: String,
        /// Time since which the outcome of an attempt is unknown.
        in_doubt_since: Option<Timestamp>,
    },
}

impl StepState {
    /// Returns `true` if no further attempts are made.
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
    /// Time since which the outcome of an attempt at the step is unknown; `None` if it is known.
    #[must_use]
    pub fn in_doubt_since(&self, step: Step) -> Option<Timestamp> {
        self.steps.get(&step).and_then(StepState::in_doubt_since)
    }

    /// Returns `true` if every step whose result this one uses is settled.
    #[must_use]
    pub fn is_ready(&self, step: Step) -> bool {
        step.uses().iter().all(|used| self.is_settled(*used))
    }

    /// Returns `true` if the step has ended or was never started.
    #[must_use]
    pub fn is_settled(&self, step: Step) -> bool {
        self.steps.get(&step).is_none_or(StepState::is_over)
    }

    /// `None` until it exists.
    #[must_use]
    pub fn work_item(&self) -> Option<&WorkItem> {
        self.results().find_map(|done| match done {
            StepResult::WorkItem(item) => Some(item),
            _ => None,
        })
    }

    /// `None` until it exists.
    #[must_use]
    pub fn channel(&self) -> Option<&Channel> {
        self.results().find_map(|done| match done {
            StepResult::Channel(channel) => Some(channel),
            _ => None,
        })
    }

    /// People on call at the time of the launch; empty until they are known.
    #[must_use]
    pub fn on_call(&self) -> &[OnCall] {
        let found = self.results().find_map(|done| match done {
            StepResult::OnCall(people) => Some(people.as_slice()),
            _ => None,
        });
        found.unwrap_or_default()
    }

    /// Assignee of the work item; `None` if it has none.
    #[must_use]
    pub fn assignee(&self) -> Option<&ExternalPerson> {
        self.results().find_map(|done| match done {
            StepResult::Assigned(person) => person.as_ref(),
            _ => None,
        })
    }

    fn results(&self) -> impl Iterator<Item = &StepResult> {
        self.steps.values().filter_map(|standing| match standing {
            StepState::Done { result, .. } => Some(result),
            _ => None,
        })
    }
}

/// Folds one event of a record written at `at`. `previous` is the hash of the preceding record.
/// Returns `None` if the event does not fit the current launches.
#[must_use]
pub fn apply(
    launches: &mut Launches,
    at: Timestamp,
    previous: &str,
    event: &LaunchEvent,
) -> Option<()> {
    match event {
        LaunchEvent::Started { number } => {
            let waiting = |step: &Step| (*step, StepState::Waiting { in_doubt_since: None });
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
            if matches!(step, Step::WorkItem | Step::WorkItemSync) {
                progress.refused = 0;
            }
            let in_doubt_since = progress.in_doubt_since(*step);
            (*step, StepState::Waiting { in_doubt_since })
        }
        LaunchEvent::Doubted { step, since, .. } => {
            (*step, StepState::Waiting { in_doubt_since: *since })
        }
        LaunchEvent::Done { step, result, remarks, told, .. } => {
            // The digest can be erased, so it must not decide what is counted.
            if *step == Step::WorkItemSync {
                progress.told.clone_from(told);
                progress.refused = if remarks.is_empty() { 0 } else { progress.refused + 1 };
            }
            (*step, StepState::Done { result: result.clone(), remarks: remarks.clone() })
        }
        LaunchEvent::Skipped { step, why, asked, .. } => {
            let in_doubt_since = progress.in_doubt_since(*step);
            (*step, StepState::Skipped { why: why.clone(), asked: *asked, in_doubt_since })
        }
        LaunchEvent::Failed { step, why, .. } => {
            let in_doubt_since = progress.in_doubt_since(*step);
            (*step, StepState::Failed { why: why.clone(), in_doubt_since })
        }
        LaunchEvent::Started { .. } | LaunchEvent::Evicted { .. } => return None,
    };
    progress.steps.insert(step, standing);
    Some(())
}
