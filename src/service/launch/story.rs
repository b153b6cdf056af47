//! What the work item tells: state, severity and description as they are now, and at the end the
//! comments.

use serde_json::Value;

use super::boards::{Project, in_project, is_assigned};
use super::comments;
use super::waiting::skipped;
use crate::core::http::Failure;
use crate::core::launch::boards::{
    self, DESCRIPTION, SEVERITY, STATE, add, severity_field, severity_name,
};
use crate::core::launch::boards_answer::{Found, Kind};
use crate::core::launch::boards_text::renewed;
use crate::core::launch::brief::{Brief, Person, WorkItem};
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
    let mut parts = Parts { state: true, assignee: true };
    loop {
        let changed = project.update(item.id, |found| operations(found, &kind, brief, parts)).await;
        let Err(refusal) = changed else {
            return Ok(());
        };
        if parts.assignee && refusal.is_unknown_identity() {
            parts.assignee = false;
        } else if parts.state && refusal.says(&["State"]) {
            parts.state = false;
        } else {
            return Err(refusal.into_failure());
        }
        remarks.push(refusal.into_failure().to_string());
    }
}

/// What a process may refuse, and is done without then.
#[derive(Clone, Copy)]
struct Parts {
    state: bool,
    assignee: bool,
}

/// What has to change for the work item to be as the incident is.
fn operations(found: &Found, kind: &Kind, brief: &Brief, parts: Parts) -> Vec<Value> {
    let mut operations = Vec::new();
    let state = kind.state_for(brief.phase, &found.state).filter(|_| parts.state);
    operations.extend(state.map(|state| add(STATE, state)));
    // Whom people chose there stays, until somebody has a role whose the work item is.
    let has_role =
        |person: &&Person| brief.roles.iter().any(|role| role.person.as_ref() == Some(*person));
    let assignee = brief.assignee.as_ref().filter(|_| parts.assignee).filter(has_role);
    let assignee = assignee.filter(|person| !is_assigned(found, person));
    operations.extend(assignee.and_then(boards::assign));
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
