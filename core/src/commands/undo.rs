//! `undo`: takes back a command of the last minutes.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::context::{Context, Stop};
use super::line::Line;
use super::misread::expected;
use super::on_call::cover::take_back;
use super::refusal::Refusal;
use super::usage::{Screen, Usage};
use crate::config::Config;
use crate::incident::events::StatusEvent;
use crate::incident::model::Number;
use crate::incident::status::NO_NAMES;
use crate::log::record::{Event, MessageEvent};
use crate::log::undo::{RecentRecord, UNDO_WINDOW};
use crate::response::events::ResponseEvent;
use crate::response::internal_text::InternalText;
use crate::rosters::events::RosterEvent;
use crate::text::markdown::{escape, excerpt};
use crate::text::{Text, capitalised, clean_name};
use crate::timeline::Narrator;

pub const UNDO: Usage = Usage {
    words: &["undo"],
    form: "undo [#42]",
    meaning: "takes back what you recorded last, within 15 minutes; with a number, the last \
              record about that incident, by anybody",
    examples: &["undo"],
    undoable: false,
    screen: Some(Screen::Page),
    brief: ("undo", "takes the last command back"),
    ..Usage::NEW
};

/// The limit of consecutive undone commands per sender.
pub(crate) const STEPS_MAX: usize = 5;
/// Older public changes need a confirmation.
const PUBLIC_MAX: SignedDuration = SignedDuration::from_mins(2);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undo {
    /// The incident that was typed.
    pub number: Option<Number>,
    /// The named record, such as `update 3`.
    pub named: Option<String>,
    /// True if the line ends with `yes`.
    pub is_confirmed: bool,
}

pub(crate) fn read(mut line: Line) -> Result<Undo, Refusal> {
    let number = line.reader.take_number(true).map(|named| named.number);
    let words: Vec<&str> = line.reader.rest().split_whitespace().collect();
    match words.split_last() {
        None => Ok(Undo { number, named: None, is_confirmed: false }),
        Some((last, named)) if last.eq_ignore_ascii_case("yes") && !named.is_empty() => {
            Ok(Undo { number, named: Some(named.join(" ").to_lowercase()), is_confirmed: true })
        }
        Some((last, _)) if last.bytes().all(|byte| byte.is_ascii_digit()) => {
            let named = Some(words.join(" ").to_lowercase());
            Ok(Undo { number, named, is_confirmed: false })
        }
        Some(_) => {
            let found = words.first().map(|word| clean_name(word));
            Err(expected(found.as_deref(), "nothing more, or an incident's number", "undo #<n>"))
        }
    }
}

impl Undo {
    pub(crate) fn decide(&self, context: &Context) -> Result<Vec<Event>, Stop> {
        let record = self.record(context)?;
        let is_own = record.by.is(&context.cause.by);
        if !is_own {
            context.check_corrector("undo")?;
        }
        let what = command(record, context.config);
        if let Some(why) = why_not(record) {
            return Err(Refusal::new(format!("{why} Nothing was changed.")).into());
        }
        self.check_confirmed(context, record, &what)?;
        let mut events = inverse(context, record)?;
        events.push(Event::Message(MessageEvent::TakenBack { revision: record.revision, what }));
        Ok(events)
    }

    /// The record to undo.
    fn record<'a>(&self, context: &Context<'a>) -> Result<&'a RecentRecord, Refusal> {
        let cause = context.cause;
        let is_recent = |record: &&RecentRecord| {
            context.time().duration_since(record.at) <= UNDO_WINDOW && !record.undone
        };
        let mut commands = context.state.recent.commands();
        if let Some(named) = &self.named {
            let is_it = |record: &&RecentRecord| {
                let is_meant = command(record, context.config) == *named
                    || named_by_time(record, context.config) == *named;
                is_meant && self.number.is_none_or(|number| record.is_about(number))
            };
            let line = self.number.map_or("undo".to_owned(), |number| format!("undo #{number}"));
            let stale = |why: &str| {
                Refusal::new(format!("{why} Nothing was changed. For the last record:")).line(line)
            };
            let mut such = commands.filter(is_recent).filter(is_it);
            return match (such.next(), such.next()) {
                // The question was about the earlier one.
                (Some(last), Some(_)) if command(last, context.config) == *named => {
                    Err(stale(&format!("There is another `{named}` since.")))
                }
                (Some(meant), _) => Ok(meant),
                (None, _) => Err(match (after_erasure(context), self.number) {
                    (Some(refusal), Some(number)) => {
                        refusal.line(format!("correct #{number} <text>"))
                    }
                    (Some(refusal), None) => refusal.line("correct #<n> <text>"),
                    (None, _) => stale(&format!(
                        "No record of the last 15 minutes that can still be undone is called \
                         “{}”.",
                        escape(&excerpt(&clean_name(named)))
                    )),
                }),
            };
        }
        if let Some(number) = self.number {
            let about = |record: &&RecentRecord| record.is_about(number);
            return commands.filter(is_recent).find(about).ok_or_else(|| {
                if let Some(refusal) = after_erasure(context) {
                    return refusal.line(format!("correct #{number} <text>"));
                }
                Refusal::new(format!(
                    "Nothing about #{number} was recorded in the last 15 minutes, so there is \
                     nothing \
                     to undo. Correct the text instead:"
                ))
                .line(format!("correct #{number} <text>"))
            });
        }
        let is_mine = |record: &&RecentRecord| {
            record.by.is(&cause.by) && record.conversation == cause.message.conversation
        };
        let mine: Vec<&RecentRecord> = commands.by_ref().filter(is_mine).collect();
        let found = mine.iter().copied().find(is_recent).ok_or_else(|| {
            if let Some(refusal) = after_erasure(context) {
                return refusal.line("correct #<n> <text>");
            }
            Refusal::new(
                "You recorded nothing here in the last 15 minutes, so there is nothing to undo. \
                 For \
                 the last record about an incident, by anyone:",
            )
            .line("undo #<n>")
        })?;
        let steps = mine.iter().take_while(|record| record.revision != found.revision).count();
        if steps >= STEPS_MAX * 2 {
            return Err(Refusal::new(format!(
                "You have undone {STEPS_MAX} commands in a row, the maximum. For an older one:"
            ))
            .line("undo #<n>"));
        }
        Ok(found)
    }

    /// Asks before undoing a public change that is not brand-new. The confirming line names the
    /// change, so that it cannot hit a different one.
    fn check_confirmed(
        &self,
        context: &Context,
        record: &RecentRecord,
        what: &str,
    ) -> Result<(), Refusal> {
        let number = record.numbers().next();
        let zone = &context.config.time_zone;
        let is_like_it = |other: &&RecentRecord| {
            !other.undone
                && command(other, context.config) == what
                && number.is_none_or(|number| other.is_about(number))
        };
        let is_one_of_several = context.state.recent.commands().filter(is_like_it).nth(1).is_some();
        let named =
            if is_one_of_several { named_by_time(record, context.config) } else { what.to_owned() };
        let line = || match number {
            Some(number) => format!("undo #{number} {named} yes"),
            None => format!("undo {named} yes"),
        };
        let by = escape(&record.by.name);
        let said = format!("{what} ({}, {by})", clock_time(record.at, zone));
        let is_public = record.events.iter().any(|event| matches!(event, Event::Status(_)));
        let age = context.time().duration_since(record.at);
        let of = number.map_or(String::new(), |number| format!(" of #{number}"));
        if self.is_confirmed {
            return Ok(());
        }
        if self.named.is_some() {
            let of = capitalised(&format!("{said}{of}"));
            return Err(Refusal::new(format!("{of} would be taken back. To do that:")).line(line()));
        }
        if !is_public || age <= PUBLIC_MAX {
            return Ok(());
        }
        let said = capitalised(&said);
        Err(Refusal::new(format!(
            "{said}{of} has been on the page for {} min. Readers may have seen it. To take it \
             back:",
            age.as_mins()
        ))
        .line(line()))
    }
}

/// A record's command and time, which tell it from another one of the same words.
fn named_by_time(record: &RecentRecord, config: &Config) -> String {
    format!("{} {}", command(record, config), clock_time(record.at, &config.time_zone))
}

fn clock_time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

/// The events that undo a record.
fn inverse(context: &Context, record: &RecentRecord) -> Result<Vec<Event>, Stop> {
    for event in &record.events {
        match event {
            Event::Status(
                StatusEvent::Opened { number, .. }
                | StatusEvent::Scheduled { number, .. }
                | StatusEvent::Backfilled { number, .. },
            ) => return retract(context, record, *number),
            Event::Response(ResponseEvent::Declared { number, .. }) => {
                return retract(context, record, *number);
            }
            _ => {}
        }
    }
    let covers = record.events.iter().filter_map(|event| match event {
        Event::Roster(RosterEvent::Covered { cover }) => Some(cover.number),
        _ => None,
    });
    let uncovered: Result<Vec<_>, _> = covers.map(|number| take_back(context, number)).collect();
    // Each half of a swap undoes the other one, too.
    let mut events: Vec<Event> = Vec::new();
    for event in uncovered?.concat() {
        if !events.contains(&event) {
            events.push(event);
        }
    }
    if !events.is_empty() {
        return Ok(events);
    }
    let revision = record.revision;
    context.state.recent.without(revision).map_err(|later| depends(context, later))?;
    let mut numbers: Vec<Number> = record.numbers().collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut events = Vec::new();
    for number in numbers {
        let is_public = record.events.iter().any(|event| {
            matches!(event, Event::Status(_)) && event.numbers().any(|about| about == number)
        });
        let is_public = is_public && context.state.status.incident(number).is_some();
        let undone = is_public.then_some(Event::Status(StatusEvent::Undone { number, revision }));
        let response = context.state.response(number);
        let known = response.map(|_| Event::Response(ResponseEvent::Undone { number, revision }));
        events.extend(undone.into_iter().chain(known));
    }
    Ok(events)
}

/// Undoes an opening completely, unless something was recorded about the incident since.
fn retract(context: &Context, record: &RecentRecord, number: Number) -> Result<Vec<Event>, Stop> {
    let later = context.state.recent.commands().find(|later| {
        later.revision > record.revision
            && !later.undone
            && later.numbers().any(|about| about == number)
    });
    if let Some(later) = later {
        let zone = &context.config.time_zone;
        return Err(Refusal::new(format!(
            "#{number} has later records: {} ({}, {}). Nothing was changed. To withdraw all of it:",
            command(later, context.config),
            clock_time(later.at, zone),
            escape(&later.by.name)
        ))
        .line(format!("withdraw #{number}"))
        .into());
    }
    let was_internal = record
        .events
        .iter()
        .any(|event| matches!(event, Event::Response(ResponseEvent::Published { .. })));
    let reason = Text::default();
    let revision = record.revision;
    Ok(match context.state.status.incident(number) {
        Some(_) if was_internal => vec![
            Event::Status(StatusEvent::Unpublished { number }),
            Event::Response(ResponseEvent::Undone { number, revision }),
        ],
        Some(_) => vec![Event::Status(StatusEvent::Withdrawn { number, reason })],
        None => {
            let reason = InternalText::default();
            vec![Event::Response(ResponseEvent::Withdrawn { number, reason })]
        }
    })
}

/// Refuses a record that a later one depends on.
fn depends(context: &Context, later: u64) -> Refusal {
    let Some(later) = context.state.recent.get(later) else {
        return Refusal::new("It is no longer known what it changed, so nothing was changed.");
    };
    let zone = &context.config.time_zone;
    Refusal::new(format!(
        "A later record depends on it: {} ({}, {}). Nothing was changed. To undo that one first:",
        command(later, context.config),
        clock_time(later.at, zone),
        escape(&later.by.name)
    ))
    .line(later.numbers().next().map_or("undo".to_owned(), |number| format!("undo #{number}")))
}

/// The refusal where what was recorded may hold a text that was erased.
fn after_erasure(context: &Context) -> Option<Refusal> {
    let erased = context.state.recent.erased(context.time())?;
    let at = context.clock(erased);
    Some(Refusal::new(format!(
        "A text was erased {at}. Records from before that can't be undone. Nothing was changed. \
         Correct the text instead:"
    )))
}

/// The reason why a record cannot be taken back; `None` if it can.
fn why_not(record: &RecentRecord) -> Option<String> {
    let opens = |event: &Event| {
        matches!(
            event,
            Event::Status(StatusEvent::Opened { .. })
                | Event::Response(ResponseEvent::Declared { .. })
        )
    };
    let is_opening = record.events.iter().any(opens);
    record.events.iter().find_map(|event| {
        Some(
            match event {
                Event::Launch(_) if !is_opening => {
                    "A launch can't be undone. Close its work item and channel where they are."
                }
                Event::Roster(RosterEvent::Set { .. }) => {
                    "A roster file can't be undone. Set the previous file again at the terminal."
                }
                Event::Roster(RosterEvent::Uncovered { .. }) => {
                    "Removing a cover can't be undone. Record it again with `cover`."
                }
                Event::Response(ResponseEvent::Reviewed { .. }) => {
                    "A review can't be undone. Run `review` again to replace it."
                }
                _ => return None,
            }
            .to_owned(),
        )
    })
}

/// The command that asked for a record, as a line names it.
fn command(record: &RecentRecord, config: &Config) -> String {
    let narrator = Narrator { at: record.at, has_alert: false, config, names: &NO_NAMES };
    let commands = record.events.iter().filter_map(|event| narrator.narrate(event)?.command);
    let commands: Vec<String> = commands.collect();
    if commands.iter().any(|name| name == "duplicate") {
        return "duplicate".to_owned();
    }
    let first = commands.into_iter().find(|name| name != "launch");
    first.unwrap_or_else(|| "record".to_owned())
}
