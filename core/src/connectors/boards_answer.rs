//! Interprets the responses of Azure Boards.

use serde_json::{Map, Value};

use super::boards::{
    ASSIGNED_TO, DESCRIPTION, PRIORITY, REPRO_STEPS, SEVERITY, STATE, TAGS, WORK_ITEM_TYPE,
};
use super::boards_text::Mark;
use crate::http::{Failure, Response, encode, said};
use crate::launch::brief::{WorkItem, WorkItemPhase};
use crate::launch::place::Boards;
use crate::text::clean_name;

/// Maximum number of work item types that are listed.
const KINDS_MAX: usize = 25;

/// Reason why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BoardsRefusal {
    /// The work item has changed since it was read. Nothing was written.
    Stale,
    /// The project does not have this work item type. Nothing was written. Contains the message of
    /// Azure Boards.
    NoType(String),
    /// A rule of the project refused the request. Nothing was written.
    Rule {
        /// Message of Azure Boards, shortened.
        said: String,
        /// Name of the error, such as `RuleValidationException`.
        kind: String,
    },
    /// Any other failure.
    Failure(Failure),
}

impl From<Failure> for BoardsRefusal {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl BoardsRefusal {
    /// Failure to report if the caller cannot work around the refusal.
    #[must_use]
    pub fn into_failure(self) -> Failure {
        match self {
            Self::Stale => Failure::unavailable("Azure Boards: somebody else is changing it"),
            Self::NoType(said) => Failure::Refused(said),
            Self::Rule { said, .. } => Failure::Refused(format!("Azure Boards refuses it: {said}")),
            Self::Failure(failure) => failure,
        }
    }

    /// Returns `true` if a rule refused an unknown person.
    #[must_use]
    pub fn is_unknown_identity(&self) -> bool {
        self.says(&["unknown identity"])
    }

    /// Returns `true` if the work item already has the link.
    #[must_use]
    pub fn is_link_there(&self) -> bool {
        matches!(self, Self::Rule { kind, .. } if kind == "RelationAlreadyExistsException")
    }

    /// Returns `true` if the message of a rule contains one of these texts.
    #[must_use]
    pub fn says(&self, words: &[&str]) -> bool {
        matches!(self, Self::Rule { said, .. } if words.iter().any(|word| said.contains(word)))
    }
}

/// Returns the body of a successful response. `is_change` is `true` if the request changes
/// something: the outcome of an unclear response is then unknown.
///
/// # Errors
/// Returns a [`BoardsRefusal`] for every other response, and for a successful response without a JSON
/// body.
pub fn read<'a>(
    response: &'a Response,
    place: &Boards,
    is_change: bool,
) -> Result<&'a Value, BoardsRefusal> {
    let status = response.status;
    let said = message(response);
    let answer = format!("Azure Boards answers {status}{}", with_colon(&said));
    let refused =
        |remedy: &str| BoardsRefusal::Failure(Failure::Refused(format!("{answer}; {remedy}")));
    let unclear = |why: String| {
        let failure = Failure::unclear(why, response.retry_after);
        BoardsRefusal::Failure(if is_change { failure } else { failure.of_reading() })
    };
    let Boards { organization, project, .. } = place;
    match status {
        // Azure Boards may redirect to a sign-in page if it does not accept the token.
        203 | 302 | 401 => Err(refused(&format!(
            "it does not take this program's token: connect the organization {organization} to \
             the directory of its identity, and add the identity there under Organization \
             settings > Users"
        ))),
        200..=299 => response.json.as_ref().ok_or_else(|| {
            unclear(format!("Azure Boards answers {status} with something that cannot be read"))
        }),
        403 => Err(refused(&format!(
            "put this program's identity into the group Contributors of the project {project}, \
             with the access level Basic"
        ))),
        404 if said.contains("VS402323") => Err(BoardsRefusal::NoType(answer)),
        404 if said.contains("TF401232") => {
            Err(refused("if somebody deleted it, `launch retry work item` makes another one"))
        }
        404 => Err(refused(&format!(
            "check organization and project in [launch.boards] of status.toml, now \
             \"{organization}\" and \"{project}\", and that this program's identity may see them"
        ))),
        409 | 412 => Err(BoardsRefusal::Stale),
        429 => {
            let retry_after = response.retry_after;
            Err(BoardsRefusal::Failure(Failure::Unavailable { why: answer, retry_after }))
        }
        400 => Err(BoardsRefusal::Rule { said, kind: kind(response) }),
        408 | 500.. => Err(unclear(answer)),
        _ => Err(refused("check [launch.boards] of status.toml")),
    }
}

fn with_colon(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

fn message(response: &Response) -> String {
    let message = response.json.as_ref().and_then(|json| json.get("message"));
    said(message.and_then(Value::as_str).unwrap_or_default())
}

fn kind(response: &Response) -> String {
    let kind = response.json.as_ref().and_then(|json| json.get("typeKey"));
    clean_name(kind.and_then(Value::as_str).unwrap_or_default())
}

/// Failure for a response that lacks a required value.
fn unreadable(what: &str) -> Failure {
    Failure::Unknown(format!("Azure Boards does not say {what}"))
}

/// A work item as read from Azure Boards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundWorkItem {
    pub item: WorkItem,
    pub revision: u64,
    /// Work item type.
    pub kind: String,
    pub fields: Map<String, Value>,
    /// Sign-in address of the assignee.
    pub assigned_to: Option<String>,
    /// Addresses of its links.
    pub links: Vec<String>,
}

impl FoundWorkItem {
    /// Empty if the field is missing or is not text.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.fields.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    #[must_use]
    pub fn state(&self) -> &str {
        self.text(STATE)
    }
}

/// Parses a work item.
///
/// # Errors
/// Returns a [`Failure`] if the id or the revision is missing.
pub fn found(json: &Value, place: &Boards) -> Result<FoundWorkItem, Failure> {
    let fields = json.get("fields").and_then(Value::as_object).cloned().unwrap_or_default();
    let id = json.get("id").and_then(Value::as_u64).ok_or_else(|| unreadable("which number"))?;
    let revision = json.get("rev").and_then(Value::as_u64);
    let url = json.pointer("/_links/html/href").and_then(Value::as_str).map_or_else(
        || {
            let Boards { organization, project, .. } = place;
            let (organization, project) = (encode(organization), encode(project));
            format!("https://dev.azure.com/{organization}/{project}/_workitems/edit/{id}")
        },
        str::to_owned,
    );
    let assigned_to = fields.get(ASSIGNED_TO).and_then(|person| person.get("uniqueName"));
    let assigned_to = assigned_to.and_then(Value::as_str).map(str::to_owned);
    let kind = fields.get(WORK_ITEM_TYPE).and_then(Value::as_str).unwrap_or_default().to_owned();
    let links = json.get("relations").and_then(Value::as_array).into_iter().flatten();
    let links = links.filter_map(|link| link.get("url")?.as_str().map(str::to_owned));
    Ok(FoundWorkItem {
        item: WorkItem { id, url },
        revision: revision.ok_or_else(|| unreadable("which revision"))?,
        kind,
        fields,
        assigned_to,
        links: links.collect(),
    })
}

/// Ids of the work items that a query found.
#[must_use]
pub fn ids(json: &Value) -> Vec<u64> {
    let items = json.get("workItems").and_then(Value::as_array).into_iter().flatten();
    items.filter_map(|item| item.get("id")?.as_u64()).collect()
}

/// Lowest id of the work items that have exactly this tag.
#[must_use]
pub fn with_tag(json: &Value, tag: &str) -> Option<u64> {
    let items = json.get("value").and_then(Value::as_array).into_iter().flatten();
    let has_tag = |item: &&Value| {
        let tags = item.get("fields").and_then(|fields| fields.get(TAGS)).and_then(Value::as_str);
        tags.is_some_and(|tags| tags.split(';').any(|found| found.trim() == tag))
    };
    items.filter(has_tag).filter_map(|item| item.get("id")?.as_u64()).min()
}

/// A work item type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkItemKind {
    form: String,
    fields: Vec<String>,
    states: Vec<(String, String)>,
}

impl WorkItemKind {
    #[must_use]
    pub fn read(json: &Value) -> Self {
        let text = |value: &Value, name: &str| {
            value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let list = |name: &str| json.get(name).and_then(Value::as_array).into_iter().flatten();
        Self {
            form: text(json, "xmlForm"),
            fields: list("fields").map(|field| text(field, "referenceName")).collect(),
            states: list("states")
                .map(|state| (text(state, "name"), text(state, "category")))
                .collect(),
        }
    }

    /// Field for the severity. Types without a severity have a priority.
    #[must_use]
    pub fn severity_field(&self) -> Option<&'static str> {
        [SEVERITY, PRIORITY].into_iter().find(|name| self.has(name))
    }

    /// Field in which the form shows the description. Every type has a description, but the form of
    /// a Bug shows the steps to reproduce instead.
    #[must_use]
    pub fn text_field(&self) -> &'static str {
        let shows = |name: &str| self.form.contains(&format!("\"{name}\""));
        if self.has(REPRO_STEPS) && !shows(DESCRIPTION) { REPRO_STEPS } else { DESCRIPTION }
    }

    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field == name)
    }

    /// First state of the right category for `phase`. `None` if the current state, `now`, already
    /// fits or no state does.
    #[must_use]
    pub fn state_for(&self, phase: WorkItemPhase, now: &str) -> Option<&str> {
        // Resolved means solved but not confirmed yet, so it counts as in progress. A process
        // without a state in progress reopens a closed work item as proposed.
        let (wanted, also): (&[&str], &[&str]) = match phase {
            WorkItemPhase::Doing => (&["InProgress", "Proposed"], &["InProgress", "Resolved"]),
            WorkItemPhase::Done => (&["Completed"], &["Completed", "Removed"]),
        };
        let category = self.states.iter().find(|(name, _)| name == now).map(|(_, of)| of.as_str());
        if category.is_some_and(|category| also.contains(&category)) {
            return None;
        }
        let first = |wanted: &&str| self.states.iter().find(|(_, category)| category == wanted);
        let (name, category_found) = wanted.iter().find_map(first)?;
        (category != Some(category_found.as_str())).then_some(name.as_str())
    }
}

/// Names of the work item types that people can choose.
#[must_use]
pub fn kinds(json: &Value) -> Vec<String> {
    let list = json.get("value").and_then(Value::as_array).into_iter().flatten();
    let chosen = list.filter(|kind| kind.get("isDisabled") != Some(&Value::Bool(true)));
    let names = chosen.filter_map(|kind| kind.get("name")?.as_str().map(clean_name));
    names.take(KINDS_MAX).collect()
}

/// A comment of this program, as read from Azure Boards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundComment {
    pub id: u64,
    pub mark: Mark,
}

/// Comments of this program for the incident on one page, and the continuation token if there are
/// more pages.
#[must_use]
pub fn comments(json: &Value, key: &str) -> (Vec<FoundComment>, Option<String>) {
    let list = json.get("comments").and_then(Value::as_array).into_iter().flatten();
    let ours = list.filter(|comment| comment.get("isDeleted") != Some(&Value::Bool(true)));
    let ours = ours.filter_map(|comment| {
        let mark = Mark::read(comment.get("text")?.as_str()?, key)?;
        Some(FoundComment { id: comment_id(comment)?, mark })
    });
    let more = json.get("continuationToken").and_then(Value::as_str);
    (ours.collect(), more.filter(|token| !token.is_empty()).map(str::to_owned))
}

/// Id of a comment. The documentation has two names for this field.
#[must_use]
pub fn comment_id(json: &Value) -> Option<u64> {
    json.get("id").or_else(|| json.get("commentId")).and_then(Value::as_u64)
}
