//! What the work item tells: state, severity and description as they are now, and at the end the
//! comments.

use serde_json::Value;

use super::boards::{Project, in_project};
use super::comments;
use super::waiting::skipped;
use crate::core::http::Failure;
use crate::core::launch::boards::{
    DESCRIPTION, SEVERITY, STATE, add, severity_field, severity_name,
};
use crate::core::launch::boards_answer::{Found, Kind, Refusal};
use crate::core::launch::boards_text::renewed;
use crate::core::launch::brief::{Brief, WorkItem};
use crate::core::launch::place::Launch;
use crate::core::launch::step::{Attempt, Done, Outcome};
use crate::outbound::Outbound;

pub(super) async fn tell(
    outbound: &dyn Outbound,
    launch: &Launch,
    brief: &Brief,
    attempt: &Attempt,
) -> Result<Outcome, Failure> {
    let (place, item) = match in_project(launch, brief) {
        Ok(found) => found,
        Err(why) => return Ok(skipped(why)),
    };
    let project = Project { outbound, place };
    let mut remarks = Vec::new();
    bring_up_to_date(&project, brief, item, &mut remarks).await?;
    if let Some(wait) = comments::write(&project, brief, item, attempt).await? {
        return Ok(wait);
    }
    Ok(Outcome::Done { result: Done::Told, remarks })
}

async fn bring_up_to_date(
    project: &Project<'_>,
    brief: &Brief,
    item: &WorkItem,
    remarks: &mut Vec<String>,
) -> Result<(), Failure> {
    let kind = project.kind(&project.work_item(item.id).await?.kind).await?;
    let changed = project.update(item.id, |found| operations(found, &kind, brief, true)).await;
    match changed {
        Err(refusal) if refusal.says(&["State"]) => {
            remarks.push(refusal.into_failure().to_string());
            let changed = project.update(item.id, |found| operations(found, &kind, brief, false));
            changed.await.map_err(Refusal::into_failure)
        }
        changed => changed.map_err(Refusal::into_failure),
    }
}

/// What has to change for the work item to be as the incident is.
fn operations(found: &Found, kind: &Kind, brief: &Brief, with_state: bool) -> Vec<Value> {
    let mut operations = Vec::new();
    let state = kind.state_for(brief.phase, &found.state).filter(|_| with_state);
    operations.extend(state.map(|state| add(STATE, state)));
    let description = renewed(&found.description, brief);
    if description != found.description {
        operations.push(add(DESCRIPTION, description));
    }
    if let (Some(severity), Some(now)) = (brief.severity, &found.severity)
        && now != severity_name(severity)
    {
        operations.push(severity_field(SEVERITY, severity));
    }
    operations
}
