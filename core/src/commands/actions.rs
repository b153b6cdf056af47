//! `action`, `action done` and `actions`: the work left after an incident.

use jiff::Timestamp;
use jiff::civil::Date;

use super::context::Context;
use super::due::{Due, last_due};
use super::items::Items;
use super::line::Line;
use super::lines::{UNASSIGNED, copyable};
use super::misread::missing_text;
use super::people::{TypedPerson, first_person, last_person};
use super::refusal::Refusal;
use super::target::Target;
use super::texts::short_text;
use super::usage::{Screen, Usage};
use crate::config::Config;
use crate::incident::model::Number;
use crate::log::record::Event;
use crate::log::state::State;
use crate::response::events::ResponseEvent;
use crate::response::internal_text::InternalText;
use crate::response::model::{Response, TASKS_MAX, Todo, Visibility};
use crate::response::summary::OPEN_ACTIONS_MAX;
use crate::teams::said::Said;
use crate::text::markdown::{escape, excerpt};

pub const ACTION: Usage = Usage {
    words: &["action"],
    form: "action [#42] text [@person] [by friday]",
    meaning: "adds something to be done after the incident. Overdue ones are named every Monday",
    examples: &["action Watch the certificates by friday"],
    of_any_incident: true,
    screen: Some(Screen::Review),
    brief: ("action <text> @person by <day>", "a follow-up"),
    ..Usage::NEW
};

pub const ACTION_DONE: Usage = Usage {
    words: &["action done"],
    form: "action [#42] done 1",
    meaning: "says that an action item is done",
    examples: &["action done 1"],
    of_any_incident: true,
    has_own_numbers: true,
    screen: Some(Screen::Review),
    brief: ("action done <n>", "finishes it"),
    ..Usage::NEW
};

pub const ACTIONS: Usage = Usage {
    words: &["actions"],
    form: "actions [#42]",
    meaning: "lists the action items that are open, of all incidents or with those done of one",
    examples: &["actions"],
    screen: Some(Screen::Review),
    brief: ("actions", "what is still to be done"),
    ..Usage::NEW
};

/// The limit of a list in bytes: Teams accepts 28 KB.
const LIST_BYTES_MAX: usize = 16_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionChange {
    /// The text is never empty.
    Add {
        text: InternalText,
        assignee: Option<TypedPerson>,
        due: Option<Due>,
    },
    Done(u32),
}

pub(crate) fn action(mut line: Line) -> Result<(Target, ActionChange), Refusal> {
    let target = line.target();
    let (said, start) = (line.said, line.reader.text_start());
    // The person comes first, or at the end together with the day, in any order.
    let (mut assignee, start) = match first_person(said, start) {
        Some((person, begin)) => (Some(person), begin),
        None => (None, start),
    };
    let (mut end, mut due) = (said.text.to_plain().len(), None);
    for _ in 0..2 {
        let left = Said { text: said.text.before(end), ..said.clone() };
        if assignee.is_none()
            && let Some((person, before)) = last_person(&left, start)
        {
            (assignee, end) = (Some(person), before);
        } else if due.is_none()
            && let Some((day, before)) = last_due(&left.text.to_plain(), start)?
        {
            (due, end) = (Some(day), before);
        }
    }
    let text = short_text(said.text.before(end).after(start))?;
    let text =
        text.ok_or_else(|| missing_text(format!("action <text> {}", target.rest).trim_end()))?;
    Ok((target, ActionChange::Add { text, assignee, due }))
}

pub(crate) fn action_done(mut line: Line) -> Result<(Target, ActionChange), Refusal> {
    let read = Items::Actions.done_number(&mut line);
    read.map(|(target, action)| (target, ActionChange::Done(action)))
}

impl ActionChange {
    pub(crate) fn decide(
        &self,
        context: &Context,
        response: &Response,
    ) -> Result<Vec<Event>, Refusal> {
        let event = match self {
            Self::Add { text, assignee, due } => {
                added(context, response, text, assignee.as_ref(), *due)?
            }
            Self::Done(action) => {
                let item = Items::Actions.find_open(context, response, *action)?;
                let (number, text) = (response.number, item.text.clone());
                ResponseEvent::ActionDone { number, action: *action, text }
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
    due: Option<Due>,
) -> Result<ResponseEvent, Refusal> {
    let number = response.number;
    if response.actions.len() >= TASKS_MAX {
        return Err(Refusal::new(format!(
            "#{number} has {TASKS_MAX} action items, the maximum. Nothing was recorded. Finish \
             or remove one first:"
        ))
        .line(format!("actions #{number}")));
    }
    if context.state.actions.count() >= OPEN_ACTIONS_MAX {
        return Err(Refusal::new(format!(
            "{OPEN_ACTIONS_MAX} action items are open, the maximum, so nothing \
             was recorded for #{number}. Say first which of them are done:"
        ))
        .line("actions"));
    }
    let due = due.map(|due| due.date(today(context.time(), context.config))).transpose()?;
    let assignee = assignee.map(|who| context.find_responder(who, None, response)).transpose()?;
    let action = response.actions_ever + 1;
    Ok(ResponseEvent::ActionAdded { number, action, text: text.clone(), assignee, due })
}

/// `actions`: the open items of all incidents, by due day.
pub(crate) fn all(state: &State, now: Timestamp, config: &Config) -> String {
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
            copyable("action #<n> <text> by <day>")
        );
    }
    let count = items.len();
    let overdue = items.iter().filter(|(.., todo)| is_overdue(todo, today)).count();
    let is_are = if count == 1 { "action item is" } else { "action items are" };
    let mut lines = vec![format!("**{count}** {is_are} open, {overdue} of them overdue.")];
    let example = items.first().map(|(number, _, _, todo)| (*number, todo.id));
    let described = items.iter().map(|(number, visibility, title, todo)| {
        let drill = if *visibility == Visibility::Drill { ", drill" } else { "" };
        format!("**#{number}** ({}{drill}): {}", escape(title), describe(todo, today, config))
    });
    fill(&mut lines, described);
    if let Some((number, id)) = example {
        lines.push(format!(
            "When one is done: {}",
            copyable(&format!("action #{number} done {id}"))
        ));
    }
    lines.join("\n\n")
}

/// `actions #42`: all items of one incident, including those that are done.
pub(crate) fn of_one(response: &Response, now: Timestamp, config: &Config) -> String {
    let today = today(now, config);
    let (number, title) = (response.number, escape(&response.title));
    if response.actions.is_empty() {
        return format!(
            "**#{number}** {title} has no action items. To add one:\n\n{}",
            copyable(&format!("action #{number} <text> by <day>"))
        );
    }
    let open = response.open_actions().count();
    let count = response.actions.len();
    let mut lines = vec![format!("**#{number}** {title}: {open} of {count} action items open.")];
    let (done, todo): (Vec<&Todo>, Vec<&Todo>) =
        response.actions.iter().partition(|action| action.done.is_some());
    fill(&mut lines, todo.into_iter().chain(done).map(|action| describe(action, today, config)));
    lines.join("\n\n")
}

/// Adds lines as long as they fit, and then the number of the rest.
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

fn is_overdue(todo: &Todo, today: Date) -> bool {
    todo.done.is_none() && todo.due.is_some_and(|due| due < today)
}

fn describe(todo: &Todo, today: Date, config: &Config) -> String {
    let mut about = Vec::new();
    about.push(todo.assignee.as_ref().map_or(UNASSIGNED.to_owned(), |p| escape(&p.name)));
    match todo.done {
        Some(at) => {
            about
                .push(format!("done {}", at.to_zoned(config.time_zone.clone()).strftime("%-d %b")));
        }
        None => about.extend(todo.due.map(|due| format!("by {due}"))),
    }
    if is_overdue(todo, today) {
        about.push("**overdue**".to_owned());
    }
    let text = escape(&excerpt(&todo.text.to_plain()));
    format!("**{}.** {text} ({})", todo.id, about.join(", "))
}
