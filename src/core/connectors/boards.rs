//! What is asked of Azure Boards: its REST API 7.1, as in `MicrosoftDocs/vsts-rest-api-specs`,
//! `specification/wit/7.1`.

use serde_json::{Value, json};

use super::boards_text::{description, title};
use crate::core::http::{Body, Method, Receiver, Request, encode};
use crate::core::incident::severity::Severity;
use crate::core::launch::brief::{Brief, Person};
use crate::core::launch::place::Boards;

/// The field of how bad a work item is, where its type has it.
pub const SEVERITY: &str = "Microsoft.VSTS.Common.Severity";
/// The field of what comes first, which every type of the four processes has.
pub const PRIORITY: &str = "Microsoft.VSTS.Common.Priority";
/// The field of the area.
pub const AREA_PATH: &str = "System.AreaPath";
/// The field of whom it belongs to.
pub const ASSIGNED_TO: &str = "System.AssignedTo";
/// The field of the state.
pub const STATE: &str = "System.State";
/// The field of the title.
pub const TITLE: &str = "System.Title";
/// The field of the description.
pub const DESCRIPTION: &str = "System.Description";
/// The field that the form of a Bug shows instead of the description.
pub const REPRO_STEPS: &str = "Microsoft.VSTS.TCM.ReproSteps";
/// The field of the tags, separated by semicolons.
pub const TAGS: &str = "System.Tags";
/// The field of the kind of work item.
pub const WORK_ITEM_TYPE: &str = "System.WorkItemType";

/// How many work items with one tag are looked at.
const FOUND_MAX: usize = 10;
/// How many comments come at once.
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

/// Asks for a kind of work item: its fields and states.
#[must_use]
pub fn work_item_type(place: &Boards, name: &str) -> Request {
    get(place, &format!("workitemtypes/{}?{VERSION}", encode(name)))
}

/// Asks for all kinds of work items of the project.
#[must_use]
pub fn work_item_types(place: &Boards) -> Request {
    get(place, &format!("workitemtypes?{VERSION}"))
}

/// What of a new work item may be left out, because the project does not take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Which field the form shows the description in.
    pub text_field: &'static str,
    /// Which field says how bad it is.
    pub severity_field: Option<&'static str>,
    /// Whether to say the area.
    pub area_path: bool,
}

/// Makes a work item.
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

/// Asks for the work items with an incident's tag: their numbers.
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

/// Asks for the tags of some work items.
#[must_use]
pub fn tags(place: &Boards, ids: &[u64]) -> Request {
    let ids: Vec<String> = ids.iter().take(FOUND_MAX).map(u64::to_string).collect();
    get(place, &format!("workitems?ids={}&fields=System.Id,{TAGS}&{VERSION}", ids.join(",")))
}

/// Asks for a work item with its links.
#[must_use]
pub fn work_item(place: &Boards, id: u64) -> Request {
    get(place, &format!("workitems/{id}?$expand=relations&{VERSION}"))
}

/// Changes a work item, as long as it is still this revision.
#[must_use]
pub fn update(place: &Boards, id: u64, revision: u64, operations: Vec<Value>) -> Request {
    let test = json!({ "op": "test", "path": "/rev", "value": revision });
    let operations: Vec<Value> = std::iter::once(test).chain(operations).collect();
    let rest = format!("workitems/{id}?{VERSION}");
    send(place, Method::Patch, &rest, Body::Patch(operations.into()))
}

/// Sets a field.
#[must_use]
pub fn add(field: &str, value: impl Into<Value>) -> Value {
    json!({ "op": "add", "path": format!("/fields/{field}"), "value": value.into() })
}

/// Sets how bad it is.
#[must_use]
pub fn severity_field(field: &str, severity: Severity) -> Value {
    add(field, severity_value(field, severity))
}

/// How bad it is: in words, or as the number that every type has.
#[must_use]
pub fn severity_value(field: &str, severity: Severity) -> Value {
    if field == SEVERITY { severity_name(severity).into() } else { severity.number().into() }
}

/// A severity as all processes have it.
fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "1 - Critical",
        Severity::High => "2 - High",
        Severity::Medium => "3 - Medium",
        Severity::Low => "4 - Low",
    }
}

/// Adds a link to a page.
#[must_use]
pub fn link(address: &str, comment: &str) -> Value {
    let attributes = json!({ "comment": comment });
    let value = json!({ "rel": "Hyperlink", "url": address, "attributes": attributes });
    json!({ "op": "add", "path": "/relations/-", "value": value })
}

/// Whom a work item can belong to: Azure Boards knows people by their sign-in address.
#[must_use]
pub fn assign(person: &Person) -> Option<Value> {
    person.address.as_ref().map(|address| add(ASSIGNED_TO, address.as_str()))
}

/// Asks for the comments of a work item: the first ones, or those behind a token.
#[must_use]
pub fn comments(place: &Boards, id: u64, behind: Option<&str>) -> Request {
    let behind = behind.map(|token| format!("&continuationToken={}", encode(token)));
    let behind = behind.unwrap_or_default();
    let rest = format!("workItems/{id}/comments?$top={COMMENTS_PAGE}{behind}&{COMMENTS_VERSION}");
    get(place, &rest)
}

/// Adds a comment, as HTML.
#[must_use]
pub fn comment(place: &Boards, id: u64, text: &str) -> Request {
    let rest = format!("workItems/{id}/comments?{COMMENTS_VERSION}");
    send(place, Method::Post, &rest, Body::Json(json!({ "text": text })))
}

/// Puts another text into a comment.
#[must_use]
pub fn correct_comment(place: &Boards, id: u64, comment: u64, text: &str) -> Request {
    let rest = format!("workItems/{id}/comments/{comment}?{COMMENTS_VERSION}");
    send(place, Method::Patch, &rest, Body::Json(json!({ "text": text })))
}

/// Where people open a work item: where its own answer does not say.
#[must_use]
pub fn comment_url(work_item_url: &str, comment: u64) -> String {
    format!("{work_item_url}#{comment}")
}
