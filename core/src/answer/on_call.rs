//! The answer to a change of the rosters or covers.

use jiff::Timestamp;

use super::Card;
use crate::commands::on_call::cover::described;
use crate::config::Config;
use crate::log::record::Record;
use crate::log::state::State;
use crate::rosters::cover::Cover;
use crate::rosters::effective::effective;
use crate::rosters::events::RosterEvent;
use crate::rosters::file;
use crate::text::card::Line;
use crate::text::time::short_with_zone;

fn uncovered(record: &Record) -> impl Iterator<Item = (&Cover, Timestamp)> {
    record.roster().filter_map(|event| match event {
        RosterEvent::Uncovered { cover, end } => Some((cover, *end)),
        _ => None,
    })
}

/// The answer to a change of who is on call; `None` for other records.
pub(super) fn recorded(record: &Record, state: &State, config: &Config) -> Option<Card> {
    let covers = record.roster().filter_map(|event| match event {
        RosterEvent::Covered { cover } => Some(cover),
        _ => None,
    });
    let covers: Vec<&Cover> = covers.collect();
    let zone = &config.time_zone;
    let first = record.roster().next()?;
    let known = effective(&state.rosters).ok().map(|effective| effective.rosters);
    let rosters = known.as_ref();
    let mut next = None;
    let mut lines: Vec<String> = Vec::new();
    let title = match (first, covers.first()) {
        (_, Some(first)) => {
            let numbers: Vec<String> =
                covers.iter().map(|cover| cover.number.to_string()).collect();
            lines.extend(
                covers
                    .iter()
                    .map(|c| format!("Cover {}: {}", c.number, described(c, rosters, zone))),
            );
            lines.extend(Some(first.why.clone()).filter(|why| !why.is_empty()));
            next = Some(format!("To remove it: `uncover {}`", first.number));
            match &numbers[..] {
                [only] => format!("Cover {only} recorded"),
                several => format!("Covers {} recorded", several.join(", ")),
            }
        }
        (RosterEvent::Uncovered { cover, .. }, None) => {
            let removed: Vec<(&Cover, Timestamp)> = uncovered(record).collect();
            for (cover, end) in &removed {
                lines.push(format!("Cover {}: {}", cover.number, described(cover, rosters, zone)));
                if *end > cover.start {
                    let end = short_with_zone(*end, zone);
                    lines.push(format!("It applied until {end}."));
                }
            }
            match (&removed[..], cover.swap) {
                ([(one, _), (other, _)], _) => {
                    format!("Swap removed: covers {} and {}", one.number, other.number)
                }
                (_, Some(other)) => {
                    lines.push(format!("The other half of the swap, cover {other}, is over."));
                    format!("Cover {} removed", cover.number)
                }
                (_, None) => format!("Cover {} removed", cover.number),
            }
        }
        (RosterEvent::Set { text }, None) => {
            let rosters = file::parse(text).unwrap_or_default();
            let count = |count: usize, one: &str, many: &str| {
                format!("{count} {}", if count == 1 { one } else { many })
            };
            let sizes = [
                count(rosters.rosters.len(), "roster", "rosters"),
                count(rosters.contacts.len(), "person", "people"),
            ];
            lines.push(sizes.join(", "));
            next = Some("Who is on call: `oncall`".to_owned());
            "Rosters set".to_owned()
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
    let lines = lines.into_iter().map(Line::words).collect();
    let next = next.map(|next| Line::with_commands(&next));
    Some(Card { title, lines, next, ..Card::default() })
}
