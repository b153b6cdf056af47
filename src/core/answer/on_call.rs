//! Who is on call, in words; and what is answered to a change of it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Card, Mood};
use crate::core::commands::lines::at as line;
use crate::core::config::Config;
use crate::core::log::record::Record;
use crate::core::log::state::State;
use crate::core::response::cover::Cover;
use crate::core::response::cover_text::misfit_text;
use crate::core::response::effective::{Effective, effective};
use crate::core::response::hand_over::SIGHT;
use crate::core::response::roster::{Change, Contact, Level, Roster, Rosters, is_same};
use crate::core::response::roster_events::RosterEvent;
use crate::core::response::roster_file;
use crate::core::text::markdown::escape;
use crate::core::text::time::spoken_with_weekday;

/// How many rosters one answer has.
const ROSTERS_MAX: usize = 10;
/// How many people of a level one answer has.
const PEOPLE_MAX: usize = 10;
/// How many covers one answer has.
const COVERS_SHOWN: usize = 10;

/// The lines of `oncall`: every level of the rosters, or of the one that was asked for.
pub(super) fn on_call(
    name: Option<&str>,
    state: &State,
    now: Timestamp,
    config: &Config,
    bot: &str,
) -> String {
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
        lines.extend(roster.levels.iter().map(|level| told(level, &rosters, now, zone)));
    }
    if meant.len() > ROSTERS_MAX {
        let example = meant.last().map_or("name", |roster| &roster.name);
        let more = meant.len() - ROSTERS_MAX;
        lines.push(format!("And {more} more: {}", line(bot, &format!("oncall {example}"))));
    }
    let is_of =
        |cover: &&Cover| meant.iter().any(|roster| is_same(&roster.name, &cover.level.roster));
    let ahead: Vec<&Cover> =
        state.rosters.covers.iter().filter(|cover| cover.end > now).filter(is_of).collect();
    lines.extend(ahead.iter().take(COVERS_SHOWN).map(|cover| {
        let misfit = misfits.iter().find(|(number, _)| *number == cover.number);
        let misfit =
            misfit.map(|(_, misfit)| format!(" It does not count: {}.", misfit_text(misfit)));
        let (told, misfit) = (cover_told(cover, zone), misfit.unwrap_or_default());
        escape(&format!("Cover {}: {told}.{misfit}", cover.number))
    }));
    if ahead.len() > COVERS_SHOWN {
        lines.push(format!("And {} more covers.", ahead.len() - COVERS_SHOWN));
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

/// Who is on call at a level, until when, and who is next.
fn told(level: &Level, rosters: &Rosters, now: Timestamp, zone: &TimeZone) -> String {
    let on_call = level.on_call(now).people;
    let people = match on_call[..] {
        [] => "**nobody**".to_owned(),
        _ => reached(&on_call, rosters),
    };
    let limit = now.checked_add(SIGHT).unwrap_or(Timestamp::MAX);
    let spoken = |at| spoken_with_weekday(at, zone);
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

fn names(people: &[&str]) -> String {
    let names: Vec<String> = people.iter().take(PEOPLE_MAX).map(|name| escape(name)).collect();
    let more = people.len().saturating_sub(PEOPLE_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    names.join(", ") + &more
}

/// People and how each is reached.
fn reached(people: &[&str], rosters: &Rosters) -> String {
    let known =
        |name: &&str| rosters.contact(name).cloned().unwrap_or_else(|| Contact::named(name));
    let told = people.iter().take(PEOPLE_MAX).map(known).map(|contact| {
        let ways = [contact.phone, contact.email].into_iter().flatten();
        let ways: Vec<String> = ways.map(|way| escape(&way)).collect();
        match ways[..] {
            [] => format!("**{}**", escape(&contact.name)),
            _ => format!("**{}** ({})", escape(&contact.name), ways.join(", ")),
        }
    });
    let told: Vec<String> = told.collect();
    let more = people.len().saturating_sub(PEOPLE_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    told.join(", ") + &more
}

/// A cover in plain words: where, who for whom, and when.
pub(super) fn cover_told(cover: &Cover, zone: &TimeZone) -> String {
    let change = match &cover.change {
        Change::Add(added) => format!("{added} added"),
        Change::Remove(removed) => format!("without {removed}"),
        Change::Replace { removed, added } => format!("{added} instead of {removed}"),
    };
    let [start, end] = [cover.start, cover.end].map(|at| spoken_with_weekday(at, zone));
    format!("{} {}, {change}, {start} to {end}", cover.level.roster, cover.level.level)
}

/// The answer to a change of who is on call, from the record alone; `None` for other records.
pub(super) fn recorded(record: &Record, config: &Config) -> Option<Card> {
    let covers = record.roster().filter_map(|event| match event {
        RosterEvent::Covered { cover } => Some(cover),
        _ => None,
    });
    let covers: Vec<&Cover> = covers.collect();
    let zone = &config.time_zone;
    let mut hints = Vec::new();
    let (heading, title, text) = match (record.roster().next()?, covers.first()) {
        (_, Some(first)) => {
            let numbers: Vec<String> =
                covers.iter().map(|cover| cover.number.to_string()).collect();
            hints.extend(
                covers.iter().map(|c| format!("Cover {}: {}", c.number, cover_told(c, zone))),
            );
            let back: Vec<String> = numbers.iter().map(|n| format!("“uncover {n}”")).collect();
            let takes = if back.len() == 1 { "takes it back" } else { "take it back" };
            hints.push(format!("{} {takes}.", back.join(" and ")));
            let heading = match &numbers[..] {
                [only] => format!("Cover {only} recorded"),
                several => format!("Covers {} recorded", several.join(", ")),
            };
            (heading, format!("{} {}", first.level.roster, first.level.level), first.why.clone())
        }
        (RosterEvent::Uncovered { cover, end }, None) => {
            hints.push(format!("It was: {}", cover_told(cover, zone)));
            if *end > cover.start {
                let end = spoken_with_weekday(*end, zone);
                hints.push(format!("It counted until {end}."));
            }
            let title = format!("{} {}", cover.level.roster, cover.level.level);
            (format!("Cover {} taken back", cover.number), title, String::new())
        }
        (RosterEvent::Set { text }, None) => {
            let rosters = roster_file::parse(text).unwrap_or_default();
            let count = |count: usize, one: &str, many: &str| {
                format!("{count} {}", if count == 1 { one } else { many })
            };
            let sizes = [
                count(rosters.rosters.len(), "roster", "rosters"),
                count(rosters.contacts.len(), "person", "people"),
            ];
            ("Rosters set".to_owned(), sizes.join(", "), String::new())
        }
        (
            RosterEvent::HandedOver { .. }
            | RosterEvent::Evicted { .. }
            | RosterEvent::Covered { .. },
            None,
        ) => {
            return None;
        }
    };
    let facts = vec![("Revision", record.revision.to_string())];
    Some(Card { heading, title, mood: Mood::Neutral, facts, text, hints, links: Vec::new() })
}
