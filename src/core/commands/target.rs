//! Which incident a command is about.

use super::context::{Context, Stop};
use super::lines::{actions, repeated};
use super::refusal::{Refusal, RefusalKind};
use super::usage::Usage;
use crate::core::incident::model::Number;
use crate::core::response::model::{Response, TIMELINE_MAX};
use crate::core::text::markdown::escape;

/// The incident that a command names, or leaves to be found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The specification of its verb.
    pub usage: &'static Usage,
    /// The verb, for a line to copy.
    pub verb: &'static str,
    /// The number that was typed.
    pub number: Option<Number>,
    /// The words behind the verb and the number, for a line to copy.
    pub rest: String,
}

impl<'a> Context<'a> {
    /// The response to the incident that a command is about: the one of that number, else the one
    /// that was opened in the thread, else the only one that is open.
    ///
    /// # Errors
    /// A refusal where none is found or several are, or the number of a document to look into.
    pub(crate) fn response(&self, target: &Target) -> Result<&'a Response, Stop> {
        if let Some(number) = target.number {
            return self.response_of(number, target.usage);
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
                Err(nothing_open(target.usage, closed.map(|(_, number)| number)).into())
            }
            [only] => Ok(only),
            ref several => {
                let titles: Vec<(Number, String)> =
                    several.iter().map(|r| (r.number, r.title.clone())).collect();
                Err(which_one(target, &titles).into())
            }
        }
    }

    fn response_of(&self, number: Number, usage: &Usage) -> Result<&'a Response, Stop> {
        let recalled = self.recalled.filter(|dossier| dossier.number() == number);
        let recalled_response = recalled.and_then(|dossier| dossier.response.as_deref());
        match self.state.response(number).or(recalled_response) {
            Some(response) => Ok(response),
            None if recalled.is_some() || self.state.status.incident(number).is_some() => {
                Err(is_maintenance(number, usage).into())
            }
            None if self.exists(number) => Err(Stop::Recall(number)),
            None => Err(self.no_such(number)),
        }
    }
}

fn nothing_open(usage: &Usage, closed: Option<Number>) -> Refusal {
    let opening = "open what is failing";
    let refusal = match (usage.of_any_incident, closed) {
        (true, Some(number)) => Refusal::new("Nothing is open. If a closed one is meant, name it:")
            .line(format!("{} #{number} …", usage.name())),
        (true, None) => Refusal::new("There is no incident yet, so nothing was done. To open one:")
            .line(opening),
        (false, _) => {
            let consequence = usage
                .nothing_open
                .map_or_else(|| format!("there is nothing to {}", usage.name()), str::to_owned);
            Refusal::new(format!("Nothing is open, so {consequence}. To open an incident:"))
                .line(opening)
        }
    };
    refusal.kind(RefusalKind::NothingOpen)
}

fn which_one(target: &Target, candidates: &[(Number, String)]) -> Refusal {
    let number = candidates.first().map_or(42, |(number, _)| *number);
    let line = format!("{} #{number} {}", target.verb, repeated(&target.rest));
    let numbers = candidates.iter().map(|(number, _)| *number).collect();
    Refusal::new("Nothing was changed: name the one that you mean, for example")
        .line(line.trim_end())
        .sentence(titles(candidates))
        .kind(RefusalKind::WhichOne(numbers))
}

fn is_maintenance(number: Number, usage: &Usage) -> Refusal {
    Refusal::new(format!(
        "#{number} is a maintenance, and `{}` is for incidents, so nothing was changed. What can be \
         done with it:",
        usage.name()
    ))
    .lines(actions(number))
}

/// Incidents in a row: their numbers and titles.
#[must_use]
pub fn titles(incidents: &[(Number, String)]) -> String {
    let titles = incidents.iter().map(|(number, title)| format!("**#{number}** {}", escape(title)));
    titles.collect::<Vec<_>>().join("; ")
}

/// The refusal of what has no room on the timeline of an incident.
pub(crate) fn timeline_full(response: &Response) -> Refusal {
    let number = response.number;
    Refusal::new(format!(
        "The timeline of #{number} has {TIMELINE_MAX} entries, which is as many as it may have, so \
         nothing was recorded. What is said on the page is still recorded:"
    ))
    .line(format!("close #{number} text"))
    .kind(RefusalKind::TimelineFull)
}
