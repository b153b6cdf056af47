//! The rosters in effect: the file plus the covers from the channel that fit it.

use std::sync::Arc;

use super::cover::Cover;
use super::file::{self, FileError};
use super::roster::{Rosters, is_same};
use super::state::RosterState;

/// Reason why a cover does not fit the current file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    Roster,
    Level,
    /// The file no longer has a person with this name.
    Person(String),
}

/// Reason why it is unknown who is on call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    NotSet,
    /// This version of the program rejects the file that was set.
    Wrong(FileError),
}

/// The rosters in effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Effective {
    /// Includes the covers, as overrides.
    pub rosters: Rosters,
    /// Numbers of the covers that do not fit, with the reason.
    pub misfits: Vec<(u32, Misfit)>,
}

/// Applies the covers to the file.
///
/// # Errors
/// Returns [`Unusable`] if there is no valid file.
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
/// Returns [`Misfit`] if the cover does not fit; the rosters are unchanged then.
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

/// Numbers of the covers that the file already has as overrides.
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
