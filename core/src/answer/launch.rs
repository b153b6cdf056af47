//! Wording of a card for a record that changed a launch.

use crate::incident::model::Number;
use crate::launch::events::LaunchEvent;
use crate::log::record::Record;

pub(super) fn done(record: &Record) -> Option<(Number, String)> {
    let event = record.launches().find(|event| !matches!(event, LaunchEvent::Evicted { .. }))?;
    let done = match event {
        LaunchEvent::Started { .. } => "launch started".to_owned(),
        LaunchEvent::Retried { step, .. } => format!("launch: {} is tried again", step.name()),
        LaunchEvent::Skipped { step, .. } => format!("launch: {} is skipped", step.name()),
        LaunchEvent::Done { step, .. } => format!("launch: {} is done", step.name()),
        LaunchEvent::Failed { step, .. } | LaunchEvent::Doubted { step, .. } => {
            format!("launch: {} is not done", step.name())
        }
        LaunchEvent::Evicted { .. } => return None,
    };
    Some((event.number()?, done))
}

/// The command that shows the progress of the changed launch.
pub(super) fn hint(record: &Record) -> Option<String> {
    let (number, _) = done(record)?;
    Some(format!("How far its launch is: `launch status #{number}`"))
}
