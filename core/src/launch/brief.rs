//! Incident data for the steps of a launch. It is rebuilt from the log before each attempt.

use serde::{Deserialize, Serialize};

use crate::digest::sha256_hex;
use crate::incident::model::Number;
use crate::incident::severity::Severity;
use crate::rosters::roster::Contact;
use crate::sealed::{self, Erasable, REMOVED, Sealed};

/// Input of a launch step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brief {
    pub number: Number,
    /// Identifies the incident in every log, see [`key`].
    pub key: String,
    pub title: String,
    /// Lines of text.
    pub description: Vec<String>,
    /// Failed or delayed steps of the launch with the reason, one line each.
    pub troubles: Vec<String>,
    pub severity: Option<Severity>,
    pub phase: WorkItemPhase,
    /// Name and value pairs, such as the component or the detection time.
    pub facts: Vec<(String, String)>,
    /// Address of the incident's page; `None` if it has none.
    pub page: Option<String>,
    /// Titles and addresses of further links, such as the guide.
    pub links: Vec<(String, String)>,
    /// Includes open roles.
    pub roles: Vec<BriefRole>,
    /// Assignee of the work item.
    pub assignee: Option<ExternalPerson>,
    /// People on call: as found at the launch, otherwise as the rosters say now.
    pub on_call: Vec<OnCall>,
    /// Phone numbers of the people on call, by name. They are for messages only and never recorded.
    pub phones: Vec<(String, String)>,
    /// Everyone known from the rosters or the log.
    pub people: Vec<ExternalPerson>,
    /// `None` until it exists.
    pub work_item: Option<WorkItem>,
    /// `None` until it exists.
    pub channel: Option<Channel>,
    /// Comments to add to the work item once the incident is closed.
    pub comments: Vec<Comment>,
}

/// Identifies an incident in every log: its number, and eight digits of a digest of `seed`, which
/// only this incident has, such as the hash of the record that opened it.
#[must_use]
pub fn key(number: Number, seed: &str) -> String {
    let digest = sha256_hex(seed.as_bytes());
    format!("inc-{number}-{}", digest.get(..8).unwrap_or_default())
}

/// Incident state for readers who see only the work item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkItemPhase {
    /// The incident is open.
    #[default]
    Doing,
    /// The incident is closed.
    Done,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BriefRole {
    pub name: String,
    /// `None` while the role is open.
    pub person: Option<ExternalPerson>,
}

/// A person as external services identify them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Sealed<Identity>", into = "Sealed<Identity>")]
pub struct ExternalPerson {
    pub name: String,
    /// Object id in the directory.
    pub id: Option<String>,
    /// Sign-in address.
    pub address: Option<String>,
}

/// Recorded form of [`ExternalPerson`], sealed as one value.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Identity {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
}

impl Erasable for Identity {
    fn erased() -> Self {
        Self { name: REMOVED.to_owned(), id: None, address: None }
    }
}

impl From<ExternalPerson> for Sealed<Identity> {
    fn from(ExternalPerson { name, id, address }: ExternalPerson) -> Self {
        Self::Sealed(Identity { name, id, address })
    }
}

impl From<Sealed<Identity>> for ExternalPerson {
    fn from(sealed: Sealed<Identity>) -> Self {
        let Identity { name, id, address } = sealed.or_erased();
        Self { name, id, address }
    }
}

impl From<&Contact> for ExternalPerson {
    fn from(contact: &Contact) -> Self {
        let Contact { name, id, email, .. } = contact.clone();
        Self { name, id, address: email }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnCall {
    /// Roster and level, or "shift".
    pub duty: String,
    /// Name of the shift, which people choose freely.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "sealed")]
    pub shift: Option<String>,
    pub person: ExternalPerson,
}

impl OnCall {
    #[must_use]
    pub fn name(&self) -> &str {
        self.shift.as_deref().unwrap_or(&self.duty)
    }
}

/// A work item in Azure Boards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkItem {
    pub id: u64,
    /// Address of its web page.
    pub url: String,
}

/// A channel in Microsoft Teams.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    pub id: String,
    #[serde(with = "sealed")]
    pub name: String,
    /// Address that opens it in Teams.
    pub url: String,
}

/// A comment that is added to the work item once the incident is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// There is one comment of each kind.
    pub kind: CommentKind,
    pub sections: Vec<Section>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentKind {
    /// Statistics, summary and the full timeline.
    Summary,
    /// The timeline of communications.
    Communications,
}

impl CommentKind {
    /// Name in the mark of a comment.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Communications => "communications",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub heading: String,
    /// Plain text.
    pub lines: Vec<String>,
}
