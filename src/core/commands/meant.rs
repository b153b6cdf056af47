//! Deciding about the incident that a line means.

use super::context::{Context, Stop};
use super::refusal::Refusal;
use super::target::{Meant, Target, timeline_full};
use crate::core::log::record::Event;
use crate::core::response::model::{Response, TIMELINE_MAX};

/// What is decided about the status of the incident that is meant.
pub(crate) fn on_status(
    context: &Context,
    target: &Target,
    decide: impl FnOnce(Meant) -> Result<Vec<Event>, Refusal>,
) -> Result<Vec<Event>, Stop> {
    let meant = context.meant(target)?;
    decide(meant).map_err(|refusal| meant.stop(refusal))
}

/// What is decided about the incident that is meant, where its timeline has room.
pub(crate) fn on_timeline(
    context: &Context,
    target: &Target,
    decide: impl FnOnce(&Response) -> Result<Vec<Event>, Stop>,
) -> Result<Vec<Event>, Stop> {
    afterwards(context, target, |response| {
        if response.entries.len() >= TIMELINE_MAX {
            return Err(timeline_full(response).into());
        }
        decide(response)
    })
}

/// What is decided about the incident that is meant. What comes after an incident has a limit of its
/// own: a long one needs it most.
pub(crate) fn afterwards(
    context: &Context,
    target: &Target,
    decide: impl FnOnce(&Response) -> Result<Vec<Event>, Stop>,
) -> Result<Vec<Event>, Stop> {
    let response = context.response(target)?;
    decide(response).map_err(|stop| stop.about(response))
}
