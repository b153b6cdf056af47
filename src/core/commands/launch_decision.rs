//! Launches: what follows from a command about one, and from the passing of time.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::context::{Context, Stop};
use super::response_command::LaunchChange;
use super::unfit::Unfit;
use crate::core::delivery::events::DeliveryEvent;
use crate::core::delivery::model::{Delivery, What};
use crate::core::digest::sha256_hex;
use crate::core::incident::model::Number;
use crate::core::launch::brief::{Channel, OnCall};
use crate::core::launch::events::LaunchEvent;
use crate::core::launch::progress::{Progress, Standing};
use crate::core::launch::step::Step;
use crate::core::log::record::Event;
use crate::core::log::state::State;
use crate::core::response::milestone::{Milestone, Reading};
use crate::core::response::model::{Response, Visibility};
use crate::core::response::role::Holder;
use crate::core::response::severity::Severity;

/// How long people wait to be called for what the message would say besides: two more tries.
const MESSAGE_AFTER: SignedDuration = SignedDuration::from_mins(4);

impl Context<'_> {
    /// Begins the launch of an incident. What is not set up finds that out by itself.
    pub(crate) fn launched(number: Number) -> Vec<Event> {
        let started = Event::Launch(LaunchEvent::Started { number });
        [started].into_iter().chain(Step::ONCE.map(|step| queued(number, step, None))).collect()
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
                let failed = Step::ALL.into_iter().filter(|step| {
                    let standing = progress.steps.get(step);
                    matches!(standing, Some(Standing::Failed { .. })) || self.waits(number, *step)
                });
                let events = self.again(number, progress, &failed.collect::<Vec<_>>());
                if events.is_empty() {
                    return Err(Unfit::Launched(number).into());
                }
                Ok(events)
            }
            LaunchChange::Retry(step) if self.waits(number, step) => {
                Ok(self.again(number, progress, &[step]))
            }
            LaunchChange::Retry(step) => match progress.steps.get(&step) {
                Some(Standing::Failed { .. } | Standing::Skipped { .. }) => {
                    Ok(self.again(number, progress, &[step]))
                }
                // Somebody may have deleted it: it is looked for before another one is made.
                Some(Standing::Done { .. }) if matches!(step, Step::WorkItem | Step::Channel) => {
                    let since = Some(progress.begun);
                    let doubted = LaunchEvent::Doubted { number, step, since };
                    let events = self.again(number, progress, &[step]).into_iter();
                    Ok(events.chain([Event::Launch(doubted)]).collect())
                }
                _ => Err(Unfit::StepStands { number, step, skips: false }.into()),
            },
            LaunchChange::Skip(step) => self.skip(number, progress, step),
        }
    }

    fn skip(&self, number: Number, progress: &Progress, step: Step) -> Result<Vec<Event>, Stop> {
        let stands = Unfit::StepStands { number, step, skips: true };
        let waiting = self.delivery_of(number, step);
        let has_failed = matches!(progress.steps.get(&step), Some(Standing::Failed { .. }));
        let can_skip = waiting.map_or(has_failed, |delivery| delivery.claim.is_none());
        if !can_skip {
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

    /// Whether a step waits for another try, or for a time, and nobody is at it.
    fn waits(&self, number: Number, step: Step) -> bool {
        self.delivery_of(number, step).is_some_and(|delivery| delivery.is_waiting(self.time()))
    }

    /// The synchronisations that are due because something has changed since the last one.
    pub(crate) fn stories(&self) -> Vec<Event> {
        let due = self.state.launches.iter().filter(|(number, progress)| {
            let has_changed = self.state.response(**number).is_some_and(|response| {
                progress.told.as_ref() != Some(&digest(response, progress))
            });
            let is_stopped = matches!(
                progress.steps.get(&Step::Story),
                Some(Standing::Failed { .. } | Standing::Skipped { .. })
            );
            has_changed && !is_stopped && progress.work_item().is_some()
        });
        due.flat_map(|(number, _)| match self.delivery_of(*number, Step::Story) {
            None => vec![queued(*number, Step::Story, None)],
            // What was refused is looked at later; what has changed is not.
            Some(planned) if planned.tries == 0 && planned.is_waiting(self.time()) => {
                vec![superseded(planned), queued(*number, Step::Story, None)]
            }
            Some(_) => Vec::new(),
        })
        .collect()
    }

    /// What these steps are tried once more with, at once: also what was left out for want of them.
    fn again(&self, number: Number, progress: &Progress, steps: &[Step]) -> Vec<Event> {
        let is_done = |step: &Step| matches!(progress.steps.get(step), Some(Standing::Done { .. }));
        let lacked = |step: &Step| {
            let used = || step.uses().iter().filter(|used| steps.contains(used));
            let follows = match progress.steps.get(step) {
                _ if *step == Step::Story && self.waits(number, *step) => true,
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
                let waiting = self.delivery_of(number, step).map(superseded);
                let retried = Event::Launch(LaunchEvent::Retried { number, step });
                waiting.into_iter().chain([retried, queued(number, step, None)])
            })
            .collect()
    }
}

/// What a work item shows of an incident and of its launch. Its digest is recorded, so that another
/// one calls for a synchronisation: names and order of these fields are part of the record format.
#[derive(Serialize)]
struct Shown<'a> {
    title: &'a str,
    severity: Option<Severity>,
    roles: &'a [Holder],
    components: &'a [String],
    visibility: Visibility,
    started: Option<&'a Reading>,
    detected: Option<&'a Reading>,
    on_call: &'a [OnCall],
    channel: Option<&'a Channel>,
    /// Once it is over, all that is said of it is in the comments.
    closed: Option<u64>,
}

/// The digest of what a work item is to show: another digest calls for a synchronisation.
#[must_use]
pub fn digest(response: &Response, progress: &Progress) -> String {
    let shown = Shown {
        title: &response.title,
        severity: response.severity,
        roles: &response.roles,
        components: &response.components,
        visibility: response.visibility,
        started: response.milestones.last(Milestone::Started),
        detected: response.milestones.last(Milestone::Detected),
        on_call: progress.on_call(),
        channel: progress.channel(),
        closed: (!response.is_open()).then_some(response.revision),
    };
    // Nothing of it can fail to be written: it has no maps and no numbers beyond JSON's.
    sha256_hex(&serde_json::to_vec(&shown).unwrap_or_default())
}

fn delivery_of(state: &State, number: Number, step: Step) -> Option<&Delivery> {
    let is_it = |delivery: &&Delivery| delivery.what == What::Step { number, step };
    state.deliveries.waiting().find(is_it)
}

fn queued(number: Number, step: Step, due: Option<Timestamp>) -> Event {
    let what = What::Step { number, step };
    Event::Delivery(DeliveryEvent::Queued { about: Some(number), due, what })
}

fn superseded(waiting: &Delivery) -> Event {
    let why = "it is tried at once instead".to_owned();
    Event::Delivery(DeliveryEvent::Skipped { id: waiting.id, why })
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
