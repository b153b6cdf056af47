//! What follows from what comes after an incident: action items, and its review.

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

use super::context::{Context, Stop};
use super::not_followed::NotFollowed;
use super::response_command::FollowUp;
use super::schedule::Day;
use crate::core::delivery::events::DeliveryEvent;
use crate::core::delivery::model::{Kind, Notice};
use crate::core::incident::model::Number;
use crate::core::log::record::Event;
use crate::core::log::state::State;
use crate::core::response::events::ResponseEvent;
use crate::core::response::model::{Response, TASKS_MAX, Todo};
use crate::core::response::person::Person;
use crate::core::response::summary::OPEN_ACTIONS_MAX;
use crate::core::text::markdown::excerpt;
use crate::core::text::time::{first_shown, spoken};

/// When in the week the overdue action items are named: Monday at this hour.
const NAMED_AT_HOUR: i8 = 9;

impl Context<'_> {
    pub(crate) fn follow_up(
        &self,
        response: &Response,
        follow_up: &FollowUp,
    ) -> Result<Vec<Event>, Stop> {
        let number = response.number;
        let event = match follow_up {
            FollowUp::Action { text, assignee, due } => {
                if response.actions.len() >= TASKS_MAX {
                    return Err(NotFollowed::TooMany(number).into());
                }
                if self.state.actions.count() >= OPEN_ACTIONS_MAX {
                    return Err(NotFollowed::TooManyOpen(number).into());
                }
                let last = response.actions.iter().map(|action| action.id).max();
                let due = due.map(|day| self.due(day)).transpose()?;
                let assignee = assignee.as_ref();
                let assignee = assignee.map(|who| self.find_responder(who, None, response));
                let assignee = assignee.transpose()?;
                let action = last.unwrap_or(0) + 1;
                let text = text.clone();
                ResponseEvent::ActionAdded { number, action, text, assignee, due }
            }
            FollowUp::Done(action) => self.action_done(response, *action)?,
            FollowUp::Review => {
                if response.is_open() {
                    return Err(NotFollowed::StillOpen(Box::new(response.clone())).into());
                }
                ResponseEvent::Reviewed { number }
            }
        };
        Ok(vec![Event::Response(event)])
    }

    fn action_done(&self, response: &Response, action: u32) -> Result<ResponseEvent, NotFollowed> {
        let number = response.number;
        match response.actions.iter().find(|known| known.id == action) {
            Some(Todo { done: None, text, .. }) => {
                Ok(ResponseEvent::ActionDone { number, action, text: text.clone() })
            }
            Some(Todo { done: Some(at), .. }) => {
                let at = spoken(*at, &self.config.time_zone);
                Err(NotFollowed::DoneAlready { number, action, at })
            }
            None => {
                let open = response.open_actions().map(|action| action.id).collect();
                Err(NotFollowed::NoSuch { number, action, open })
            }
        }
    }

    /// The day that is meant, which is not past.
    fn due(&self, day: Day) -> Result<Date, NotFollowed> {
        let today = self.time().to_zoned(self.config.time_zone.clone()).date();
        let next = |from: Date, weekday: civil::Weekday| {
            let ahead = from.weekday().until(weekday);
            from.saturating_add(i64::from(ahead).days())
        };
        let due = match day {
            Day::Today => today,
            Day::Tomorrow => today.saturating_add(1.day()),
            Day::On(weekday) => next(today, weekday),
            Day::Next(weekday) => {
                let tomorrow = today.saturating_add(1.day());
                next(tomorrow, weekday)
            }
            Day::Date(date) => date,
        };
        if due < today { Err(NotFollowed::DuePast { due, today }) } else { Ok(due) }
    }
}

/// An action item with its incident's number and title.
pub type Overdue<'a> = (Number, &'a str, &'a Todo);

/// How many of them the word to the channel names.
const NAMED_MAX: usize = 20;

impl Context<'_> {
    /// What the timer records of the action items that are overdue, with the word to the channel.
    pub(crate) fn overdue_actions(&self) -> Vec<Event> {
        let zone = &self.config.time_zone;
        let Some((week, actions)) = weekly_overdue(self.state, self.time(), zone) else {
            return Vec::new();
        };
        let notice = DeliveryEvent::notice(None, notice(&actions));
        let actions = actions.iter().map(|(number, _, todo)| (*number, todo.id)).collect();
        let named = ResponseEvent::OverdueNamed { week, actions };
        vec![Event::Response(named), Event::Delivery(notice)]
    }
}

/// What is said of them, to those who are to do them.
fn notice(actions: &[Overdue<'_>]) -> Notice {
    let mut to: Vec<Person> = Vec::new();
    let named = actions.get(..NAMED_MAX).unwrap_or(actions);
    for person in named.iter().filter_map(|(.., todo)| todo.assignee.as_ref()) {
        if !to.iter().any(|known| known.is(person)) {
            to.push(person.clone());
        }
    }
    let mut lines: Vec<String> = Vec::new();
    for (number, title, todo) in named {
        let whose = todo.assignee.as_ref().map_or(String::new(), |p| format!("{}, ", p.name));
        let due = todo.due.map_or(String::new(), |due| format!("by {due}"));
        let text = excerpt(&todo.text.to_plain().replace('\n', " "));
        lines.push(format!("#{number} ({title}): {}. {text} ({whose}{due})", todo.id));
    }
    if actions.len() > named.len() {
        lines.push(format!("… and {} more: “actions” lists all.", actions.len() - named.len()));
    }
    let heading = match actions.len() {
        1 => "1 action item is overdue".to_owned(),
        count => format!("{count} action items are overdue"),
    };
    let (facts, link) = (Vec::new(), None);
    Notice { kind: Kind::Announcement, to, heading, text: lines.join("\n"), facts, link }
}

/// The action items that are to be named as overdue, and the Monday of the week that they are named
/// for: once in a week, on Monday morning or when the timer runs first after it. What became overdue
/// since then waits for the next week.
#[must_use]
pub fn weekly_overdue<'a>(
    state: &'a State,
    now: Timestamp,
    zone: &TimeZone,
) -> Option<(Date, Vec<Overdue<'a>>)> {
    let today = now.to_zoned(zone.clone()).date();
    let named_at = |monday: Date| first_shown(monday.at(NAMED_AT_HOUR, 0, 0, 0), zone);
    let behind = i64::from(today.weekday().to_monday_zero_offset());
    let mut week = today.saturating_sub(behind.days());
    if now < named_at(week) {
        week = week.saturating_sub(7.days());
    }
    if state.overdue_named.is_some_and(|named| named >= week) {
        return None;
    }
    let overdue = |todo: &&'a Todo| todo.due.is_some_and(|due| due < week);
    let items = state.actions.iter().flat_map(|(number, open)| {
        let overdue = open.items.iter().filter(overdue);
        overdue.map(move |todo| (number, open.title.as_str(), todo))
    });
    let actions: Vec<_> = items.collect();
    (!actions.is_empty()).then_some((week, actions))
}
