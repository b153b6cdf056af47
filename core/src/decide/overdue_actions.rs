//! The weekly notice about overdue action items.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::commands::context::Context;
use crate::incident::model::Number;
use crate::log::record::Event;
use crate::log::state::State;
use crate::outbox::events::DeliveryEvent;
use crate::outbox::model::{Notice, NoticeKind};
use crate::response::events::ResponseEvent;
use crate::response::model::Todo;
use crate::response::person::Person;
use crate::text::markdown::excerpt;
use crate::text::time::first_shown;

/// The hour on Monday at which the notice is due.
const NAMED_AT_HOUR: i8 = 9;

/// An action item with its incident's number and title.
pub type Overdue<'a> = (Number, &'a str, &'a Todo);

/// The limit of items in a notice.
const NAMED_MAX: usize = 20;

impl Context<'_> {
    /// The record's events for overdue action items, with the notice to the channel.
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

/// The notice, addressed to the assignees.
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
    Notice { kind: NoticeKind::Announcement, to, heading, text: lines.join("\n"), facts, link }
}

/// Overdue action items with the Monday of their week. Due on Monday morning, or with the timer's
/// first run after it; items that become overdue later wait for the next week.
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
