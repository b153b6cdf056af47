//! `oncall`: the people on call, the end of their turn, and the next ones.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::cover::described;
use super::rosters::roster_named;
use crate::commands::context::Context;
use crate::commands::line::Line;
use crate::commands::lines::copyable;
use crate::commands::reader::without_closing;
use crate::commands::refusal::Refusal;
use crate::commands::schedule::{Day, read_day};
use crate::commands::usage::{Screen, Usage};
use crate::commands::view::View;
use crate::commands::window::date;
use crate::rosters::cover::Cover;
use crate::rosters::cover_text::misfit_text;
use crate::rosters::effective::{Effective, effective};
use crate::rosters::hand_over::SIGHT;
use crate::rosters::roster::{Contact, Level, Roster, Rosters, is_same};
use crate::text::clean_name;
use crate::text::markdown::escape;
use crate::text::time::{first_shown, short_with_zone};

pub const ON_CALL: Usage = Usage {
    words: &["oncall", "on-call"],
    form: "oncall [roster|topic|me|friday]",
    meaning: "shows who is on call, until when, who is next, and how to reach them; your next turns, or who is on call on a day",
    examples: &["oncall", "oncall me", "oncall friday"],
    screen: Some(Screen::OnCall),
    brief: ("oncall", "who is on call, until when"),
    options: &[
        ("oncall me", "your next turns"),
        ("oncall <day>", "who is on call then"),
        ("oncall <roster>", "one roster or topic"),
    ],
    ..Usage::NEW
};

const NOBODY: &str = "Nobody is on call: no rosters are set.";
/// The limit of one person's turns in an answer.
const TURNS_MAX: usize = 5;
/// The limit of levels in the answer about a day.
const LEVELS_MAX: usize = 30;
/// The limit of rosters in an answer.
const ROSTERS_MAX: usize = 10;
/// The limit of people per level in an answer.
const PEOPLE_MAX: usize = 10;
/// The limit of covers in an answer.
const COVERS_MAX: usize = 10;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnCallQuestion {
    /// Now, at the roster or topic of that name if one is given.
    Now(Option<String>),
    On(Day),
    /// The sender's next turns.
    Mine,
    /// The next turns of a person in the rosters.
    Of(String),
}

/// Reads a roster, topic, day, person or `me` after `oncall`.
pub(crate) fn read(line: &Line) -> OnCallQuestion {
    let name = clean_name(line.reader.rest());
    let asked = without_closing(name.trim_end_matches('?')).to_lowercase();
    if ["me", "i", "myself"].contains(&asked.as_str()) {
        return OnCallQuestion::Mine;
    }
    let words: Vec<&str> = asked.strip_prefix("on ").unwrap_or(&asked).split(' ').collect();
    match read_day(&words) {
        Ok(Some((day, taken))) if taken == words.len() => OnCallQuestion::On(day),
        _ => OnCallQuestion::Now((!name.is_empty()).then_some(name)),
    }
}

/// Resolves the sender and checks the names.
///
/// # Errors
/// No rosters are set, none has that name, or the sender is in none.
pub(crate) fn settled(
    context: &Context,
    question: &OnCallQuestion,
) -> Result<OnCallQuestion, Refusal> {
    let rosters = context.rosters()?;
    match question {
        OnCallQuestion::Now(Some(name)) => {
            roster_named(&rosters, name)?;
        }
        OnCallQuestion::Mine => {
            return Ok(OnCallQuestion::Of(context.sender_contact(&rosters)?.name.clone()));
        }
        _ => {}
    }
    Ok(question.clone())
}

pub(crate) fn answer(question: &OnCallQuestion, view: &View) -> String {
    match question {
        OnCallQuestion::Now(name) => now(name.as_deref(), view),
        OnCallQuestion::On(day) => on(*day, view),
        OnCallQuestion::Of(name) => turns_of(name, view),
        OnCallQuestion::Mine => now(None, view),
    }
}

/// The people on call on a day, by the clock of each level.
fn on(day: Day, view: &View) -> String {
    let Ok(Effective { rosters, .. }) = effective(&view.state.rosters) else {
        return NOBODY.to_owned();
    };
    let mut lines = Vec::new();
    let page = &view.config.time_zone;
    if let Ok(date) = date(day, view.at, page) {
        lines.push(format!("**{}**", date.strftime("%A %-d %B %Y")));
    }
    for (roster, level) in levels(&rosters).take(LEVELS_MAX) {
        let zone = level.layers.first().map_or(page, |layer| &layer.zone);
        let Ok(date) = date(day, view.at, zone) else { continue };
        let midnight = |date: Date| first_shown(date.to_datetime(Time::MIN), zone);
        let until = date.tomorrow().map_or(Timestamp::MAX, midnight);
        let parts = level.parts(midnight(date), until).into_iter().map(|part| {
            let names = match part.people[..] {
                [] => "**nobody**".to_owned(),
                _ => in_a_row(&part.people, escape),
            };
            let from = part.start.to_zoned(zone.clone());
            let is_first = from.time() == Time::MIN;
            if is_first { names } else { format!("from {} {names}", from.strftime("%H:%M")) }
        });
        let parts = parts.collect::<Vec<_>>().join(", ");
        lines.push(format!("{}: {parts}", place(roster, level)));
    }
    lines.join("\n\n")
}

/// A person's next turns at every level.
fn turns_of(name: &str, view: &View) -> String {
    let Ok(Effective { rosters, .. }) = effective(&view.state.rosters) else {
        return NOBODY.to_owned();
    };
    let (now, zone) = (view.at, &view.config.time_zone);
    let limit = now.checked_add(SIGHT).unwrap_or(Timestamp::MAX);
    let mut turns: Vec<(Timestamp, Timestamp, String)> = Vec::new();
    for (roster, level) in levels(&rosters) {
        let theirs = level.parts(now, limit).into_iter().filter(|part| part.people.contains(&name));
        let theirs = theirs.map(|part| (part.start, part.end, place(roster, level)));
        turns.extend(theirs.take(TURNS_MAX));
    }
    turns.sort();
    turns.truncate(TURNS_MAX);
    if turns.is_empty() {
        let days = SIGHT.as_hours() / 24;
        return format!("**{}** has no turn in the next {days} days.", escape(name));
    }
    let spoken = |at| short_with_zone(at, zone);
    let lines = turns.into_iter().map(|(start, end, place)| {
        let from = if start <= now { "now".to_owned() } else { spoken(start) };
        let until = if end >= limit { String::new() } else { format!(" until {}", spoken(end)) };
        format!("{place}: {from}{until}")
    });
    let heading = format!("**{}** is on call:", escape(name));
    [heading].into_iter().chain(lines).collect::<Vec<_>>().join("\n\n")
}

fn levels(rosters: &Rosters) -> impl Iterator<Item = (&Roster, &Level)> {
    let rosters = rosters.rosters.iter();
    rosters.flat_map(|roster| roster.levels.iter().map(move |level| (roster, level)))
}

fn place(roster: &Roster, level: &Level) -> String {
    format!("{} {}", escape(&roster.name), escape(&level.name))
}

/// Every level of the rosters, or of the named one, and future covers.
fn now(name: Option<&str>, view: &View) -> String {
    let View { state, at: now, config, .. } = *view;
    let Ok(Effective { rosters, misfits }) = effective(&state.rosters) else {
        return NOBODY.to_owned();
    };
    let zone = &config.time_zone;
    let is_meant =
        |roster: &&Roster| name.is_none_or(|name| roster.names().any(|own| is_same(own, name)));
    let meant: Vec<&Roster> = rosters.rosters.iter().filter(is_meant).collect();
    let mut lines = Vec::new();
    for roster in meant.iter().take(ROSTERS_MAX) {
        lines.push(heading(roster));
        lines.extend(roster.levels.iter().map(|level| level_line(level, &rosters, now, zone)));
    }
    if meant.len() > ROSTERS_MAX {
        let example = meant.last().map_or("name", |roster| &roster.name);
        let more = meant.len() - ROSTERS_MAX;
        lines.push(format!("And {more} more: {}", copyable(&format!("oncall {example}"))));
    }
    let is_of =
        |cover: &&Cover| meant.iter().any(|roster| is_same(&roster.name, &cover.level.roster));
    let ahead: Vec<&Cover> =
        state.rosters.covers.iter().filter(|cover| cover.end > now).filter(is_of).collect();
    lines.extend(ahead.iter().take(COVERS_MAX).map(|cover| {
        let misfit = misfits.iter().find(|(number, _)| *number == cover.number);
        let misfit =
            misfit.map(|(_, misfit)| format!(" It does not apply: {}.", misfit_text(misfit)));
        let (described, misfit) =
            (described(cover, Some(&rosters), zone), misfit.unwrap_or_default());
        escape(&format!("Cover {}: {described}.{misfit}", cover.number))
    }));
    if ahead.len() > COVERS_MAX {
        lines.push(format!("And {} more covers.", ahead.len() - COVERS_MAX));
    }
    lines.join("\n\n")
}

fn heading(roster: &Roster) -> String {
    let topics = match roster.topics.join(", ") {
        none if none.is_empty() => none,
        topics => format!(" (asked about {})", escape(&topics)),
    };
    format!("**{}**{topics}", escape(&roster.name))
}

fn level_line(level: &Level, rosters: &Rosters, now: Timestamp, zone: &TimeZone) -> String {
    let on_call = level.on_call(now).people;
    let people = match on_call[..] {
        [] => "**nobody**".to_owned(),
        _ => in_a_row(&on_call, |name| reached(name, rosters)),
    };
    let limit = now.checked_add(SIGHT).unwrap_or(Timestamp::MAX);
    let spoken = |at| short_with_zone(at, zone);
    let names = |people: &[&str]| in_a_row(people, escape);
    let next = level.hand_over(now, limit).map(|next| {
        let behind = match next.to[..] {
            [] => {
                let back = level.hand_over(next.at, limit);
                back.map_or("nobody".to_owned(), |back| {
                    format!("nobody until {}, then {}", spoken(back.at), names(&back.to))
                })
            }
            _ => names(&next.to),
        };
        format!(" until {}; then {behind}", spoken(next.at))
    });
    format!("{}: {people}{}", escape(&level.name), next.unwrap_or_default())
}

/// People separated by commas, up to the limit.
fn in_a_row(people: &[&str], shown: impl Fn(&str) -> String) -> String {
    let names: Vec<String> = people.iter().take(PEOPLE_MAX).map(|name| shown(name)).collect();
    let more = people.len().saturating_sub(PEOPLE_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    names.join(", ") + &more
}

/// A person with contact details.
fn reached(name: &str, rosters: &Rosters) -> String {
    let contact = rosters.contact(name).cloned().unwrap_or_else(|| Contact::named(name));
    let ways = [contact.phone, contact.email].into_iter().flatten();
    let ways: Vec<String> = ways.map(|way| escape(&way)).collect();
    match ways[..] {
        [] => format!("**{}**", escape(&contact.name)),
        _ => format!("**{}** ({})", escape(&contact.name), ways.join(", ")),
    }
}
