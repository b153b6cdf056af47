//! Events after a try of a launch step.

use jiff::{SignedDuration, Timestamp};

use crate::commands::on_call::reach::announcement_start;
use crate::incident::model::Number;
use crate::launch::events::LaunchEvent;
use crate::launch::progress::Progress;
use crate::launch::step::{Step, StepOutcome, StepResult};
use crate::log::record::Event;
use crate::log::state::State;
use crate::outbox::events::DeliveryEvent;
use crate::outbox::model::{
    Delivery, DeliveryId, Notice, NoticeKind, Payload, WORK_ITEM_SYNC_TRIES_MAX, pause,
};
use crate::response::person::Person;
use crate::text::markdown::excerpt;

/// Effects of delivery events on launches: an abandoned step needs a person, and a try without a
/// recorded outcome may have succeeded.
#[must_use]
pub fn followed(state: &State, events: &[DeliveryEvent]) -> Vec<Event> {
    let step_of = |id: DeliveryId| {
        let delivery = state.deliveries.get(id)?;
        match delivery.what {
            Payload::Step { number, step } if state.launches.contains_key(&number) => {
                Some((delivery, number, step))
            }
            _ => None,
        }
    };
    let followed = events.iter().filter_map(|event| match event {
        DeliveryEvent::Skipped { id, why } => {
            let (_, number, step) = step_of(*id)?;
            Some(failed(state, (number, step), why))
        }
        DeliveryEvent::Claimed { id, .. } => {
            let (delivery, number, step) = step_of(*id)?;
            let claim = delivery.claim.as_ref()?;
            let lease = delivery.lease(delivery.tries);
            let since = claim.until.saturating_sub(lease).unwrap_or(claim.until);
            Some(vec![Event::Launch(LaunchEvent::Doubted { number, step, since: Some(since) })])
        }
        _ => None,
    });
    followed.flatten().collect()
}

/// The events after a try; none if a different process's try counts. `told` is the digest of the
/// incident that the try used.
#[must_use]
pub fn stepped(
    state: &State,
    (id, attempt): (DeliveryId, u32),
    (outcome, told): (&StepOutcome, &str),
    now: Timestamp,
) -> Vec<Event> {
    let Some(delivery) = state.deliveries.get(id) else {
        return Vec::new();
    };
    let Payload::Step { number, step } = delivery.what else {
        return Vec::new();
    };
    let tried = Tried { state, delivery, attempt, number, step, now };
    let is_ours = delivery.tries == attempt && delivery.claim.is_some();
    match outcome {
        StepOutcome::Done { result, remarks } => tried.done(result, remarks, told),
        _ if !is_ours => Vec::new(),
        StepOutcome::Wait { why, retry_after, in_doubt_since } => {
            tried.waits(why, *retry_after, *in_doubt_since)
        }
        // A failed synchronisation is retried, so that the work item catches up once a person has
        // repaired the problem.
        StepOutcome::Failed { why, in_doubt_since } if step == Step::WorkItemSync => {
            tried.waits(why, None, *in_doubt_since)
        }
        StepOutcome::Failed { why, in_doubt_since } => tried.failed(why, *in_doubt_since),
        StepOutcome::Skipped { why } => tried.skipped(why),
    }
}

struct Tried<'a> {
    state: &'a State,
    delivery: &'a Delivery,
    attempt: u32,
    number: Number,
    step: Step,
    now: Timestamp,
}

impl Tried<'_> {
    fn progress(&self) -> Option<&Progress> {
        self.state.launches.get(&self.number).map(AsRef::as_ref)
    }

    fn done(&self, result: &StepResult, remarks: &[String], told: &str) -> Vec<Event> {
        let Self { number, step, attempt, delivery, .. } = *self;
        let is_story = *result == StepResult::Told;
        let delivered = DeliveryEvent::Delivered { id: delivery.id, attempt };
        let done = LaunchEvent::Done {
            number,
            step,
            result: result.clone(),
            remarks: remarks.to_vec(),
            told: is_story.then(|| told.to_owned()),
        };
        let mut events = vec![Event::Delivery(delivered), Event::Launch(done)];
        if is_story && !remarks.is_empty() {
            events.extend(self.refused(remarks));
        }
        events
    }

    /// The project refused a part. The step is retried, because people may complete what a rule
    /// asks for, and the channel is notified once.
    fn refused(&self, remarks: &[String]) -> Vec<Event> {
        let number = self.number;
        let before = self.progress().map_or(0, |progress| progress.refused);
        let mut events = Vec::new();
        if before == 0 {
            let heading = format!("Incident #{number}: its work item needs a person");
            let again = "It is tried again by itself.".to_owned();
            let lines: Vec<String> = remarks.iter().map(|r| excerpt(r)).chain([again]).collect();
            events.push(self.notice(heading, lines.join("\n"), Vec::new()));
        }
        if before < WORK_ITEM_SYNC_TRIES_MAX {
            let due = self.now.saturating_add(pause(before + 1)).unwrap_or(self.now);
            let what = Payload::Step { number, step: self.step };
            let queued = DeliveryEvent::Queued { about: Some(number), due: Some(due), what };
            events.push(Event::Delivery(queued));
        }
        events
    }

    fn notice(&self, heading: String, text: String, to: Vec<Person>) -> Event {
        let item = self.progress().and_then(Progress::work_item);
        let link = item.map(|item| (format!("Work item {}", item.id), item.url.clone()));
        let kind = NoticeKind::Announcement;
        let notice = Notice { kind, to, heading, text, facts: Vec::new(), link };
        Event::Delivery(DeliveryEvent::notice(Some(self.number), notice))
    }

    fn doubted(&self, since: Option<Timestamp>) -> Option<Event> {
        let Self { number, step, .. } = *self;
        let known = self.progress().and_then(|progress| progress.in_doubt_since(step));
        let doubted = Event::Launch(LaunchEvent::Doubted { number, step, since });
        (known != since).then_some(doubted)
    }

    fn waits(
        &self,
        why: &str,
        retry_after: Option<SignedDuration>,
        in_doubt_since: Option<Timestamp>,
    ) -> Vec<Event> {
        let Self { attempt, delivery, now, .. } = *self;
        if self.state.deliveries.is_past(delivery, now) {
            return self.failed(why, in_doubt_since);
        }
        let wait = retry_after.unwrap_or(pause(attempt)).max(SignedDuration::from_secs(1));
        let again = now.saturating_add(wait).unwrap_or(now);
        // If the step is already in doubt, the pause is ours and not the receiver's.
        let known = self.progress().and_then(|progress| progress.in_doubt_since(self.step));
        let looks = in_doubt_since.is_some() && in_doubt_since == known;
        let holds = retry_after.is_some() && !looks;
        let (id, why) = (delivery.id, excerpt(why));
        // The launch tracks these for a step.
        let (refused, doubt) = (false, false);
        let failed = DeliveryEvent::Failed { id, attempt, why, again, holds, refused, doubt };
        [Event::Delivery(failed)].into_iter().chain(self.doubted(in_doubt_since)).collect()
    }

    fn failed(&self, why: &str, in_doubt_since: Option<Timestamp>) -> Vec<Event> {
        let (id, why) = (self.delivery.id, excerpt(why));
        let failed = failed(self.state, (self.number, self.step), &why);
        let skipped = Event::Delivery(DeliveryEvent::Skipped { id, why });
        [skipped].into_iter().chain(self.doubted(in_doubt_since)).chain(failed).collect()
    }

    fn skipped(&self, why: &str) -> Vec<Event> {
        let Self { number, step, delivery, .. } = *self;
        let (id, why) = (delivery.id, why.to_owned());
        let skipped = LaunchEvent::Skipped { number, step, why: why.clone(), asked: false };
        // Anybody who typed an incident knows of it; nobody knows of an alert's.
        let response = self.state.response(number).filter(|response| response.alert.is_some());
        let is_unheard = step == Step::Message && response.is_some() && !self.is_announced();
        let unsaid = is_unheard.then(|| unsaid(self.state, number, &why)).flatten();
        let delivered = Event::Delivery(DeliveryEvent::Skipped { id, why });
        [delivered, Event::Launch(skipped)].into_iter().chain(unsaid).collect()
    }

    /// True if a notice told the channel that an alert opened the incident.
    fn is_announced(&self) -> bool {
        let start = announcement_start(self.number);
        let deliveries = &self.state.deliveries;
        deliveries.waiting().any(|waiting| waiting.what.heading().starts_with(&start))
            || deliveries.ended().iter().any(|ended| ended.heading.starts_with(&start))
    }
}

/// A step needs a person. If it is the first message, its content is sent as a notice, or carried
/// by the next answer.
fn failed(state: &State, (number, step): (Number, Step), why: &str) -> Vec<Event> {
    let failed = LaunchEvent::Failed { number, step, why: why.to_owned() };
    let unsaid = (step == Step::Message).then(|| unsaid(state, number, why)).flatten();
    [Event::Launch(failed)].into_iter().chain(unsaid).collect()
}

fn unsaid(state: &State, number: Number, why: &str) -> Option<Event> {
    let (response, progress) = (state.response(number)?, state.launches.get(&number)?);
    let to = progress.on_call().iter().map(|one| Person {
        id: one.person.id.clone().unwrap_or_default(),
        name: one.person.name.clone(),
        teams_id: None,
    });
    let severity = response.severity.map(|severity| severity.number().to_string());
    let channel = progress.channel().map(|channel| ("Channel".to_owned(), channel.name.clone()));
    let facts = severity.map(|number| ("Severity".to_owned(), number)).into_iter().chain(channel);
    let item = progress.work_item();
    let notice = Notice {
        kind: NoticeKind::Announcement,
        to: to.collect(),
        heading: format!("Incident #{number}: {}", response.title),
        text: format!("The first message about it could not be sent: {why}"),
        facts: facts.collect(),
        link: item.map(|item| (format!("Work item {}", item.id), item.url.clone())),
    };
    Some(Event::Delivery(DeliveryEvent::notice(None, notice)))
}
