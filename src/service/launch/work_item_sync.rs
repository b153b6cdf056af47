//! Updates the work item: current title, state, severity and description, and the comments at the
//! end.

use serde_json::Value;

use super::boards::{Project, in_project, is_assigned};
use super::comments;
use super::waiting::skipped;
use crate::core::connectors::boards::{self, STATE, TITLE, add, severity_field, severity_value};
use crate::core::connectors::boards_answer::{BoardsRefusal, FoundWorkItem, WorkItemKind};
use crate::core::connectors::boards_text::{is_our_title, renewed, title};
use crate::core::http::Failure;
use crate::core::launch::brief::{Brief, ExternalPerson};
use crate::core::launch::place::Launch;
use crate::core::launch::step::{Attempt, StepOutcome, StepResult};
use crate::outbound::Outbound;

pub(super) async fn sync(
    outbound: &dyn Outbound,
    launch: &Launch,
    brief: &Brief,
    attempt: &Attempt,
) -> Result<StepOutcome, Failure> {
    let (place, item) = match in_project(launch, brief) {
        Ok(found) => found,
        Err(why) => return Ok(skipped(why)),
    };
    let project = Project { outbound, place };
    let remarks = bring_up_to_date(&project, brief, item.id).await?;
    if let Some(wait) = comments::write(&project, brief, item, attempt).await? {
        return Ok(wait);
    }
    Ok(StepOutcome::Done { result: StepResult::Told, remarks })
}

/// Makes all changes at once. If a rule of the project refuses them, makes each separately, so that
/// a rule affects only its own part. Returns the refusals as sentences.
async fn bring_up_to_date(
    project: &Project<'_>,
    brief: &Brief,
    id: u64,
) -> Result<Vec<String>, Failure> {
    let mut item = project.work_item(id).await?;
    let kind = project.kind(&item.kind).await?;
    let all = |found: &FoundWorkItem| {
        Part::ALL.iter().filter_map(|part| part.change(found, &kind, brief)).collect()
    };
    match project.update(&mut item, all).await {
        Ok(()) => return Ok(Vec::new()),
        Err(BoardsRefusal::Rule { .. }) => {}
        Err(refusal) => return Err(refusal.into_failure()),
    }
    let mut refused = Vec::new();
    for part in Part::ALL {
        let change = |found: &FoundWorkItem| part.change(found, &kind, brief).into_iter().collect();
        match project.update(&mut item, change).await {
            Ok(()) => {}
            Err(rule @ BoardsRefusal::Rule { .. }) => {
                refused.push(format!("{} stays as it was: {}", part.name(), rule.into_failure()));
            }
            Err(refusal) => return Err(refusal.into_failure()),
        }
    }
    Ok(refused)
}

/// A part of a work item that follows the incident.
#[derive(Clone, Copy)]
enum Part {
    Title,
    State,
    Assignee,
    Text,
    Severity,
}

impl Part {
    const ALL: [Self; 5] = [Self::Title, Self::Severity, Self::Text, Self::Assignee, Self::State];

    fn name(self) -> &'static str {
        match self {
            Self::Title => "the title",
            Self::State => "the state",
            Self::Assignee => "the assignment",
            Self::Text => "the description",
            Self::Severity => "the severity",
        }
    }

    /// The change that updates this part, if it differs.
    fn change(self, found: &FoundWorkItem, kind: &WorkItemKind, brief: &Brief) -> Option<Value> {
        match self {
            // A title that people wrote stays.
            Self::Title => {
                let (now, wanted) = (found.text(TITLE), title(brief));
                (is_our_title(now, brief) && now != wanted).then(|| add(TITLE, wanted))
            }
            Self::State => {
                kind.state_for(brief.phase, found.state()).map(|state| add(STATE, state))
            }
            // A manually chosen assignee stays, until the role that owns the work item is assigned.
            Self::Assignee => {
                let has_role = |person: &&ExternalPerson| {
                    brief.roles.iter().any(|role| role.person.as_ref() == Some(*person))
                };
                let assignee = brief.assignee.as_ref().filter(has_role);
                let assignee = assignee.filter(|person| !is_assigned(found, person));
                assignee.and_then(boards::assign)
            }
            Self::Text => {
                let field = kind.text_field();
                let renewed = renewed(found.text(field), brief);
                (renewed != found.text(field)).then(|| add(field, renewed))
            }
            Self::Severity => {
                let (severity, field) = (brief.severity?, kind.severity_field()?);
                let is_so = found.fields.get(field) == Some(&severity_value(field, severity));
                (!is_so).then(|| severity_field(field, severity))
            }
        }
    }
}
