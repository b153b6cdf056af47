//! Which incident a reply is about: one that was opened in the same thread.

use super::command::StatusCommand;
use super::context::{Context, Stop};
use super::unchanged::Unchanged;
use super::words::Verb;
use crate::core::incident::model::{Incident, Number};

type Kind = fn(&Incident) -> bool;

const GOES_ON: Kind = |incident| incident.resolved.is_none();
const OPEN: Kind = |incident| !incident.is_maintenance() && incident.resolved.is_none();
const CLOSED: Kind = |incident| !incident.is_maintenance() && incident.resolved.is_some();
const PLANNED: Kind = |incident| incident.is_maintenance() && incident.resolved.is_none();
const OVER: Kind = |incident| incident.is_maintenance() && incident.resolved.is_some();

/// What a verb can be about, the likeliest kind first. The last ones are only refused, by number.
fn kinds(verb: Verb) -> &'static [Kind] {
    match verb {
        Verb::Maintenance => &[PLANNED, OVER],
        Verb::Reopen | Verb::PostMortem => &[CLOSED, OPEN, PLANNED, OVER],
        Verb::Impact => &[OPEN, CLOSED, PLANNED, OVER],
        _ => &[GOES_ON, CLOSED, OVER],
    }
}

impl Context<'_> {
    /// The incident that a command is about, where that can be told without looking at what else
    /// is open: by its number, or by the thread that the command stands in.
    pub(crate) fn meant(
        &self,
        number: Option<Number>,
        command: &StatusCommand,
    ) -> Result<Option<Number>, Stop> {
        if number.is_some() {
            return Ok(number);
        }
        let status = &self.state.status;
        let here = self.state.opened_in_thread_of(self.cause);
        let here: Vec<&Incident> = here.filter_map(|number| status.incident(number)).collect();
        let verb = command.verb();
        let of_kind =
            |kind: &Kind| here.iter().copied().filter(|i| kind(i)).collect::<Vec<&Incident>>();
        let candidates = kinds(verb).iter().map(of_kind).find(|found| !found.is_empty());
        match candidates.unwrap_or_default()[..] {
            [] => Ok(None),
            [only] => Ok(Some(only.number)),
            // None of them can be changed so: the refusal names the one that ended last.
            ref ended if takes_only_what_goes_on(verb) && !ended.iter().any(|i| GOES_ON(i)) => {
                Ok(ended.iter().max_by_key(|i| (i.resolved, i.number)).map(|i| i.number))
            }
            ref several => {
                let candidates = several.iter().map(|i| (i.number, i.title.clone())).collect();
                Err(Unchanged::WhichOne { verb, candidates, behind: command.behind_number() }
                    .into())
            }
        }
    }
}

fn takes_only_what_goes_on(verb: Verb) -> bool {
    matches!(verb, Verb::Update(_) | Verb::Close | Verb::Impact | Verb::Maintenance)
}
