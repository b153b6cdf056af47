//! What follows from a command about the public status.

use super::command::StatusCommand;
use super::context::{Context, Stop};
use crate::core::incident::events::StatusEvent;
use crate::core::log::record::Event;
use crate::core::response::model::Visibility;

impl Context<'_> {
    /// What a command about the status calls for, in public where its incident is.
    pub(crate) fn status_events(&self, command: &StatusCommand) -> Result<Vec<Event>, Stop> {
        if let StatusCommand::Open { another, impact, components, next, opening, text } = command {
            let visibility = self.visibility(opening);
            let opened = if visibility == Visibility::Public {
                Event::Status(self.open(*another, *impact, components, *next, text)?)
            } else {
                self.declare(*another, visibility, components, text)?
            };
            let more = self.opening_events(self.state.next_number, opening)?;
            let begins = self.config.launch.on_open && self.can_launch();
            let launched = if begins { Self::launched(self.state.next_number) } else { Vec::new() };
            return Ok([opened].into_iter().chain(more).chain(launched).collect());
        }
        if let Some(response) = self.internal_meant(command)? {
            let event = Self::internal_event(response, command);
            return Ok(vec![event.map_err(|stop| stop.about(response))?]);
        }
        Ok(vec![Event::Status(self.event(command)?)])
    }

    /// The public event that a command about what is on the page calls for.
    fn event(&self, command: &StatusCommand) -> Result<StatusEvent, Stop> {
        match command {
            StatusCommand::Open { another, impact, components, next, text, .. } => {
                self.open(*another, *impact, components, *next, text)
            }
            StatusCommand::Update { number, stage, components, next, text } => {
                let number = self.meant(*number, command)?;
                self.update(number, *stage, components.as_ref(), *next, text, command)
            }
            StatusCommand::Impact { number, impact, next, text } => {
                let number = self.meant(*number, command)?;
                self.change_impact(number, *impact, *next, text, command)
            }
            StatusCommand::Reopen { number, next, text } => {
                self.reopen(self.meant(*number, command)?, *next, text, command)
            }
            StatusCommand::PostMortem { number, text } => {
                self.post_mortem(self.meant(*number, command)?, text, command)
            }
            StatusCommand::Schedule { plan, components, text } => {
                self.schedule(plan, components, text)
            }
            StatusCommand::Manage { number, change, text } => {
                self.manage(self.meant(*number, command)?, *change, text, command)
            }
            StatusCommand::Correct { number, text } => {
                self.correct(self.meant(*number, command)?, text, command)
            }
        }
    }
}
