//! `note remove`, `told remove`, `task remove`, `task reopen`, the same for action items, and
//! `move`: entries that are wrong, or in the wrong incident.

use super::context::Context;
use super::items::Items;
use super::line::Line;
use super::misread::expected;
use super::numbers::number;
use super::reader::without_closing;
use super::refusal::Refusal;
use super::target::Target;
use super::usage::{Screen, Usage};
use crate::incident::events::StatusEvent;
use crate::incident::model::{Number, Stage};
use crate::log::record::Event;
use crate::response::events::ResponseEvent;
use crate::response::model::{Response, TIMELINE_MAX};
use crate::text::clean_name;

pub const TASK_REMOVE: Usage = Usage {
    words: &["task remove", "todo remove", "task delete", "todo delete"],
    form: "task [#42] remove 1",
    meaning: "takes a task back; its number stays unused",
    examples: &["task remove 1"],
    of_any_incident: true,
    has_own_numbers: true,
    brief: ("task remove <n>", "takes a task back"),
    ..Usage::NEW
};

pub const TASK_REOPEN: Usage = Usage {
    words: &["task reopen", "todo reopen"],
    form: "task [#42] reopen 1",
    meaning: "says that a task is not done after all",
    examples: &["task reopen 1"],
    of_any_incident: true,
    has_own_numbers: true,
    brief: ("task reopen <n>", "it is not done"),
    ..Usage::NEW
};

pub const ACTION_REMOVE: Usage = Usage {
    words: &["action remove", "action delete"],
    form: "action [#42] remove 1",
    meaning: "takes an action item back; its number stays unused",
    examples: &["action remove 1"],
    of_any_incident: true,
    has_own_numbers: true,
    brief: ("action remove <n>", "takes it back"),
    ..Usage::NEW
};

pub const ACTION_REOPEN: Usage = Usage {
    words: &["action reopen"],
    form: "action [#42] reopen 1",
    meaning: "says that an action item is not done after all",
    examples: &["action reopen 1"],
    of_any_incident: true,
    has_own_numbers: true,
    brief: ("action reopen <n>", "it is not done"),
    ..Usage::NEW
};

pub const NOTE_REMOVE: Usage = Usage {
    words: &["note remove", "note delete"],
    form: "note [#42] remove 3",
    meaning: "takes a note back; its number stays unused",
    examples: &["note remove 3"],
    of_any_incident: true,
    limits_itself: true,
    has_own_numbers: true,
    screen: Some(Screen::Review),
    brief: ("note remove <n>", "removes a note"),
    ..Usage::NEW
};

pub const TOLD_REMOVE: Usage = Usage {
    words: &["told remove", "told delete"],
    form: "told [#42] remove 2",
    meaning: "takes back that somebody was told; its number stays unused",
    examples: &["told remove 2"],
    of_any_incident: true,
    has_own_numbers: true,
    screen: Some(Screen::Review),
    brief: ("told remove <n>", "removes a told entry"),
    ..Usage::NEW
};

const MOVE_LINE: &str = "move #<n> note <n> to #<n>";

pub const MOVE: Usage = Usage {
    words: &["move"],
    form: "move #42 note 3 to #43",
    meaning: "moves a note, or an update, that went to the wrong incident",
    examples: &["move #42 note 3 to #43"],
    of_any_incident: true,
    screen: Some(Screen::Review),
    brief: ("move #<n> note <n> to #<n>", "moves it"),
    ..Usage::NEW
};

/// A removal of a wrong entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    Note(u32),
    Told(u32),
    /// Moves a note to a different incident.
    MoveNote(u32, Number),
    /// Moves an update to a different incident.
    MoveUpdate(u32, Number),
    Task(u32),
    /// Reopens a task.
    TaskDone(u32),
    Action(u32),
    /// Reopens an action item.
    ActionDone(u32),
}

/// The number after one of these verbs, at the end of the line; `None` if other words follow,
/// because the line is then a text that begins like the verb.
pub(crate) fn read(line: &mut Line, of: fn(u32) -> Removal) -> Option<(Target, Removal)> {
    let before = line.reader.at;
    let target = line.target();
    let word = line.reader.next_word().map(without_closing);
    let id = word.and_then(|word| word.trim_start_matches('#').parse().ok());
    if let (Some(id), None) = (id, line.reader.peek_word()) {
        return Some((target, of(id)));
    }
    line.reader.at = before;
    None
}

pub(crate) fn moved(mut line: Line) -> Result<(Target, Removal), Refusal> {
    let target = line.target();
    let words: Vec<&str> = line.reader.rest().split_whitespace().collect();
    let mut words = words.into_iter();
    let unfit = |found: Option<&str>, needed: &str, line: &str| {
        expected(found.map(clean_name).as_deref(), needed, line)
    };
    let kind = words.next();
    let (kind, of): (_, fn(u32, Number) -> Removal) =
        match kind.map(str::to_ascii_lowercase).as_deref() {
            Some("note") => ("note", Removal::MoveNote),
            Some("update") => ("update", Removal::MoveUpdate),
            _ => return Err(unfit(kind, "`note` or `update` and its number", MOVE_LINE)),
        };
    let id = words.next();
    let Some(moved) = id.and_then(|id| id.trim_start_matches('#').parse().ok()) else {
        let line = format!("move #<n> {kind} <n> to #<n>");
        return Err(unfit(id, &format!("the number of the {kind}"), &line));
    };
    let mut to = words.next();
    if to.is_some_and(|word| word.eq_ignore_ascii_case("to")) {
        to = words.next();
    }
    let line = format!("move #<n> {kind} {moved} to #<n>");
    let Some(number) = to.and_then(|to| number(without_closing(to))) else {
        return Err(unfit(to, "`to` and the number of the other incident", &line));
    };
    match words.next() {
        Some(more) => Err(unfit(
            Some(more),
            "nothing more",
            &format!("{}#{number}", line.trim_end_matches("#<n>")),
        )),
        None => Ok((target, of(moved, number))),
    }
}

fn destination<'a>(
    context: &Context<'a>,
    from: Number,
    to: Number,
) -> Result<&'a Response, Refusal> {
    let known = context.state.response(to).filter(|response| {
        to != from && response.withdrawn.is_none() && response.entries.len() < TIMELINE_MAX
    });
    known.ok_or_else(|| {
        Refusal::new(format!("Nothing can be moved to #{to}. Nothing was changed. Type:"))
            .line(MOVE_LINE)
    })
}

/// Moves an update, unless the incident depends on it.
fn update_moved(
    context: &Context,
    response: &Response,
    update: u32,
    to: Number,
) -> Result<Event, Refusal> {
    let number = response.number;
    let status = &context.state.status;
    let incident = status.incident(number).filter(|incident| incident.withdrawal.is_none());
    let updates = incident.map_or(&[][..], |incident| &incident.updates);
    let place = updates.iter().position(|known| known.number == update);
    let Some((place, known)) = place.and_then(|place| Some((place, updates.get(place)?))) else {
        return Err(none(number, "update", update));
    };
    if place == 0 || known.stage.is_end() || known.stage == Stage::PostMortem {
        return Err(Refusal::new(format!(
            "Update {update} opens or ends #{number}, so it can't move. Nothing was changed. To \
             replace its text:"
        ))
        .line(format!("correct #{number} update {update}: <text>")));
    }
    let other = destination(context, number, to)?;
    let is_public = status.kept().any(|incident| incident.number == to);
    let revision = known.records.first().copied().unwrap_or_default();
    let note = (!is_public).then(|| other.notes.next());
    Ok(Event::Status(StatusEvent::UpdateMoved { number, update, revision, to, note }))
}

fn none(number: Number, what: &str, id: u32) -> Refusal {
    Refusal::new(format!("#{number} has no {what} {id}, so nothing was changed. All of them:"))
        .line(format!("timeline full #{number}"))
}

impl Removal {
    pub(crate) fn decide(
        self,
        context: &Context,
        response: &Response,
    ) -> Result<Vec<Event>, Refusal> {
        let number = response.number;
        let event = match self {
            Self::Note(note) => {
                response.notes.record(note).ok_or_else(|| none(number, "note", note))?;
                ResponseEvent::NoteRemoved { number, note }
            }
            Self::Told(told) => {
                response.told_elsewhere.record(told).ok_or_else(|| none(number, "told", told))?;
                ResponseEvent::ToldRemoved { number, told }
            }
            Self::MoveNote(note, to) => {
                let revision = response.notes.record(note);
                let revision = revision.ok_or_else(|| none(number, "note", note))?;
                let becomes = destination(context, number, to)?.notes.next();
                ResponseEvent::NoteMoved { number, note, revision, to, becomes }
            }
            Self::MoveUpdate(update, to) => {
                return Ok(vec![update_moved(context, response, update, to)?]);
            }
            Self::Task(task) => {
                Items::Tasks.find(response, task)?;
                ResponseEvent::TaskRemoved { number, task }
            }
            Self::TaskDone(task) => {
                Items::Tasks.find_done(response, task)?;
                ResponseEvent::TaskReopened { number, task }
            }
            Self::Action(action) => {
                Items::Actions.find(response, action)?;
                ResponseEvent::ActionRemoved { number, action }
            }
            Self::ActionDone(action) => {
                Items::Actions.find_done(response, action)?;
                ResponseEvent::ActionReopened { number, action }
            }
        };
        Ok(vec![Event::Response(event)])
    }
}
