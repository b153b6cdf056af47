//! Launches: what follows from a command about one, from how a step went, and from the passing of
//! time.

use jiff::{SignedDuration, Timestamp};

use super::context::{Context, Stop};
use super::response_command::LaunchChange;
use super::unfit::Unfit;
use crate::core::delivery::events::DeliveryEvent;
use crate::core::delivery::model::{Delivery, DeliveryId, LEASE, What, pause};
use crate::core::digest::sha256_hex;
use crate::core::incident::model::Number;
use crate::core::launch::events::LaunchEvent;
use crate::core::launch::progress::{Progress, Standing};
use crate::core::launch::step::{Done, Outcome, Step};
use crate::core::log::record::Event;
use crate::core::log::state::State;
use crate::core::response::milestone::Milestone;
use crate::core::response::model::Response;
use crate::core::text::markdown::excerpt;

/// How long people wait to be called for what the message would say besides: two more tries.
const MESSAGE_AFTER: SignedDuration = SignedDuration::from_mins(4);

impl Context<'_> {
    /// Begins the launch of an incident. What is not set up finds that out by itself.
    pub(crate) fn launched(number: Number) -> Vec<Event> {
        let started = Event::Launch(LaunchEvent::Started { number });
        [started].into_iter().chain(Step::ONCE.map(|step| queued(number, step))).collect()
    }

    /// Whether there is anything that an incident could be launched with.
    pub(crate) fn can_launch(&self) -> bool {
        let launch = &self.config.launch;
        launch.boards.is_some() || launch.teams.is_some() || self.config.notifies
    }

    pub(crate) fn launch_events(
        &self,
        response: &Response,
        change: LaunchChange,
    ) -> Result<Vec<Event>, Stop> {
        let number = response.number;
        let Some(progress) = self.state.launches.get(&number) else {
            return match change {
                LaunchChange::Start if self.can_launch() => Ok(Self::launched(number)),
                LaunchChange::Start => Err(Unfit::NothingToLaunch.into()),
                LaunchChange::Retry(_) | LaunchChange::Skip(_) => {
                    Err(Unfit::NotLaunched(number).into())
                }
            };
        };
        match change {
            LaunchChange::Start => {
                let failed = progress.steps.iter().filter_map(|(step, standing)| {
                    matches!(standing, Standing::Failed { .. }).then_some(*step)
                });
                let events = again(number, progress, &failed.collect::<Vec<_>>());
                if events.is_empty() {
                    return Err(Unfit::Launched(number).into());
                }
                Ok(events)
            }
            LaunchChange::Retry(step) => match progress.steps.get(&step) {
                Some(Standing::Failed { .. } | Standing::Skipped { .. }) => {
                    Ok(again(number, progress, &[step]))
                }
                // Somebody may have deleted it: it is looked for before another one is made.
                Some(Standing::Done { .. }) if matches!(step, Step::WorkItem | Step::Channel) => {
                    let since = Some(progress.begun);
                    let doubted = LaunchEvent::Doubted { number, step, since };
                    let events = again(number, progress, &[step]).into_iter();
                    Ok(events.chain([Event::Launch(doubted)]).collect())
                }
                _ => Err(Unfit::StepStands { number, step, skips: false }.into()),
            },
            LaunchChange::Skip(step) => self.skip(number, progress, step),
        }
    }

    fn skip(&self, number: Number, progress: &Progress, step: Step) -> Result<Vec<Event>, Stop> {
        let stands = Unfit::StepStands { number, step, skips: true };
        match progress.steps.get(&step) {
            Some(Standing::Waiting { .. } | Standing::Failed { .. }) => {}
            _ => return Err(stands.into()),
        }
        let waiting = self.delivery_of(number, step);
        if waiting.is_some_and(|delivery| delivery.claim.is_some()) {
            return Err(stands.into());
        }
        let why = format!("{} said so", self.cause.by.name);
        let undone = waiting.map(|delivery| {
            Event::Delivery(DeliveryEvent::Skipped { id: delivery.id, why: why.clone() })
        });
        let skipped =
            Event::Launch(LaunchEvent::Skipped { number, step, why: why.clone(), asked: true });
        Ok(undone.into_iter().chain([skipped]).collect())
    }

    fn delivery_of(&self, number: Number, step: Step) -> Option<&Delivery> {
        delivery_of(self.state, number, step)
    }

    /// The stories that are to be told again, because something has changed since.
    pub(crate) fn stories(&self) -> Vec<Event> {
        let due = self.state.launches.iter().filter(|(number, progress)| {
            let response = self.state.response(**number);
            let has_changed =
                response.is_some_and(|response| progress.told.as_ref() != Some(&digest(response)));
            let is_stopped = matches!(
                progress.steps.get(&Step::Story),
                Some(Standing::Failed { .. } | Standing::Skipped { .. })
            );
            has_changed
                && !is_stopped
                && progress.work_item().is_some()
                && self.delivery_of(**number, Step::Story).is_none()
        });
        due.map(|(number, _)| queued(*number, Step::Story)).collect()
    }
}

/// What a step's work item is to show of a response: another digest is another story.
#[must_use]
pub fn digest(response: &Response) -> String {
    let Response { severity, roles, components, visibility, milestones, .. } = response;
    let times =
        [Milestone::Started, Milestone::Detected].map(|milestone| milestones.last(milestone));
    // Once it is over, all that is said of it is in the comments.
    let words = (!response.is_open()).then_some(response.revision);
    let shown = format!("{:?}", (severity, roles, components, visibility, times, words));
    sha256_hex(shown.as_bytes())
}

fn delivery_of(state: &State, number: Number, step: Step) -> Option<&Delivery> {
    let is_it = |delivery: &&Delivery| delivery.what == What::Step { number, step };
    state.deliveries.waiting().find(is_it)
}

fn queued(number: Number, step: Step) -> Event {
    let what = What::Step { number, step };
    Event::Delivery(DeliveryEvent::Queued { about: Some(number), due: None, what })
}

/// What these steps are tried once more with: also what was left out for want of them.
fn again(number: Number, progress: &Progress, steps: &[Step]) -> Vec<Event> {
    let is_done = |step: &Step| matches!(progress.steps.get(step), Some(Standing::Done { .. }));
    let lacked = |step: &Step| {
        let used = || step.uses().iter().filter(|used| steps.contains(used));
        let follows = match progress.steps.get(step) {
            Some(Standing::Skipped { asked, .. }) => !asked,
            Some(Standing::Failed { .. }) => true,
            // What was done with the one before is done with the new one.
            Some(Standing::Done { .. }) => *step != Step::Story && used().any(is_done),
            Some(Standing::Waiting { .. }) | None => false,
        };
        follows && *step != Step::Message && used().next().is_some()
    };
    let tried = Step::ALL.into_iter().filter(|step| steps.contains(step) || lacked(step));
    tried
        .flat_map(|step| {
            [Event::Launch(LaunchEvent::Retried { number, step }), queued(number, step)]
        })
        .collect()
}

/// Whether a delivery may be tried now: a step waits for those whose results it uses, the message
/// not for long.
pub(crate) fn is_ready(state: &State, delivery: &Delivery, now: Timestamp) -> bool {
    match &delivery.what {
        What::Notice(_) => true,
        What::Step { number, step } => {
            let has_waited = now.duration_since(delivery.queued) >= MESSAGE_AFTER;
            *step == Step::Message && has_waited
                || state.launches.get(number).is_none_or(|progress| progress.is_ready(*step))
        }
    }
}

/// What events about deliveries mean for launches: what was given up needs a person, and a try
/// whose outcome nobody recorded may have been carried out.
#[must_use]
pub fn followed(state: &State, events: &[DeliveryEvent]) -> Vec<Event> {
    let step_of = |id: DeliveryId| {
        let delivery = state.deliveries.get(id)?;
        match delivery.what {
            What::Step { number, step } if state.launches.contains_key(&number) => {
                Some((delivery, number, step))
            }
            _ => None,
        }
    };
    let followed = events.iter().filter_map(|event| match event {
        DeliveryEvent::Skipped { id, why } => {
            let (_, number, step) = step_of(*id)?;
            Some(LaunchEvent::Failed { number, step, why: why.clone() })
        }
        DeliveryEvent::Claimed { id, .. } => {
            let (delivery, number, step) = step_of(*id)?;
            let claim = delivery.claim.as_ref()?;
            let lease = LEASE.max(pause(delivery.tries));
            let since = claim.until.saturating_sub(lease).unwrap_or(claim.until);
            Some(LaunchEvent::Doubted { number, step, since: Some(since) })
        }
        _ => None,
    });
    followed.map(Event::Launch).collect()
}

/// What follows from how a step went, for which the response was as the digest `told` says; nothing
/// where somebody else's try counts.
#[must_use]
pub fn stepped(
    state: &State,
    (id, attempt): (DeliveryId, u32),
    (outcome, told): (&Outcome, &str),
    now: Timestamp,
) -> Vec<Event> {
    let Some(delivery) = state.deliveries.get(id) else {
        return Vec::new();
    };
    let What::Step { number, step } = delivery.what else {
        return Vec::new();
    };
    let is_ours = delivery.tries == attempt && delivery.claim.is_some();
    let doubted = |since: Option<Timestamp>| {
        let known = state.launches.get(&number).and_then(|p| p.in_doubt_since(step));
        (known != since).then_some(LaunchEvent::Doubted { number, step, since })
    };
    let (delivered, launched): (DeliveryEvent, Vec<LaunchEvent>) = match outcome {
        Outcome::Done { result, remarks } => {
            let told = (*result == Done::Told).then(|| told.to_owned());
            let (result, remarks) = (result.clone(), remarks.clone());
            let done = LaunchEvent::Done { number, step, result, remarks, told };
            (DeliveryEvent::Delivered { id, attempt }, vec![done])
        }
        _ if !is_ours => return Vec::new(),
        Outcome::Wait { why, retry_after, in_doubt_since } => {
            if delivery.is_past(now) {
                let why = excerpt(why);
                let failed = LaunchEvent::Failed { number, step, why: why.clone() };
                (DeliveryEvent::Skipped { id, why }, vec![failed])
            } else {
                let wait = retry_after.unwrap_or(pause(attempt)).max(SignedDuration::from_secs(1));
                let again = now.saturating_add(wait).unwrap_or(now);
                // A look that comes too early is no wish of the receiver's.
                let holds = retry_after.is_some() && in_doubt_since.is_none();
                let failed = DeliveryEvent::Failed { id, attempt, why: excerpt(why), again, holds };
                (failed, doubted(*in_doubt_since).into_iter().collect())
            }
        }
        Outcome::Failed { why, in_doubt_since } => {
            let why = excerpt(why);
            let failed = LaunchEvent::Failed { number, step, why: why.clone() };
            let launched = doubted(*in_doubt_since).into_iter().chain([failed]).collect();
            (DeliveryEvent::Skipped { id, why }, launched)
        }
        Outcome::Skipped { why } => {
            let skipped = LaunchEvent::Skipped { number, step, why: why.clone(), asked: false };
            (DeliveryEvent::Skipped { id, why: why.clone() }, vec![skipped])
        }
    };
    let launched = launched.into_iter().map(Event::Launch);
    [Event::Delivery(delivered)].into_iter().chain(launched).collect()
}
