//! The words of the chat: what they mean, and which known word an unknown one resembles.

use crate::core::incident::model::{Impact, Stage};

/// What a command begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Opens an incident.
    Open,
    /// Says more about one, in the stage that the word itself names, if any.
    Update(Option<Stage>),
    /// Closes one.
    Close,
    /// Opens a closed one again.
    Reopen,
    /// Replaces the newest text of one.
    Correct,
    /// Tells what was learned from a closed one.
    PostMortem,
    /// Announces a maintenance, or moves, ends or cancels one.
    Maintenance,
    /// Says how things are.
    Status,
    /// Lists what is open.
    List,
    /// Explains.
    Help,
}

/// Every word that is understood as a verb. The first of each verb is its name.
const VERBS: &[(&str, Verb)] = &[
    ("open", Verb::Open),
    ("declare", Verb::Open),
    ("new", Verb::Open),
    ("start", Verb::Open),
    ("raise", Verb::Open),
    ("update", Verb::Update(None)),
    ("investigating", Verb::Update(Some(Stage::Investigating))),
    ("identified", Verb::Update(Some(Stage::Identified))),
    ("monitoring", Verb::Update(Some(Stage::Monitoring))),
    ("close", Verb::Close),
    ("resolve", Verb::Close),
    ("resolved", Verb::Close),
    ("fixed", Verb::Close),
    ("reopen", Verb::Reopen),
    ("correct", Verb::Correct),
    ("postmortem", Verb::PostMortem),
    ("post-mortem", Verb::PostMortem),
    ("maintenance", Verb::Maintenance),
    ("status", Verb::Status),
    ("list", Verb::List),
    ("help", Verb::Help),
    ("?", Verb::Help),
];

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
            Self::Close => "close",
            Self::Reopen => "reopen",
            Self::Correct => "correct",
            Self::PostMortem => "postmortem",
            Self::Maintenance => "maintenance",
            Self::Status => "status",
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

/// The verb that a word is, whatever its case.
#[must_use]
pub fn verb(word: &str) -> Option<Verb> {
    lookup(VERBS, word)
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

/// The known verb's word that an unknown word most resembles, if it resembles one at all.
#[must_use]
pub fn nearest_verb(word: &str) -> Option<&'static str> {
    nearest(word, VERBS.iter().map(|(known, _)| *known))
}

/// The known name that an unknown one most resembles: at most one slip in up to four letters, two
/// in more. Case does not count.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().chars().take(WORD_CHARS_MAX).collect();
    known
        .filter_map(|candidate| {
            let letters: Vec<char> = candidate.to_lowercase().chars().collect();
            let slips_max = if letters.len().min(word.len()) <= 4 { 1 } else { 2 };
            let slips = distance(&word, &letters);
            (letters.len() > 1 && slips <= slips_max).then_some((slips, candidate))
        })
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, candidate)| candidate)
}

/// No name is compared beyond this, so that a long word costs no more than a short one.
const WORD_CHARS_MAX: usize = 110;

/// How many letters are to be inserted, dropped, changed or swapped with their neighbour to make
/// one word of the other: the optimal string alignment distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let at =
                |cells: &[usize], index: usize| cells.get(index).copied().unwrap_or(usize::MAX - 1);
            let changed = at(&last, j) + usize::from(from != to);
            let mut best = changed.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(to) && b.get(j - 1) == Some(from);
            if swapped {
                best = best.min(at(&before_last, j - 1) + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(a.len())
}
