//! Incidents that are not on the page: what follows from the commands that open, update and end
//! an incident.

use super::command::StatusCommand;
use super::context::{Context, Stop};
use super::past_decision::past_moment;
use super::response_command::Opening;
use super::target::timeline_full;
use super::unchanged::Unchanged;
use super::unfit::Unfit;
use super::words::Verb;
use crate::core::incident::model::{Number, OPEN_INCIDENTS_MAX, Stage};
use crate::core::log::record::Event;
use crate::core::response::events::ResponseEvent;
use crate::core::response::internal_text::InternalText;
use crate::core::response::milestone::{Milestone, Source};
use crate::core::response::model::{Response, TIMELINE_MAX, Visibility};
use crate::core::text::Text;

impl<'a> Context<'a> {
    /// Who is to see an incident that is opened now.
    pub(crate) fn visibility(&self, opening: &Opening) -> Visibility {
        let rule =
            if self.config.internal_first { Visibility::Internal } else { Visibility::Public };
        opening.visibility.unwrap_or(rule)
    }

    /// Opens an incident that is not on the page.
    pub(crate) fn declare(
        &self,
        another: bool,
        visibility: Visibility,
        components: &[String],
        text: &Text,
    ) -> Result<Event, Stop> {
        let open = || self.state.open_internal();
        if !another && open().any(|response| response.visibility == visibility) {
            let open = open().filter(|response| response.visibility == visibility);
            let unfit = Unfit::InternalOpen {
                open: open.map(|response| (response.number, response.title.clone())).collect(),
                visibility,
                text: text.to_plain(),
            };
            return Err(unfit.into());
        }
        if open().count() >= OPEN_INCIDENTS_MAX {
            return Err(Unchanged::TooManyOpen(open().next().map(|r| r.number)).into());
        }
        Ok(Event::Response(ResponseEvent::Declared {
            number: self.state.next_number,
            visibility,
            components: components.to_vec(),
            text: InternalText::new(text.clone()),
        }))
    }

    /// What was said of an incident at its opening besides its text.
    pub(crate) fn opening_events(
        &self,
        number: Number,
        opening: &Opening,
    ) -> Result<Vec<Event>, Stop> {
        let now = self.time();
        let mut events = Vec::new();
        if let Some(since) = opening.since {
            events.push(ResponseEvent::Reached {
                number,
                milestone: Milestone::Started,
                at: past_moment(since, now, &self.config.time_zone)?,
                source: Source::Typed,
                via: None,
                was: None,
            });
        }
        if opening.via.is_some() {
            events.push(ResponseEvent::Reached {
                number,
                milestone: Milestone::Detected,
                at: now,
                source: Source::Recorded,
                via: opening.via.clone(),
                was: None,
            });
        }
        let graded = opening.severity.map(|severity| ResponseEvent::Graded { number, severity });
        Ok(events.into_iter().chain(graded).map(Event::Response).collect())
    }

    /// The incident that a command is about, where that is one that is not on the page.
    pub(crate) fn internal_meant(
        &self,
        command: &StatusCommand,
    ) -> Result<Option<&'a Response>, Stop> {
        let hidden = |response: &&Response| !response.is_public();
        if let Some(number) = command.number() {
            let recalled = self.recalled.filter(|dossier| dossier.number() == number);
            let recalled = recalled.and_then(|dossier| dossier.response.as_deref());
            return Ok(self.state.response(number).or(recalled).filter(hidden));
        }
        let here = self.state.opened_in_thread_of(self.cause);
        let here: Vec<&Response> = here.filter_map(|n| self.state.response(n)).collect();
        if !here.is_empty() {
            let hidden: Vec<&Response> = here.into_iter().filter(hidden).collect();
            let open = hidden.iter().copied().find(|response| response.is_open());
            return Ok(open.or(hidden.first().copied()));
        }
        if !matches!(command.verb(), Verb::Update(_) | Verb::Close) {
            return Ok(None);
        }
        let open: Vec<&Response> = self.state.open_internal().collect();
        match open[..] {
            [] => Ok(None),
            [only] if self.state.status.open.is_empty() => Ok(Some(only)),
            _ => {
                let (verb, behind) = (command.verb(), command.behind_number());
                Err(Unchanged::WhichOne { verb, candidates: self.open_titles(), behind }.into())
            }
        }
    }

    /// What a command does to an incident that is not on the page.
    pub(crate) fn internal_event(
        response: &Response,
        command: &StatusCommand,
    ) -> Result<Event, Stop> {
        let (number, title) = (response.number, response.title.clone());
        let event = match command {
            StatusCommand::Update { stage, text, .. } => {
                if !response.is_open() {
                    return Err(Unfit::ClosedInternal(number).into());
                }
                let stage = stage.unwrap_or(response.stage);
                if response.entries.len() >= TIMELINE_MAX && stage != Stage::Resolved {
                    return Err(timeline_full(response).into());
                }
                let text = InternalText::new(text.clone());
                ResponseEvent::Updated { number, title, stage, text }
            }
            StatusCommand::Reopen { text, .. } => {
                if response.is_open() {
                    return Err(Unchanged::StillOpen { number, verb: Verb::Reopen }.into());
                }
                let text = InternalText::new(text.clone());
                ResponseEvent::Reopened { number, title, text }
            }
            _ => return Err(Unfit::IsInternal { number, verb: command.verb() }.into()),
        };
        Ok(Event::Response(event))
    }
}
