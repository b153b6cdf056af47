//! What follows from a command of the responders: which incident is meant, and what happens.

use super::context::{Context, Stop};
use super::response_command::ResponseChange;
use super::unfit::Unfit;
use crate::core::incident::events::StatusEvent;
use crate::core::log::record::Event;
use crate::core::response::events::ResponseEvent;
use crate::core::response::model::{Response, Visibility};

impl Context<'_> {
    /// What follows for an incident from a command that is read into a [`ResponseChange`].
    ///
    /// # Errors
    /// A refusal of what does not fit the incident.
    pub(crate) fn events_for(
        &self,
        response: &Response,
        change: &ResponseChange,
    ) -> Result<Vec<Event>, Stop> {
        let ResponseChange::Publish { impact, components, next, text } = change;
        let components = components.as_ref().unwrap_or(&response.components);
        self.publish(
            response,
            StatusEvent::Opened {
                number: response.number,
                month: self.month(),
                impact: *impact,
                components: components.clone(),
                next_update_by: self.promise(*next),
                text: text.clone(),
            },
        )
    }

    fn publish(&self, response: &Response, opened: StatusEvent) -> Result<Vec<Event>, Stop> {
        let number = response.number;
        match response.visibility {
            Visibility::Public => return Err(Unfit::PublishedAlready(number).into()),
            Visibility::Drill => return Err(Unfit::IsDrill(number).into()),
            Visibility::Internal if !response.is_open() => {
                return Err(Unfit::ClosedInternal(number).into());
            }
            Visibility::Internal => {}
        }
        self.check_room()?;
        Ok(vec![Event::Response(ResponseEvent::Published { number }), Event::Status(opened)])
    }
}
