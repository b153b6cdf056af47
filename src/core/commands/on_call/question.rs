//! `oncall`: who is on call, until when, and who is next.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::cover::described;
use super::rosters::roster_named;
use crate::core::commands::context::Context;
use crate::core::commands::line::Line;
use crate::core::commands::lines::copyable;
use crate::core::commands::refusal::Refusal;
use crate::core::commands::usage::Usage;
use crate::core::commands::view::View;
use crate::core::rosters::cover::Cover;
use crate::core::rosters::cover_text::misfit_text;
use crate::core::rosters::effective::{Effective, effective};
use crate::core::rosters::hand_over::SIGHT;
use crate::core::rosters::roster::{Contact, Level, Roster, Rosters, is_same};
use crate::core::text::clean_name;
use crate::core::text::markdown::escape;
use crate::core::text::time::spoken_with_weekday;

pub const ON_CALL: Usage = Usage {
    words: &["oncall", "on-call"],
    form: "oncall [roster|topic]",
    meaning: "shows who is on call, until when, who is next, and how to reach them",
    examples: &["oncall"],
    ..Usage::NEW
};

/// How many rosters one answer has.
const ROSTERS_MAX: usize = 10;
/// How many people of a level one answer has.
const PEOPLE_MAX: usize = 10;
/// How many covers one answer has.
const COVERS_MAX: usize = 10;

/// Reads the roster or topic behind `oncall`, if one is named.
pub(crate) fn read(line: &Line) -> Option<String> {
    let name = clean_name(line.reader.rest());
    (!name.is_empty()).then_some(name)
}

/// Checks that the question can be answered.
///
/// # Errors
/// A refusal where no rosters are set, or none has that name.
pub(crate) fn check(context: &Context, name: Option<&str>) -> Result<(), Refusal> {
    let rosters = context.rosters()?;
    name.map_or(Ok(()), |name| roster_named(&rosters, name).map(drop))
}

/// The answer: every level of the rosters, or of the one that is asked for, and the covers ahead.
pub(crate) fn answer(name: Option<&str>, view: &View) -> String {
    let View { state, at: now, config, .. } = *view;
    let Ok(Effective { rosters, misfits }) = effective(&state.rosters) else {
        return "Nobody is on call: no rosters are set.".to_owned();
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
        let (described, misfit) = (described(cover, zone), misfit.unwrap_or_default());
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
    let spoken = |at| spoken_with_weekday(at, zone);
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

/// People separated by commas, as many as an answer has.
fn in_a_row(people: &[&str], shown: impl Fn(&str) -> String) -> String {
    let names: Vec<String> = people.iter().take(PEOPLE_MAX).map(|name| shown(name)).collect();
    let more = people.len().saturating_sub(PEOPLE_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    names.join(", ") + &more
}

/// A person and how to reach them.
fn reached(name: &str, rosters: &Rosters) -> String {
    let contact = rosters.contact(name).cloned().unwrap_or_else(|| Contact::named(name));
    let ways = [contact.phone, contact.email].into_iter().flatten();
    let ways: Vec<String> = ways.map(|way| escape(&way)).collect();
    match ways[..] {
        [] => format!("**{}**", escape(&contact.name)),
        _ => format!("**{}** ({})", escape(&contact.name), ways.join(", ")),
    }
}
