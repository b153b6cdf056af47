//! Open work and missing facts at closing. They are reported, but do not prevent it.

use crate::commands::lines::task_words;
use crate::response::lifecycle::Question;
use crate::response::milestone::Milestone;
use crate::response::model::Response;
use crate::text::card::Line;

/// The limit of listed tasks.
const TASKS_NAMED_MAX: usize = 3;
/// The longest repeated text of a task, in characters.
const TASK_CHARS_MAX: usize = 40;
/// The facts that a closed incident needs, in the words of an answer.
const MILESTONES: [(Milestone, &str); 4] = [
    (Milestone::Started, "start"),
    (Milestone::Detected, "detection"),
    (Milestone::Acknowledged, "acknowledgement"),
    (Milestone::Mitigated, "mitigation"),
];
const QUESTIONS: [(Question, &str); 4] = [
    (Question::How, "source"),
    (Question::Aware, "who is aware"),
    (Question::Doing, "what was done"),
    (Question::HowBad, "who was affected"),
];

/// A failed test and open tasks, each with its remedy.
pub(super) fn warnings(response: &Response) -> Vec<Line> {
    let number = response.number;
    let failed = response.tested.as_ref().filter(|test| !test.passed);
    let failed = failed.map(|_| {
        Line::words("Closed although the last test failed: ")
            .command(format!("tested #{number} ok <text>"))
    });
    failed.into_iter().chain(tasks(response)).collect()
}

fn tasks(response: &Response) -> Option<Line> {
    let first = response.open_tasks().next()?;
    let count = response.open_tasks().count();
    let named = response.open_tasks().take(TASKS_NAMED_MAX).map(|task| {
        let words: String = task_words(task).replace('\n', " ");
        let short: String = words.chars().take(TASK_CHARS_MAX).collect();
        let dots = if short.len() < words.len() { "…" } else { "" };
        format!("{} {short}{dots}", task.id)
    });
    let mut named: Vec<String> = named.collect();
    if count > TASKS_NAMED_MAX {
        named.push(format!("{} more", count - TASKS_NAMED_MAX));
    }
    let tasks = if count == 1 { "1 task is still open" } else { "Tasks are still open" };
    let words = format!("{tasks}: {}. ", named.join("; "));
    Some(Line::words(words).command(format!("task #{} done {}", response.number, first.id)))
}

/// Missing facts that the review will ask for.
pub(super) fn missing(response: &Response) -> Option<Line> {
    let milestones =
        MILESTONES.iter().filter(|(milestone, _)| response.milestones.at(*milestone).is_none());
    let is_detected = response.milestones.at(Milestone::Detected).is_some();
    let questions = QUESTIONS.iter().filter(|(question, _)| {
        !response.is_answered(*question) && (*question != Question::How || is_detected)
    });
    let test = response.tested.is_none().then_some("test");
    let missing: Vec<&str> = milestones
        .map(|(_, word)| *word)
        .chain(test)
        .chain(questions.map(|(_, word)| *word))
        .collect();
    (!missing.is_empty()).then(|| Line::words(format!("Missing: {}", missing.join(", "))))
}
