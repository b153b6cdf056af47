//! What the steps of a launch are told of an incident: plain data, made anew from the log before
//! each try.

use serde::{Deserialize, Serialize};

use crate::core::digest::sha256_hex;
use crate::core::incident::model::Number;
use crate::core::incident::severity::Severity;
use crate::core::rosters::roster::Contact;
use crate::core::sealed::{self, Erasable, REMOVED, Sealed};

/// All that a step needs to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brief {
    /// The incident's number.
    pub number: Number,
    /// What tells this incident from every other, in every log: see [`key`].
    pub key: String,
    /// What it is called.
    pub title: String,
    /// What is known of it, in lines.
    pub description: Vec<String>,
    /// Which steps of the launch failed or are late, and why, in lines.
    pub troubles: Vec<String>,
    /// How bad it is.
    pub severity: Option<Severity>,
    /// How far it is.
    pub phase: Phase,
    /// Names and values, such as the component and when it was detected.
    pub facts: Vec<(String, String)>,
    /// The incident's page, where it has one.
    pub page: Option<String>,
    /// More to open, such as the guide: titles and addresses.
    pub links: Vec<(String, String)>,
    /// Who does what; open roles too.
    pub roles: Vec<Role>,
    /// Whom the work item belongs to.
    pub assignee: Option<Person>,
    /// Who is on call by our own rosters.
    pub on_call: Vec<OnCall>,
    /// Everybody whose name and directory id are known.
    pub people: Vec<Person>,
    /// The work item, once there is one.
    pub work_item: Option<WorkItem>,
    /// The channel, once there is one.
    pub channel: Option<Channel>,
    /// What is said in the work item at the end.
    pub comments: Vec<Comment>,
}

/// What tells an incident from every other one in every log: its number, and eight digits of a
/// digest of what only it has, such as the hash of the record that opened it.
#[must_use]
pub fn key(number: Number, seed: &str) -> String {
    let digest = sha256_hex(seed.as_bytes());
    format!("inc-{number}-{}", digest.get(..8).unwrap_or_default())
}

/// How far an incident is, for those who only see the work item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Somebody works on it.
    #[default]
    Doing,
    /// It is closed.
    Done,
}

/// A role and who has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The role's name.
    pub name: String,
    /// Who has it; `None` while it is open.
    pub person: Option<Person>,
}

/// A person as others know them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Sealed<Identity>", into = "Sealed<Identity>")]
pub struct Person {
    /// The name.
    pub name: String,
    /// The object id in the directory.
    pub id: Option<String>,
    /// The sign-in address.
    pub address: Option<String>,
}

/// The same as it is recorded: sealed as one value.
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

impl From<Person> for Sealed<Identity> {
    fn from(Person { name, id, address }: Person) -> Self {
        Self::Sealed(Identity { name, id, address })
    }
}

impl From<Sealed<Identity>> for Person {
    fn from(sealed: Sealed<Identity>) -> Self {
        let Identity { name, id, address } = sealed.or_erased();
        Self { name, id, address }
    }
}

impl From<&Contact> for Person {
    fn from(contact: &Contact) -> Self {
        let Contact { name, id, email, .. } = contact.clone();
        Self { name, id, address: email }
    }
}

/// Somebody who is on call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnCall {
    /// For what: the roster and the level, or the name of the shift.
    pub duty: String,
    /// Who.
    pub person: Person,
}

/// A work item in Azure Boards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkItem {
    /// Its number there.
    pub id: u64,
    /// Where people open it.
    pub url: String,
}

/// A channel in Microsoft Teams.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(with = "sealed")]
    pub name: String,
    /// Where people open it.
    pub url: String,
}

/// What is said in the work item at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Which of them it is: there is one of each.
    pub kind: CommentKind,
    /// Its parts.
    pub sections: Vec<Section>,
}

/// Which comment one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentKind {
    /// Statistics, summary and the full timeline.
    Summary,
    /// The timeline of communications.
    Communications,
}

impl CommentKind {
    /// The word for it in a comment's mark.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Communications => "communications",
        }
    }
}

/// A heading and what stands below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub heading: String,
    /// Lines of plain text.
    pub lines: Vec<String>,
}
