//! `maintenance`: announces a maintenance, or moves, ends or cancels it.

use jiff::SignedDuration;

use super::context::Context;
use super::line::Line;
use super::lines::MAINTENANCE_LINE;
use super::misread::{missing_text, no_action, two_numbers};
use super::numbers::number;
use super::options::{check_size, take_components};
use super::private_words::private_word;
use super::published::check_published;
use super::reader::without_closing;
use super::refusal::Refusal;
use super::schedule::{self, End, Plan, Unreadable};
use super::target::{Target, is_maintenance, too_many_updates};
use super::title::with_title_line;
use super::typed_options::{OptionKind, TypedOptions};
use super::usage::{Accepts, IncidentKind, Screen, Usage};
use super::window::{Unplannable, moved_end, planned_window};
use crate::incident::events::StatusEvent;
use crate::incident::model::{Impact, Incident, MAINTENANCES_MAX, Number, Stage, Window};
use crate::text::Text;
use crate::text::markdown::{escape, excerpt};
use crate::text::time::read_length;

pub const MAINTENANCE: Usage = Usage {
    words: &["maintenance"],
    form: "maintenance 2026-11-23 22:00 to 23:30 [on Component, …:] text",
    meaning: "announces one; also `monday 22:00-23:30`, `tomorrow 22:00 for 90m`, `in 2 hours \
              for 30m`, `now for 2h`, and `maintenance #43 cancel`, `extend 30m`, `move to tomorrow 23:00-23:45`, `start` or `complete`",
    examples: &["maintenance tomorrow 22:00 to 23:30: New switches", "maintenance #43 extend 30m"],
    accepts: &Accepts {
        changed: &[IncidentKind::Planned],
        anywhere: &[IncidentKind::Planned],
        in_thread: &[&[IncidentKind::Planned], &[IncidentKind::Over]],
    },
    is_public: true,
    screen: Some(Screen::Page),
    brief: ("maintenance <time>: <text>", "planned work"),
    ..Usage::NEW
};

/// The limit of words in the time of a maintenance.
const PLAN_WORDS_MAX: usize = 12;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Maintenance {
    Announced(Announcement),
    /// A change of an announced maintenance.
    Changed(Target, MaintenanceChange),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    pub plan: Plan,
    /// Component ids.
    pub components: Vec<String>,
    /// Never empty. Contains the title.
    pub text: Text,
    /// The options as they were typed, for a refusal.
    pub typed: TypedOptions,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaintenanceChange {
    pub action: Action,
    /// The public text; may be empty.
    pub text: Text,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Cancels it, or what is left of it.
    Cancel,
    /// Ends it early.
    Complete,
    Extend(End),
    Move(Plan),
    Start,
}

pub(crate) fn read(mut line: Line) -> Result<Maintenance, Refusal> {
    let number = line.reader.take_number(false).map(|named| named.number);
    let (mut typed, start) = (TypedOptions::default(), line.reader.at);
    let Some(action) = action(&mut line, number)? else {
        return match number {
            Some(number) => Err(no_action(number)),
            None => announcement(line).map(Maintenance::Announced),
        };
    };
    let text = line.text();
    let plain = text.to_plain();
    check_one(number, &plain)?;
    check_size(&text)?;
    if !(text.is_visible() || text.is_empty()) {
        return Err(no_text());
    }
    typed.push(OptionKind::Own, line.reader.read_since(start));
    check_published(line.usage, number, &plain, line.config)
        .map_err(|refusal| typed.kept(line.usage.name(), number, refusal))?;
    let rest = typed.rest(!text.is_empty());
    let (usage, verb) = (line.usage, line.usage.name());
    let target = Target { usage, verb, number, is_bare: false, rest };
    Ok(Maintenance::Changed(target, MaintenanceChange { action, text }))
}

fn announcement(mut line: Line) -> Result<Announcement, Refusal> {
    let words: Vec<&str> = line.reader.rest().split_whitespace().take(PLAN_WORDS_MAX).collect();
    let (plan, taken) = schedule::read_plan(&words).map_err(|why| no_time(None, &why))?;
    let (mut typed, start) = (TypedOptions::default(), line.reader.at);
    let is_closed = line.reader.skip_words(taken);
    typed.push(OptionKind::Own, line.reader.read_since(start));
    let refused = |typed: &TypedOptions, refusal| typed.kept(MAINTENANCE.name(), None, refusal);
    let mut components = None;
    if !is_closed {
        let start = line.reader.at;
        components = take_components(&mut line.reader, line.config, line.usage)
            .map_err(|refusal| refused(&typed, refusal))?;
        typed.push(OptionKind::Components, line.reader.read_since(start));
    }
    let text = announced(&line).map_err(|refusal| refused(&typed, refusal))?;
    Ok(Announcement { plan, components: components.unwrap_or_default(), text, typed })
}

/// The text of an announcement.
fn announced(line: &Line) -> Result<Text, Refusal> {
    let text = line.text();
    check_size(&text)?;
    if !text.is_visible() {
        return Err(missing_text("maintenance <text>"));
    }
    if let Some(word) = private_word(&text.to_plain(), line.config) {
        return Err(word.refusal_of_public("Nothing was announced.", "maintenance <text>"));
    }
    with_title_line(text)
}

fn action(line: &mut Line, number: Option<Number>) -> Result<Option<Action>, Refusal> {
    let word = line.reader.peek_word().map(|word| without_closing(word).to_ascii_lowercase());
    let action = match word.as_deref() {
        Some("cancel") => Action::Cancel,
        Some("complete" | "completed" | "done") => Action::Complete,
        Some("start" | "begin") => Action::Start,
        Some("move" | "reschedule") => {
            line.reader.next_word();
            if line.reader.peek_word().is_some_and(|word| word.eq_ignore_ascii_case("to")) {
                line.reader.next_word();
            }
            let rest = line.reader.rest();
            let words: Vec<&str> = rest.split_whitespace().take(PLAN_WORDS_MAX).collect();
            let (plan, taken) = schedule::read_plan(&words).map_err(|why| no_move(number, &why))?;
            line.reader.skip_words(taken);
            return Ok(Some(Action::Move(plan)));
        }
        Some("extend") => {
            line.reader.next_word();
            let rest = line.reader.rest();
            let words: Vec<&str> = rest.split_whitespace().take(PLAN_WORDS_MAX).collect();
            let (end, taken) = match read_length(&words) {
                Some((length, taken)) => (End::After(length), taken),
                None => schedule::read_end(&words).map_err(|why| no_time(number, &why))?,
            };
            line.reader.skip_words(taken);
            return Ok(Some(Action::Extend(end)));
        }
        _ => return Ok(None),
    };
    line.reader.next_word();
    Ok(Some(action))
}

/// Refuses a time that a maintenance cannot be moved to.
fn no_move(number: Option<Number>, why: &Unreadable) -> Refusal {
    let number = number.map_or(String::new(), |number| format!("#{number} "));
    no_time_in(why, &format!("maintenance {number}move to <time> to <time>"))
}

/// Refuses a second number.
fn check_one(first: Option<Number>, plain: &str) -> Result<(), Refusal> {
    let word = plain.split_whitespace().next();
    match first.zip(word.and_then(|word| number(without_closing(word)))) {
        Some((first, second)) => {
            Err(two_numbers([first, second].map(|n| format!("maintenance #{n}"))))
        }
        None => Ok(()),
    }
}

fn no_text() -> Refusal {
    Refusal::new("The text is missing, so nothing was done. Type:").line(MAINTENANCE_LINE)
}

/// Refuses an unreadable time: of the maintenance's new end if it has a number.
fn no_time(number: Option<Number>, why: &Unreadable) -> Refusal {
    let example = match number {
        Some(number) => format!("maintenance #{number} extend <length>"),
        None => MAINTENANCE_LINE.to_owned(),
    };
    no_time_in(why, &example)
}

/// Refuses an unreadable time, with a line to send instead.
pub(crate) fn no_time_in(why: &Unreadable, line: &str) -> Refusal {
    let why = match why {
        Unreadable::From(None) => "The time of the maintenance is missing".to_owned(),
        Unreadable::From(Some(word)) => {
            format!("“{}” isn't a start time", escape(&excerpt(word)))
        }
        Unreadable::Until(None) => "The end is missing".to_owned(),
        Unreadable::Until(Some(word)) => {
            format!("“{}” isn't an end time", escape(&excerpt(word)))
        }
        Unreadable::Impossible(word) => {
            format!("“{}” isn't a valid time", escape(&excerpt(word)))
        }
        Unreadable::Zone(word) => format!(
            "“{}” isn't a time zone (a text needs a colon in front)",
            escape(&excerpt(word))
        ),
        Unreadable::ShortZone(short, zone) => format!(
            "`{short}` can mean several time zones; write one such as `{zone}` (if it is the text, \
             put a colon in front)"
        ),
    };
    Refusal::new(format!("{why}, so nothing was done. Type:"))
        .line(line)
        .sentence("Times: tomorrow 22:00, monday 09:30, in 2 hours. Lengths: 90m, 2h.")
}

impl Announcement {
    pub(crate) fn decide(&self, context: &Context) -> Result<StatusEvent, Refusal> {
        let zone = &context.config.time_zone;
        let window = planned_window(&self.plan, context.time(), zone);
        let window = window.map_err(|why| unfit_time(&why))?;
        let planned = &context.state.status.maintenance;
        if planned.len() >= MAINTENANCES_MAX {
            let one = planned.keys().next().copied().unwrap_or(42);
            return Err(Refusal::new(format!(
                "{MAINTENANCES_MAX} maintenance windows are planned already, the maximum, so \
                 nothing was announced. Cancel one first:"
            ))
            .line(format!("maintenance #{one} cancel")));
        }
        Ok(StatusEvent::Scheduled {
            number: context.state.next_number,
            update: 1,
            month: context.month(),
            window,
            components: self.components.clone(),
            text: self.text.clone(),
        })
    }
}

impl MaintenanceChange {
    pub(crate) fn decide(
        &self,
        context: &Context,
        maintenance: &Incident,
    ) -> Result<StatusEvent, Refusal> {
        let end = match &self.action {
            Action::Move(plan) => {
                let window = planned_window(plan, context.time(), &context.config.time_zone);
                let window = window.map_err(|why| unfit_time(&why))?;
                return rescheduled(maintenance, window, &self.text);
            }
            Action::Start => {
                let until = maintenance.window.map_or(context.time(), |window| window.until);
                let window = Window { from: context.time(), until };
                return rescheduled(maintenance, window, &self.text);
            }
            Action::Cancel => return ended(context, maintenance, Stage::Cancelled, &self.text),
            Action::Complete => return ended(context, maintenance, Stage::Completed, &self.text),
            Action::Extend(end) => *end,
        };
        if maintenance.is_full() {
            return Err(too_many_updates(maintenance));
        }
        let (number, title) = (maintenance.number, maintenance.title.clone());
        let window = maintenance.window.ok_or_else(no_text)?;
        let until = moved_end(end, window, context.time(), &context.config.time_zone);
        let until = until.map_err(|why| unfit_time(&why))?;
        let (stage, text) = (maintenance.stage, self.text.clone());
        let update = maintenance.next_update();
        Ok(StatusEvent::Extended { number, update, title, until, stage, text })
    }
}

fn rescheduled(
    maintenance: &Incident,
    window: Window,
    text: &Text,
) -> Result<StatusEvent, Refusal> {
    let number = maintenance.number;
    if maintenance.stage != Stage::Scheduled {
        return Err(Refusal::new(format!(
            "Maintenance #{number} has already started. Nothing was changed. To change its end:"
        ))
        .line(format!("maintenance #{number} extend <length>")));
    }
    if maintenance.is_full() {
        return Err(too_many_updates(maintenance));
    }
    let (update, text) = (maintenance.next_update(), text.clone());
    Ok(StatusEvent::Rescheduled { number, update, window, text })
}

/// Refuses a time that no maintenance can have.
fn unfit_time(why: &Unplannable) -> Refusal {
    Refusal::new(format!("{} Nothing was changed.", why.sentence()))
}

/// The event of `update #43` and `close #43` if #43 is a maintenance.
///
/// # Errors
/// A stage of incidents, or no room for the update.
pub(crate) fn update(
    context: &Context,
    maintenance: &Incident,
    (stage, components, next): (Option<Stage>, Option<&Vec<String>>, Option<SignedDuration>),
    text: &Text,
) -> Result<StatusEvent, Refusal> {
    match stage {
        None if maintenance.is_full() => Err(too_many_updates(maintenance)),
        None => Ok(StatusEvent::Updated {
            number: maintenance.number,
            update: maintenance.next_update(),
            title: maintenance.title.clone(),
            impact: Impact::Maintenance,
            stage: maintenance.stage,
            components: components.cloned(),
            next_update_by: next.and_then(|next| context.time().checked_add(next).ok()),
            ended: None,
            text: text.clone(),
        }),
        Some(Stage::Resolved) => ended(context, maintenance, Stage::Completed, text),
        Some(_) => Err(is_maintenance(maintenance.number, "update")),
    }
}

fn ended(
    context: &Context,
    maintenance: &Incident,
    stage: Stage,
    text: &Text,
) -> Result<StatusEvent, Refusal> {
    let number = maintenance.number;
    if stage == Stage::Completed && maintenance.began() > context.time() {
        return Err(Refusal::new(format!(
            "Maintenance #{number} hasn't started, so it can't be completed. To cancel it:"
        ))
        .line(format!("maintenance #{number} cancel")));
    }
    Ok(maintenance_update(maintenance, stage, text))
}

/// An update of a maintenance, by a person or by the clock.
pub(crate) fn maintenance_update(maintenance: &Incident, stage: Stage, text: &Text) -> StatusEvent {
    StatusEvent::Updated {
        number: maintenance.number,
        update: maintenance.next_update(),
        title: maintenance.title.clone(),
        impact: Impact::Maintenance,
        stage,
        components: None,
        next_update_by: None,
        ended: None,
        text: text.clone(),
    }
}
