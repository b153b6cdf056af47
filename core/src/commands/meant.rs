//! Runs a decision on the incident that a line is about.

use super::context::{Context, Stop};
use super::refusal::Refusal;
use super::target::{Meant, Target, timeline_full};
use crate::log::record::Event;
use crate::response::model::{Response, TIMELINE_MAX};

/// Decides about the incident's public status.
pub(crate) fn on_status(
    context: &Context,
    target: &Target,
    decide: impl FnOnce(Meant) -> Result<Vec<Event>, Refusal>,
) -> Result<Vec<Event>, Stop> {
    let meant = context.meant(target)?;
    decide(meant).map_err(|refusal| meant.stop(refusal))
}

/// Decides about the incident if its timeline has room.
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

/// Decides about the incident without checking its timeline's room. Follow-up work has its own
/// limit, because a long incident needs it most.
pub(crate) fn afterwards(
    context: &Context,
    target: &Target,
    decide: impl FnOnce(&Response) -> Result<Vec<Event>, Stop>,
) -> Result<Vec<Event>, Stop> {
    let response = context.response(target)?;
    decide(response).map_err(|stop| stop.about(response))
}
