//! What Azure Boards' answers mean.

use serde_json::{Map, Value};

use super::boards::{
    ASSIGNED_TO, DESCRIPTION, PRIORITY, REPRO_STEPS, SEVERITY, STATE, TAGS, WORK_ITEM_TYPE,
};
use super::boards_text::Mark;
use crate::core::http::{Failure, Response, encode, said};
use crate::core::launch::brief::{Phase, WorkItem};
use crate::core::launch::place::Boards;
use crate::core::text::clean_name;

/// How many kinds of work items are named.
const KINDS_MAX: usize = 25;

/// Why a request did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The work item is not the revision that was read any more: nothing was changed.
    Stale,
    /// The project has no such kind of work item: nothing was changed. What it says.
    NoType(String),
    /// A rule of the project: nothing was changed. What it says, and the name of the error.
    Rule {
        /// The message, shortened.
        said: String,
        /// The error's name, such as `RuleValidationException`.
        kind: String,
    },
    /// Whatever else.
    Failure(Failure),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl Refusal {
    /// The failure that it is where nobody can do anything about a rule.
    #[must_use]
    pub fn into_failure(self) -> Failure {
        match self {
            Self::Stale => Failure::unavailable("Azure Boards: somebody else is changing it"),
            Self::NoType(said) => Failure::Refused(said),
            Self::Rule { said, .. } => Failure::Refused(format!("Azure Boards refuses it: {said}")),
            Self::Failure(failure) => failure,
        }
    }

    /// Whether a rule says that it does not know a person.
    #[must_use]
    pub fn is_unknown_identity(&self) -> bool {
        self.says(&["unknown identity"])
    }

    /// Whether a rule says that the link is there already.
    #[must_use]
    pub fn is_link_there(&self) -> bool {
        matches!(self, Self::Rule { kind, .. } if kind == "RelationAlreadyExistsException")
    }

    /// Whether a rule says one of these words.
    #[must_use]
    pub fn says(&self, words: &[&str]) -> bool {
        matches!(self, Self::Rule { said, .. } if words.iter().any(|word| said.contains(word)))
    }
}

/// The body of an answer that is a success. `is_change` says whether the request would change
/// something: then it is unknown whether it did where the answer does not tell.
///
/// # Errors
/// What it is instead.
pub fn read<'a>(
    response: &'a Response,
    place: &Boards,
    is_change: bool,
) -> Result<&'a Value, Refusal> {
    let status = response.status;
    let said = message(response);
    let answer = format!("Azure Boards answers {status}{}", with_colon(&said));
    let refused = |remedy: &str| Refusal::Failure(Failure::Refused(format!("{answer}; {remedy}")));
    let unclear = |why: String| {
        let failure = Failure::unclear(why, response.retry_after);
        Refusal::Failure(if is_change { failure } else { failure.of_reading() })
    };
    let Boards { organization, project, .. } = place;
    match status {
        // A page to sign in at, which some answer with where the token does not count.
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
        404 if said.contains("VS402323") => Err(Refusal::NoType(answer)),
        404 if said.contains("TF401232") => {
            Err(refused("if somebody deleted it, `launch retry work item` makes another one"))
        }
        404 => Err(refused(&format!(
            "check organization and project in [launch.boards] of status.toml, now \
             \"{organization}\" and \"{project}\", and that this program's identity may see them"
        ))),
        409 | 412 => Err(Refusal::Stale),
        429 => {
            let retry_after = response.retry_after;
            Err(Refusal::Failure(Failure::Unavailable { why: answer, retry_after }))
        }
        400 => Err(Refusal::Rule { said, kind: kind(response) }),
        408 | 500.. => Err(unclear(answer)),
        _ => Err(refused("check [launch.boards] of status.toml")),
    }
}

fn with_colon(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

/// The message of an error.
fn message(response: &Response) -> String {
    let message = response.json.as_ref().and_then(|json| json.get("message"));
    said(message.and_then(Value::as_str).unwrap_or_default())
}

fn kind(response: &Response) -> String {
    let kind = response.json.as_ref().and_then(|json| json.get("typeKey"));
    clean_name(kind.and_then(Value::as_str).unwrap_or_default())
}

/// Something that a success has to say and does not.
fn unreadable(what: &str) -> Failure {
    Failure::Unknown(format!("Azure Boards does not say {what}"))
}

/// A work item as it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its number, and where people open it.
    pub item: WorkItem,
    /// Its revision.
    pub revision: u64,
    /// Its kind.
    pub kind: String,
    /// Its fields.
    pub fields: Map<String, Value>,
    /// The sign-in address of whom it belongs to.
    pub assigned_to: Option<String>,
    /// The addresses that it links.
    pub links: Vec<String>,
}

impl Found {
    /// The text of a field.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.fields.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// Its state.
    #[must_use]
    pub fn state(&self) -> &str {
        self.text(STATE)
    }
}

/// Reads a work item.
///
/// # Errors
/// What is missing.
pub fn found(json: &Value, place: &Boards) -> Result<Found, Failure> {
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
    Ok(Found {
        item: WorkItem { id, url },
        revision: revision.ok_or_else(|| unreadable("which revision"))?,
        kind,
        fields,
        assigned_to,
        links: links.collect(),
    })
}

/// The numbers that a query found.
#[must_use]
pub fn ids(json: &Value) -> Vec<u64> {
    let items = json.get("workItems").and_then(Value::as_array).into_iter().flatten();
    items.filter_map(|item| item.get("id")?.as_u64()).collect()
}

/// The first of some work items that has exactly this tag.
#[must_use]
pub fn with_tag(json: &Value, tag: &str) -> Option<u64> {
    let items = json.get("value").and_then(Value::as_array).into_iter().flatten();
    let has_tag = |item: &&Value| {
        let tags = item.get("fields").and_then(|fields| fields.get(TAGS)).and_then(Value::as_str);
        tags.is_some_and(|tags| tags.split(';').any(|found| found.trim() == tag))
    };
    items.filter(has_tag).filter_map(|item| item.get("id")?.as_u64()).min()
}

/// A kind of work item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kind {
    form: String,
    fields: Vec<String>,
    states: Vec<(String, String)>,
}

impl Kind {
    /// Reads it.
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

    /// The field that says how bad a work item is.
    #[must_use]
    pub fn severity_field(&self) -> Option<&'static str> {
        [SEVERITY, PRIORITY].into_iter().find(|name| self.has(name))
    }

    /// The field in which the form shows what a work item is about. Every type has a description,
    /// but a Bug's form shows the steps to reproduce it instead.
    #[must_use]
    pub fn text_field(&self) -> &'static str {
        let shows = |name: &str| self.form.contains(&format!("\"{name}\""));
        if self.has(REPRO_STEPS) && !shows(DESCRIPTION) { REPRO_STEPS } else { DESCRIPTION }
    }

    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field == name)
    }

    /// The state to bring a work item to, if it is in none of the right category: the first of
    /// those that the process has for it.
    #[must_use]
    pub fn state_for(&self, phase: Phase, now: &str) -> Option<&str> {
        // A process may have no state of its own for what is solved but not yet confirmed, and
        // none for what is in progress: then one that was over is proposed again.
        let (wanted, also): (&[&str], &[&str]) = match phase {
            Phase::Doing => (&["InProgress", "Proposed"], &["InProgress", "Resolved"]),
            Phase::Done => (&["Completed"], &["Completed", "Removed"]),
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

/// The names of the kinds of work items that people can choose.
#[must_use]
pub fn kinds(json: &Value) -> Vec<String> {
    let list = json.get("value").and_then(Value::as_array).into_iter().flatten();
    let chosen = list.filter(|kind| kind.get("isDisabled") != Some(&Value::Bool(true)));
    let names = chosen.filter_map(|kind| kind.get("name")?.as_str().map(clean_name));
    names.take(KINDS_MAX).collect()
}

/// A comment as it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundComment {
    /// Its number.
    pub id: u64,
    /// Its mark.
    pub mark: Mark,
}

/// Those of some comments that are ours for this incident, and the token behind which more are.
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

/// The number of a comment, which the documentation calls by two names.
#[must_use]
pub fn comment_id(json: &Value) -> Option<u64> {
    json.get("id").or_else(|| json.get("commentId")).and_then(Value::as_u64)
}
