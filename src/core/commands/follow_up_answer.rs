//! What is said of action items and reviews.

use jiff::Timestamp;
use jiff::civil::Date;

use super::lines::at;
use super::not_followed::NotFollowed;
use crate::core::config::Config;
use crate::core::incident::model::Number;
use crate::core::log::state::State;
use crate::core::response::lifecycle::Question;
use crate::core::response::milestone::Milestone;
use crate::core::response::model::{Response, TASKS_MAX, Todo, Visibility};
use crate::core::response::summary::OPEN_ACTIONS_MAX;
use crate::core::text::markdown::{escape, excerpt};
use crate::core::text::time::spoken;

/// How much a list of action items may take, in bytes: Teams takes some 28 KB.
const LIST_BYTES_MAX: usize = 16_000;

/// The milestones that a review should have.
const NEEDED: [Milestone; 5] = [
    Milestone::Started,
    Milestone::Detected,
    Milestone::Acknowledged,
    Milestone::Mitigated,
    Milestone::Resolved,
];

/// What a review of an incident would lack, each with what to type. All of it is plain text.
#[must_use]
pub fn lacking(response: &Response) -> Vec<String> {
    let number = response.number;
    let mut lines = Vec::new();
    let mut add = |what: String, command: String| lines.push(format!("{what}: {command}"));
    let unknown = |milestone: &Milestone| response.milestones.at(*milestone).is_none();
    let is_due = |m: &Milestone| *m != Milestone::Resolved || !response.is_open();
    for milestone in NEEDED.into_iter().filter(unknown).filter(is_due) {
        let word = milestone.word();
        let via = if milestone == Milestone::Detected { " via customer" } else { "" };
        add(format!("when it was {word}"), format!("when #{number} {word} 13:40{via}"));
    }
    for question in response.unanswered() {
        let command = match question {
            // Its milestone was named above.
            Question::When => continue,
            Question::How if unknown(&Milestone::Detected) => continue,
            Question::How => format!("when #{number} detected 13:52 via customer"),
            Question::Aware => format!("know #{number} who is aware"),
            Question::Doing => format!("doing #{number} what is being done"),
            Question::HowBad if response.severity.is_none() => format!("sev #{number} 2"),
            Question::HowBad => format!("affects #{number} whom it affects"),
        };
        add(question.unknown().to_owned(), command);
    }
    match &response.tested {
        None => add("a test".to_owned(), format!("tested #{number} ok what was tried")),
        Some(test) if !test.passed => {
            add("a test that passed".to_owned(), format!("tested #{number} ok what was tried"));
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
        add("action items".to_owned(), format!("action #{number} what is to be done by friday"));
    }
    lines
}

/// The sentence for a refusal.
pub(crate) fn refusal(why: &NotFollowed, bot: &str) -> String {
    match why {
        NotFollowed::TooMany(number) => format!(
            "#{number} has {TASKS_MAX} action items, which is as many as it may have, so nothing was \
             recorded. What is to be done can be said in one that is there, or noted:\n\n{}",
            at(bot, &format!("actions #{number}"))
        ),
        NotFollowed::TooManyOpen(number) => format!(
            "{OPEN_ACTIONS_MAX} action items are open, which is as many as there may be, so nothing \
             was recorded for #{number}. Say first which of them are done:\n\n{}",
            at(bot, "actions")
        ),
        NotFollowed::DuePast { due, today } => format!(
            "{due} is past, today is {today}, so nothing was recorded. Write a day to come, such as \
             `by tomorrow`, `by friday` or `by {}`.",
            today.saturating_add(jiff::Span::new().days(14))
        ),
        NotFollowed::NoSuch { number, action, open } if open.is_empty() => format!(
            "#{number} has no action item {action}, and none that is open, so nothing was changed. To \
             add one:\n\n{}",
            at(bot, &format!("action #{number} what is to be done"))
        ),
        NotFollowed::NoSuch { number, action, open } => {
            let known: Vec<String> = open.iter().map(u32::to_string).collect();
            let first = open.first().copied().unwrap_or(1);
            format!(
                "#{number} has no action item {action}, so nothing was changed. Open: {}. For \
                 example:\n\n{}",
                known.join(", "),
                at(bot, &format!("action #{number} done {first}"))
            )
        }
        NotFollowed::DoneAlready { number, action, at: time } => format!(
            "Action item {action} of #{number} is done since {time}, so nothing was changed. What is \
             still to be done:\n\n{}",
            at(bot, &format!("actions #{number}"))
        ),
        NotFollowed::StillOpen(response) => still_open(response, bot),
    }
}

fn still_open(response: &Response, bot: &str) -> String {
    let number = response.number;
    let mut lines = vec![format!(
        "#{number} is still open, so no review was written: it would be wrong as soon as it is. \
         Close it first:\n\n{}",
        at(bot, &format!("close #{number} text"))
    )];
    let lacking = lacking(response);
    if !lacking.is_empty() {
        lines.push("What it would lack so far:".to_owned());
        lines.extend(lacking.iter().map(|line| escape(line)));
    }
    lines.push(format!("At a terminal, `status-update review {number}` prints a draft."));
    lines.join("\n\n")
}

/// The answer to `actions`: what is to be done of all incidents, what is due first in front.
pub(crate) fn all(state: &State, now: Timestamp, config: &Config, bot: &str) -> String {
    let today = today(now, config);
    let mut items: Vec<(Number, Visibility, &str, &Todo)> = Vec::new();
    for (number, open) in state.actions.iter() {
        let todos = open.items.iter();
        items.extend(todos.map(|todo| (number, open.visibility, open.title.as_str(), todo)));
    }
    items.sort_by_key(|(number, _, _, todo)| (todo.due.is_none(), todo.due, *number, todo.id));
    if items.is_empty() {
        return format!(
            "No action item is open. To add one:\n\n{}",
            at(bot, "action #42 what is to be done by friday")
        );
    }
    let count = items.len();
    let overdue = items.iter().filter(|(.., todo)| is_overdue(todo, today)).count();
    let is_are = if count == 1 { "action item is" } else { "action items are" };
    let mut lines = vec![format!("**{count}** {is_are} open, {overdue} of them overdue.")];
    let example = items.first().map(|(number, _, _, todo)| (*number, todo.id));
    let told = items.iter().map(|(number, visibility, title, todo)| {
        let drill = if *visibility == Visibility::Drill { ", drill" } else { "" };
        format!("**#{number}** ({}{drill}): {}", escape(title), told(todo, today, config))
    });
    fill(&mut lines, told);
    if let Some((number, id)) = example {
        lines
            .push(format!("When one is done: {}", at(bot, &format!("action #{number} done {id}"))));
    }
    lines.join("\n\n")
}

/// The answer to `actions #42`: all of one incident, those that are done as well.
pub(crate) fn of_one(response: &Response, now: Timestamp, config: &Config, bot: &str) -> String {
    let today = today(now, config);
    let (number, title) = (response.number, escape(&response.title));
    if response.actions.is_empty() {
        return format!(
            "**#{number}** {title} has no action items. To add one:\n\n{}",
            at(bot, &format!("action #{number} what is to be done by friday"))
        );
    }
    let open = response.open_actions().count();
    let count = response.actions.len();
    let mut lines = vec![format!("**#{number}** {title}: {open} of {count} action items open.")];
    let (done, todo): (Vec<&Todo>, Vec<&Todo>) =
        response.actions.iter().partition(|action| action.done.is_some());
    fill(&mut lines, todo.into_iter().chain(done).map(|action| told(action, today, config)));
    lines.join("\n\n")
}

/// Adds lines as long as they fit, and says how many do not.
fn fill(lines: &mut Vec<String>, more: impl Iterator<Item = String>) {
    let mut bytes = 0;
    let mut left_out = 0;
    for line in more {
        bytes += line.len();
        if bytes <= LIST_BYTES_MAX { lines.push(line) } else { left_out += 1 }
    }
    if left_out > 0 {
        lines.push(format!("… and {left_out} more."));
    }
}

fn today(now: Timestamp, config: &Config) -> Date {
    now.to_zoned(config.time_zone.clone()).date()
}

/// Whether the day until which it is to be done has passed.
#[must_use]
pub fn is_overdue(todo: &Todo, today: Date) -> bool {
    todo.done.is_none() && todo.due.is_some_and(|due| due < today)
}

fn told(todo: &Todo, today: Date, config: &Config) -> String {
    let mut about = Vec::new();
    about.extend(todo.assignee.as_ref().map(|person| escape(&person.name)));
    match todo.done {
        Some(at) => about.push(format!("done {}", spoken(at, &config.time_zone))),
        None => about.extend(todo.due.map(|due| format!("by {due}"))),
    }
    if is_overdue(todo, today) {
        about.push("**overdue**".to_owned());
    }
    let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
    format!("**{}.** {}{about}", todo.id, escape(&excerpt(&todo.text.to_plain())))
}
