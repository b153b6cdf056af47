//! The rosters as they count: the file, and the covers of the channel that go together with it.

use std::sync::Arc;

use super::cover::Cover;
use super::file::{self, FileError};
use super::roster::{Rosters, is_same};
use super::state::RosterState;

/// Why a cover counts no longer with the file that is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// The roster is gone.
    Roster,
    /// The level is gone.
    Level,
    /// Nobody is called so any more.
    Person(String),
}

/// Why nobody can be said to be on call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// No rosters were ever set.
    NotSet,
    /// What was set is refused by this version.
    Wrong(FileError),
}

/// The rosters as they count: the file, and the covers that fit it.
#[derive(Clone, Debug, PartialEq)]
pub struct Effective {
    /// With the covers among the overrides.
    pub rosters: Rosters,
    /// The covers that do not fit, by number.
    pub misfits: Vec<(u32, Misfit)>,
}

/// The rosters as they count now.
///
/// # Errors
/// [`Unusable`] where there are none.
pub fn effective(state: &RosterState) -> Result<Effective, Unusable> {
    let text = state.text.as_ref().map(Arc::as_ref).ok_or(Unusable::NotSet)?;
    let mut rosters = file::parse(text).map_err(Unusable::Wrong)?;
    let mut misfits = Vec::new();
    for cover in &state.covers {
        if let Err(misfit) = put(&mut rosters, cover) {
            misfits.push((cover.number, misfit));
        }
    }
    Ok(Effective { rosters, misfits })
}

/// Adds a cover to the overrides.
///
/// # Errors
/// [`Misfit`] where it does not fit; nothing is changed then.
pub fn put(rosters: &mut Rosters, cover: &Cover) -> Result<(), Misfit> {
    if let Some(gone) = cover.change.people().find(|name| rosters.contact(name).is_none()) {
        return Err(Misfit::Person(gone.to_owned()));
    }
    let mut places = rosters.rosters.iter_mut();
    let roster = places.find(|roster| is_same(&roster.name, &cover.level.roster));
    let levels = &mut roster.ok_or(Misfit::Roster)?.levels;
    let level = levels.iter_mut().find(|level| is_same(&level.name, &cover.level.level));
    let level = level.ok_or(Misfit::Level)?;
    level.overrides.push(cover.to_override());
    Ok(())
}

/// The covers that a file has as overrides itself, by number.
#[must_use]
pub fn taken_over(rosters: &Rosters, covers: &[Cover]) -> Vec<u32> {
    let is_there = |cover: &&Cover| {
        let places = rosters.rosters.iter().filter(|r| is_same(&r.name, &cover.level.roster));
        let mut levels = places.flat_map(|roster| &roster.levels);
        let level = levels.find(|level| is_same(&level.name, &cover.level.level));
        level.is_some_and(|level| {
            level.overrides.iter().any(|over| {
                (over.start, over.end, &over.change) == (cover.start, cover.end, &cover.change)
            })
        })
    };
    covers.iter().filter(is_there).map(|cover| cover.number).collect()
}
