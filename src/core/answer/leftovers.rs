//! What is still open when an incident is closed: told, and no reason to refuse it.

use crate::core::commands::lines::task_words;
use crate::core::config::Config;
use crate::core::response::lifecycle::Question;
use crate::core::response::milestone::Milestone;
use crate::core::response::model::Response;
use crate::core::text::time::spoken;

/// How many tasks are named.
const TASKS_NAMED_MAX: usize = 5;
/// How many characters of a task are repeated.
const TASK_CHARS_MAX: usize = 80;
/// The milestones that closing records nothing of, as they stand behind "when it".
const WANTED: [(Milestone, &str); 4] = [
    (Milestone::Started, "started"),
    (Milestone::Detected, "was detected"),
    (Milestone::Acknowledged, "was acknowledged"),
    (Milestone::Mitigated, "was mitigated"),
];

/// What is still to be done, and what nobody has said, with what to type.
pub(super) fn leftovers(response: &Response, config: &Config) -> Vec<String> {
    let unsaid = [test(response, config), milestones(response), unknown(response)];
    let unsaid: Vec<String> = unsaid.into_iter().flatten().collect();
    let unsaid = (!unsaid.is_empty()).then(|| format!("Not known: {}.", unsaid.join("; ")));
    tasks(response).into_iter().chain(unsaid).collect()
}

fn tasks(response: &Response) -> Option<String> {
    let first = response.open_tasks().next()?;
    let mut named: Vec<String> = response
        .open_tasks()
        .take(TASKS_NAMED_MAX)
        .map(|task| {
            let words: String = task_words(task).replace('\n', " ");
            let short: String = words.chars().take(TASK_CHARS_MAX).collect();
            let dots = if short.len() < words.len() { "…" } else { "" };
            format!("{} {short}{dots}", task.id)
        })
        .collect();
    let more = response.open_tasks().count().saturating_sub(TASKS_NAMED_MAX);
    if more > 0 {
        named.push(format!("and {more} more"));
    }
    Some(format!(
        "Tasks still open: {}. “task #{} done {}” says that one is done.",
        named.join("; "),
        response.number,
        first.id
    ))
}

fn test(response: &Response, config: &Config) -> Option<String> {
    let remedy = format!("“tested #{} ok”", response.number);
    match &response.tested {
        Some(test) if test.passed => None,
        Some(test) => {
            let at = spoken(test.at, &config.time_zone);
            Some(format!("whether it works, for the test at {at} failed ({remedy})"))
        }
        None => Some(format!("whether it was tested ({remedy})")),
    }
}

fn milestones(response: &Response) -> Option<String> {
    let missing = || WANTED.iter().filter(|(m, _)| response.milestones.at(*m).is_none());
    let (first, _) = missing().next()?;
    let words: Vec<&str> = missing().map(|(_, words)| *words).collect();
    let (number, first) = (response.number, first.word());
    Some(format!("when it {} (“when #{number} {first} <time>”)", words.join(", ")))
}

/// The questions that nobody has answered, but for when, which is a milestone.
fn unknown(response: &Response) -> Option<String> {
    let questions = response.unanswered().filter(|question| *question != Question::When);
    let unknown: Vec<&str> = questions.map(Question::unknown).collect();
    let number = response.number;
    (!unknown.is_empty()).then(|| format!("{} (“questions #{number}”)", unknown.join(", ")))
}
