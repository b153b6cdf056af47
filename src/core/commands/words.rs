//! The words of the chat: what they mean, and which known word an unknown one resembles.

use strsim::osa_distance;

use crate::core::incident::model::{Impact, Stage};
use crate::core::response::role::Role;

/// What a command begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Opens an incident.
    Open,
    /// Adds an update to one, in the stage that the word itself names, if any.
    Update(Option<Stage>),
    /// Changes how bad one is.
    Impact,
    /// Closes one.
    Close,
    /// Opens a closed one again.
    Reopen,
    /// Replaces the newest text of one.
    Correct,
    /// Adds what was learned from a closed one.
    PostMortem,
    /// Announces a maintenance, or moves, ends or cancels one.
    Maintenance,
    /// Puts an internal incident on the page.
    Publish,
    /// Says when a milestone was.
    When,
    /// Says that somebody took the incident on.
    Acknowledge,
    /// Says that those affected notice it no longer.
    Mitigated,
    /// Says who is aware of it.
    Aware,
    /// Says what is being done.
    Doing,
    /// Says for whom it is bad.
    Affected,
    /// Says how bad it is for the team.
    Severity,
    /// Gives somebody a role: the one that the word itself names, if any.
    Role(Option<Role>),
    /// Takes a role from somebody.
    Release,
    /// Shows who has which role.
    Roles,
    /// Begins, resumes or shows a launch.
    Launch,
    /// Shows the answers to the questions.
    Questions,
    /// Adds an action item, or says that one is done.
    Action,
    /// Lists action items.
    Actions,
    /// Writes the review of an incident.
    Review,
    /// Tells how long responses took.
    Statistics,
    /// Shows who is on call.
    OnCall,
    /// Somebody stands in on call.
    Cover,
    /// Two take each other's turn on call.
    Swap,
    /// Takes a cover back.
    Uncover,
    /// Writes down what happened.
    Note,
    /// Adds a task, or says that one is done.
    Task,
    /// Shows the tasks.
    Tasks,
    /// Says whether it works again.
    Tested,
    /// Says what was told to people outside, elsewhere than on the page.
    Told,
    /// Shows what happened.
    Timeline,
    /// Shows what helps with a component.
    Guide,
    /// Shows what is open and what the page shows.
    Status,
    /// Shows what waits to be sent, and what failed.
    Deliveries,
    /// Lists what is open.
    List,
    /// Explains.
    Help,
}

/// Every word that is understood as a stage.
const STAGES: &[(&str, Stage)] = &[
    ("investigating", Stage::Investigating),
    ("identified", Stage::Identified),
    ("monitoring", Stage::Monitoring),
    ("resolved", Stage::Resolved),
];

const IMPACTS: &[Impact] = &[Impact::Minor, Impact::Major, Impact::Critical];

impl Verb {
    /// The verb's own name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Update(_) => "update",
            Self::Impact => "impact",
            Self::Close => "close",
            Self::Reopen => "reopen",
            Self::Correct => "correct",
            Self::PostMortem => "postmortem",
            Self::Maintenance => "maintenance",
            Self::Publish => "publish",
            Self::When => "when",
            Self::Acknowledge => "ack",
            Self::Mitigated => "mitigated",
            Self::Aware => "know",
            Self::Doing => "doing",
            Self::Affected => "affects",
            Self::Severity => "sev",
            Self::Role(None) => "role",
            Self::Role(Some(role)) => role.word(),
            Self::Release => "release",
            Self::Roles => "roles",
            Self::Launch => "launch",
            Self::Questions => "questions",
            Self::Action => "action",
            Self::Actions => "actions",
            Self::Review => "review",
            Self::Statistics => "stats",
            Self::OnCall => "oncall",
            Self::Cover => "cover",
            Self::Swap => "swap",
            Self::Uncover => "uncover",
            Self::Note => "note",
            Self::Task => "task",
            Self::Tasks => "tasks",
            Self::Tested => "tested",
            Self::Told => "told",
            Self::Timeline => "timeline",
            Self::Guide => "guide",
            Self::Status => "status",
            Self::Deliveries => "deliveries",
            Self::List => "list",
            Self::Help => "help",
        }
    }
}

/// What can be done with a maintenance that was announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Calls it off.
    Cancel,
    /// Moves its end.
    Extend,
    /// Ends it early.
    Complete,
}

const ACTIONS: &[(&str, Action)] = &[
    ("cancel", Action::Cancel),
    ("extend", Action::Extend),
    ("complete", Action::Complete),
    ("completed", Action::Complete),
    ("done", Action::Complete),
];

/// The action that a word is, whatever its case.
#[must_use]
pub fn action(word: &str) -> Option<Action> {
    lookup(ACTIONS, word)
}

/// The stage that a word is, whatever its case.
#[must_use]
pub fn stage(word: &str) -> Option<Stage> {
    lookup(STAGES, word)
}

/// The impact that a word is, whatever its case.
#[must_use]
pub fn impact(word: &str) -> Option<Impact> {
    IMPACTS.iter().copied().find(|impact| impact.word().eq_ignore_ascii_case(word))
}

fn lookup<T: Copy>(words: &[(&str, T)], word: &str) -> Option<T> {
    words.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, meaning)| *meaning)
}

/// The impact that an unknown word most resembles, if it resembles one at all.
#[must_use]
pub fn nearest_impact(word: &str) -> Option<Impact> {
    nearest(word, IMPACTS.iter().map(|impact| impact.word())).and_then(impact)
}

/// The known name that an unknown one most resembles: at most one slip in up to four letters, two
/// in more that begin alike. Case does not count.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word: String = word.to_lowercase().chars().take(WORD_CHARS_MAX).collect();
    known
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let chars = lower.chars().count();
            // Hardly anybody slips on the first letter: “please” is no “release”.
            let begins_alike = lower.chars().next() == word.chars().next();
            let is_long = chars.min(word.chars().count()) > 4;
            let slips_max = if is_long && begins_alike { 2 } else { 1 };
            let slips = osa_distance(&word, &lower);
            // Of two that are as near, the one of the same length: two letters were swapped.
            let longer = chars.abs_diff(word.chars().count());
            (chars > 1 && slips <= slips_max).then_some(((slips, longer), candidate))
        })
        .min_by_key(|(far, _)| *far)
        .map(|(_, candidate)| candidate)
}

/// No name is compared beyond this, so that a long word costs no more than a short one.
const WORD_CHARS_MAX: usize = 110;
