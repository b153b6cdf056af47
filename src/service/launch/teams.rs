//! Launch steps in Microsoft Teams, through Graph.

use jiff::SignedDuration;
use serde_json::Value;

use super::waiting::{FOUND_AFTER, skipped, too_early};
use crate::core::connectors::graph::{self, GraphRefusal, Right};
use crate::core::http::{Failure, Request};
use crate::core::launch::brief::{Brief, Channel, OnCall};
use crate::core::launch::channel_name::{channel_name, numbered, plain};
use crate::core::launch::place::{Launch, Shifts, Teams};
use crate::core::launch::step::{Attempt, StepOutcome, StepResult};
use crate::outbound::Outbound;

const PAGES_MAX: usize = 10;
const NAMES_MAX: u32 = 9;
const PEOPLE_MAX: usize = 10;
/// While a channel with the taken name is not listed for this long, it may be that of an earlier
/// try. After that, it is a deleted channel's.
const LISTED_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// The longest wait for a busy Shifts before calling the people on shift.
const SHIFTS_PATIENCE: SignedDuration = SignedDuration::from_mins(2);

/// A team, and the access to it.
struct Team<'a> {
    outbound: &'a dyn Outbound,
    place: &'a Teams,
}

impl Team<'_> {
    async fn ask(&self, request: &Request, right: Right) -> Result<Value, Failure> {
        self.asked(request, right).await.map_err(|refusal| match refusal {
            GraphRefusal::Failure(failure) => failure,
            // Only callers that create a channel or look up a person expect this refusal.
            _ => Failure::unavailable("Microsoft Graph answers something else"),
        })
    }

    async fn asked(&self, request: &Request, right: Right) -> Result<Value, GraphRefusal> {
        let response = self.outbound.send(request).await.map_err(Failure::of_reading)?;
        graph::read(&response, right).cloned()
    }

    /// All pages of a result.
    async fn pages(&self, request: Request, right: Right) -> Result<Vec<Value>, Failure> {
        let mut pages = Vec::new();
        let mut next = Some(request);
        while let Some(request) = next.filter(|_| pages.len() < PAGES_MAX) {
            let page = self.ask(&request, right).await?;
            next = graph::next_page(&page);
            pages.push(page);
        }
        Ok(pages)
    }

    async fn channels(&self) -> Result<Vec<(Channel, String)>, Failure> {
        let pages = self.pages(graph::channels(self.place), Right::ReadChannels).await?;
        Ok(pages.iter().flat_map(graph::listed).collect())
    }

    async fn create(&self, brief: &Brief, name: &str) -> Result<Channel, GraphRefusal> {
        let response = self.outbound.send(&graph::create(self.place, brief, name)).await?;
        let json = graph::read(&response, Right::CreateChannel)?;
        let made = graph::channel(json).map(|(channel, _)| channel);
        made.ok_or_else(|| {
            Failure::Unknown("Microsoft Graph does not say which channel it made".to_owned()).into()
        })
    }

    async fn on_shift(
        &self,
        shifts: &Shifts,
        brief: &Brief,
        attempt: &Attempt,
        remarks: &mut Vec<String>,
    ) -> Result<Vec<OnCall>, Failure> {
        let request = graph::shifts(self.place, attempt.now);
        let pages = self.pages(request, Right::ReadShifts).await?;
        let mut on_call: Vec<OnCall> = Vec::new();
        let found = pages.iter().flat_map(|page| graph::on_shift(page, shifts, attempt.now));
        for (id, shift) in found.take(PEOPLE_MAX) {
            let known = graph::on_call(&id, shift.as_deref(), &brief.people, None);
            if known.person.name != id {
                on_call.push(known);
                continue;
            }
            let said = match self.asked(&graph::person(&id), Right::ReadPeople).await {
                Ok(said) => Some(said),
                Err(GraphRefusal::NoSuchPerson) => {
                    let shift =
                        shift.map_or("a shift".to_owned(), |name| format!("the shift \"{name}\""));
                    remarks.push(format!(
                        "{shift} is that of somebody who has left: the directory has nobody with \
                         the id {id}"
                    ));
                    continue;
                }
                Err(refusal) => {
                    if let GraphRefusal::Failure(failure) = refusal
                        && !remarks.contains(&failure.to_string())
                    {
                        remarks.push(failure.to_string());
                    }
                    None
                }
            };
            on_call.push(graph::on_call(&id, shift.as_deref(), &brief.people, said.as_ref()));
        }
        Ok(on_call)
    }
}

pub(super) async fn make_channel(
    outbound: &dyn Outbound,
    launch: &Launch,
    brief: &Brief,
    attempt: &Attempt,
) -> Result<StepOutcome, Failure> {
    let Some(place) = &launch.teams else {
        return Ok(skipped("[launch.teams] is not in status.toml"));
    };
    let team = Team { outbound, place };
    let first = channel_name(&place.channel, brief.number, &brief.title);
    if attempt.in_doubt_since.is_some() {
        if let Some(channel) = graph::ours(&team.channels().await?, &brief.key) {
            return Ok(StepOutcome::done(StepResult::Channel(channel)));
        }
        let why = "an earlier try may have made a channel that is not listed yet";
        if let Some(wait) = too_early(attempt, FOUND_AFTER, why) {
            return Ok(wait);
        }
    }
    let (mut wanted, mut name, mut number) = (first.clone(), first, 1);
    let mut remarks = Vec::new();
    while number <= NAMES_MAX {
        match team.create(brief, &name).await {
            Ok(channel) => {
                return Ok(StepOutcome::Done { result: StepResult::Channel(channel), remarks });
            }
            Err(GraphRefusal::Failure(failure)) => return Err(failure),
            Err(GraphRefusal::NameNotAllowed) if wanted != plain(brief.number) => {
                remarks.push(format!("the team does not take the name \"{name}\""));
                wanted = plain(brief.number);
                name.clone_from(&wanted);
            }
            Err(GraphRefusal::NameNotAllowed | GraphRefusal::NoSuchPerson) => break,
            Err(GraphRefusal::NameTaken) => {
                let channels = team.channels().await?;
                if let Some(channel) = graph::ours(&channels, &brief.key) {
                    return Ok(StepOutcome::Done { result: StepResult::Channel(channel), remarks });
                }
                let why = format!("the name \"{name}\" is taken by a channel that is not listed");
                if !graph::is_listed(&channels, &name)
                    && let Some(wait) = too_early(attempt, LISTED_AFTER, &why)
                {
                    return Ok(wait);
                }
                remarks.push(format!("the name \"{name}\" is taken, or was by a deleted channel"));
                number += 1;
                name = numbered(&wanted, number);
            }
        }
    }
    Err(Failure::Refused(format!(
        "the team takes no name like \"{wanted}\": set channel in [launch.teams] of status.toml to \
         another pattern"
    )))
}

pub(super) async fn on_call(
    outbound: &dyn Outbound,
    launch: &Launch,
    brief: &Brief,
    attempt: &Attempt,
) -> Result<StepOutcome, Failure> {
    let own = || brief.on_call.clone();
    let mut remarks = Vec::new();
    let shifts = launch.teams.as_ref().and_then(|place| Some((place, place.shifts.as_ref()?)));
    let people = match shifts {
        None => own(),
        Some((place, shifts)) => {
            let team = Team { outbound, place };
            match team.on_shift(shifts, brief, attempt, &mut remarks).await {
                Ok(people) if people.is_empty() => {
                    remarks.push("nobody is on shift now: our own rosters count".to_owned());
                    own()
                }
                Ok(people) => people,
                // A busy service is asked once more, if it asks for a short pause.
                Err(failure @ Failure::Unavailable { retry_after: Some(wait), .. })
                    if attempt.is_first && wait <= SHIFTS_PATIENCE =>
                {
                    return Err(failure);
                }
                // Somebody has to be called, even without Shifts.
                Err(failure) if !brief.on_call.is_empty() => {
                    remarks.push(format!(
                        "Shifts cannot be read, so our own rosters count: {failure}"
                    ));
                    own()
                }
                Err(failure) => return Err(failure),
            }
        }
    };
    if people.is_empty() {
        return Ok(skipped("nobody is on call"));
    }
    Ok(StepOutcome::Done { result: StepResult::OnCall(people), remarks })
}
