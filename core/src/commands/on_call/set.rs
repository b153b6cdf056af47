//! Sets the roster file, from a terminal.

use std::sync::Arc;

use super::places::places;
use super::rosters::unusable;
use crate::commands::context::Context;
use crate::commands::refusal::{Refusal, RefusalKind};
use crate::log::record::Event;
use crate::rosters::cover::LevelName;
use crate::rosters::effective::taken_over;
use crate::rosters::events::RosterEvent;
use crate::rosters::file;

pub(crate) fn decide(context: &Context, text: &Arc<str>) -> Result<Vec<Event>, Refusal> {
    let state = &context.state.rosters;
    if state.text.as_ref() == Some(text) {
        let refusal = Refusal::new("These rosters are set already, so nothing was changed.");
        return Err(refusal.kind(RefusalKind::SameRosters));
    }
    let rosters = file::parse(text).map_err(|error| unusable("The file", &error))?;
    let covers = taken_over(&rosters, &state.covers);
    let is_there = |name: &LevelName| places(&rosters).any(|place| place.name() == *name);
    let told = state.told.iter().map(|told| told.level.clone());
    let levels: Vec<LevelName> = told.filter(|name| !is_there(name)).collect();
    let any = !covers.is_empty() || !levels.is_empty();
    let evicted = any.then_some(RosterEvent::Evicted { covers, levels });
    let set = RosterEvent::Set { text: Arc::clone(text) };
    Ok([set].into_iter().chain(evicted).map(Event::Roster).collect())
}
