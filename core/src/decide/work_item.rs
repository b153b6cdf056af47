//! Work items, which follow their incidents.

use serde::Serialize;

use crate::commands::context::Context;
use crate::commands::launch::{queued, superseded};
use crate::digest::sha256_hex;
use crate::incident::severity::Severity;
use crate::launch::brief::{Channel, OnCall};
use crate::launch::progress::{Progress, StepState};
use crate::launch::step::Step;
use crate::log::record::Event;
use crate::response::milestone::{Milestone, MilestoneReading};
use crate::response::model::{Response, Visibility};
use crate::response::role::Holder;

impl Context<'_> {
    /// Queues a synchronisation for each work item whose incident has changed since the last one.
    pub(crate) fn work_item_syncs(&self) -> Vec<Event> {
        let due = self.state.launches.iter().filter(|(number, progress)| {
            let has_changed = self.state.response(**number).is_some_and(|response| {
                progress.told.as_ref() != Some(&digest(response, progress))
            });
            let is_stopped = matches!(
                progress.steps.get(&Step::WorkItemSync),
                Some(StepState::Failed { .. } | StepState::Skipped { .. })
            );
            has_changed && !is_stopped && progress.work_item().is_some()
        });
        due.flat_map(|(number, _)| match self.delivery_of(*number, Step::WorkItemSync) {
            None => vec![queued(*number, Step::WorkItemSync, None)],
            // One that was tried already is retried anyway.
            Some(planned) if planned.tries == 0 && planned.is_waiting(self.time()) => {
                vec![superseded(planned), queued(*number, Step::WorkItemSync, None)]
            }
            Some(_) => Vec::new(),
        })
        .collect()
    }
}

/// The facts about an incident and its launch that a work item shows. Their digest is recorded, so
/// the names and the order of these fields are part of the record format.
#[derive(Serialize)]
struct Shown<'a> {
    title: &'a str,
    severity: Option<Severity>,
    roles: &'a [Holder],
    components: &'a [String],
    visibility: Visibility,
    started: Option<&'a MilestoneReading>,
    detected: Option<&'a MilestoneReading>,
    on_call: &'a [OnCall],
    channel: Option<&'a Channel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<&'a str>,
    /// Set once it is closed. The comments show everything about a closed incident, so any change
    /// counts.
    closed: Option<u64>,
}

/// The digest of the facts that a work item shows. A different digest triggers a synchronisation.
#[must_use]
pub fn digest(response: &Response, progress: &Progress) -> String {
    let shown = Shown {
        title: &response.title,
        severity: response.severity,
        roles: &response.roles,
        components: &response.components,
        visibility: response.visibility,
        started: response.milestones.last(Milestone::Started),
        detected: response.milestones.last(Milestone::Detected),
        on_call: progress.on_call(),
        channel: progress.channel(),
        call: response.call.as_deref(),
        closed: (!response.is_open()).then_some(response.revision),
    };
    // Serialising cannot fail: no maps, and no numbers beyond JSON's.
    sha256_hex(&serde_json::to_vec(&shown).unwrap_or_default())
}
