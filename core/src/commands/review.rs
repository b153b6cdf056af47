//! `review`: the post-incident document of a closed incident, and its missing facts.

use serde::Serialize;

use super::line::Line;
use super::misread::{expected, missing_text};
use super::refusal::{Refusal, RefusalKind};
use super::target::Target;
use super::texts::short_text;
use super::usage::{Screen, Usage};
use crate::log::record::Event;
use crate::response::events::ResponseEvent;
use crate::response::internal_text::InternalText;
use crate::response::lifecycle::Question;
use crate::response::milestone::Milestone;
use crate::response::model::Response;
use crate::text::clean_name;

pub const REVIEW: Usage = Usage {
    words: &["review"],
    form: "review [summary] #42 [text]",
    meaning: "shows the summary and the missing facts of a closed incident, and writes its review; `review summary #42 <text>` replaces the drafted summary. Notes that begin with `trigger:`, `cause:`, `factor:`, `mitigation:`, `well:`, `badly:` or `lucky:` go to their sections",
    examples: &["review #42"],
    of_any_incident: true,
    undoable: false,
    screen: Some(Screen::Review),
    brief: ("review", "writes the review"),
    ..Usage::NEW
};

pub(crate) enum Reviewing {
    /// Writes the review.
    Write(Target),
    /// Replaces the summary.
    Summary(Target, InternalText),
}

pub(crate) fn read(mut line: Line) -> Result<Reviewing, Refusal> {
    let is_summary = |word: Option<&str>| word.is_some_and(|w| w.eq_ignore_ascii_case("summary"));
    if is_summary(line.reader.peek_word()) {
        line.reader.skip_words(1);
        let target = line.target();
        let target = Target { rest: format!("summary {}", target.rest), ..target };
        let text = short_text(line.text())?;
        let text = text.ok_or_else(|| missing_text("review summary #<n> <text>"))?;
        return Ok(Reviewing::Summary(target, text));
    }
    let target = line.target();
    match line.reader.next_word() {
        None => Ok(Reviewing::Write(target)),
        Some(word) => {
            let needed = "an incident's number and nothing else";
            Err(expected(Some(&clean_name(word)), needed, "review #<n>"))
        }
    }
}

/// Refused while the incident is open: the review would be outdated at once.
pub(crate) fn decide(response: &Response) -> Result<Vec<Event>, Refusal> {
    if response.is_open() {
        return Err(still_open(response));
    }
    Ok(vec![Event::Response(ResponseEvent::Reviewed { number: response.number })])
}

fn still_open(response: &Response) -> Refusal {
    let number = response.number;
    Refusal::new(format!("#{number} is still open, so no review was written."))
        .offer("Close it first:", format!("close #{number} <text>"))
        .offer("See what the review still needs:", format!("questions #{number}"))
        .sentence(format!("At a terminal, `status-update review {number}` prints a draft."))
        .kind(RefusalKind::StillOpen(number))
}

/// The milestones that a review needs.
const NEEDED: [Milestone; 5] = [
    Milestone::Started,
    Milestone::Detected,
    Milestone::Acknowledged,
    Milestone::Mitigated,
    Milestone::Resolved,
];

/// A fact that a review would miss, and the line to type, both as plain text.
#[derive(Clone, Debug, Serialize)]
pub struct MissingFact {
    pub what: String,
    pub command: String,
}

/// The facts that a review of an incident would miss.
#[must_use]
pub fn missing_facts(response: &Response) -> Vec<MissingFact> {
    let number = response.number;
    let mut facts = Vec::new();
    if response.withdrawn.is_some() {
        return facts;
    }
    let mut add = |what: String, command: String| facts.push(MissingFact { what, command });
    let unknown = |milestone: &Milestone| response.milestones.at(*milestone).is_none();
    let is_due = |m: &Milestone| *m != Milestone::Resolved || !response.is_open();
    for milestone in NEEDED.into_iter().filter(unknown).filter(is_due) {
        let word = milestone.word();
        let via = if milestone == Milestone::Detected { " via <who>" } else { "" };
        add(format!("time {word}"), format!("when #{number} {word} <time>{via}"));
    }
    for question in response.unanswered() {
        let command = match question {
            // Its milestone is listed above.
            Question::When => continue,
            Question::How if unknown(&Milestone::Detected) => continue,
            Question::How => format!("when #{number} detected <time> via <who>"),
            Question::Aware => format!("aware #{number} <text>"),
            Question::Doing => format!("working #{number} <text>"),
            Question::HowBad if response.severity.is_none() => format!("sev #{number} <n>"),
            Question::HowBad => format!("affected #{number} <text>"),
        };
        add(question.unknown().to_owned(), command);
    }
    match &response.tested {
        None => add("a test".to_owned(), format!("tested #{number} ok <text>")),
        Some(test) if !test.passed => {
            add("a test that passed".to_owned(), format!("tested #{number} ok <text>"));
        }
        Some(_) => {}
    }
    let open: Vec<String> = response.open_tasks().map(|task| task.id.to_string()).collect();
    if let Some(first) = open.first() {
        let what = if open.len() == 1 { "task" } else { "tasks" };
        add(
            format!("{what} {} still to be done", open.join(", ")),
            format!("task #{number} done {first}"),
        );
    }
    if response.actions.is_empty() {
        add("action items".to_owned(), format!("action #{number} <text> by <day>"));
    }
    facts
}
