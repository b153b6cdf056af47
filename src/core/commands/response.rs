//! What follows from a command of the responders: which incident is meant, and what happens.

use super::context::{Context, Stop};
use super::response_command::{ResponseChange, ResponseCommand};
use super::unchanged::Unchanged;
use super::unfit::Unfit;
use super::words::Verb;
use crate::core::incident::events::StatusEvent;
use crate::core::incident::model::Number;
use crate::core::log::record::Event;
use crate::core::response::events::ResponseEvent;
use crate::core::response::model::{Response, TIMELINE_MAX, Visibility};

impl<'a> Context<'a> {
    pub(crate) fn response_events(&self, command: &ResponseCommand) -> Result<Vec<Event>, Stop> {
        let response = self.response_meant(command.number, command.verb, &command.rest)?;
        self.events_for(response, command).map_err(|stop| stop.about(response))
    }

    fn events_for(
        &self,
        response: &Response,
        command: &ResponseCommand,
    ) -> Result<Vec<Event>, Stop> {
        // What comes after an incident has a bound of its own: a long one needs it most.
        let is_after = matches!(command.change, ResponseChange::FollowUp(_));
        if response.entries.len() >= TIMELINE_MAX && !is_after {
            return Err(Unfit::TimelineFull(response.number).into());
        }
        match &command.change {
            ResponseChange::Tracking(tracking) => self.track(response, tracking),
            ResponseChange::FollowUp(follow_up) => self.follow_up(response, follow_up),
            ResponseChange::Scribe(scribe) => self.write_down(response, scribe),
            ResponseChange::Roles(change) => self.change_roles(response, change),
            ResponseChange::Launch(change) => self.launch_events(response, *change),
            ResponseChange::Publish { impact, components, next, text } => {
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
        }
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

    /// The response that is meant: by number, by the thread that the command stands in, or the one
    /// whose incident alone is open.
    pub(crate) fn response_meant(
        &self,
        number: Option<Number>,
        verb: Verb,
        rest: &str,
    ) -> Result<&'a Response, Stop> {
        if let Some(number) = number {
            return self.any_response(number, verb);
        }
        let state = self.state;
        let kept = |number| state.response(number);
        let here: Vec<&Response> = state.opened_in_thread_of(self.cause).filter_map(kept).collect();
        let open_here: Vec<&Response> = here.iter().copied().filter(|r| r.is_open()).collect();
        let open = || state.responses.values().map(AsRef::as_ref).filter(|r| r.is_open()).collect();
        let candidates = match (open_here.is_empty(), here.is_empty()) {
            (false, _) => open_here,
            (true, false) => here,
            (true, true) => open(),
        };
        match candidates[..] {
            [] => {
                let last = state.responses.values().filter(|response| !response.is_open());
                let closed = last.map(|response| (response.revision, response.number)).max();
                Err(Unchanged::NothingOpen { verb, closed: closed.map(|(_, number)| number) }
                    .into())
            }
            [only] => Ok(only),
            ref several => {
                let candidates = several.iter().map(|r| (r.number, r.title.clone())).collect();
                let behind = (String::new(), rest.to_owned());
                Err(Unchanged::WhichOne { verb, candidates, behind }.into())
            }
        }
    }

    /// The response to the incident of that number, however long ago.
    pub(crate) fn any_response(&self, number: Number, verb: Verb) -> Result<&'a Response, Stop> {
        let recalled = self.recalled.filter(|dossier| dossier.number() == number);
        let recalled_response = recalled.and_then(|dossier| dossier.response.as_deref());
        match self.state.response(number).or(recalled_response) {
            Some(response) => Ok(response),
            None if recalled.is_some() || self.state.status.incident(number).is_some() => {
                Err(Unchanged::IsMaintenance { number, verb }.into())
            }
            None if self.exists(number) => Err(Stop::Recall(number)),
            None => Err(self.no_such(number)),
        }
    }
}
