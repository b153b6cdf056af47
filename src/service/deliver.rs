//! Sends waiting messages: claims each in a record, sends it, and records the outcome. At least
//! once: if a process dies in between, the outcome of its try is unknown.

use std::sync::Arc;

use futures::future::join_all;
use jiff::Timestamp;
use tokio::time::{Duration, Instant, timeout, timeout_at};
use tracing::{Instrument as _, error, info, warn};

use super::launch::run_step;
use super::outcome::ServiceError;
use super::rows::Clock;
use super::shared::Service;
use crate::core::connectors::workflow;
use crate::core::decide::delivery::{claims, outcome, record};
use crate::core::decide::launch_steps::{followed, stepped};
use crate::core::decide::work_item::digest;
use crate::core::http::{Failure, Receiver, Request};
use crate::core::incident::model::Number;
use crate::core::launch::step::{Attempt, Step, StepOutcome};
use crate::core::log::evict::Limits;
use crate::core::log::record::{Event, Record};
use crate::core::log::state::State;
use crate::core::outbox::events::DeliveryEvent;
use crate::core::outbox::model::{Delivery, DeliveryId, Payload};
use crate::core::review::brief::{brief, needed};
use crate::outbound::Outbound;
use crate::outbound::logged::Logged;

/// A run starts no new try after this time; the timer continues.
const RUN_MAX: Duration = Duration::from_secs(10);
const TRY_MAX: Duration = Duration::from_secs(10);
/// The limit of a launch step with all its requests, within its lease.
const STEP_MAX: Duration = Duration::from_secs(30);
const BOARDS_STEP_MAX: Duration = Duration::from_secs(100);
const RECORD_MAX: Duration = Duration::from_secs(30);
/// A claim that took longer to record is not used, because the try could outlast the lease.
const CLAIM_MAX: Duration = Duration::from_secs(20);
/// Each receiver has its own queue, so that one that is down does not block the others.
pub(super) const RECEIVERS: [Receiver; 3] =
    [Receiver::Workflows, Receiver::Boards, Receiver::Graph];

/// The end of a run.
enum Sent {
    /// Everything due was sent, or the time was up.
    All,
    /// A try failed.
    UntilAFailure,
}

impl Service {
    /// Sends due messages in background tasks. Costs nothing if none is due.
    pub(super) fn deliver_in_background(self: &Arc<Self>, now: Timestamp) {
        self.deliver_to_each(&RECEIVERS, Clock::starting_at(now));
    }

    fn deliver_to_each(self: &Arc<Self>, receivers: &[Receiver], clock: Clock) {
        let Some(outbound) = &self.outbound else {
            return;
        };
        let state = self.known().state.clone().unwrap_or_default();
        let Ok(at) = self.sending_time(&state, clock) else {
            return;
        };
        for receiver in receivers.iter().copied() {
            let reached = outbound.reaches(receiver);
            if claims(&state, (receiver, reached), &self.name, at).is_empty() {
                continue;
            }
            let (service, outbound) = (Arc::clone(self), Logged(Arc::clone(outbound)));
            let run = async move { service.deliver(receiver, &outbound, clock).await };
            tokio::spawn(run.in_current_span());
        }
    }

    /// The time that decides about due messages and leases: storage's if it has one, so that a
    /// process whose clock is ahead does not take over a lease early.
    fn sending_time(&self, state: &State, clock: Clock) -> Result<Timestamp, ServiceError> {
        Ok(self.clocks_agree(clock.now())?.max(state.at))
    }

    async fn deliver(self: &Arc<Self>, receiver: Receiver, outbound: &dyn Outbound, clock: Clock) {
        let Some(mut run) = self.rows.begin(receiver, clock) else {
            return;
        };
        let mut next = Some(clock);
        while let Some(clock) = next {
            let sent = match self.check_clock(clock.at).await {
                Ok(()) => self.deliver_to(receiver, outbound, clock).await,
                Err(error) => Err(error),
            };
            match sent {
                Ok(Sent::All) => next = run.asked_again(),
                // A failing receiver gets no more requests before the timer runs.
                Ok(Sent::UntilAFailure) => break,
                Err(error) => {
                    warn!(%error, "the outbox waits for the timer");
                    break;
                }
            }
        }
        drop(run);
        self.publish_in_background();
    }

    /// Sends due messages to one receiver until a try fails or the time is up.
    async fn deliver_to(
        self: &Arc<Self>,
        receiver: Receiver,
        outbound: &dyn Outbound,
        clock: Clock,
    ) -> Result<Sent, ServiceError> {
        while clock.begun.elapsed() < RUN_MAX {
            let begun = Instant::now();
            let reached = outbound.reaches(receiver);
            let claim = |state: &State, now| {
                let claims = claims(state, (receiver, reached), &self.name, now);
                let followed = followed(state, &claims);
                claims.into_iter().map(Event::Delivery).chain(followed).collect()
            };
            let Some((state, record)) = self.record_deliveries(clock, claim).await? else {
                return Ok(Sent::All);
            };
            if begun.elapsed() > CLAIM_MAX {
                return Err(ServiceError::NotRecorded);
            }
            let tries = record.deliveries().filter_map(|event| match event {
                DeliveryEvent::Claimed { id, attempt, .. } => {
                    Some((state.deliveries.get(*id)?, *attempt))
                }
                DeliveryEvent::GaveUp { id, .. } => {
                    error!(id, "given up: not sent");
                    None
                }
                _ => None,
            });
            let tries =
                tries.map(|(what, attempt)| self.deliver_one(outbound, what, attempt, clock));
            let mut went_well = true;
            let mut any_taken = false;
            for result in join_all(tries).await {
                let taken = result?;
                went_well &= taken;
                any_taken |= taken;
            }
            if any_taken {
                // Messages to other receivers may have waited for this one.
                let others = RECEIVERS.into_iter().filter(|other| *other != receiver);
                self.deliver_to_each(&others.collect::<Vec<_>>(), clock);
            }
            if !went_well {
                return Ok(Sent::UntilAFailure);
            }
        }
        Ok(Sent::All)
    }

    /// Sends one message and records the outcome. True if it was accepted.
    async fn deliver_one(
        self: &Arc<Self>,
        outbound: &dyn Outbound,
        delivery: &Delivery,
        attempt: u32,
        clock: Clock,
    ) -> Result<bool, ServiceError> {
        let id = delivery.id;
        let notice = match &delivery.what {
            Payload::Notice(notice) => notice,
            Payload::Step { number, step } => {
                return self.take_step(outbound, (*number, *step), (id, attempt), clock).await;
            }
        };
        // A try without an end may have succeeded.
        let is_repeat = delivery.doubt || delivery.claim.is_some();
        let request = notice.message(&delivery.key, is_repeat).request();
        let sent = timeout(TRY_MAX, send(outbound, &request)).await;
        let result = sent.unwrap_or_else(|_| Err(Failure::Unknown("no answer in time".to_owned())));
        if result.is_ok() {
            info!(id, attempt, "sent");
        } else {
            warn!(id, attempt, "not sent; it is tried again");
        }
        let what_came = |state: &State, now| {
            let event = outcome(state, (id, attempt), &result, now);
            event.into_iter().map(Event::Delivery).collect()
        };
        self.record_deliveries(clock, what_came).await?;
        Ok(result.is_ok())
    }

    /// Tries a step of a launch and records the outcome. True if the step needs no further try.
    async fn take_step(
        self: &Arc<Self>,
        outbound: &dyn Outbound,
        (number, step): (Number, Step),
        (id, attempt): (DeliveryId, u32),
        clock: Clock,
    ) -> Result<bool, ServiceError> {
        let state = self.known().state.clone().unwrap_or_default();
        let config = self.site.config();
        let (Some(response), Some(progress)) =
            (state.response(number), state.launches.get(&number))
        else {
            return Ok(false);
        };
        // The digest of the facts that this try sends. Later changes trigger another try.
        let told = digest(response, progress);
        let revisions = needed(response, step == Step::WorkItemSync).into_iter().collect();
        // All requests have to fit the lease: if they are late, the claim expires.
        let is_in_boards = step.receiver() == Receiver::Boards;
        let deadline = Instant::now() + if is_in_boards { BOARDS_STEP_MAX } else { STEP_MAX };
        let late = |_| ServiceError::NotRecorded;
        let records = timeout_at(deadline, self.records(&revisions)).await.map_err(late)??;
        let now = clock.now().max(state.at);
        let in_doubt_since = progress.in_doubt_since(step);
        let tried = Attempt { now, in_doubt_since, is_first: attempt == 1 };
        let unknown = |why: &str| StepOutcome::Wait {
            why: why.to_owned(),
            retry_after: None,
            in_doubt_since: Some(now),
        };
        let stepped_to = match brief(&state, config, number, &records, now) {
            None => return Ok(false),
            Some(brief) => {
                let run = run_step(outbound, &config.launch, step, &brief, &tried);
                timeout_at(deadline, run).await.unwrap_or_else(|_| unknown("no answer in time"))
            }
        };
        let step_name = step.name();
        match &stepped_to {
            StepOutcome::Done { .. } => info!(number, step_name, attempt, "done"),
            StepOutcome::Skipped { .. } => info!(number, step_name, "skipped"),
            StepOutcome::Wait { .. } => warn!(number, step_name, attempt, "not done yet"),
            StepOutcome::Failed { .. } => error!(number, step_name, attempt, "not done"),
        }
        let what_came =
            |state: &State, now| stepped(state, (id, attempt), (&stepped_to, &told), now);
        self.record_deliveries(clock, what_came).await?;
        Ok(!matches!(stepped_to, StepOutcome::Wait { .. }))
    }

    /// Records the events that `decide` returns for the newest state, and returns them with that
    /// state; `None` if there are none.
    async fn record_deliveries(
        self: &Arc<Self>,
        clock: Clock,
        decide: impl Fn(&State, Timestamp) -> Vec<Event>,
    ) -> Result<Option<(Arc<State>, Record)>, ServiceError> {
        let deadline = Instant::now() + RECORD_MAX;
        let late = |_| ServiceError::NotRecorded;
        timeout_at(deadline, self.agreed_time(clock.now())).await.map_err(late)??;
        let decide = |state: &State| {
            let now = self.sending_time(state, clock)?;
            let events = decide(state, now);
            if events.is_empty() {
                return Ok(None);
            }
            Ok(Some(record(state, self.site.config(), &Limits::DEFAULT, events, now)?))
        };
        self.record_behind_commands(RECORD_MAX, decide).await
    }
}

async fn send(outbound: &dyn Outbound, request: &Request) -> Result<(), Failure> {
    workflow::read(&outbound.send(request).await?)
}
