//! Launch steps in Azure Boards.

use serde_json::Value;

use super::waiting::{FOUND_AFTER, skipped, too_early};
use crate::core::connectors::boards::{self, Parts};
use crate::core::connectors::boards_answer::{
    BoardsRefusal, FoundWorkItem, WorkItemKind, found, ids, kinds, read, with_tag,
};
use crate::core::http::{Failure, Request};
use crate::core::launch::brief::{Brief, ExternalPerson, WorkItem};
use crate::core::launch::place::{Boards, Launch};
use crate::core::launch::step::{Attempt, StepOutcome, StepResult};
use crate::outbound::Outbound;

/// Retries of a change after a concurrent one.
const RACES_MAX: usize = 3;
const NOT_SET_UP: &str = "[launch.boards] is not in status.toml";

/// A project in Azure Boards, and the access to it.
pub(super) struct Project<'a> {
    pub(super) outbound: &'a dyn Outbound,
    pub(super) place: &'a Boards,
}

impl Project<'_> {
    pub(super) async fn ask(&self, request: &Request) -> Result<Value, Failure> {
        self.asked(request).await.map_err(BoardsRefusal::into_failure)
    }

    async fn asked(&self, request: &Request) -> Result<Value, BoardsRefusal> {
        let response = self.outbound.send(request).await.map_err(Failure::of_reading)?;
        read(&response, self.place, false).cloned()
    }

    pub(super) async fn change(&self, request: &Request) -> Result<Value, BoardsRefusal> {
        let response = self.outbound.send(request).await?;
        read(&response, self.place, true).cloned()
    }

    pub(super) async fn work_item(&self, id: u64) -> Result<FoundWorkItem, Failure> {
        let json = self.ask(&boards::work_item(self.place, id)).await?;
        found(&json, self.place).map_err(Failure::of_reading)
    }

    /// A work item type. If it does not exist, the error lists the existing ones.
    pub(super) async fn kind(&self, name: &str) -> Result<WorkItemKind, Failure> {
        match self.asked(&boards::work_item_type(self.place, name)).await {
            Ok(json) => Ok(WorkItemKind::read(&json)),
            Err(BoardsRefusal::NoType(said)) => {
                let kinds = kinds(&self.ask(&boards::work_item_types(self.place)).await?);
                Err(Failure::Refused(format!(
                    "{said}; set work_item_type in [launch.boards] of status.toml to one that the \
                     project {} has instead of \"{name}\": {}",
                    self.place.project,
                    kinds.join(", ")
                )))
            }
            Err(refusal) => Err(refusal.into_failure()),
        }
    }

    /// Changes a work item that was read; retries after a concurrent change.
    pub(super) async fn update(
        &self,
        item: &mut FoundWorkItem,
        operations: impl Fn(&FoundWorkItem) -> Vec<Value> + Send + Sync,
    ) -> Result<(), BoardsRefusal> {
        for _ in 0..RACES_MAX {
            let operations = operations(item);
            if operations.is_empty() {
                return Ok(());
            }
            let request = boards::update(self.place, item.item.id, item.revision, operations);
            match self.change(&request).await {
                Err(BoardsRefusal::Stale) => *item = self.work_item(item.item.id).await?,
                Err(refusal) => return Err(refusal),
                Ok(json) => {
                    *item = found(&json, self.place)?;
                    return Ok(());
                }
            }
        }
        Err(BoardsRefusal::Stale)
    }

    async fn find(&self, key: &str) -> Result<Option<WorkItem>, Failure> {
        let numbers = ids(&self.ask(&boards::find(self.place, key)).await?);
        if numbers.is_empty() {
            return Ok(None);
        }
        let tagged = self.ask(&boards::tags(self.place, &numbers)).await?;
        match with_tag(&tagged, key) {
            Some(id) => Ok(Some(self.work_item(id).await?.item)),
            None => Ok(None),
        }
    }

    /// Creates a work item, without the parts that the project refuses.
    async fn create(&self, brief: &Brief) -> Result<StepOutcome, Failure> {
        let kind = self.kind(&self.place.work_item_type).await?;
        let (text_field, severity_field) = (kind.text_field(), kind.severity_field());
        let mut parts = Parts { text_field, severity_field, area_path: true };
        let mut remarks = Vec::new();
        loop {
            let created = self.change(&boards::create(self.place, brief, parts)).await;
            let refusal = match created {
                Ok(json) => {
                    let result = StepResult::WorkItem(found(&json, self.place)?.item);
                    return Ok(StepOutcome::Done { result, remarks });
                }
                Err(refusal) => refusal,
            };
            let (severity, area) = (parts.severity_field, &self.place.area_path);
            if severity.is_some() && refusal.says(&["Severity", "Priority"]) {
                parts.severity_field = None;
                remarks.push("Azure Boards does not take our severities".to_owned());
            } else if let (Some(area), true) = (area, parts.area_path)
                && refusal.says(&["Invalid tree name", "AreaPath", "Area Path"])
            {
                parts.area_path = false;
                remarks.push(format!(
                    "Azure Boards does not know the area \"{area}\": correct area_path in \
                     [launch.boards] of status.toml"
                ));
            } else {
                return Err(refusal.into_failure());
            }
        }
    }
}

/// The configured board with the work item, or the reason why there is nothing to do.
pub(super) fn in_project<'a>(
    launch: &'a Launch,
    brief: &'a Brief,
) -> Result<(&'a Boards, &'a WorkItem), &'static str> {
    let place = launch.boards.as_ref().ok_or(NOT_SET_UP)?;
    Ok((place, brief.work_item.as_ref().ok_or("there is no work item")?))
}

pub(super) async fn make_work_item(
    outbound: &dyn Outbound,
    launch: &Launch,
    brief: &Brief,
    attempt: &Attempt,
) -> Result<StepOutcome, Failure> {
    let Some(place) = &launch.boards else {
        return Ok(skipped(NOT_SET_UP));
    };
    let project = Project { outbound, place };
    if attempt.in_doubt_since.is_some() {
        if let Some(item) = project.find(&brief.key).await? {
            return Ok(StepOutcome::done(StepResult::WorkItem(item)));
        }
        let why = "an earlier try may have made a work item that is not found yet";
        if let Some(wait) = too_early(attempt, FOUND_AFTER, why) {
            return Ok(wait);
        }
    }
    project.create(brief).await
}

pub(super) async fn link_channel(
    outbound: &dyn Outbound,
    launch: &Launch,
    brief: &Brief,
) -> Result<StepOutcome, Failure> {
    let (place, item) = match in_project(launch, brief) {
        Ok(found) => found,
        Err(why) => return Ok(skipped(why)),
    };
    let Some(channel) = &brief.channel else {
        return Ok(skipped("there is no channel"));
    };
    let link = |found: &FoundWorkItem| {
        let is_there = found.links.contains(&channel.url);
        if is_there { Vec::new() } else { vec![boards::link(&channel.url, "Teams channel")] }
    };
    let project = Project { outbound, place };
    let mut item = project.work_item(item.id).await?;
    match project.update(&mut item, link).await {
        Err(refusal) if !refusal.is_link_there() => Err(refusal.into_failure()),
        _ => Ok(StepOutcome::done(StepResult::Linked)),
    }
}

pub(super) async fn assign(
    outbound: &dyn Outbound,
    launch: &Launch,
    brief: &Brief,
) -> Result<StepOutcome, Failure> {
    let (place, item) = match in_project(launch, brief) {
        Ok(found) => found,
        Err(why) => return Ok(skipped(why)),
    };
    let on_call = brief.on_call.first().map(|on_call| &on_call.person);
    let Some(person) = brief.assignee.as_ref().or(on_call) else {
        return Ok(skipped("nobody has a role, and nobody is on call"));
    };
    let to_nobody = |why: String| {
        Ok(StepOutcome::Done { result: StepResult::Assigned(None), remarks: vec![why] })
    };
    let Some(operation) = boards::assign(person) else {
        return to_nobody(format!("no sign-in address of {} is known", person.name));
    };
    let operations = |found: &FoundWorkItem| {
        if is_assigned(found, person) { Vec::new() } else { vec![operation.clone()] }
    };
    let project = Project { outbound, place };
    let mut item = project.work_item(item.id).await?;
    match project.update(&mut item, operations).await {
        Ok(()) => Ok(StepOutcome::done(StepResult::Assigned(Some(person.clone())))),
        Err(refusal) if refusal.is_unknown_identity() => to_nobody(format!(
            "Azure Boards does not know {}: add them under Organization settings > Users",
            person.address.as_deref().unwrap_or_default()
        )),
        Err(refusal) => Err(refusal.into_failure()),
    }
}

pub(super) fn is_assigned(found: &FoundWorkItem, person: &ExternalPerson) -> bool {
    let address = person.address.as_deref().unwrap_or_default();
    found.assigned_to.as_ref().is_some_and(|to| to.eq_ignore_ascii_case(address))
}
