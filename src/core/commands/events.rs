//! From a change to the events that follow: each feature decides for the incident that is meant.

use super::command::Change;
use super::context::{Context, Stop, publishable};
use super::meant::{afterwards, on_status, on_timeline};
use super::on_call;
use super::review;
use super::target::Meant;
use crate::core::log::record::Event;

/// The events that follow from a change. Names of people are left out of what is for the page.
pub(crate) fn events(context: &Context, change: &Change) -> Result<Vec<Event>, Stop> {
    let mut events = typed_events(context, change)?;
    for event in &mut events {
        if let Event::Status(event) = event
            && let Some(text) = event.text_mut()
        {
            *text = publishable(text, context.config);
        }
    }
    Ok(events)
}

fn typed_events(context: &Context, change: &Change) -> Result<Vec<Event>, Stop> {
    match change {
        Change::Open(opening) => Ok(opening.decide(context)?),
        Change::Status(target, change) => {
            on_status(context, target, |meant| change.decide(context, meant))
        }
        Change::Correct(target, correction) => {
            let meant = context.meant(target)?;
            correction.decide(context, meant).map_err(|stop| meant.stop(stop))
        }
        Change::Retract(target, retraction) => {
            let meant = context.meant(target)?;
            retraction.decide(context, meant).map_err(|stop| meant.stop(stop))
        }
        Change::Backfill(backfill) => Ok(vec![Event::Status(backfill.decide(context)?)]),
        Change::Remove(target, removal) => {
            afterwards(context, target, |response| Ok(removal.decide(context, response)?))
        }
        Change::Undo(undo) => undo.decide(context),
        Change::Publish(target, publishing) => {
            on_timeline(context, target, |response| Ok(publishing.decide(context, response)?))
        }
        Change::Announce(announcement) => Ok(vec![Event::Status(announcement.decide(context)?)]),
        Change::Maintenance(target, change) => on_status(context, target, |meant| match meant {
            Meant::Public(incident, _) => {
                Ok(vec![Event::Status(change.decide(context, incident)?)])
            }
            // The verb accepts maintenance alone.
            Meant::Internal(_) => Ok(Vec::new()),
        }),
        Change::Rosters(text) => Ok(on_call::set::decide(context, text)?),
        Change::Cover(change) => Ok(change.decide(context)?),
        Change::Swap(swap) => Ok(swap.decide(context)?),
        Change::Uncover(number) => Ok(on_call::cover::take_back(context, *number)?),
        Change::Note(target, note) => {
            on_timeline(context, target, |response| Ok(note.decide(context, response)?))
        }
        Change::Task(target, change) => {
            on_timeline(context, target, |response| Ok(change.decide(context, response)?))
        }
        Change::Role(target, change) => {
            on_timeline(context, target, |response| Ok(change.decide(context, response)?))
        }
        Change::Track(target, change) => {
            on_timeline(context, target, |response| Ok(change.decide(context, response)?))
        }
        Change::Launch(target, change) => {
            on_timeline(context, target, |response| Ok(change.decide(context, response)?))
        }
        Change::Action(target, change) => {
            afterwards(context, target, |response| Ok(change.decide(context, response)?))
        }
        Change::Redact(target, redaction) => {
            on_status(context, target, |meant| redaction.decide(context, meant))
        }
        Change::Review(target) => {
            afterwards(context, target, |response| Ok(review::decide(response)?))
        }
    }
}
