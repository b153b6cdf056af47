//! An Azure Boards project behind its REST API 7.1 (MicrosoftDocs/vsts-rest-api-specs,
//! `specification/wit/7.1`, and azure-devops-docs).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

pub use super::boards_rules::{
    AGILE_BUG, AGILE_ISSUE, BASIC_ISSUE, Rules, SCRUM_BUG, SCRUM_IMPEDIMENT, WorkItemType,
};
use super::boards_rules::{Broken, set};
use super::{Asked, add, answer};
use crate::core::http::{Body, Method, Request, Response};

#[derive(Clone, Debug)]
pub struct Boards {
    /// Organization and project.
    pub name: [String; 2],
    pub rules: Rules,
    pub items: BTreeMap<u64, Item>,
    /// The caller may read and change work items.
    pub may: bool,
    /// Delay until a query finds a new work item, which is documented nowhere.
    pub lag: SignedDuration,
    /// Page size of comments.
    pub page_length: usize,
    /// Number of changes that someone else makes just before ours.
    pub races: u32,
    /// Requested delay of each answer while the caller is throttled; successful answers carry it
    /// too (azure-devops-docs, "Rate and usage limits").
    pub delays: Option<SignedDuration>,
    pub now: Timestamp,
}

#[derive(Clone, Debug)]
pub struct Item {
    pub revision: u64,
    pub fields: Map<String, Value>,
    pub links: Vec<Value>,
    /// Texts and versions by id.
    pub comments: BTreeMap<u64, (String, u64)>,
    pub created: Timestamp,
}

impl Boards {
    /// A project of the Basic process, plus `Bug` of the Agile process.
    #[must_use]
    pub fn new(organization: &str, project: &str, now: Timestamp) -> Self {
        Self {
            name: [organization.to_owned(), project.to_owned()],
            rules: Rules {
                types: vec![BASIC_ISSUE, AGILE_BUG],
                people: vec!["ada@example.com", "grace@example.com"],
                areas: vec!["Shop", "Shop\\Checkout"],
                forbidden_state: None,
                needed_to_close: None,
            },
            items: BTreeMap::new(),
            may: true,
            lag: SignedDuration::ZERO,
            page_length: 200,
            races: 0,
            delays: None,
            now,
        }
    }

    pub fn answer(&mut self, request: &Request) -> Response {
        let retry_after = self.delays;
        Response { retry_after, ..self.answered(request) }
    }

    fn answered(&mut self, request: &Request) -> Response {
        let asked = Asked::read(&request.path);
        let parts = asked.parts();
        let [organization, project, "_apis", "wit", rest @ ..] = parts.as_slice() else {
            return error(404, "The controller for path was not found.", "HttpException");
        };
        if [*organization, *project] != [self.name[0].as_str(), self.name[1].as_str()] {
            let message = format!("TF200016: The following project does not exist: {project}.");
            return error(404, &message, "ProjectDoesNotExistWithNameException");
        }
        if !self.may {
            return error(403, "TF50309: You lack rights to this project.", "AccessCheckException");
        }
        if let Some(refused) = version(&asked, rest) {
            return refused;
        }
        match (request.method, rest) {
            (Method::Get, ["workitemtypes"]) => {
                let types: Vec<Value> = self.rules.types.iter().map(WorkItemType::json).collect();
                answer(200, json!({ "count": types.len(), "value": types }))
            }
            (Method::Get, ["workitemtypes", name]) => self.work_item_type(name),
            (Method::Post, ["workitems", name]) => self.create(name, request),
            (Method::Get, ["workitems"]) => self.list(&asked),
            (Method::Get, ["workitems", id]) => self.with(id, |boards, id| boards.show(id, true)),
            (Method::Patch, ["workitems", id]) => {
                self.with(id, |boards, id| boards.update(id, request))
            }
            (Method::Post, ["wiql"]) => self.query(&asked, request),
            (Method::Get, ["workItems", id, "comments"]) => {
                self.with(id, |boards, id| boards.comments(id, &asked))
            }
            (Method::Post, ["workItems", id, "comments"]) => {
                self.with(id, |boards, id| boards.comment(id, None, request))
            }
            (Method::Patch, ["workItems", id, "comments", comment]) => {
                let comment = comment.parse().unwrap_or(0);
                self.with(id, |boards, id| boards.comment(id, Some(comment), request))
            }
            _ => error(404, "The controller for path was not found.", "HttpException"),
        }
    }

    fn kind(&self, name: &str) -> Option<WorkItemType> {
        self.rules.types.iter().find(|kind| kind.name == name).cloned()
    }

    fn no_type(&self, name: &str) -> Response {
        let message = format!(
            "VS402323: Work item type {name} does not exist in project {} or you do not have \
             permission to access it.",
            self.name[1]
        );
        error(404, &message, "WorkItemTypeNotFoundException")
    }

    fn work_item_type(&self, name: &str) -> Response {
        self.kind(name).map_or_else(|| self.no_type(name), |kind| answer(200, kind.json()))
    }

    fn with(&mut self, id: &str, then: impl FnOnce(&mut Self, u64) -> Response) -> Response {
        if let Some(id) = id.parse().ok().filter(|id| self.items.contains_key(id)) {
            return then(self, id);
        }
        let message = format!(
            "TF401232: Work item {id} does not exist, or you do not have permissions to read it."
        );
        error(404, &message, "WorkItemUnauthorizedAccessException")
    }

    fn create(&mut self, name: &str, request: &Request) -> Response {
        let name = name.strip_prefix('$').unwrap_or_default();
        let Some(kind) = self.kind(name) else { return self.no_type(name) };
        let state = kind.states.first().map_or("", |(name, _)| *name);
        let mut item = Item {
            revision: 0,
            fields: Map::new(),
            links: Vec::new(),
            comments: BTreeMap::new(),
            created: self.now,
        };
        item.fields.insert("System.TeamProject".to_owned(), self.name[1].as_str().into());
        item.fields.insert("System.WorkItemType".to_owned(), kind.name.into());
        item.fields.insert("System.State".to_owned(), state.into());
        item.fields.insert("System.AreaPath".to_owned(), self.name[1].as_str().into());
        item.fields.insert("Microsoft.VSTS.Common.Priority".to_owned(), 2.into());
        if let Err((message, kind)) = self.apply(&mut item, request) {
            return error(400, &message, kind);
        }
        if !item.fields.contains_key("System.Title") {
            let message = "TF401320: Rule Error for field Title. Error code: Required, HasValues, \
                           LimitedToValues, AllowsOldValue, InvalidEmpty.";
            return error(400, message, "RuleValidationException");
        }
        let id = self.items.len() as u64 + 131_489;
        self.items.insert(id, item);
        // 200, not 201.
        self.show(id, true)
    }

    fn update(&mut self, id: u64, request: &Request) -> Response {
        if self.races > 0 {
            self.races -= 1;
            if let Some(item) = self.items.get_mut(&id) {
                item.revision += 1;
            }
        }
        let Some(mut item) = self.items.get(&id).cloned() else { return self.show(id, false) };
        let tested = operations(request)
            .into_iter()
            .find(|operation| operation.get("op").is_some_and(|op| op == "test"));
        let tested = tested.and_then(|operation| operation.get("value").cloned());
        if tested.is_some_and(|revision| revision != item.revision) {
            // microsoft/azure-devops-mcp pull request 1526: the whole patch is refused.
            let message = "VS403351: Test Operation for path /rev failed.";
            return error(412, message, "TestPatchOperationFailedException");
        }
        if let Err((message, kind)) = self.apply(&mut item, request) {
            return error(400, &message, kind);
        }
        self.items.insert(id, item);
        self.show(id, true)
    }

    /// Applies a patch as a whole or not at all.
    fn apply(&self, item: &mut Item, request: &Request) -> Result<(), Broken> {
        let operations = operations(request);
        if operations.is_empty() {
            let message = "You must pass a valid patch document in the body of the request.";
            return Err((message.to_owned(), "VssPropertyValidationException"));
        }
        let name = item.fields.get("System.WorkItemType").and_then(Value::as_str);
        let kind = self.kind(name.unwrap_or_default()).unwrap_or(BASIC_ISSUE);
        for operation in operations {
            let text = |name: &str| operation.get(name).and_then(Value::as_str).unwrap_or_default();
            let value = operation.get("value").unwrap_or(&Value::Null);
            match (text("op"), text("path")) {
                ("test", "/rev") => {}
                ("add" | "replace", path) if path.starts_with("/fields/") => {
                    let field = path.trim_start_matches("/fields/");
                    set(&mut item.fields, &kind, &self.rules, field, value)?;
                }
                ("add", "/relations/-") => {
                    let is_same = |link: &Value| link["url"] == value["url"];
                    if value["rel"] != "Hyperlink" {
                        let message = "TF201036: Unrecognized resource link.".to_owned();
                        return Err((message, "WorkItemLinkInvalidException"));
                    }
                    if item.links.iter().any(is_same) {
                        let message = "VS402625: Relation already exists.".to_owned();
                        return Err((message, "RelationAlreadyExistsException"));
                    }
                    item.links.push(value.clone());
                }
                _ => {
                    let message =
                        "You must pass a valid patch document in the body of the request.";
                    return Err((message.to_owned(), "VssPropertyValidationException"));
                }
            }
        }
        self.rules.broken(&kind, &item.fields)?;
        item.revision += 1;
        Ok(())
    }

    pub(super) fn show(&self, id: u64, with_links: bool) -> Response {
        let Some(item) = self.items.get(&id) else {
            return error(404, "TF401232", "WorkItemUnauthorizedAccessException");
        };
        let [organization, project] = &self.name;
        let base = format!("https://dev.azure.com/{organization}/{project}");
        let mut json = json!({
            "id": id,
            "rev": item.revision,
            "fields": item.fields,
            "_links": {
                "self": { "href": format!("{base}/_apis/wit/workItems/{id}") },
                "html": { "href": format!("{base}/_workitems/edit/{id}") },
            },
            "url": format!("{base}/_apis/wit/workItems/{id}"),
        });
        // Without links the field is absent.
        if with_links && !item.links.is_empty() {
            add(&mut json, "relations", item.links.clone());
        }
        answer(200, json)
    }

    /// Work items by id, with the requested fields and without links.
    fn list(&self, asked: &Asked<'_>) -> Response {
        let fields = asked.value("fields").unwrap_or_default();
        let ids = asked.value("ids").unwrap_or_default();
        let items = ids.split(',').filter_map(|id| id.parse::<u64>().ok());
        let items = items.filter_map(|id| {
            let mut kept = self.items.get(&id)?.fields.clone();
            kept.retain(|name, _| fields.split(',').any(|field| field == name));
            Some(json!({ "id": id, "rev": self.items.get(&id)?.revision, "fields": kept }))
        });
        let items: Vec<Value> = items.collect();
        answer(200, json!({ "count": items.len(), "value": items }))
    }

    /// Runs a query, limited to the WIQL that this program uses. `CONTAINS` on tags matches whole
    /// tags, ignoring case (ostreifel/wiql-editor issue 60).
    fn query(&self, asked: &Asked<'_>, request: &Request) -> Response {
        let Some(Body::Json(body)) = &request.body else {
            return error(400, "The query is empty.", "ArgumentNullException");
        };
        let query = body["query"].as_str().unwrap_or_default().replace("''", "\u{0}");
        let parts: Vec<&str> = query.split('\'').collect();
        let [before, tag, _] = parts.as_slice() else {
            let message = "TF51006: The query statement is missing a quotation mark.";
            return error(400, message, "SyntaxException");
        };
        let (start, end) = ("SELECT [System.Id] FROM workitems WHERE ", "[System.Tags] CONTAINS ");
        if !before.starts_with(start) || !before.ends_with(end) {
            return error(400, "TF51006: The query is not valid.", "SyntaxException");
        }
        let tag = tag.replace('\u{0}', "'").to_lowercase();
        let top = asked.value("$top").and_then(|top| top.parse().ok()).unwrap_or(20_000);
        let found = self.items.iter().filter(|(_, item)| {
            let tags = item.fields.get("System.Tags").and_then(Value::as_str).unwrap_or_default();
            let age = self.now.duration_since(item.created);
            age >= self.lag && tags.to_lowercase().split("; ").any(|found| found == tag)
        });
        let found: Vec<Value> =
            found.take(top).map(|(id, _)| json!({ "id": id, "url": "" })).collect();
        answer(
            200,
            json!({
                "queryType": "flat",
                "queryResultType": "workItem",
                "asOf": self.now.to_string(),
                "columns": [{ "referenceName": "System.Id", "name": "ID", "url": "" }],
                "workItems": found,
            }),
        )
    }
}

fn operations(request: &Request) -> Vec<Value> {
    match &request.body {
        Some(Body::Patch(Value::Array(operations))) => operations.clone(),
        _ => Vec::new(),
    }
}

/// The error if `api-version` is missing or wrong (azure-devops-docs, "REST API versioning").
fn version(asked: &Asked<'_>, rest: &[&str]) -> Option<Response> {
    let wanted = if rest.contains(&"comments") { "7.1-preview.4" } else { "7.1" };
    match asked.value("api-version") {
        Some(version) if version == wanted => None,
        Some(version) => {
            let message = format!("The requested version \"{version}\" is under preview.");
            Some(error(400, &message, "VssInvalidPreviewVersionException"))
        }
        None => {
            let message = "No api-version was supplied for the request.";
            Some(error(400, message, "VssVersionNotSpecifiedException"))
        }
    }
}

/// Body of an error (same repository, and captured answers).
pub(super) fn error(status: u16, message: &str, kind: &str) -> Response {
    answer(
        status,
        json!({
            "$id": "1",
            "innerException": null,
            "message": message,
            "typeName": format!("Microsoft.TeamFoundation.WorkItemTracking.Server.{kind}"),
            "typeKey": kind,
            "errorCode": 0,
            "eventId": 3200,
        }),
    )
}
