//! Answers to responders' commands, from their records.

use crate::commands::review::{MissingFact, missing_facts};
use crate::commands::roles;
use crate::config::Config;
use crate::incident::model::Number;
use crate::log::record::Record;
use crate::log::state::State;
use crate::response::events::ResponseEvent;
use crate::text::capitalised;
use crate::text::card::Line;
use crate::timeline::Narrator;

/// The event that a responder's command asked for: the first that is not bookkeeping.
#[must_use]
pub fn main_response(record: &Record) -> Option<&ResponseEvent> {
    record.response().find(|event| {
        !matches!(
            event,
            ResponseEvent::Recalled { .. }
                | ResponseEvent::Evicted { .. }
                | ResponseEvent::SummariesEvicted { .. }
                | ResponseEvent::AlertsResolved { .. }
                | ResponseEvent::MaintenanceAlertsMoved { .. }
                | ResponseEvent::AlertsMoved { .. }
                | ResponseEvent::AlertsKeyed { .. }
        )
    })
}

/// The times that were given with an opening.
pub(super) fn details(record: &Record, config: &Config) -> String {
    let narrator = Narrator::of(record, config);
    let reached = record.response().filter(|it| matches!(it, ResponseEvent::Reached { .. }));
    let parts = reached.filter_map(|event| Some(narrator.internal(event)?.on_a_card().to_owned()));
    capitalised(&parts.collect::<Vec<_>>().join(" · "))
}

/// The duties of a role, for the new holder. With a number, their commands name that incident.
pub(super) fn duties(record: &Record, number: Option<Number>, config: &Config) -> Vec<Line> {
    let roles = record.response().filter_map(|event| match event {
        ResponseEvent::Assigned { role, .. } => Some(*role),
        _ => None,
    });
    let lines = roles.flat_map(|role| roles::duties(role, number, config));
    lines.map(|line| Line::with_commands(&line)).collect()
}

/// The missing facts of a new review, and its link.
pub(super) fn review_details(record: &Record, state: &State) -> Vec<Line> {
    let reviewed = record.response().find_map(|event| match event {
        ResponseEvent::Reviewed { number } => state.response(*number),
        _ => None,
    });
    let Some(response) = reviewed else { return Vec::new() };
    let mut lines: Vec<Line> = Vec::new();
    let missing = missing_facts(response);
    if !missing.is_empty() {
        lines.push(Line::with_commands("Missing facts. Add them, then run `review` again:"));
    }
    let line = |MissingFact { what, command }| Line::words(format!("{what}: ")).command(command);
    lines.extend(missing.into_iter().map(line));
    let print = format!("status-update review {}", response.number);
    lines.push(Line::words("At a terminal: ").command(print));
    lines
}
