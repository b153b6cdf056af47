//! Why nothing is written down, or nothing of it shown, in words.

use super::lines::at;
use super::scribe_refusal::ScribeRefusal;
use crate::core::incident::model::Number;
use crate::core::response::model::TASKS_MAX;

/// The sentence for a refusal.
pub(crate) fn sentence(refusal: &ScribeRefusal, bot: &str) -> String {
    match refusal {
        ScribeRefusal::LongBefore { number, at: time, declared } => format!(
            "{time} is more than a week before #{number} was declared ({declared}), so nothing was \
             recorded. If the day is right, write it behind what happened:\n\n{}",
            at(bot, &format!("note #{number} what happened, on {time}"))
        ),
        ScribeRefusal::TooManyTasks(number) => format!(
            "#{number} has {TASKS_MAX} tasks, which is as many as it may have, so nothing was \
             recorded. Write it down instead:\n\n{}",
            at(bot, &format!("note #{number} text"))
        ),
        ScribeRefusal::NoSuchTask { number, task, open } => no_such_task(*number, *task, open, bot),
        ScribeRefusal::TaskDoneAlready { number, task, at: time } => format!(
            "Task {task} of #{number} was done at {time} already, so nothing was changed. All \
             tasks:\n\n{}",
            at(bot, &format!("tasks #{number}"))
        ),
        ScribeRefusal::NoSuchPage { number, page, pages } => format!(
            "The timeline of #{number} has no page {page}: its last is page {pages}.\n\n{}",
            at(bot, &format!("timeline full #{number} page {pages}"))
        ),
        ScribeRefusal::NoSuchEntry { number, entry, count } => format!(
            "The timeline of #{number} has no entry {entry}: its last is entry {count}.\n\n{}",
            at(bot, &format!("timeline full #{number} entry {count}"))
        ),
    }
}

fn no_such_task(number: Number, task: u32, open: &[u32], bot: &str) -> String {
    let listed: Vec<String> = open.iter().map(u32::to_string).collect();
    let (which, line) = match open.first() {
        Some(first) => (
            format!("Those that are open: {}.", listed.join(", ")),
            format!("task #{number} done {first}"),
        ),
        None => ("None is open.".to_owned(), format!("task #{number} what is to be done")),
    };
    format!("#{number} has no task {task}, so nothing was changed. {which}\n\n{}", at(bot, &line))
}
