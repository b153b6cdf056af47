//! Requests to Azure Boards: its REST API 7.1, as in `MicrosoftDocs/vsts-rest-api-specs`,
//! `specification/wit/7.1`.

use serde_json::{Value, json};

use super::boards_text::{description, title};
use crate::http::{Body, Method, Receiver, Request, encode};
use crate::incident::severity::Severity;
use crate::launch::brief::{Brief, ExternalPerson};
use crate::launch::place::Boards;

/// Some work item types do not have this field.
pub const SEVERITY: &str = "Microsoft.VSTS.Common.Severity";
/// Every work item type of the four standard processes has this field.
pub const PRIORITY: &str = "Microsoft.VSTS.Common.Priority";
pub const AREA_PATH: &str = "System.AreaPath";
pub const ASSIGNED_TO: &str = "System.AssignedTo";
pub const STATE: &str = "System.State";
pub const TITLE: &str = "System.Title";
pub const DESCRIPTION: &str = "System.Description";
/// The form of a Bug shows this field instead of the description.
pub const REPRO_STEPS: &str = "Microsoft.VSTS.TCM.ReproSteps";
/// The tags are separated by semicolons.
pub const TAGS: &str = "System.Tags";
pub const WORK_ITEM_TYPE: &str = "System.WorkItemType";

/// Maximum number of work items that are read for one tag.
const FOUND_MAX: usize = 10;
/// Comments per page.
const COMMENTS_PAGE: usize = 200;
const VERSION: &str = "api-version=7.1";
const COMMENTS_VERSION: &str = "api-version=7.1-preview.4";

fn path(place: &Boards, rest: &str) -> String {
    let (organization, project) = (encode(&place.organization), encode(&place.project));
    format!("/{organization}/{project}/_apis/wit/{rest}")
}

fn get(place: &Boards, rest: &str) -> Request {
    Request { to: Receiver::Boards, method: Method::Get, path: path(place, rest), body: None }
}

fn send(place: &Boards, method: Method, rest: &str, body: Body) -> Request {
    Request { to: Receiver::Boards, method, path: path(place, rest), body: Some(body) }
}

/// Reads the fields and states of a work item type.
#[must_use]
pub fn work_item_type(place: &Boards, name: &str) -> Request {
    get(place, &format!("workitemtypes/{}?{VERSION}", encode(name)))
}

/// Reads all work item types of the project.
#[must_use]
pub fn work_item_types(place: &Boards) -> Request {
    get(place, &format!("workitemtypes?{VERSION}"))
}

/// Parts of a new work item that a project may not accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Field in which the form shows the description.
    pub text_field: &'static str,
    /// Field for the severity; `None` if there is none.
    pub severity_field: Option<&'static str>,
    pub area_path: bool,
}

/// Creates a work item.
#[must_use]
pub fn create(place: &Boards, brief: &Brief, parts: Parts) -> Request {
    let mut operations = vec![
        add(TITLE, title(brief)),
        add(parts.text_field, description(brief)),
        add(TAGS, format!("{}; {}", place.tag, brief.key)),
    ];
    if let (Some(severity), Some(field)) = (brief.severity, parts.severity_field) {
        operations.push(severity_field(field, severity));
    }
    if let (Some(area), true) = (&place.area_path, parts.area_path) {
        operations.push(add(AREA_PATH, area.as_str()));
    }
    if let Some(page) = &brief.page {
        operations.push(link(page, "Status page"));
    }
    let rest = format!("workitems/${}?{VERSION}", encode(&place.work_item_type));
    send(place, Method::Post, &rest, Body::Patch(operations.into()))
}

/// Searches for the ids of the work items with an incident's tag.
#[must_use]
pub fn find(place: &Boards, key: &str) -> Request {
    let key = key.replace('\'', "''");
    let query = format!(
        "SELECT [System.Id] FROM workitems WHERE [System.TeamProject] = @project AND \
         [System.Tags] CONTAINS '{key}' ORDER BY [System.Id]"
    );
    let rest = format!("wiql?{VERSION}&$top={FOUND_MAX}");
    send(place, Method::Post, &rest, Body::Json(json!({ "query": query })))
}

/// Reads the tags of up to `FOUND_MAX` work items.
#[must_use]
pub fn tags(place: &Boards, ids: &[u64]) -> Request {
    let ids: Vec<String> = ids.iter().take(FOUND_MAX).map(u64::to_string).collect();
    get(place, &format!("workitems?ids={}&fields=System.Id,{TAGS}&{VERSION}", ids.join(",")))
}

/// Reads a work item with its links.
#[must_use]
pub fn work_item(place: &Boards, id: u64) -> Request {
    get(place, &format!("workitems/{id}?$expand=relations&{VERSION}"))
}

/// Changes a work item if its revision is still `revision`.
#[must_use]
pub fn update(place: &Boards, id: u64, revision: u64, operations: Vec<Value>) -> Request {
    let test = json!({ "op": "test", "path": "/rev", "value": revision });
    let operations: Vec<Value> = std::iter::once(test).chain(operations).collect();
    let rest = format!("workitems/{id}?{VERSION}");
    send(place, Method::Patch, &rest, Body::Patch(operations.into()))
}

/// JSON Patch operation that sets a field.
#[must_use]
pub fn add(field: &str, value: impl Into<Value>) -> Value {
    json!({ "op": "add", "path": format!("/fields/{field}"), "value": value.into() })
}

/// JSON Patch operation that sets the severity.
#[must_use]
pub fn severity_field(field: &str, severity: Severity) -> Value {
    add(field, severity_value(field, severity))
}

/// Severity as text for [`SEVERITY`], and as a number for [`PRIORITY`].
#[must_use]
pub fn severity_value(field: &str, severity: Severity) -> Value {
    if field == SEVERITY { severity_name(severity).into() } else { severity.number().into() }
}

/// Severity values, which are the same in all processes.
fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "1 - Critical",
        Severity::High => "2 - High",
        Severity::Medium => "3 - Medium",
        Severity::Low => "4 - Low",
    }
}

/// JSON Patch operation that adds a link to a page.
#[must_use]
pub fn link(address: &str, comment: &str) -> Value {
    let attributes = json!({ "comment": comment });
    let value = json!({ "rel": "Hyperlink", "url": address, "attributes": attributes });
    json!({ "op": "add", "path": "/relations/-", "value": value })
}

/// JSON Patch operation that assigns the work item. `None` for a person without a sign-in address,
/// by which Azure Boards identifies people.
#[must_use]
pub fn assign(person: &ExternalPerson) -> Option<Value> {
    person.address.as_ref().map(|address| add(ASSIGNED_TO, address.as_str()))
}

/// Reads a page of the comments of a work item: the first page, or the one after a continuation
/// token.
#[must_use]
pub fn comments(place: &Boards, id: u64, behind: Option<&str>) -> Request {
    let behind = behind.map(|token| format!("&continuationToken={}", encode(token)));
    let behind = behind.unwrap_or_default();
    let rest = format!("workItems/{id}/comments?$top={COMMENTS_PAGE}{behind}&{COMMENTS_VERSION}");
    get(place, &rest)
}

/// Adds a comment in HTML.
#[must_use]
pub fn comment(place: &Boards, id: u64, text: &str) -> Request {
    let rest = format!("workItems/{id}/comments?{COMMENTS_VERSION}");
    send(place, Method::Post, &rest, Body::Json(json!({ "text": text })))
}

/// Replaces the text of a comment.
#[must_use]
pub fn correct_comment(place: &Boards, id: u64, comment: u64, text: &str) -> Request {
    let rest = format!("workItems/{id}/comments/{comment}?{COMMENTS_VERSION}");
    send(place, Method::Patch, &rest, Body::Json(json!({ "text": text })))
}

/// Web address of a comment.
#[must_use]
pub fn comment_url(work_item_url: &str, comment: u64) -> String {
    format!("{work_item_url}#{comment}")
}
