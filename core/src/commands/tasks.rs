//! `task`, `task done` and `tasks`: tasks during an incident.

use jiff::Timestamp;

use super::context::Context;
use super::fit::{PAGE_BYTES_MAX, fit};
use super::items::Items;
use super::line::Line;
use super::lines::{copyable, task_words};
use super::misread::{expected, missing_text};
use super::people::{TypedPerson, first_person, last_person};
use super::refusal::Refusal;
use super::target::Target;
use super::texts::short_text;
use super::usage::{Screen, Usage};
use crate::config::Config;
use crate::log::record::Event;
use crate::response::events::ResponseEvent;
use crate::response::internal_text::InternalText;
use crate::response::model::{Response, TASKS_MAX, Todo};
use crate::text::clean_name;
use crate::text::markdown::escape;
use crate::text::time::short_time;

pub const TASK: Usage = Usage {
    words: &["task", "todo"],
    form: "task [#42] text [@person]",
    meaning: "adds a task",
    examples: &["task Call the data centre", "task Restart the gateway @me"],
    of_any_incident: true,
    limits_itself: true,
    has_own_numbers: true,
    screen: Some(Screen::Respond),
    brief: ("task <text> @person", "something to do"),
    ..Usage::NEW
};

pub const TASK_DONE: Usage = Usage {
    words: &["task done", "todo done"],
    form: "task [#42] done 1",
    meaning: "says that a task is done",
    examples: &["task done 1"],
    of_any_incident: true,
    limits_itself: true,
    has_own_numbers: true,
    screen: Some(Screen::Respond),
    brief: ("task done <n>", "finishes it"),
    ..Usage::NEW
};

pub const TASKS: Usage = Usage {
    words: &["tasks", "todos"],
    form: "tasks [#42]",
    meaning: "lists the tasks",
    examples: &["tasks"],
    of_any_incident: true,
    brief: ("tasks", "all tasks of an incident"),
    ..Usage::NEW
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskChange {
    Add { text: InternalText, assignee: Option<TypedPerson> },
    Done(u32),
}

pub(crate) fn task(mut line: Line) -> Result<(Target, TaskChange), Refusal> {
    let target = line.target();
    let start = line.reader.text_start();
    let (assignee, text) = match (first_person(line.said, start), last_person(line.said, start)) {
        (Some((person, begin)), _) => (Some(person), line.said.text.after(begin)),
        (None, Some((person, end))) => (Some(person), line.said.text.before(end).after(start)),
        (None, None) => (None, line.said.text.after(start)),
    };
    let plain = text.to_plain();
    if !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit()) {
        let found = line.reader.peek_word().map(clean_name);
        let needed = "the task's text, or `done` and a task's number";
        return Err(expected(found.as_deref(), needed, "task done <n>"));
    }
    let Some(text) = short_text(text)? else {
        let person = line.typed_rest(start);
        return Err(missing_text(format!("task <text> {}", person.trim()).trim_end()));
    };
    Ok((target, TaskChange::Add { text, assignee }))
}

pub(crate) fn task_done(mut line: Line) -> Result<(Target, TaskChange), Refusal> {
    Items::Tasks.done_number(&mut line).map(|(target, task)| (target, TaskChange::Done(task)))
}

impl TaskChange {
    pub(crate) fn decide(
        &self,
        context: &Context,
        response: &Response,
    ) -> Result<Vec<Event>, Refusal> {
        let event = match self {
            Self::Add { text, assignee } => added(context, response, text, assignee.as_ref())?,
            Self::Done(task) => {
                let todo = Items::Tasks.find_open(context, response, *task)?;
                let (number, text) = (response.number, todo.text.clone());
                ResponseEvent::TaskDone { number, task: *task, text }
            }
        };
        Ok(vec![Event::Response(event)])
    }
}

fn added(
    context: &Context,
    response: &Response,
    text: &InternalText,
    assignee: Option<&TypedPerson>,
) -> Result<ResponseEvent, Refusal> {
    let number = response.number;
    let count = response.tasks.len();
    if count >= TASKS_MAX {
        return Err(Refusal::new(format!(
            "#{number} has {TASKS_MAX} tasks, the maximum, so nothing was \
             recorded. Write it down instead:"
        ))
        .line(format!("note #{number} <text>")));
    }
    let assignee = assignee.map(|typed| context.find_responder(typed, None, response));
    Ok(ResponseEvent::TaskAdded {
        number,
        task: response.tasks_ever + 1,
        text: text.clone(),
        assignee: assignee.transpose()?,
    })
}

/// `tasks`: the open ones, then those that are done.
#[must_use]
pub(crate) fn answer(response: &Response, now: Timestamp, config: &Config) -> String {
    let number = response.number;
    let mut lines = vec![format!("**Tasks of #{number}** {}", escape(&response.title))];
    let done = response.tasks.iter().filter(|task| task.done.is_some());
    let tasks: Vec<&Todo> = response.open_tasks().chain(done).collect();
    if tasks.is_empty() {
        let line = copyable(&format!("task #{number} <text>"));
        lines.push(format!("There are none yet: {line}"));
    }
    let texts: Vec<String> = tasks.iter().map(|task| task_words(task)).collect();
    for (task, (text, _)) in tasks.iter().zip(fit(&texts, 2 * PAGE_BYTES_MAX)) {
        let state = match task.done {
            Some(at) => format!("done {}", short_time(at, now, &config.time_zone)),
            None => format!("since {}", short_time(task.added, now, &config.time_zone)),
        };
        lines.push(format!("**{}** {text} ({state})", task.id));
    }
    if let Some(first) = response.open_tasks().next() {
        lines.push(copyable(&format!("task #{number} done {}", first.id)));
    }
    lines.join("\n\n")
}
